"""Second stage: may they? Node authorizer, bootstrap roles, RBAC objects; whoever allows first decides.

A kubelet writes its own Node, its own Lease, the Pods that are bound to it, and Events; it reads what its Pods
need. Upstream: ``plugin/pkg/auth/authorizer/node/node_authorizer.go`` with the NodeRestriction admission
(``plugin/pkg/admission/noderestriction``), ``plugin/pkg/auth/authorizer/rbac/rbac.go``.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.api.errors import Forbidden, forbidden
from k8scourse.apiserver import rbac
from k8scourse.apiserver.authentication import UserInfo
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.roles import GROUP_ROLES, READ, ROLES, USER_ROLES, Rule
from k8scourse.apiserver.routes import Route


class Attributes(NamedTuple):
    """What is to be decided about a request."""

    user: UserInfo
    verb: str
    route: Route

    @property
    def question(self) -> Question:
        """The same without the rest of the request."""
        route, kind = self.route, self.route.kind
        if kind is None:
            return Question(self.verb, None, "", path=route.path)
        return Question(self.verb, kind.group, route.resource, route.namespace, route.name)


class Decision(NamedTuple):
    """Whether it is allowed, and by what; the reason may be empty."""

    allowed: bool
    reason: str = ""


class Authorizer:
    """Decides by roles and, for kubelets, by what belongs to their node."""

    def __init__(self, reader: rbac.Reader) -> None:
        self._reader = reader
        self._node = NodeAuthorizer(reader)
        self._decided: dict[tuple[UserInfo, str, str, str], bool] = {}

    def authorize(self, attributes: Attributes) -> None:
        """Raises `Forbidden`, with the sentence of upstream."""
        if not self.decide(attributes.user, attributes.question).allowed:
            raise refusal(attributes)

    def decide(self, user: UserInfo, question: Question) -> Decision:
        """The answer and its reason. What is in the bootstrap roles needs no look into the store."""
        if self._node.allows(user, question) or self._by_bootstrap_role(user, question):
            return Decision(True)
        for grant in rbac.grants(self._reader, user, question.namespace):
            if any(rbac.allows(rule, question) for rule in grant.rules):
                return Decision(True, grant.reason)
        return Decision(False)

    def _by_bootstrap_role(self, user: UserInfo, question: Question) -> bool:
        where, what = question.group, question.path if question.group is None else question.resource
        key = (user, question.verb, "/" if where is None else where, what)
        decided = self._decided.get(key)
        if decided is None:
            if len(self._decided) > 10_000:
                self._decided.clear()
            decided = self._decided[key] = any(
                allows(rule, question.verb, where, what) for rule in rules_of(user)
            )
        return decided


def rules_of(user: UserInfo) -> list[Rule]:
    """All bootstrap rules that apply to a user, in the order of their roles."""
    roles = list(USER_ROLES.get(user.name, ()))
    for group in user.groups:
        roles += GROUP_ROLES.get(group, ())
    return [rule for role in roles for rule in ROLES[role]]


def allows(rule: Rule, verb: str, group: str | None, what: str) -> bool:
    """Whether a bootstrap rule allows a verb on a resource of a group, or on a path when `group` is None."""
    return rbac.allows(as_policy_rule(rule), Question(verb, group, what, path=what))


def as_policy_rule(rule: Rule) -> rbac.Rule:
    """A bootstrap rule as the PolicyRule of the wire."""
    return {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "nonResourceURLs": rule.paths,
    }


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

    def __init__(self, reader: rbac.Reader) -> None:
        self._reader = reader

    def allows(self, user: UserInfo, question: Question) -> bool:
        """Whether this is a kubelet within its rights; other users are none of its business."""
        if question.group is None or "system:nodes" not in user.groups:
            return False
        node, verb, resource = user.name.removeprefix("system:node:"), question.verb, question.plural
        if verb in READ and resource in _NODE_READS and question.subresource in ("", "status"):
            return True
        if resource == "events":
            return verb in ("create", "patch", "update")
        if resource == "nodes":
            return verb in _OWN_NODE and (question.name == node or (verb == "create" and not question.name))
        if resource == "leases":
            return question.namespace == _NODE_LEASES and verb in _OWN_NODE and question.name in ("", node)
        if resource == "pods":
            return self._allows_pod(node, question)
        return resource == "serviceaccounts" and question.subresource == "token" and verb == "create"

    def _allows_pod(self, node: str, question: Question) -> bool:
        verb, subresource = question.verb, question.subresource
        # A mirror Pod does not exist yet; NodeRestriction (admission) looks at what it says.
        if verb == "create" and not question.name:
            return True
        if verb == "create" and subresource == "eviction":
            return self._is_mine(node, question)
        on_status = subresource == "status" and verb in ("update", "patch")
        if not on_status and not (verb == "delete" and not subresource):
            return False
        return self._is_mine(node, question)

    def _is_mine(self, node: str, question: Question) -> bool:
        pod = self._reader.get("pods", question.namespace, question.name)
        # A Pod that is gone already is nobody's: let the next stage say NotFound.
        return pod is None or pod.get("spec", {}).get("nodeName") == node
