"""The ClusterRoles for people that every cluster has: cluster-admin, admin, edit and view, as PolicyRules.

A role with more rights begins with its own rules and goes on with those of the lesser one, in the order in which
upstream aggregates them.
Upstream: ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`` (editRules, viewRules, adminRules).
"""

from __future__ import annotations

from typing import Any

PolicyRule = dict[str, Any]

_READ = ("get", "list", "watch")
_WRITE = ("create", "delete", "deletecollection", "patch", "update")
_BOTH = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_RBAC, _AUTHORIZATION = "rbac.authorization.k8s.io", "authorization.k8s.io"


def _rule(verbs: tuple[str, ...], group: str, *resources: str) -> PolicyRule:
    return {"verbs": list(verbs), "apiGroups": [group], "resources": sorted(resources)}


_INTO_PODS = ("pods/attach", "pods/exec", "pods/portforward", "pods/proxy")
_WORKLOADS = ("deployments", "deployments/scale", "replicasets", "replicasets/scale")
_EXTENSIONS = (
    *("daemonsets", "ingresses", "networkpolicies", "replicationcontrollers/scale"),
    *_WORKLOADS,
)

_EDIT = [
    _rule(_READ, "", *_INTO_PODS, "secrets", "services/proxy"),
    _rule(("impersonate",), "", "serviceaccounts"),
    _rule(_WRITE, "", "pods", *_INTO_PODS),
    _rule(("create",), "", "pods/eviction"),
    _rule(
        _WRITE,
        "",
        *("configmaps", "events", "persistentvolumeclaims", "replicationcontrollers"),
        *("replicationcontrollers/scale", "secrets", "serviceaccounts", "services", "services/proxy"),
    ),
    _rule(("create",), "", "serviceaccounts/token"),
    _rule(
        _WRITE,
        "apps",
        *_WORKLOADS,
        "daemonsets",
        "deployments/rollback",
        "statefulsets",
        "statefulsets/scale",
    ),
    _rule(_WRITE, "autoscaling", "horizontalpodautoscalers"),
    _rule(_WRITE, "batch", "cronjobs", "jobs"),
    _rule(_WRITE, "extensions", *_EXTENSIONS, "deployments/rollback"),
    _rule(_WRITE, "policy", "poddisruptionbudgets"),
    _rule(_WRITE, "networking.k8s.io", "ingresses", "networkpolicies"),
    _rule(_BOTH, "coordination.k8s.io", "leases"),
    _rule(_WRITE, "resource.k8s.io", "resourceclaims", "resourceclaimtemplates"),
    _rule(_WRITE, "events.k8s.io", "events"),
]

_VIEW = [
    _rule(
        _READ,
        "",
        *("configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods"),
        *("replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services"),
        "services/status",
    ),
    _rule(
        _READ,
        "",
        *("bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status"),
        *("replicationcontrollers/status", "resourcequotas", "resourcequotas/status"),
    ),
    _rule(_READ, "", "namespaces"),
    _rule(_READ, "discovery.k8s.io", "endpointslices"),
    _rule(
        _READ,
        "apps",
        *("controllerrevisions", "daemonsets", "daemonsets/status", "deployments/status"),
        *("replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status"),
        *_WORKLOADS,
    ),
    _rule(_READ, "autoscaling", "horizontalpodautoscalers", "horizontalpodautoscalers/status"),
    _rule(_READ, "batch", "cronjobs", "cronjobs/status", "jobs", "jobs/status"),
    _rule(
        _READ,
        "extensions",
        *("daemonsets/status", "deployments/status", "ingresses/status", "replicasets/status"),
        *_EXTENSIONS,
    ),
    _rule(_READ, "policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
    _rule(_READ, "networking.k8s.io", "ingresses", "ingresses/status", "networkpolicies"),
    _rule(_READ, "resource.k8s.io", "resourceclaims", "resourceclaims/status", "resourceclaimtemplates"),
    _rule(_READ, "events.k8s.io", "events"),
]

_ADMIN = [
    _rule(("create",), _AUTHORIZATION, "localsubjectaccessreviews"),
    _rule(_BOTH, _RBAC, "rolebindings", "roles"),
]

#: What a `roleRef` may name without anybody having made it.
CLUSTER_ROLES: dict[str, list[PolicyRule]] = {
    "cluster-admin": [_rule(("*",), "*", "*"), {"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "admin": [*_EDIT, *_VIEW, *_ADMIN],
    "edit": [*_EDIT, *_VIEW],
    "view": _VIEW,
}
