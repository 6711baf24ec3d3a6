"""Second stage: may they? First the Node authorizer, then the table of roles; whoever allows first decides.

A kubelet writes its own Node, its own Lease, the Pods that are bound to it, and Events; it reads what its Pods
need. Upstream: ``plugin/pkg/auth/authorizer/node/node_authorizer.go`` with the NodeRestriction admission
(``plugin/pkg/admission/noderestriction``), ``plugin/pkg/auth/authorizer/rbac/rbac.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from k8scourse.api.errors import Forbidden, forbidden
from k8scourse.apiserver.authentication import UserInfo
from k8scourse.apiserver.roles import GROUP_ROLES, READ, ROLES, USER_ROLES, Rule
from k8scourse.apiserver.routes import Route

GetObject = Callable[[str, str, str], Any]
"""`get("pods", namespace, name)`: the stored object, or None."""


class Attributes(NamedTuple):
    """What is to be decided."""

    user: UserInfo
    verb: str
    route: Route


class Authorizer:
    """Decides by roles and, for kubelets, by what belongs to their node."""

    def __init__(self, get_object: GetObject) -> None:
        self._node = NodeAuthorizer(get_object)
        self._decided: dict[tuple[UserInfo, str, str, str], bool] = {}

    def authorize(self, attributes: Attributes) -> None:
        """Raises `Forbidden`, with the sentence of upstream."""
        if not self._node.allows(attributes) and not self._by_role(attributes):
            raise refusal(attributes)

    def _by_role(self, attributes: Attributes) -> bool:
        user, verb, route = attributes
        where = route.kind.group if route.kind else None
        what = route.resource if route.kind else route.path
        question = (user, verb, "/" if where is None else where, what)
        decided = self._decided.get(question)
        if decided is None:
            if len(self._decided) > 10_000:
                self._decided.clear()
            decided = self._decided[question] = any(
                allows(rule, verb, where, what) for rule in rules_of(user)
            )
        return decided


def rules_of(user: UserInfo) -> list[Rule]:
    """All rules that apply to a user, in the order of their roles."""
    roles = list(USER_ROLES.get(user.name, ()))
    for group in user.groups:
        roles += GROUP_ROLES.get(group, ())
    return [rule for role in roles for rule in ROLES[role]]


def allows(rule: Rule, verb: str, group: str | None, what: str) -> bool:
    """Whether a rule allows a verb on a resource of a group, or on a path when `group` is None."""
    if verb not in rule.verbs and "*" not in rule.verbs:
        return False
    if group is None:
        return any(_path_fits(path, what) for path in rule.paths)
    return _fits(group, rule.groups) and _fits(what, rule.resources)


def _fits(item: str, allowed: tuple[str, ...]) -> bool:
    return item in allowed or "*" in allowed


def _path_fits(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def refusal(attributes: Attributes) -> Forbidden:
    """The 403 of upstream (``apiserver/pkg/endpoints/handlers/responsewriters/errors.go``)."""
    user, verb, route = attributes
    kind = route.kind
    if kind is None:
        return Forbidden(f'forbidden: User "{user.name}" cannot {verb} path "{route.path}"', details={})
    scope = f'in the namespace "{route.namespace}"' if route.namespace else "at the cluster scope"
    action = f'cannot {verb} resource "{route.resource}" in API group "{kind.group}" {scope}'
    return forbidden(kind.group, kind.plural, route.name, f'User "{user.name}" {action}')


_NODE_READS = (
    "configmaps",
    "endpointslices",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "secrets",
    "services",
    "serviceaccounts",
    "runtimeclasses",
    "csidrivers",
)
_OWN_NODE = ("create", "get", "update", "patch", "delete")
_NODE_LEASES = "kube-node-lease"


class NodeAuthorizer:
    """A kubelet may touch what belongs to its own node, and nothing of another's."""

    def __init__(self, get_object: GetObject) -> None:
        self._get_object = get_object

    def allows(self, attributes: Attributes) -> bool:
        """Whether this is a kubelet within its rights; other users are none of its business."""
        user, verb, route = attributes
        if route.kind is None or "system:nodes" not in user.groups:
            return False
        node = user.name.removeprefix("system:node:")
        resource = route.kind.plural
        if verb in READ and resource in _NODE_READS and route.subresource in ("", "status"):
            return True
        if resource == "events":
            return verb in ("create", "patch", "update")
        if resource == "nodes":
            return verb in _OWN_NODE and (route.name == node or (verb == "create" and not route.name))
        if resource == "leases":
            return route.namespace == _NODE_LEASES and verb in _OWN_NODE and route.name in ("", node)
        if resource == "pods":
            return self._allows_pod(node, verb, route)
        return resource == "serviceaccounts" and route.subresource == "token" and verb == "create"

    def _allows_pod(self, node: str, verb: str, route: Route) -> bool:
        # A mirror Pod does not exist yet; NodeRestriction (admission) looks at what it says.
        if verb == "create" and not route.name:
            return True
        if verb == "create" and route.subresource == "eviction":
            return self._is_mine(node, route)
        on_status = route.subresource == "status" and verb in ("update", "patch")
        if not on_status and not (verb == "delete" and not route.subresource):
            return False
        return self._is_mine(node, route)

    def _is_mine(self, node: str, route: Route) -> bool:
        pod = self._get_object("pods", route.namespace, route.name)
        # A Pod that is gone already is nobody's: let the next stage say NotFound.
        return pod is None or pod.get("spec", {}).get("nodeName") == node
