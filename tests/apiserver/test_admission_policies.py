"""ValidatingAdmissionPolicies: rules as expressions, bound to what they are for."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.hooks import POD_RULE, VALIDATING, Hooks, hook, refuse, register
from apiserver.support import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    SERVICE_ACCOUNTS,
    Api,
    config_map,
    deployment,
    pod,
)

from k8scourse.api.values import evolve

GROUP = "/apis/admissionregistration.k8s.io/v1"
POLICIES, BINDINGS = f"{GROUP}/validatingadmissionpolicies", f"{GROUP}/validatingadmissionpolicybindings"
DEPLOYMENT_RULE = {
    "operations": ["CREATE", "UPDATE"],
    "apiGroups": ["apps"],
    "apiVersions": ["v1"],
    "resources": ["deployments"],
}
FEW = {"expression": "object.spec.replicas <= 5"}


def spec(*validations: dict[str, Any], rule: Any = DEPLOYMENT_RULE, **more: Any) -> dict[str, Any]:
    return {"matchConstraints": {"resourceRules": [rule]}, "validations": list(validations), **more}


def policy(api: Api, *validations: dict[str, Any], name: str = "few.example.com", **more: Any) -> Any:
    return api.post(POLICIES, {"metadata": {"name": name}, "spec": spec(*validations, **more)})


def bind(api: Api, *actions: str, name: str = "everywhere", to: str = "few.example.com", **more: Any) -> Any:
    wanted = {"policyName": to, "validationActions": list(actions or ("Deny",)), **more}
    return api.post(BINDINGS, {"metadata": {"name": name}, "spec": wanted})


def test_a_bound_policy_denies_with_upstreams_sentence(api: Api) -> None:
    policy(api, FEW)
    bind(api)
    answer = api.send("POST", DEPLOYMENTS, deployment("web", 6))
    denied = "ValidatingAdmissionPolicy 'few.example.com' with binding 'everywhere' denied request"
    sentence = f"{denied}: failed expression: object.spec.replicas <= 5"
    assert (422, "Invalid") == (answer.code, answer.body["reason"])
    assert f'deployments.apps "web" is forbidden: {sentence}' == answer.body["message"]
    assert {
        "name": "web",
        "group": "apps",
        "kind": "deployments",
        "causes": [{"message": sentence}],
    } == answer.body["details"]
    assert (
        "check",
        "policy-denied",
        {"policy": "few.example.com", "binding": "everywhere"},
    ) in answer.reasons
    api.post(DEPLOYMENTS, deployment("web", 5))


def test_a_policy_without_a_binding_does_nothing(api: Api) -> None:
    policy(api, FEW)
    api.post(DEPLOYMENTS, deployment("web", 6))


def test_a_policy_may_change_and_counts_at_once(api: Api) -> None:
    made = policy(api, FEW)
    bind(api)
    api.refused(422, "POST", DEPLOYMENTS, deployment("web", 6))
    more = [{"expression": "object.spec.replicas <= 7"}]
    changed = api.put(f"{POLICIES}/few.example.com", evolve(made, "spec.validations", more))
    assert 2 == changed["metadata"]["generation"]
    api.post(DEPLOYMENTS, deployment("web", 6))
    api.delete(f"{POLICIES}/few.example.com")
    api.post(DEPLOYMENTS, deployment("other", 60))


@pytest.mark.parametrize(
    ("validation", "code", "reason", "message"),
    [
        ({"message": " too many "}, 422, "Invalid", "too many"),
        ({"reason": "Forbidden"}, 403, "Forbidden", "failed expression: object.spec.replicas <= 5"),
        ({"reason": "RequestEntityTooLarge"}, 413, "RequestEntityTooLarge", "failed expression: object.spec"),
        ({"messageExpression": "'has ' + string(object.spec.replicas)"}, 422, "Invalid", "has 6"),
        ({"messageExpression": "string(object.spec.none)", "message": "plain"}, 422, "Invalid", "plain"),
        ({"messageExpression": "'a\\nb'", "message": "plain"}, 422, "Invalid", "plain"),
    ],
)
def test_a_validation_says_why_in_its_own_words(
    api: Api, validation: Any, code: int, reason: str, message: str
) -> None:
    policy(api, {**FEW, **validation})
    bind(api)
    answer = api.send("POST", DEPLOYMENTS, deployment("web", 6))
    assert (code, reason) == (answer.code, answer.body["reason"])
    assert f"denied request: {message}" in answer.body["message"]


def test_warn_lets_pass_and_says_so(api: Api) -> None:
    policy(api, {**FEW, "message": "too many"})
    bind(api, "Warn", "Audit")
    answer = api.send("POST", DEPLOYMENTS, deployment("web", 6))
    where = "ValidatingAdmissionPolicy 'few.example.com' with binding 'everywhere'"
    assert 201 == answer.code
    assert f"Validation failed for {where}: too many" in answer.warnings


def test_variables_are_used_by_name_and_build_on_each_other(api: Api) -> None:
    variables = [
        {"name": "wanted", "expression": "object.spec.replicas"},
        {"name": "twice", "expression": "variables.wanted * 2"},
    ]
    policy(api, {"expression": "variables.twice <= 10"}, variables=variables)
    bind(api)
    api.post(DEPLOYMENTS, deployment("web", 5))
    api.refused(422, "POST", DEPLOYMENTS, deployment("other", 6))


def test_match_conditions_take_requests_out(api: Api) -> None:
    exempt = {"name": "not-admins", "expression": "!('system:masters' in request.userInfo.groups)"}
    policy(api, FEW, matchConditions=[exempt])
    bind(api)
    api.post(DEPLOYMENTS, deployment("web", 6))


def test_old_and_new_are_compared(api: Api) -> None:
    rule = {"expression": "request.operation != 'UPDATE' || object.spec.replicas >= oldObject.spec.replicas"}
    policy(api, rule)
    bind(api)
    api.post(DEPLOYMENTS, deployment("web", 6))
    api.refused(
        422,
        "PATCH",
        f"{DEPLOYMENTS}/web",
        {"spec": {"replicas": 1}},
        content_type="application/merge-patch+json",
    )
    api.patch(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 7}})


def test_a_deletion_has_no_object(api: Api) -> None:
    rule = {**DEPLOYMENT_RULE, "operations": ["DELETE"]}
    policy(api, {"expression": "object == null && oldObject.metadata.name != 'keep'"}, rule=rule)
    bind(api)
    for name in ("keep", "drop"):
        api.post(DEPLOYMENTS, deployment(name))
    api.delete(f"{DEPLOYMENTS}/drop")
    api.refused(422, "DELETE", f"{DEPLOYMENTS}/keep")


def test_the_namespace_is_seen_too(api: Api) -> None:
    policy(api, {"expression": "namespaceObject.metadata.name != 'default'", "message": "not in default"})
    bind(api)
    assert "not in default" in api.refused(422, "POST", DEPLOYMENTS, deployment("web"))


def test_a_binding_may_narrow_where_a_policy_holds(api: Api) -> None:
    policy(api, FEW)
    bind(api, matchResources={"namespaceSelector": {"matchLabels": {"strict": "yes"}}})
    api.post(DEPLOYMENTS, deployment("web", 6))
    api.patch("/api/v1/namespaces/default", {"metadata": {"labels": {"strict": "yes"}}})
    api.refused(422, "POST", DEPLOYMENTS, deployment("other", 6))


def test_rules_may_be_excluded_by_name(api: Api) -> None:
    match = {
        "resourceRules": [DEPLOYMENT_RULE],
        "excludeResourceRules": [{**DEPLOYMENT_RULE, "resourceNames": ["big"]}],
    }
    policy(api, FEW, matchConstraints=match)
    bind(api)
    api.post(DEPLOYMENTS, deployment("big", 6))
    api.refused(422, "POST", DEPLOYMENTS, deployment("web", 6))


# -- parameters ---------------------------------------------------------------------------------------

PARAM_KIND = {"apiVersion": "v1", "kind": "ConfigMap"}
BY_PARAM = {"expression": "object.spec.replicas <= int(params.data.most)"}


def by_parameter(api: Api, **reference: Any) -> None:
    policy(api, BY_PARAM, paramKind=PARAM_KIND)
    bind(api, paramRef={"parameterNotFoundAction": "Deny", **reference})


def test_a_binding_brings_the_parameters(api: Api) -> None:
    by_parameter(api, name="limits")
    api.post(CONFIG_MAPS, config_map("limits", most="3"))
    api.post(DEPLOYMENTS, deployment("web", 3))
    api.refused(422, "POST", DEPLOYMENTS, deployment("other", 4))


def test_parameters_that_are_missing_deny_when_they_must(api: Api) -> None:
    by_parameter(api, name="limits")
    why = (
        "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    )
    assert why in api.refused(422, "POST", DEPLOYMENTS, deployment("web"))


def test_several_parameters_must_all_agree(api: Api) -> None:
    by_parameter(api, selector={"matchLabels": {"limits": "yes"}})
    api.post(CONFIG_MAPS, config_map("a", {"limits": "yes"}, most="3"))
    api.post(CONFIG_MAPS, config_map("b", {"limits": "yes"}, most="2"))
    api.refused(422, "POST", DEPLOYMENTS, deployment("web", 3))
    api.post(DEPLOYMENTS, deployment("web", 2))


# -- failures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failure_policy", "code"), [("Fail", 422), ("Ignore", 201)])
def test_the_failure_policy_decides_about_errors(api: Api, failure_policy: str, code: int) -> None:
    policy(api, {"expression": "object.spec.nothing == 1"}, failurePolicy=failure_policy)
    bind(api)
    answer = api.send("POST", DEPLOYMENTS, deployment("web"))
    assert code == answer.code
    if code == 422:
        why = "expression 'object.spec.nothing == 1' resulted in error: no such key: nothing"
        assert answer.body["message"].endswith(f"denied request: {why}")


def test_an_expression_that_costs_too_much_is_stopped(api: Api) -> None:
    numbers = f"[{','.join('0123456789')}]"
    nested = (
        f"{numbers}.all(a, {numbers}.all(b, {numbers}.all(c, {numbers}.all(d, {numbers}.all(e, a >= 0)))))"
    )
    policy(api, {"expression": nested})
    bind(api)
    message = api.refused(422, "POST", DEPLOYMENTS, deployment("web"))
    assert message.endswith("resulted in error: operation cancelled: actual cost limit exceeded")


def test_the_policies_themselves_are_out_of_reach(api: Api) -> None:
    everything = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}
    policy(api, {"expression": "false"}, rule=everything)
    bind(api)
    api.refused(422, "POST", CONFIG_MAPS, config_map("a"))
    api.delete(f"{BINDINGS}/everywhere")
    api.post(CONFIG_MAPS, config_map("a"))


# -- creation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"validations": [{"expression": "object.spec.replicas"}]},
            'spec.validations[0].expression: Invalid value: "object.spec.replicas": must evaluate to bool but got dyn',
        ),
        (
            {"validations": [{"expression": "objct.x"}]},
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'objct' (in container '')",
        ),
        ({"validations": [{"expression": "request.nam == ''"}]}, "undefined field 'nam'"),
        ({"validations": [{"expression": "1 + 'a' == 2"}]}, "overload for '_+_' applied to '(int, string)'"),
        ({"validations": [{"expression": "authorizer.path('/x').check('get').allowed()"}]}, "not evaluated here"),
        ({"validations": [{"expression": "url(object.x).getHost() == ''"}]}, "'url' is a part of Kubernetes that"),
        ({"validations": [{"expression": "params.x == 1"}]}, "undeclared reference to 'params'"),
        ({"validations": [{"expression": "variables.x == 1"}]}, "undeclared reference to 'variables'"),
        ({"validations": []}, "spec.validations: Required value: validations or auditAnnotations must contain"),
        ({"validations": [{"expression": " "}]}, "spec.validations[0].expression: Required value: expression is not"),
        ({"validations": [{**FEW, "messageExpression": "1"}]}, "must evaluate to string but got int"),
        ({"validations": [{**FEW, "message": "a\nb"}]}, "message must not contain line breaks"),
        ({"validations": [{**FEW, "reason": "Gone"}]}, 'spec.validations[0].reason: Unsupported value: "Gone"'),
        ({"variables": [{"name": "in", "expression": "1"}]}, "name is not a valid CEL identifier"),
        ({"variables": [{"name": "a", "expression": "variables.b"}]}, "undefined field 'b'"),
        ({"matchConstraints": {}}, "spec.matchConstraints.resourceRules: Required value"),
        ({"matchConstraints": None}, "spec.matchConstraints: Required value"),
        ({"matchConditions": [{"name": "a", "expression": "1"}]}, "must evaluate to bool but got int"),
        ({"paramKind": {"apiVersion": "a/b/c", "kind": "X"}}, "unexpected GroupVersion string: a/b/c"),
        ({"auditAnnotations": [{"key": "a", "valueExpression": "1"}]}, "must evaluate to one of [string null_type]"),
        ({"failurePolicy": "Maybe"}, 'spec.failurePolicy: Unsupported value: "Maybe"'),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_refused_when_it_is_created(api: Api, change: Any, message: str) -> None:
    body = {"metadata": {"name": "wrong"}, "spec": {**spec(FEW), **change}}
    assert message in api.refused(422, "POST", POLICIES, body)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policyName": ""}, "spec.policyName: Required value"),
        ({"validationActions": []}, "spec.validationActions: Required value: at least one validation action"),
        ({"validationActions": ["Deny", "Warn"]}, "must not contain both Deny and Warn"),
        ({"validationActions": ["Deny", "Deny"]}, 'spec.validationActions[1]: Duplicate value: "Deny"'),
        ({"paramRef": {"parameterNotFoundAction": "Deny"}}, "spec.paramRef: Required value: one of name or selector"),
        ({"paramRef": {"name": "a"}}, "spec.paramRef.parameterNotFoundAction: Required value"),
    ],
)  # fmt: skip
def test_a_wrong_binding_is_refused(api: Api, change: Any, message: str) -> None:
    wanted = {"policyName": "few", "validationActions": ["Deny"], **change}
    assert message in api.refused(422, "POST", BINDINGS, {"metadata": {"name": "wrong"}, "spec": wanted})


# -- conditions of webhooks ---------------------------------------------------------------------------


def hooked(condition: str, **more: Any) -> tuple[Api, Hooks]:
    hooks = Hooks()
    hooks.checks["https://check.example.com/"] = refuse("asked")
    api = Api(webhooks=hooks)
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    conditions = [{"name": "one", "expression": condition}]
    register(api, hook(rules=[POD_RULE], matchConditions=conditions, **more))
    return api, hooks


def test_a_webhook_is_asked_only_where_its_conditions_hold() -> None:
    api, hooks = hooked("object.metadata.name.startsWith('web')")
    api.post(PODS, pod("other"))
    assert [] == hooks.asked
    api.refused(403, "POST", PODS, pod("web-1"))


@pytest.mark.parametrize(("failure_policy", "code"), [("Fail", 403), ("Ignore", 201)])
def test_a_condition_that_cannot_be_told_falls_to_the_failure_policy(failure_policy: str, code: int) -> None:
    api, hooks = hooked("object.spec.nothing == 1", failurePolicy=failure_policy)
    answer = api.send("POST", PODS, pod("web"))
    assert code == answer.code
    assert [] == hooks.asked
    if code == 403:
        assert "resulted in error: no such key: nothing" in answer.body["message"]


def test_a_wrong_condition_is_refused(api: Api) -> None:
    wrong = hook(matchConditions=[{"name": "one", "expression": "object.x"}])
    body = {"metadata": {"name": "hooks"}, "webhooks": [wrong]}
    message = api.refused(422, "POST", VALIDATING, body)
    assert "webhooks[0].matchConditions[0].expression: Invalid value" in message
    assert "must evaluate to bool but got dyn" in message
