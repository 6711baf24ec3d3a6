"""The two kinds of webhook configurations: defaults, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.hooks import MUTATING, POD_RULE, VALIDATING, hook, register
from apiserver.support import Api


def test_a_configuration_gets_its_defaults(api: Api) -> None:
    made = register(api, hook(clientConfig={"service": {"name": "a", "namespace": "b"}}), path=MUTATING)
    found = made["webhooks"][0]
    assert ("Fail", "Equivalent", 10, "Never") == tuple(
        found[field] for field in ("failurePolicy", "matchPolicy", "timeoutSeconds", "reinvocationPolicy")
    )
    assert ({}, {}, "*", 443) == (
        found["namespaceSelector"],
        found["objectSelector"],
        found["rules"][0]["scope"],
        found["clientConfig"]["service"]["port"],
    )
    assert 1 == made["metadata"]["generation"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "short"}, "webhooks[0].name: Invalid value: \"short\": should be a domain with at least three"),
        ({"sideEffects": "Some"}, 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", '),
        ({"sideEffects": None}, "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun"),
        ({"timeoutSeconds": 31}, "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1"),
        ({"clientConfig": {}}, "webhooks[0].clientConfig: Required value: exactly one of url or service is required"),
        ({"clientConfig": {"url": "http://x"}}, "'https' is the only allowed URL scheme; desired format: https://host"),
        ({"clientConfig": {"url": "https://u@x?a#b"}}, "user information is not permitted in the URL"),
        ({"admissionReviewVersions": []}, "admissionReviewVersions: Required value: must specify one of v1, v1beta1"),
        ({"admissionReviewVersions": ["v2"]}, "must include at least one of v1, v1beta1"),
        ({"rules": [{**POD_RULE, "operations": ["GET"]}]}, 'rules[0].operations[0]: Unsupported value: "GET"'),
        ({"rules": [{**POD_RULE, "resources": ["*", "pods"]}]}, "if '*' is present, must not specify other resources"),
        ({"rules": [{**POD_RULE, "resources": ["pods/*", "pods/log"]}]}, "if 'pods/*' is present, must not specify"),
        ({"rules": [{**POD_RULE, "scope": "All"}]}, 'scope: Unsupported value: "All": supported values: "*"'),
        ({"failurePolicy": "Maybe"}, 'failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"'),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_refused(api: Api, change: Any, message: str) -> None:
    body = {"metadata": {"name": "hooks"}, "webhooks": [hook(**change)]}
    assert message in api.refused(422, "POST", VALIDATING, body)


def test_two_webhooks_of_one_name_are_refused(api: Api) -> None:
    body = {"metadata": {"name": "hooks"}, "webhooks": [hook(), hook()]}
    assert 'webhooks[1].name: Duplicate value: "check.example.com"' in api.refused(
        422, "POST", VALIDATING, body
    )
