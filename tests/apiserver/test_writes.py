"""Create, update and patch, as every kind has them."""

from __future__ import annotations

import re

import pytest
from apiserver.support import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    JSON_PATCH,
    PODS,
    SERVICES,
    STRATEGIC_PATCH,
    Api,
    config_map,
    deployment,
    pod,
    service,
)

LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def test_the_server_fills_in_what_is_its_own(api: Api) -> None:
    metadata = api.post(CONFIG_MAPS, config_map("a"))["metadata"]
    assert metadata["namespace"] == "default"
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["resourceVersion"] == str(api.store.revision)
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", metadata["uid"]
    )


def test_a_pod_with_gates_says_so_from_the_beginning(api: Api) -> None:
    gated = pod("p")
    gated["spec"]["schedulingGates"] = [{"name": "example.com/quota"}]
    (condition,) = api.post(PODS, gated)["status"]["conditions"]
    assert (condition["status"], condition["reason"]) == ("False", "SchedulingGated")


def test_generated_names_are_five_characters_longer_and_differ(api: Api) -> None:
    bodies = [api.post(PODS, {**pod(""), "metadata": {"generateName": "web-"}}) for _ in range(20)]
    names = {body["metadata"]["name"] for body in bodies}
    assert len(names) == 20
    assert all(re.fullmatch("web-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)


def test_a_name_can_be_taken_once(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    assert api.refused(409, "POST", CONFIG_MAPS, config_map("a")) == 'configmaps "a" already exists'


def test_who_read_an_older_version_must_read_again(api: Api) -> None:
    old = api.post(CONFIG_MAPS, config_map("a", k="1"))
    api.put(f"{CONFIG_MAPS}/a", {**old, "data": {"k": "2"}})
    message = api.refused(409, "PUT", f"{CONFIG_MAPS}/a", {**old, "data": {"k": "3"}})
    assert message == f'Operation cannot be fulfilled on configmaps "a": {MODIFIED}'


def test_without_a_version_the_last_writer_wins_but_not_for_a_lease(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a", k="1"))
    assert api.put(f"{CONFIG_MAPS}/a", config_map("a", k="2"))["data"] == {"k": "2"}
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    api.post(LEASES, lease)
    assert "must be specified for an update" in api.refused(422, "PUT", f"{LEASES}/l", lease)


def test_a_lease_may_be_created_by_put(api: Api) -> None:
    answer = api.send("PUT", f"{LEASES}/l", {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}})
    assert answer.code == 201
    assert api.refused(404, "PUT", f"{PODS}/p", pod("p")) == 'pods "p" not found'


def test_a_write_that_changes_nothing_keeps_the_version(api: Api) -> None:
    old = api.post(DEPLOYMENTS, deployment("web"))
    revision = api.store.revision
    assert api.put(f"{DEPLOYMENTS}/web", old) == old
    assert api.put(f"{DEPLOYMENTS}/web", deployment("web")) == old
    assert api.patch(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 0}}) == old
    assert api.store.revision == revision


def test_the_generation_counts_changes_of_the_spec_only(api: Api) -> None:
    path = f"{DEPLOYMENTS}/web"
    assert api.post(DEPLOYMENTS, deployment("web"))["metadata"]["generation"] == 1
    assert api.patch(path, {"metadata": {"labels": {"a": "b"}}})["metadata"]["generation"] == 1
    assert api.patch(path, {"spec": {"replicas": 1}})["metadata"]["generation"] == 2
    assert api.patch(f"{path}/status", {"status": {"replicas": 1}})["metadata"]["generation"] == 2
    assert api.patch(path, {"metadata": {"generation": 70}})["metadata"]["generation"] == 2
    assert "generation" not in api.post(SERVICES, service("s"))["metadata"]


def test_spec_and_status_have_different_doors(api: Api) -> None:
    path = f"{DEPLOYMENTS}/web"
    api.post(DEPLOYMENTS, {**deployment("web"), "status": {"replicas": 9}})
    assert api.get(path)["status"] == {}
    body = api.put(f"{path}/status", {**deployment("web", replicas=7), "status": {"replicas": 2}})
    assert (body["spec"]["replicas"], body["status"]) == (0, {"replicas": 2})
    body = api.put(path, {**deployment("web", replicas=7), "status": {"replicas": 5}})
    assert (body["spec"]["replicas"], body["status"]) == (7, {"replicas": 2})


def test_a_dry_run_says_what_would_be_and_stores_nothing(api: Api) -> None:
    revision = api.store.revision
    assert api.post(f"{PODS}?dryRun=All", pod("p"))["spec"]["restartPolicy"] == "Always"
    api.refused(404, "GET", f"{PODS}/p")
    api.post(CONFIG_MAPS, config_map("a"))
    assert api.patch(f"{CONFIG_MAPS}/a?dryRun=All", {"data": {"k": "v"}})["data"] == {"k": "v"}
    api.delete(f"{CONFIG_MAPS}/a?dryRun=All")
    assert "data" not in api.get(f"{CONFIG_MAPS}/a")
    assert api.store.revision == revision + 1


def test_unknown_fields_are_refused_warned_of_or_dropped(api: Api) -> None:
    body = {**config_map("a"), "datta": {}}
    assert 'unknown field "datta"' in api.refused(400, "POST", f"{CONFIG_MAPS}?fieldValidation=Strict", body)
    assert api.send("POST", CONFIG_MAPS, body).warnings == ['unknown field "datta"']
    assert (
        api.send(
            "POST", f"{CONFIG_MAPS}?fieldValidation=Ignore", {**body, "metadata": {"name": "b"}}
        ).warnings
        == []
    )
    assert "datta" not in api.get(f"{CONFIG_MAPS}/b")


def test_yaml_and_bytes_are_read_as_json_is(api: Api) -> None:
    text = b"metadata: {name: from-yaml}\ndata: {day: 2026-01-01, at: 12:30, 80: port}"
    api.post(CONFIG_MAPS, text, content_type="application/yaml")
    api.post(CONFIG_MAPS, '{"metadata": {"name": "from-json"}}')
    data = api.get(f"{CONFIG_MAPS}/from-yaml")["data"]
    assert data == {"day": "2026-01-01", "at": "12:30", "80": "port"}


def test_yaml_has_its_traps_as_go_reads_it(api: Api) -> None:
    for text in ("metadata: {name: y}", "metadata: {name: a}\ndata: {port: 80}", "metadata: {name: 1e3}"):
        message = api.refused(400, "POST", CONFIG_MAPS, text, content_type="application/yaml")
        assert "json: cannot unmarshal" in message


def test_ten_lines_of_yaml_cannot_say_a_billion_things(api: Api) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    api.refused(400, "POST", CONFIG_MAPS, "\n".join(lines), content_type="application/yaml")


@pytest.mark.parametrize(
    ("content_type", "patch"),
    [
        (
            "application/merge-patch+json",
            {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "b"}]}}}},
        ),
        (STRATEGIC_PATCH, {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "b"}]}}}}),
        (JSON_PATCH, [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "b"}]),
    ],
)
def test_three_kinds_of_patch_change_an_image(api: Api, content_type: str, patch: object) -> None:
    api.post(DEPLOYMENTS, deployment("web"))
    body = api.patch(f"{DEPLOYMENTS}/web", patch, content_type)
    assert body["spec"]["template"]["spec"]["containers"][0]["image"] == "b"
    assert body["metadata"]["generation"] == 2


def test_a_patch_never_conflicts_unless_it_names_a_version(api: Api) -> None:
    old = api.post(CONFIG_MAPS, config_map("a"))
    api.patch(f"{CONFIG_MAPS}/a", {"data": {"k": "1"}})
    stale = {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}, "data": {"k": "2"}}
    assert MODIFIED in api.refused(
        409, "PATCH", f"{CONFIG_MAPS}/a", stale, content_type="application/merge-patch+json"
    )


def test_identity_cannot_be_changed(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    path, merge = f"{CONFIG_MAPS}/a", "application/merge-patch+json"
    assert "does not match the name on the URL" in api.refused(
        400, "PATCH", path, {"metadata": {"name": "b"}}, content_type=merge
    )
    assert "field is immutable" in api.refused(
        422, "PATCH", path, {"metadata": {"uid": "x"}}, content_type=merge
    )
    assert "Precondition failed: UID" in api.refused(
        409, "PUT", path, {"metadata": {"name": "a", "uid": "x"}}
    )
    assert "does not match the namespace" in api.refused(400, "PUT", path, {"metadata": {"namespace": "b"}})


def test_what_the_server_gives_out_cannot_be_changed(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a", k="v"))
    with pytest.raises(TypeError):
        api.get(f"{CONFIG_MAPS}/a")["data"]["k"] = "w"


def test_an_object_that_was_sent_may_be_changed_afterwards(api: Api) -> None:
    body = config_map("a", k="v")
    api.post(CONFIG_MAPS, body)
    body["data"]["k"] = "changed"
    assert api.get(f"{CONFIG_MAPS}/a")["data"] == {"k": "v"}


def test_events_go_after_an_hour(api: Api) -> None:
    events = "/api/v1/namespaces/default/events"
    body = {"metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "namespace": "default", "name": "p"}}
    api.post(events, body)
    api.run(3500)
    assert len(api.get(events)["items"]) == 1
    api.run(300)
    assert api.get(events)["items"] == []
