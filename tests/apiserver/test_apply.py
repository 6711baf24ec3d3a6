"""Server-side apply: who owns what after which write, and what the refused hear."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import JSON_PATCH, MERGE_PATCH, Api

APPLY = "application/apply-patch+yaml"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"


def config_map(**data: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    return {**body, "data": data} if data else body


def deployment(replicas: int | None = 0, **spec: Any) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "a", "image": "a:1"}]},
    }
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}
    if replicas is not None:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


def path_of(body: dict[str, Any]) -> str:
    folder = {"ConfigMap": CONFIG_MAPS, "Deployment": DEPLOYMENTS, "Pod": PODS}[body["kind"]]
    return f"{folder}/{body['metadata']['name']}"


def apply(
    api: Api, manager: str, body: dict[str, Any], code: int = 200, subresource: str = "", **query: str
) -> Any:
    more = "".join(f"&{key}={value}" for key, value in query.items())
    path = f"{path_of(body)}{subresource}?fieldManager={manager}{more}"
    return api.expect(code, "PATCH", path, body, content_type=APPLY)


def owners(obj: Any) -> dict[tuple[str, str, str], Any]:
    entries = obj["metadata"].get("managedFields", ())
    return {
        (one["manager"], one["operation"], one.get("subresource", "")): one["fieldsV1"] for one in entries
    }


def test_applying_twice_changes_nothing(api: Api) -> None:
    first = apply(api, "one", config_map(a="1"), 201)
    api.run(5)
    assert apply(api, "one", config_map(a="1")) == first


def test_a_plain_create_owns_the_defaults_too_and_an_apply_does_not(api: Api) -> None:
    created = api.post(DEPLOYMENTS + "?fieldManager=maker", deployment())
    assert "f:progressDeadlineSeconds" in owners(created)["maker", "Update", ""]["f:spec"]
    api.delete(DEPLOYMENTS + "/web")
    applied = apply(api, "maker", deployment(), 201)
    assert sorted(owners(applied)["maker", "Apply", ""]["f:spec"]) == [
        "f:replicas",
        "f:selector",
        "f:template",
    ]


def test_what_admission_and_the_server_add_belongs_to_nobody(api: Api) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    created = api.post(PODS + "?fieldManager=m", pod)
    fields = owners(created)["m", "Update", ""]
    assert "tolerations" in created["spec"]
    assert "f:tolerations" not in fields["f:spec"]
    assert "f:status" not in fields
    assert "f:metadata" not in fields


def test_a_plain_write_takes_over_without_asking(api: Api) -> None:
    apply(api, "one", config_map(a="1", b="2"), 201)
    after = api.patch(CONFIG_MAPS + "/c?fieldManager=upd", {"data": {"a": "9"}})
    assert owners(after) == {
        ("one", "Apply", ""): {"f:data": {"f:b": {}}},
        ("upd", "Update", ""): {"f:data": {"f:a": {}}},
    }
    message = apply(api, "one", config_map(a="1", b="2"), 409)["message"]
    assert message == 'Apply failed with 1 conflict: conflict with "upd" using v1: .data.a'


def test_several_conflicts_are_listed_by_manager(api: Api) -> None:
    apply(api, "one", config_map(a="1", b="2"), 201)
    apply(api, "two", config_map(c="3"))
    refused = apply(api, "three", config_map(a="x", b="x", c="x"), 409)
    assert refused["message"] == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "two":\n- .data.c'
    )
    assert [cause["field"] for cause in refused["details"]["causes"]] == [".data.a", ".data.b", ".data.c"]


def test_force_takes_the_field_and_the_other_keeps_the_rest(api: Api) -> None:
    apply(api, "one", config_map(a="1", b="2"), 201)
    after = apply(api, "two", config_map(a="9"), force="true")
    assert after["data"] == {"a": "9", "b": "2"}
    assert owners(after)["one", "Apply", ""] == {"f:data": {"f:b": {}}}


def test_equal_values_are_shared_and_the_last_owner_takes_them_along(api: Api) -> None:
    apply(api, "one", config_map(a="1"), 201)
    apply(api, "two", config_map(a="1", b="2"))
    assert apply(api, "one", config_map())["data"] == {"a": "1", "b": "2"}
    assert apply(api, "two", config_map(b="2"))["data"] == {"b": "2"}


def test_a_field_that_is_given_up_goes_back_to_its_default(api: Api) -> None:
    apply(api, "one", deployment(0), 201)
    assert apply(api, "one", deployment(None))["spec"]["replicas"] == 1


def test_a_field_that_somebody_updated_stays_when_it_is_given_up(api: Api) -> None:
    apply(api, "one", deployment(0), 201)
    api.patch(DEPLOYMENTS + "/web?fieldManager=upd", {"spec": {"replicas": 4}})
    assert apply(api, "one", deployment(None))["spec"]["replicas"] == 4


def test_scaling_owns_the_replicas_in_its_own_entry(api: Api) -> None:
    apply(api, "one", deployment(1), 201)
    api.patch(DEPLOYMENTS + "/web/scale?fieldManager=hpa", {"spec": {"replicas": 3}})
    now = api.get(DEPLOYMENTS + "/web")
    assert owners(now)["hpa", "Update", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owners(now)["one", "Apply", ""]["f:spec"]
    refused = apply(api, "one", deployment(1), 409)["message"]
    assert refused.endswith('conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas')


def test_a_scale_can_be_applied_and_is_refused_like_an_object(api: Api) -> None:
    apply(api, "one", deployment(1), 201)
    scale = {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2},
    }
    path = DEPLOYMENTS + "/web/scale?fieldManager=sc"
    assert 'conflict with "one"' in api.refused(409, "PATCH", path, scale, content_type=APPLY)
    assert api.patch(path + "&force=true", scale, APPLY)["spec"] == {"replicas": 2}
    assert owners(api.get(DEPLOYMENTS + "/web"))["sc", "Apply", "scale"] == {"f:spec": {"f:replicas": {}}}


def test_the_status_has_its_own_entries_and_cannot_touch_the_spec(api: Api) -> None:
    apply(api, "one", deployment(0), 201)
    status = {**deployment(7), "status": {"conditions": [{"type": "Mine", "status": "True"}]}}
    after = apply(api, "st", status, subresource="/status")
    assert after["spec"]["replicas"] == 0
    assert list(owners(after)["st", "Apply", "status"]) == ["f:status"]
    assert "f:replicas" in owners(after)["one", "Apply", ""]["f:spec"]


def test_lists_of_maps_keep_what_others_added_and_its_place(api: Api) -> None:
    apply(api, "one", deployment(), 201)
    side = {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": side}
    after = apply(api, "side", body)
    assert [one["name"] for one in after["spec"]["template"]["spec"]["containers"]] == ["a", "side"]
    after = apply(api, "one", deployment())
    assert [one["name"] for one in after["spec"]["template"]["spec"]["containers"]] == ["a", "side"]


def test_sets_are_owned_by_value(api: Api) -> None:
    body = config_map()
    body["metadata"]["finalizers"] = ["example.com/a"]
    apply(api, "one", body, 201)
    body["metadata"]["finalizers"] = ["example.com/b"]
    after = apply(api, "two", body)
    assert after["metadata"]["finalizers"] == ["example.com/a", "example.com/b"]
    assert owners(after)["two", "Apply", ""]["f:metadata"] == {"f:finalizers": {'v:"example.com/b"': {}}}


def test_owners_can_be_wiped_out_and_the_first_apply_finds_somebody_before_it(api: Api) -> None:
    apply(api, "one", config_map(a="1"), 201)
    wiped = api.patch(CONFIG_MAPS + "/c", {"metadata": {"managedFields": [{}]}})
    assert owners(wiped) == {}
    assert owners(api.patch(CONFIG_MAPS + "/c", {"data": {"b": "2"}})) == {}
    refused = apply(api, "one", config_map(a="9"), 409)["message"]
    assert refused.endswith('conflict with "before-first-apply" using v1: .data.a')


def test_owners_that_make_no_sense_are_not_taken(api: Api) -> None:
    before = owners(apply(api, "one", config_map(a="1"), 201))
    for entries in (None, [{"manager": "x", "operation": "Steal", "apiVersion": "v1"}]):
        assert owners(api.patch(CONFIG_MAPS + "/c", {"metadata": {"managedFields": entries}})) == before


def test_plain_writers_are_known_by_their_agent(api: Api) -> None:
    created = api.post(CONFIG_MAPS, config_map(a="1"))
    assert list(owners(created)) == [("unknown", "Update", "")]


def test_no_more_than_ten_updaters_are_remembered(api: Api) -> None:
    api.post(CONFIG_MAPS + "?fieldManager=m0", config_map(k0="x"))
    for number in range(1, 14):
        api.run(1)
        api.patch(f"{CONFIG_MAPS}/c?fieldManager=m{number}", {"data": {f"k{number}": "x"}})
    found = owners(api.get(CONFIG_MAPS + "/c"))
    assert len(found) == 10
    assert sorted(found["ancient-changes", "Update", ""]["f:data"])[:3] == [".", "f:k0", "f:k1"]


def test_kubectl_takes_over_what_it_had_applied_from_the_client(api: Api) -> None:
    body = config_map(a="1")
    body["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"1"},"metadata":{"name":"c"}}'
    }
    api.post(CONFIG_MAPS + "?fieldManager=kubectl-client-side-apply", body)
    assert (
        'conflict with "kubectl-client-side-apply"' in apply(api, "other", config_map(a="2"), 409)["message"]
    )
    after = apply(api, "kubectl", config_map(a="2"))
    last = after["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    assert '"data":{"a":"2"}' in last


def test_a_dry_run_asks_and_stores_nothing(api: Api) -> None:
    assert apply(api, "one", config_map(a="1"), 201, dryRun="All")["data"] == {"a": "1"}
    api.expect(404, "GET", CONFIG_MAPS + "/c")
    apply(api, "one", config_map(a="1"), 201)
    apply(api, "two", config_map(a="2"), 409, dryRun="All")
    apply(api, "one", config_map(a="2"), dryRun="All")
    assert api.get(CONFIG_MAPS + "/c")["data"] == {"a": "1"}


def test_an_unchanged_object_keeps_its_owners_and_its_version(api: Api) -> None:
    created = api.post(CONFIG_MAPS + "?fieldManager=one", config_map(a="1"))
    api.run(5)
    assert api.put(CONFIG_MAPS + "/c?fieldManager=two", config_map(a="1")) == created
    assert api.patch(CONFIG_MAPS + "/c?fieldManager=two", [], JSON_PATCH) == created


@pytest.mark.parametrize(
    ("query", "body", "code", "message"),
    [
        ("", config_map(), 422, "fieldManager: Required value: is required for apply patch"),
        (
            "?fieldManager=" + "x" * 129,
            config_map(),
            422,
            "fieldManager: Too long: may not be more than 128 bytes",
        ),
        ("?fieldManager=m", {"kind": "ConfigMap"}, 400, "invalid object type: /, Kind=ConfigMap"),
        ("?fieldManager=m", b"", 400, "invalid object type: /, Kind="),
        (
            "?fieldManager=m",
            "a: [",
            400,
            "error decoding YAML: error converting YAML to JSON: yaml: did not find",
        ),
        (
            "?fieldManager=m",
            "text",
            400,
            "cannot unmarshal string into Go value of type map[string]interface {}",
        ),
        (
            "?fieldManager=m",
            {**config_map(), "metadata": {}},
            400,
            "(c based on URL) was undeterminable: name must be",
        ),
        (
            "?fieldManager=m",
            {**config_map(), "metadata": {"name": "d"}},
            400,
            "the name of the object (d) does not",
        ),
        (
            "?fieldManager=m",
            {**config_map(), "metadata": {"name": "c", "uid": "u"}},
            409,
            "uid mismatch: the provided",
        ),
        (
            "?fieldManager=m",
            config_map(a=1),
            500,
            "failed to create typed patch object (/c; /v1, Kind=ConfigMap): .data.a: expected string, got "
            "&value.valueUnstructured{Value:1}",
        ),
        (
            "?fieldManager=m",
            {**config_map(), "bogus": 1, "metadata": {"name": "c", "what": 1}},
            500,
            "errors:\n  .metadata.what: field not declared in schema\n  .bogus: field not declared in schema",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_in_upstreams_words(
    api: Api, query: str, body: Any, code: int, message: str
) -> None:
    found = api.refused(code, "PATCH", f"{CONFIG_MAPS}/c{query}", body, content_type=APPLY)
    assert message in found
    api.expect(404, "GET", CONFIG_MAPS + "/c")


def test_an_apply_makes_no_object_in_a_namespace_that_is_not_there(api: Api) -> None:
    path = "/api/v1/namespaces/nowhere/configmaps/c?fieldManager=m"
    assert (
        api.refused(404, "PATCH", path, config_map(), content_type=APPLY) == 'namespaces "nowhere" not found'
    )


def test_the_version_in_an_apply_is_a_condition(api: Api) -> None:
    version = apply(api, "one", config_map(a="1"), 201)["metadata"]["resourceVersion"]
    body = config_map(a="2")
    body["metadata"]["resourceVersion"] = version
    apply(api, "one", body)
    assert "the object has been modified" in apply(api, "one", body, 409)["message"]


def test_force_is_for_applies_only(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map(a="1"))
    message = api.refused(422, "PATCH", CONFIG_MAPS + "/c?force=false", {}, content_type=MERGE_PATCH)
    assert message.endswith("force: Forbidden: may not be specified for non-apply patch")


def test_who_may_only_patch_makes_no_object(api: Api) -> None:
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"]}
    api.post(rbac + "/roles", {"metadata": {"name": "patcher"}, "rules": [rule]})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "patcher"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"}
    api.post(rbac + "/rolebindings", {"metadata": {"name": "p"}, "roleRef": role, "subjects": [subject]})
    path = CONFIG_MAPS + "/c?fieldManager=m"
    message = api.refused(403, "PATCH", path, config_map(a="1"), content_type=APPLY, user="viewer")
    assert message.startswith('configmaps "c" is forbidden')
    apply(api, "one", config_map(a="1"), 201)
    api.patch(path, config_map(b="1"), APPLY, user="viewer")


def test_of_two_entries_of_one_manager_the_later_one_counts(api: Api) -> None:
    created = api.post(CONFIG_MAPS + "?fieldManager=m", config_map(a="1", b="2"))
    entry = created["metadata"]["managedFields"][0]
    entries = [{**entry, "fieldsV1": {"f:data": {"f:a": {}}}}, {**entry, "fieldsV1": {"f:data": {"f:b": {}}}}]
    after = api.put(
        CONFIG_MAPS + "/c", {**created, "metadata": {**created["metadata"], "managedFields": entries}}
    )
    assert owners(after) == {("m", "Update", ""): {"f:data": {"f:b": {}}}}


@pytest.mark.parametrize("wiped", [[], [{}]])
def test_an_empty_list_or_entry_wipes_the_owners_out(api: Api, wiped: Any) -> None:
    apply(api, "one", config_map(a="1"), 201)
    body = {**config_map(a="1"), "metadata": {"name": "c", "managedFields": wiped}}
    assert "managedFields" not in api.put(CONFIG_MAPS + "/c", body)["metadata"]
    made = api.post(CONFIG_MAPS, {**body, "metadata": {"name": "d", "managedFields": wiped}})
    assert owners(made) == {("unknown", "Update", ""): {"f:data": {".": {}, "f:a": {}}}}


def test_what_no_schema_can_follow_has_no_owners_and_cannot_be_applied_to(api: Api) -> None:
    """A ServiceAccount's secrets are told apart by name, and nobody checks that they have one."""
    path = "/api/v1/namespaces/default/serviceaccounts"
    body = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "s"},
        "secrets": [{"kind": "x"}],
    }
    assert "managedFields" not in api.post(path, body)["metadata"]
    body["secrets"] = []
    message = api.refused(500, "PATCH", path + "/s?fieldManager=m", body, content_type=APPLY)
    assert message == (
        "failed to create manager for existing fields: failed to convert new object (default/s; /v1, "
        "Kind=ServiceAccount) to smd typed: .secrets: element 0: associative list with keys has an element that "
        'omits key field "name" (and doesn\'t have default value)'
    )


def test_an_owner_that_is_named_twice_is_kept_once_with_a_warning(api: Api) -> None:
    owner = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}
    body = {**config_map(), "metadata": {"name": "c", "ownerReferences": [owner, owner]}}
    answer = api.send("POST", CONFIG_MAPS, body)
    assert answer.body["metadata"]["ownerReferences"] == [owner]
    assert answer.warnings == [
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may "
        "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"
    ]
    patch = {"metadata": {"ownerReferences": [owner, {**owner, "name": "m"}, owner]}}
    answer = api.send("PATCH", CONFIG_MAPS + "/c", patch, content_type=MERGE_PATCH)
    assert [one["name"] for one in answer.body["metadata"]["ownerReferences"]] == ["n", "m"]
    assert "entries after mutating admission happens;" in answer.warnings[0]
