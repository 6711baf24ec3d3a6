"""Admission asks outside: what is sent, what the answers do, and what happens when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.hooks import (
    MUTATING,
    POD_RULE,
    VALIDATING,
    Hooks,
    allow,
    hook,
    labelling,
    patching,
    refuse,
    register,
)
from apiserver.support import PODS, SERVICE_ACCOUNTS, Api, pod


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def api(hooks: Hooks) -> Api:
    api = Api(webhooks=hooks)
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    return api


# -- refusing -----------------------------------------------------------------------------------------


def test_a_webhook_refuses_with_its_name_and_its_own_words(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = refuse("no latest, please")
    register(api, hook())
    answer = api.send("POST", PODS, pod("web"))
    assert 403 == answer.code
    assert (
        'admission webhook "check.example.com" denied the request: no latest, please'
        == answer.body["message"]
    )
    assert answer.reasons[-1][:2] == ("check", "refused")
    assert ("check", "webhook-refused", {"webhook": "check.example.com"}) in answer.reasons


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (None, 400, "without explanation"),
        ({"reason": "Invalid"}, 400, ": Invalid"),
        ({"code": 200, "message": "no"}, 400, ": no"),
        ({"code": 422, "message": "no"}, 422, ": no"),
    ],
)
def test_a_refusal_is_always_an_error(api: Api, hooks: Hooks, status: Any, code: int, message: str) -> None:
    hooks.checks["https://check.example.com/"] = lambda request: {"allowed": False, "status": status}
    register(api, hook())
    found = api.refused(code, "POST", PODS, pod("web"))
    assert found.endswith(message)
    assert found.startswith('admission webhook "check.example.com" denied the request')


def test_the_first_refusal_by_name_of_the_configuration_is_told(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://b.example.com/"] = refuse("b")
    hooks.checks["https://a.example.com/"] = refuse("a")
    register(api, hook("b.example.com"), name="zz")
    register(api, hook("a.example.com"), name="aa")
    assert api.refused(403, "POST", PODS, pod("web")).endswith(": a")
    assert 2 == len(hooks.asked), "all are asked"


def test_what_a_webhook_allows_is_stored(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = lambda request: {"allowed": True, "warnings": ["be careful"]}
    register(api, hook())
    answer = api.send("POST", PODS, pod("web"))
    assert 201 == answer.code
    assert ["be careful"] == answer.warnings


# -- what is asked ------------------------------------------------------------------------------------


def test_the_review_says_who_wants_what(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook())
    api.post(f"{PODS}?dryRun=All&fieldManager=me", pod("web"))
    asked = hooks.asked[0]
    assert {"group": "", "version": "v1", "kind": "Pod"} == asked["kind"] == asked["requestKind"]
    assert {"group": "", "version": "v1", "resource": "pods"} == asked["resource"] == asked["requestResource"]
    assert ("web", "default", "CREATE", True) == tuple(
        asked[field] for field in ("name", "namespace", "operation", "dryRun")
    )
    assert {"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]} == asked[
        "userInfo"
    ]
    assert "Pod" == asked["object"]["kind"]
    assert "default" == asked["object"]["spec"]["serviceAccountName"], "the mutating plug-ins come first"
    assert asked["oldObject"] is None
    assert {
        "kind": "CreateOptions",
        "apiVersion": "meta.k8s.io/v1",
        "dryRun": ["All"],
        "fieldManager": "me",
    } == asked["options"]


def test_an_update_shows_both_objects_and_a_deletion_the_old_one(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook(rules=[{**POD_RULE, "operations": ["UPDATE", "DELETE"]}]))
    api.post(PODS, pod("web"))
    api.patch(f"{PODS}/web", {"metadata": {"labels": {"a": "b"}}})
    api.delete(f"{PODS}/web")
    update, deletion = hooks.asked
    assert {"a": "b"} == update["object"]["metadata"]["labels"]
    assert "labels" not in update["oldObject"]["metadata"]
    assert "PatchOptions" == update["options"]["kind"]
    assert deletion["object"] is None
    assert "web" == deletion["oldObject"]["metadata"]["name"]


def test_a_webhook_cannot_change_what_it_was_shown(api: Api, hooks: Hooks) -> None:
    def vandal(request: dict[str, Any]) -> dict[str, Any]:
        request["object"]["spec"].clear()
        return {"allowed": True}

    hooks.checks["https://check.example.com/"] = vandal
    register(api, hook())
    assert api.post(PODS, pod("web"))["spec"]["containers"]


# -- who is asked about what --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({}, True),
        ({"operations": ["*"]}, True),
        ({"operations": ["UPDATE"]}, False),
        ({"apiGroups": ["*"]}, True),
        ({"apiGroups": ["apps"]}, False),
        ({"apiVersions": ["v2"]}, False),
        ({"resources": ["*"]}, True),
        ({"resources": ["*/*"]}, True),
        ({"resources": ["pods/status"]}, False),
        ({"resources": ["*/status"]}, False),
        ({"resources": ["services", "pods"]}, True),
        ({"scope": "Namespaced"}, True),
        ({"scope": "Cluster"}, False),
    ],
)
def test_rules_say_what_a_webhook_is_asked_about(api: Api, hooks: Hooks, rule: Any, asked: bool) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook(rules=[{**POD_RULE, **rule}]))
    api.post(PODS, pod("web"))
    assert asked == bool(hooks.asked)


def test_namespaces_are_cluster_scoped_although_they_have_a_namespace(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook(rules=[{**POD_RULE, "resources": ["namespaces"], "scope": "Cluster"}]))
    api.post("/api/v1/namespaces", {"metadata": {"name": "new"}})
    assert ["new"] == [asked["namespace"] for asked in hooks.asked]


@pytest.mark.parametrize(("labels", "asked"), [({"team": "a"}, True), ({"team": "b"}, False), ({}, False)])
def test_an_object_selector_looks_at_the_labels(api: Api, hooks: Hooks, labels: Any, asked: bool) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook(objectSelector={"matchLabels": {"team": "a"}}))
    new = pod("web")
    new["metadata"]["labels"] = labels
    api.post(PODS, new)
    assert asked == bool(hooks.asked)


def test_a_namespace_selector_looks_at_the_namespace(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = refuse("not here")
    exempt = {
        "matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["default"]}
        ]
    }
    register(api, hook(namespaceSelector=exempt))
    api.post(PODS, pod("web"))
    api.post("/api/v1/namespaces", {"metadata": {"name": "other"}})
    api.post("/api/v1/namespaces/other/serviceaccounts", {"metadata": {"name": "default"}})
    api.refused(403, "POST", "/api/v1/namespaces/other/pods", pod("web"))


def test_nobody_is_asked_about_the_configuration_of_admission(api: Api, hooks: Hooks) -> None:
    everything = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}
    hooks.checks["https://check.example.com/"] = refuse("nothing goes")
    register(api, hook(rules=[everything]))
    api.refused(403, "POST", PODS, pod("web"))
    api.delete(f"{VALIDATING}/hooks")
    api.post(PODS, pod("web"))


def test_a_binding_is_a_subresource_with_a_kind_of_its_own(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = refuse("not on this node")
    register(api, hook(rules=[{**POD_RULE, "resources": ["pods/binding"]}]))
    api.post(PODS, pod("web"))
    api.refused(403, "POST", f"{PODS}/web/binding", {"target": {"name": "node-1"}})
    assert ("Binding", "pods", "binding") == (
        hooks.asked[0]["kind"]["kind"],
        hooks.asked[0]["resource"]["resource"],
        hooks.asked[0]["subResource"],
    )


# -- nobody answers -----------------------------------------------------------------------------------


def test_a_webhook_that_does_not_answer_fails_the_request(api: Api) -> None:
    register(api, hook(timeoutSeconds=3))
    answer = api.send("POST", PODS, pod("web"))
    call = 'failed to call webhook: Post "https://check.example.com/?timeout=3s"'
    why = "dial tcp 10.0.0.7:443: connect: connection refused"
    assert (500, "InternalError") == (answer.code, answer.body["reason"])
    assert (
        f'Internal error occurred: failed calling webhook "check.example.com": {call}: {why}'
        == answer.body["message"]
    )


@pytest.mark.parametrize("path", [VALIDATING, MUTATING])
def test_a_webhook_that_may_be_ignored_is(api: Api, path: str) -> None:
    register(api, hook(failurePolicy="Ignore"), path=path)
    answer = api.send("POST", PODS, pod("web"))
    assert 201 == answer.code
    noted = {"webhook": "check.example.com", "policy": "Ignore"}
    stage = "check" if path == VALIDATING else "admit"
    assert (stage, "webhook-failed", noted) in answer.reasons


def test_a_service_is_called_by_its_name(api: Api, hooks: Hooks) -> None:
    service = {"name": "policy", "namespace": "kube-system", "path": "/validate"}
    register(api, hook(clientConfig={"service": service}))
    message = api.refused(500, "POST", PODS, pod("web"))
    assert 'Post "https://policy.kube-system.svc:443/validate?timeout=10s"' in message


def test_without_a_way_to_webhooks_the_message_says_what_is_missing() -> None:
    api = Api()
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    register(api, hook(clientConfig={"service": {"name": "policy", "namespace": "default"}}))
    assert api.refused(500, "POST", PODS, pod("web")).endswith('service "policy" not found')
    api.post(
        "/api/v1/namespaces/default/services",
        {"metadata": {"name": "policy"}, "spec": {"ports": [{"port": 443}]}},
    )
    assert api.refused(500, "POST", PODS, pod("web")).endswith('no endpoints available for service "policy"')


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({}, "webhook response was absent"),
        ({"response": {"uid": "x", "allowed": True}}, 'expected response.uid="'),
        ({"apiVersion": "admission.k8s.io/v2"}, "expected webhook response of admission.k8s.io/v1"),
        ({"response": {"allowed": "yes"}}, "webhook response is not an AdmissionResponse"),
        ({"response": []}, "webhook response is not an AdmissionResponse"),
        (
            {"response": {"allowed": True, "patch": "W10=", "patchType": "JSONPatch"}},
            "may not return response.patch",
        ),
    ],
)
def test_an_answer_that_is_none_counts_as_no_answer(api: Api, hooks: Hooks, answer: Any, why: str) -> None:
    def call(url: str, review: dict[str, Any]) -> dict[str, Any]:
        if not answer:
            return {}
        response = answer.get("response", {"allowed": True})
        if isinstance(response, dict):
            response = {"uid": review["request"]["uid"], **response}
        return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", **answer, "response": response}

    hooks.call = call  # type: ignore[method-assign]
    register(api, hook())
    message = api.refused(500, "POST", PODS, pod("web"))
    assert 'failed calling webhook "check.example.com": received invalid webhook response: ' in message
    assert why in message


# -- dry run ------------------------------------------------------------------------------------------


def test_dry_run_is_told_to_the_webhook(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = allow
    register(api, hook(sideEffects="NoneOnDryRun"))
    api.post(f"{PODS}?dryRun=All", pod("web"))
    assert [True] == [asked["dryRun"] for asked in hooks.asked]


# -- changing -----------------------------------------------------------------------------------------


def test_a_mutating_webhook_patches_the_object(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = labelling("team", "a")
    register(api, hook(), path=MUTATING)
    answer = api.send("POST", PODS, pod("web"))
    assert {"team": "a"} == answer.body["metadata"]["labels"]
    assert any(
        key == "changed" and values["plugin"] == "MutatingAdmissionWebhook"
        for _, key, values in answer.reasons
    )


def test_what_a_webhook_adds_gets_its_defaults_and_is_validated(api: Api, hooks: Hooks) -> None:
    sidecar = {"name": "side", "image": "nginx"}
    hooks.checks["https://check.example.com/"] = patching(
        {"op": "add", "path": "/spec/containers/-", "value": sidecar}
    )
    register(api, hook(), path=MUTATING)
    made = api.post(PODS, pod("web"))
    assert "Always" == made["spec"]["containers"][1]["imagePullPolicy"]
    hooks.checks["https://check.example.com/"] = patching({"op": "remove", "path": "/spec/containers"})
    assert "spec.containers: Required value" in api.refused(422, "POST", PODS, pod("other"))


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/spec/nothing"},
        {"op": "dance", "path": "/spec"},
        {"op": "replace", "path": "/spec", "value": 3},
        {"op": "replace", "path": "/kind", "value": "Node"},
    ],
)
def test_a_patch_that_does_not_fit_is_the_servers_error(api: Api, hooks: Hooks, operation: Any) -> None:
    hooks.checks["https://check.example.com/"] = patching(operation)
    register(api, hook(), path=MUTATING)
    assert api.refused(500, "POST", PODS, pod("web")).startswith("Internal error occurred: ")


def test_each_mutating_webhook_sees_what_the_one_before_it_made(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://a.example.com/"] = labelling("a", "1")
    hooks.checks["https://b.example.com/"] = labelling("b", "2")
    register(api, hook("a.example.com"), hook("b.example.com"), path=MUTATING)
    assert {"a": "1", "b": "2"} == api.post(PODS, pod("web"))["metadata"]["labels"]


@pytest.mark.parametrize(("policy", "calls"), [("Never", 2), ("IfNeeded", 3)])
def test_who_wants_it_is_asked_again_after_a_later_change(
    api: Api, hooks: Hooks, policy: str, calls: int
) -> None:
    hooks.checks["https://a.example.com/"] = allow
    hooks.checks["https://b.example.com/"] = labelling("b", "2")
    first = hook("a.example.com", reinvocationPolicy=policy)
    register(api, first, hook("b.example.com"), path=MUTATING)
    api.post(PODS, pod("web"))
    assert calls == len(hooks.asked)
    assert (policy == "IfNeeded") == (hooks.asked[-1]["object"]["metadata"].get("labels") == {"b": "2"})


def test_a_deletion_cannot_be_changed(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = patching(
        {"op": "add", "path": "/metadata/labels", "value": {}}
    )
    register(api, hook(rules=[{**POD_RULE, "operations": ["DELETE"]}]), path=MUTATING)
    api.post(PODS, pod("web"))
    message = api.refused(500, "DELETE", f"{PODS}/web")
    assert "attempted to modify the object, which is not supported for this operation" in message
