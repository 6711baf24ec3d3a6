"""Second stage: may they? Superusers, the Node authorizer, RBAC objects; whoever allows first decides.

Nobody can say "no" here, only "yes" or nothing; what nobody allows is forbidden, and the sentence of the refusal
ends with what the Node authorizer and RBAC found to say about it.

Upstream: ``pkg/kubeapiserver/authorizer/config.go``, ``apiserver/pkg/authorization/union/union.go``,
``apiserver/pkg/authorization/authorizerfactory`` (system:masters is above all roles).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from k8scourse.api.errors import Forbidden, forbidden
from k8scourse.apiserver import rbac
from k8scourse.apiserver.node_authorizer import NodeAuthorizer
from k8scourse.apiserver.rbac import Question, Rights
from k8scourse.apiserver.users import MASTERS, NODES, UserInfo

_MEMORY = 20_000


class Decision(NamedTuple):
    """Whether it is allowed, and by what; the reason may be empty.

    `key` and `details` are the same for learners: a key of the words [reasons.authorize] and its values.
    """

    allowed: bool
    reason: str = ""
    key: str = "denied"
    details: Mapping[str, Any] = {}


_MASTERS = Decision(True, "", "masters")
_DENIED = Decision(False)


class Authorizer:
    """Decides by the superusers' group, by what belongs to a kubelet's node, and by roles."""

    def __init__(self, rights: Rights, nodes: NodeAuthorizer) -> None:
        self.rights = rights
        self._nodes = nodes
        self._decided: dict[tuple[UserInfo, str, str | None, str, str, str], Decision] = {}
        rights.on_change = self._decided.clear

    def decide(self, user: UserInfo, question: Question) -> Decision:
        """The answer and its reason."""
        if MASTERS in user.groups:
            return _MASTERS
        if NODES not in user.groups:
            return self._by_rbac(user, question)
        allowed, why = self._nodes.decide(user, question)
        if allowed:
            return Decision(True, "", "node", {"node": user.name})
        decision = self._by_rbac(user, question)
        if decision.allowed or not why:
            return decision
        said = "\n".join(text for text in (why, decision.reason) if text)
        return Decision(False, said, "node_denied", {"why": why})

    def _by_rbac(self, user: UserInfo, question: Question) -> Decision:
        verb, group, resource, namespace, _, path, _ = question
        key = user, verb, group, resource, namespace, path
        self.rights.follow()  # what was decided before etcd was lost may not be remembered
        decided = self._decided.get(key)
        if decided is not None:
            return decided
        errors: dict[str, None] = {}
        for grant in self.rights.grants(user, namespace if group is not None else ""):
            for rule in grant.rules:
                if rbac.allows(rule, question):
                    return self._granted(key, grant, rule)
            if grant.error:
                errors[grant.error] = None
        if not errors:
            return _DENIED
        said = next(iter(errors)) if len(errors) == 1 else f"[{', '.join(errors)}]"
        return Decision(False, f"RBAC: {said}", "denied_broken", {"why": said})

    def _granted(
        self, key: tuple[UserInfo, str, str | None, str, str, str], grant: rbac.Grant, rule: rbac.Rule
    ) -> Decision:
        details = {"binding": grant.binding, "role": grant.role, "subject": grant.subject}
        decision = Decision(True, grant.reason, "rbac", details)
        if not rule.get("resourceNames"):  # what holds for every name need not be worked out again
            if len(self._decided) > _MEMORY:
                self._decided.clear()
            self._decided[key] = decision
        return decision


def refusal(user: UserInfo, question: Question, reason: str = "") -> Forbidden:
    """The 403 of upstream (``apiserver/pkg/endpoints/handlers/responsewriters/errors.go``)."""
    verb, group, resource, namespace, name = question[:5]
    more = f": {reason}" if reason else ""
    if group is None:
        message = f'forbidden: User "{user.name}" cannot {verb} path "{question.path}"{more}'
        return Forbidden(message, details={})
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    action = f'User "{user.name}" cannot {verb} resource "{resource}" in API group "{group}" {scope}{more}'
    return forbidden(group, question.plural, name, action)
