"""The flow schemas and priority levels that every cluster begins with.

Upstream: ``apiserver/pkg/apis/flowcontrol/bootstrap/default.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api.validating.flowcontrol import FIXED_LEVELS, FIXED_SCHEMAS

Object = dict[str, Any]
AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec"
_NAMES, _SYSTEM = ("*",), "kube-system"
#: Name: shares, percent that may be lent, queues, size of a hand. All queues hold 50 requests.
_LEVELS = {
    "system": (30, 33, 64, 6),
    "node-high": (40, 25, 64, 6),
    "leader-election": (10, 0, 16, 4),
    "workload-high": (40, 50, 128, 6),
    "workload-low": (100, 90, 128, 6),
    "global-default": (20, 50, 128, 6),
}
_LENGTH = 50
_LEADING = ("get", "create", "update")


def priority_levels() -> Iterator[Object]:
    """The eight levels, `exempt` and `catch-all` first: those two nobody may change."""
    for name, spec in FIXED_LEVELS.items():
        yield {"metadata": _metadata(name), "spec": spec}
    for name, (shares, lendable, queues, hand) in _LEVELS.items():
        queuing = {"queues": queues, "handSize": hand, "queueLengthLimit": _LENGTH}
        limited = {
            "nominalConcurrencyShares": shares,
            "lendablePercent": lendable,
            "limitResponse": {"type": "Queue", "queuing": queuing},
        }
        yield {"metadata": _metadata(name), "spec": {"type": "Limited", "limited": limited}}


def flow_schemas() -> Iterator[Object]:
    """The fourteen schemas; of those that fit a request, the one with the lowest precedence counts."""
    for name, spec in FIXED_SCHEMAS.items():
        yield _schema(name, spec)
    for name, level, precedence, method, rule in _schemas():
        by = {"distinguisherMethod": {"type": method}} if method else {}
        reference = {"name": level}
        spec = {
            "priorityLevelConfiguration": reference,
            "matchingPrecedence": precedence,
            **by,
            "rules": [rule],
        }
        yield _schema(name, spec)


def _schema(name: str, spec: Object) -> Object:
    """A schema as it is once the server has seen that its level exists."""
    level = spec["priorityLevelConfiguration"]["name"]
    found = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}" and it exists'
    row = {"type": "Dangling", "status": "False", "reason": "Found", "message": found}
    return {"metadata": _metadata(name), "spec": spec, "status": {"conditions": [row]}}


def _schemas() -> Iterator[tuple[str, str, int, str, Object]]:
    everybody = _groups("system:unauthenticated", "system:authenticated")
    nodes, accounts = _groups("system:nodes"), _accounts("*")
    leases = _resources(_LEADING, "coordination.k8s.io", "leases")
    probes = {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}
    yield "probes", "exempt", 2, "", {"subjects": everybody, "nonResourceRules": [probes]}
    leaders = [*_users("system:kube-controller-manager", "system:kube-scheduler"), *accounts]
    yield "system-leader-election", "leader-election", 100, "ByUser", _rule(leaders, leases)
    keepers = _accounts("endpoint-controller", "endpointslicemirroring-controller")
    keepers = [*_users("system:kube-controller-manager"), *keepers]
    endpoints = _resources(_LEADING, "", "endpoints")
    yield "endpoint-controller", "workload-high", 150, "ByUser", _rule(keepers, endpoints)
    old = _resources(_LEADING, "", "endpoints", "configmaps")
    yield "workload-leader-election", "leader-election", 200, "ByUser", _rule(accounts, old, leases)
    own = {**_resources(_NAMES, "", "nodes", "nodes/status"), "clusterScope": True}
    heartbeats = _resources(_NAMES, "coordination.k8s.io", "leases")
    yield "system-node-high", "node-high", 400, "ByUser", _rule(nodes, own, heartbeats)
    yield "system-nodes", "system", 500, "ByUser", _all(nodes)
    for component in ("kube-controller-manager", "kube-scheduler"):
        yield component, "workload-high", 800, "ByNamespace", _all(_users(f"system:{component}"))
    yield "kube-system-service-accounts", "workload-high", 900, "ByNamespace", _all(accounts)
    yield "service-accounts", "workload-low", 9000, "ByUser", _all(_groups("system:serviceaccounts"))
    yield "global-default", "global-default", 9900, "ByUser", _all(everybody)


def _metadata(name: str) -> Object:
    return {"name": name, "annotations": {AUTO_UPDATE: "true"}}


def _groups(*names: str) -> list[Object]:
    return [{"kind": "Group", "group": {"name": name}} for name in names]


def _users(*names: str) -> list[Object]:
    return [{"kind": "User", "user": {"name": name}} for name in names]


def _accounts(*names: str) -> list[Object]:
    return [
        {"kind": "ServiceAccount", "serviceAccount": {"name": name, "namespace": _SYSTEM}} for name in names
    ]


def _resources(verbs: tuple[str, ...], group: str, *resources: str) -> Object:
    return {"verbs": list(verbs), "apiGroups": [group], "resources": list(resources), "namespaces": ["*"]}


def _rule(subjects: list[Object], *rules: Object) -> Object:
    return {"subjects": subjects, "resourceRules": list(rules)}


def _all(subjects: list[Object]) -> Object:
    everything = FIXED_SCHEMAS["catch-all"]["rules"][0]
    return {**everything, "subjects": subjects}
