"""Defaults of webhook configurations and of admission policies.

Upstream: ``pkg/apis/admissionregistration/v1/defaults.go``.
"""

from __future__ import annotations

from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.values import FrozenDict

_EMPTY = FrozenDict()
PORT = 443
TIMEOUT_SECONDS = 10


def validating_webhooks(obj: Object) -> Object:
    """A ValidatingWebhookConfiguration."""
    return each(obj, "webhooks", _webhook)


def mutating_webhooks(obj: Object) -> Object:
    """A MutatingWebhookConfiguration: nobody is called a second time who did not ask for it."""
    return each(obj, "webhooks", lambda hook: fill(_webhook(hook), reinvocationPolicy="Never"))


def _webhook(hook: Object) -> Object:
    hook = fill(
        hook,
        failurePolicy="Fail",
        matchPolicy="Equivalent",
        namespaceSelector=_EMPTY,
        objectSelector=_EMPTY,
        timeoutSeconds=TIMEOUT_SECONDS,
    )
    hook = each(hook, "rules", _rule)
    return change(
        hook,
        "clientConfig",
        lambda config: change(config, "service", lambda service: fill(service, port=PORT)),
    )


def _rule(rule: Object) -> Object:
    return fill(rule, scope="*")


def policy(obj: Object) -> Object:
    """A ValidatingAdmissionPolicy."""
    return change(
        obj,
        "spec",
        lambda spec: change(fill(spec, failurePolicy="Fail"), "matchConstraints", _match_resources),
    )


def policy_binding(obj: Object) -> Object:
    """A ValidatingAdmissionPolicyBinding."""
    return change(obj, "spec", lambda spec: change(spec, "matchResources", _match_resources))


def _match_resources(match: Object) -> Object:
    match = fill(match, matchPolicy="Equivalent", namespaceSelector=_EMPTY, objectSelector=_EMPTY)
    return each(each(match, "resourceRules", _rule), "excludeResourceRules", _rule)
