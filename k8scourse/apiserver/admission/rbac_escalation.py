"""Nobody gives away rights that they do not have.

This is not a plug-in upstream, but the storage of Roles and bindings itself; it sits here because it stands in the
same place: after everything that changes the object, before validation.

Upstream: ``pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go``,
``pkg/registry/rbac/validation/rule.go`` (ConfirmNoEscalation).
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import forbidden, not_found
from k8scourse.apiserver import rbac
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin
from k8scourse.apiserver.rbac import Question

_ROLES, _BINDINGS = ("roles", "clusterroles"), ("rolebindings", "clusterrolebindings")


_ALL: list[rbac.Rule] = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
]
_OWNERSHIP = ("finalizers", "managedFields", "ownerReferences", "resourceVersion")


def _what_counts(obj: dict[str, Any]) -> dict[str, Any]:
    """An object without what the garbage collector writes (``pkg/registry/rbac/helpers.go``)."""
    metadata = {field: value for field, value in obj["metadata"].items() if field not in _OWNERSHIP}
    return {**obj, "metadata": metadata}


class RbacEscalation(Plugin):
    """Refuses roles and bindings whose writer lacks a right that they give."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The object as it is."""
        if request.kind.group == rbac.GROUP and request.object is not None and not self._is_above(request):
            self._check(request)
        return request.object

    def _is_above(self, request: AdmissionRequest) -> bool:
        return "system:masters" in request.user.groups

    def _check(self, request: AdmissionRequest) -> None:
        """Every write counts, even one that leaves the rules alone; only who owns an object may always change."""
        if request.old is not None and _what_counts(request.object) == _what_counts(request.old):
            return
        if self._may(request):
            return
        self._refuse(request, rbac.missing(self._owned(request), self._wanted(request)))
        if self._is_aggregated(request) and rbac.missing(self._owned(request), _ALL):
            why = "must have cluster-admin privileges to use an aggregationRule"
            raise forbidden(request.kind.group, request.kind.plural, request.name, why)

    def _refuse(self, request: AdmissionRequest, lacking: list[rbac.Rule]) -> None:
        if lacking:
            lines = "\n".join(sorted({rbac.compact(rule) for rule in lacking}))
            user = request.user
            who = f'user "{user.name}" (groups={rbac.quoted(user.groups)})'
            why = f"{who} is attempting to grant RBAC permissions not currently held:\n{lines}"
            raise forbidden(request.kind.group, request.kind.plural, request.name, why)

    def _is_aggregated(self, request: AdmissionRequest) -> bool:
        """Whether the rules come from whatever carries a label: then nobody can say what is given away."""
        return any((one or {}).get("aggregationRule") for one in (request.object, request.old))

    def _wanted(self, request: AdmissionRequest) -> list[rbac.Rule]:
        if request.kind.plural in _ROLES:
            return list(request.object.get("rules") or ())
        return self._bound(request, request.object.get("roleRef") or {})

    def _bound(self, request: AdmissionRequest, role: dict[str, Any]) -> list[rbac.Rule]:
        if role.get("kind") not in ("Role", "ClusterRole") or not role.get("name"):
            return []
        rules = self.reader.rights.rules_of(role, request.namespace)
        if rules is None:
            raise not_found(rbac.GROUP, f"{role['kind'].lower()}s", role["name"])
        return list(rules)

    def _may(self, request: AdmissionRequest) -> bool:
        """Whether the writer has the right to give rights they lack: `escalate`, or `bind` of that role."""
        plural, name, namespace = request.kind.plural, request.name, request.namespace
        question = Question("escalate", rbac.GROUP, plural, namespace, name)
        if plural in _BINDINGS:
            role = request.object.get("roleRef") or {}
            roles = f"{role.get('kind', '').lower()}s"
            question = Question("bind", rbac.GROUP, roles, namespace, role.get("name", ""))
        return any(rbac.allows(rule, question) for rule in self._owned(request))

    def _owned(self, request: AdmissionRequest) -> list[rbac.Rule]:
        grants = self.reader.rights.grants(request.user, request.namespace)
        return [rule for grant in grants for rule in grant.rules]
