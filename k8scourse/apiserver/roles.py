"""Who may do what from the first moment on: the bootstrap roles, as data.

A rule allows its verbs on its resources ("pods", "pods/status", "*") of its groups. Upstream gives each
controller a role of its own; ours shares one identity, and so has their rights together.
Upstream: ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`` and ``controller_policy.go``.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """What may be done. `paths` are for requests that are not about a resource; "/api/*" allows what is below."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


READ = ("get", "list", "watch")
WRITE = ("create", "update", "patch", "delete")
ALL = ("*",)
_CORE, _APPS, _DISCOVERY, _COORDINATION = ("",), ("apps",), ("discovery.k8s.io",), ("coordination.k8s.io",)
_EVENTS = Rule(("create", "patch", "update"), ("", "events.k8s.io"), ("events",))
_LEADER_ELECTION = Rule((*READ, *WRITE), _COORDINATION, ("leases",))

ROLES: dict[str, tuple[Rule, ...]] = {
    "cluster-admin": (Rule(ALL, ALL, ALL), Rule(ALL, paths=ALL)),
    "system:public-info-viewer": (
        Rule(("get",), paths=("/healthz", "/livez", "/readyz", "/version", "/version/")),
    ),
    "system:discovery": (
        Rule(
            ("get",),
            paths=(
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/",
            ),
        ),
    ),
    "system:basic-user": (
        Rule(("create",), ("authorization.k8s.io",), ("selfsubjectaccessreviews", "selfsubjectrulesreviews")),
        Rule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
    ),
    "system:kube-scheduler": (
        _EVENTS,
        _LEADER_ELECTION,
        Rule(
            READ,
            _CORE,
            (
                "nodes",
                "namespaces",
                "pods",
                "services",
                "replicationcontrollers",
                "persistentvolumeclaims",
                "persistentvolumes",
            ),
        ),
        Rule(READ, _APPS, ("replicasets", "statefulsets")),
        Rule(READ, ("policy", "storage.k8s.io", "resource.k8s.io"), ALL),
        Rule(("delete",), _CORE, ("pods",)),
        Rule(("create",), _CORE, ("bindings", "pods/binding")),
        Rule(("patch", "update"), _CORE, ("pods/status",)),
    ),
    "system:kube-controller-manager": (
        _EVENTS,
        _LEADER_ELECTION,
        Rule((*READ, "delete", "deletecollection"), ALL, ALL),
        Rule((*WRITE,), _CORE, ("configmaps", "endpoints", "pods", "secrets", "serviceaccounts")),
        Rule(("update", "patch"), ALL, ALL),
        Rule(("create",), (*_APPS, "batch"), ("controllerrevisions", "jobs", "replicasets")),
        Rule(
            ("create",),
            _CORE,
            ("persistentvolumeclaims", "persistentvolumes", "pods/eviction", "serviceaccounts/token"),
        ),
        Rule(("create",), _DISCOVERY, ("endpointslices",)),
    ),
    "system:node-proxier": (
        _EVENTS,
        Rule(("list", "watch"), _CORE, ("services", "endpoints")),
        Rule(READ, _CORE, ("nodes",)),
        Rule(("list", "watch"), _DISCOVERY, ("endpointslices",)),
        Rule(("list", "watch"), ("networking.k8s.io",), ("servicecidrs",)),
    ),
    "system:coredns": (
        Rule(("list", "watch"), _CORE, ("endpoints", "services", "pods", "namespaces")),
        Rule(("list", "watch"), _DISCOVERY, ("endpointslices",)),
    ),
}

#: Roles by the users and groups that have them.
USER_ROLES: dict[str, tuple[str, ...]] = {
    "system:kube-scheduler": ("system:kube-scheduler",),
    "system:kube-controller-manager": ("system:kube-controller-manager",),
    "system:kube-proxy": ("system:node-proxier",),
    "system:serviceaccount:kube-system:kube-proxy": ("system:node-proxier",),
    "system:serviceaccount:kube-system:coredns": ("system:coredns",),
}
GROUP_ROLES: dict[str, tuple[str, ...]] = {
    "system:masters": ("cluster-admin",),
    "system:authenticated": ("system:basic-user", "system:discovery", "system:public-info-viewer"),
    "system:unauthenticated": ("system:public-info-viewer",),
}
