"""Connections into containers go through admission: webhooks and policies may refuse them."""

from __future__ import annotations

import pytest
from apiserver.hooks import MUTATING, Hooks, hook, patching, refuse, register
from apiserver.support import PODS, SERVICE_ACCOUNTS, Api, pod

CONNECT = {"operations": ["CONNECT"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods/*"]}
EXEC = f"{PODS}/web/exec?command=rm&command=-rf&stdout=true&container=c"


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def api(hooks: Hooks) -> Api:
    api = Api(webhooks=hooks)
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    return api


def test_a_webhook_sees_and_refuses_what_is_to_be_run_in_a_container(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = refuse("no shells here")
    register(api, hook(rules=[CONNECT]))
    api.post(PODS, pod("web", nodeName="n"))
    message = api.refused(403, "GET", EXEC)
    assert message == 'admission webhook "check.example.com" denied the request: no shells here'
    (asked,) = hooks.asked
    assert (asked["operation"], asked["subResource"], asked["options"]) == ("CONNECT", "exec", None)
    assert asked["kind"]["kind"] == "PodExecOptions"
    command = {"command": ["rm", "-rf"], "container": "c", "stdout": True}
    assert asked["object"] == {"kind": "PodExecOptions", "apiVersion": "v1", **command}


def test_what_a_webhook_may_not_do_with_a_connection(api: Api, hooks: Hooks) -> None:
    hooks.checks["https://check.example.com/"] = patching(
        {"op": "replace", "path": "/command", "value": ["ls"]}
    )
    register(api, hook(rules=[CONNECT]), path=MUTATING)
    api.post(PODS, pod("web", nodeName="n"))
    assert "attempted to modify the object" in api.refused(500, "GET", EXEC)


def test_a_policy_is_asked_about_connections(api: Api) -> None:
    policy = {
        "matchConstraints": {"resourceRules": [CONNECT]},
        "validations": [{"expression": "object.command[0] != 'rm'", "message": "not that"}],
    }
    group = "/apis/admissionregistration.k8s.io/v1"
    api.post(f"{group}/validatingadmissionpolicies", {"metadata": {"name": "p"}, "spec": policy})
    binding = {"policyName": "p", "validationActions": ["Deny"]}
    api.post(
        f"{group}/validatingadmissionpolicybindings", {"metadata": {"name": "p.example"}, "spec": binding}
    )
    api.post(PODS, pod("web", nodeName="n"))
    assert api.send("GET", EXEC).body["message"].endswith("denied request: not that")
    api.refused(404, "GET", EXEC.replace("=rm", "=ls"))
