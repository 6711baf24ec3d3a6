"""ResourceQuota: a namespace may hold so much and no more.

The quota's status is the counter: it is raised here, at once, before the object is stored, so that two writers
cannot both take what is left. It is lowered later, by the controller that counts again.

Upstream: ``staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from k8scourse.api import quotas
from k8scourse.api.errors import Forbidden, forbidden
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin


class ResourceQuota(Plugin):
    """Refuses what a quota has no room for, and counts what it has."""

    def validate(self, request: AdmissionRequest) -> None:
        """Runs last of all: whatever passes here is stored, or the controller corrects the count."""
        if not _is_counted(request):
            return
        found = self.reader.list("resourcequotas", request.namespace)
        interested = [quota for quota in found if self._concerns(quota, request)]
        delta = self._delta(request) if interested else {}
        if not delta:
            return
        raised = [(quota, _raised(quota, delta, request)) for quota in interested]
        for quota, used in raised:
            if used and not request.dry_run:
                self.reader.put_status("resourcequotas", evolve(quota, "status.used", used))

    def _concerns(self, quota: Object, request: AdmissionRequest) -> bool:
        hard = get_in(quota, "status.hard") or {}
        limited = [name for name in hard if quotas.counts(request.kind, name)]
        if not limited or not quotas.in_scope(quota, request.kind, request.object):
            return False
        name = quota["metadata"]["name"]
        if request.kind.kind == "Pod":
            missing = quotas.unnamed(limited, request.object)
            if missing:
                raise _refusal(request, f"failed quota: {name}: must specify {missing}")
        used = get_in(quota, "status.used") or {}
        if any(each not in used for each in limited):
            unknown = ",".join(sorted(limited))
            raise _refusal(request, f"status unknown for quota: {name}, resources: {unknown}")
        return True

    def _delta(self, request: AdmissionRequest) -> quotas.Usage:
        used = quotas.usage(request.kind, request.object, self.reader.now)
        before = {} if request.old is None else quotas.usage(request.kind, request.old, self.reader.now)
        names = sorted({**used, **before})
        zero = Fraction(0)
        changes = {name: used.get(name, zero) - before.get(name, zero) for name in names}
        return {name: change for name, change in changes.items() if change}


def _is_counted(request: AdmissionRequest) -> bool:
    """New objects of namespaces count; of the changes only those of what can grow."""
    if request.subresource or not request.kind.namespaced or request.object is None:
        return False
    return request.verb == "create" or request.kind.kind in ("Service", "PersistentVolumeClaim")


def _raised(quota: Object, delta: quotas.Usage, request: AdmissionRequest) -> dict[str, str]:
    """The quota's new `used`. Raises `Forbidden` when that is more than it has."""
    hard, used = quotas.parsed(get_in(quota, "status.hard")), quotas.parsed(get_in(quota, "status.used"))
    asked = {name: amount for name, amount in delta.items() if name in hard}
    total = {name: used.get(name, Fraction(0)) + amount for name, amount in asked.items()}
    exceeded = [name for name, amount in sorted(total.items()) if amount > hard[name] and asked[name] > 0]
    if exceeded:
        shown = (
            f"requested: {_shown(asked, exceeded)}, "
            f"used: {_shown(used, exceeded)}, limited: {_shown(hard, exceeded)}"
        )
        raise _refusal(request, f"exceeded quota: {quota['metadata']['name']}, {shown}")
    return quotas.texts({**used, **total}) if asked else {}


def _shown(amounts: Mapping[str, Fraction], names: Iterable[str]) -> str:
    return ",".join(f"{name}={quotas.text(name, amounts.get(name, Fraction(0)))}" for name in names)


def _refusal(request: AdmissionRequest, why: str) -> Forbidden:
    return forbidden(request.kind.group, request.kind.plural, request.name, why)
