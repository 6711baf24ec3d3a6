"""Defaults of the kinds that say how others may talk, who may do what, and who comes first.

Upstream: ``pkg/apis/networking/v1/defaults.go``, ``pkg/apis/rbac/v1/defaults.go``,
``pkg/apis/scheduling/v1/defaults.go``, ``pkg/apis/core/v1/defaults.go`` (Endpoints).
"""

from __future__ import annotations

from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.values import FrozenDict, FrozenList

_EMPTY = FrozenDict()
_RBAC = "rbac.authorization.k8s.io"


def endpoints(obj: Object) -> Object:
    """An Endpoints object."""
    return each(obj, "subsets", lambda subset: each(subset, "ports", _protocol))


def _protocol(port: Object) -> Object:
    return fill(port, protocol="TCP")


def ingress_class(obj: Object) -> Object:
    """An IngressClass: its parameters belong to the cluster."""
    return change(
        obj,
        "spec",
        lambda spec: change(spec, "parameters", lambda parameters: fill(parameters, scope="Cluster")),
    )


def network_policy(obj: Object) -> Object:
    """A NetworkPolicy; it isolates in the directions it has rules for, and always for what comes in."""
    return change(obj, "spec", _network_policy_spec)


def _network_policy_spec(spec: Object) -> Object:
    types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    spec = fill(spec, policyTypes=FrozenList(types))
    spec = each(spec, "ingress", lambda rule: each(rule, "ports", _protocol))
    return each(spec, "egress", lambda rule: each(rule, "ports", _protocol))


def binding(obj: Object) -> Object:
    """A RoleBinding or ClusterRoleBinding: the groups of role and subjects."""
    obj = change(
        obj,
        "roleRef",
        lambda reference: reference if reference.get("apiGroup") else {**reference, "apiGroup": _RBAC},
    )
    return each(obj, "subjects", _subject)


def _subject(subject: Object) -> Object:
    return fill(subject, apiGroup=_RBAC) if subject.get("kind") in ("User", "Group") else subject


def priority_class(obj: Object) -> Object:
    """A PriorityClass."""
    return fill(obj, preemptionPolicy="PreemptLowerPriority")
