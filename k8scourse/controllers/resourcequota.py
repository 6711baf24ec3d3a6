"""The ResourceQuota controller: counts again what admission has counted up.

Admission raises a quota's `used` before an object is stored. Nobody lowers it there: this loop counts what is
really in the namespace, when something goes away, when the quota changes, and every five minutes.

Upstream: `pkg/controller/resourcequota/resource_quota_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from k8scourse.api import kinds, metadata, quotas
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, get_in
from k8scourse.sim import MINUTE

from .base import Controller

RESYNC_NS = 5 * MINUTE


class ResourceQuotaController(Controller):
    """Keeps `status.hard` and `status.used` of every quota."""

    NAME = "resourcequota-controller"
    KIND = "resourcequotas"

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A quota counts when its spec changes; other objects when they use less than before."""
        if resource == self.KIND:
            if get_in(old, "spec") != get_in(new, "spec"):
                super().on_updated(resource, old, new)
        elif self._shrank(kinds.resource(resource), old, new):
            super().on_updated(resource, old, new)

    def on_added(self, resource: str, obj: Object) -> None:
        """What is new has been counted by admission."""
        if resource == self.KIND:
            super().on_added(resource, obj)

    def _shrank(self, kind: Kind, old: Object, new: Object) -> bool:
        before, after = (quotas.usage(kind, obj, self.process.now) for obj in (old, new))
        return any(after.get(name, Fraction(0)) < amount for name, amount in before.items())

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """All quotas of the object's namespace."""
        if resource == self.KIND:
            return (metadata.key(obj),)
        found = self.lister(self.KIND).list(namespace=metadata.namespace(obj))
        return [metadata.key(quota) for quota in found]

    def reconcile(self, key: str) -> int | None:
        """Count, and write what differs."""
        namespace, name = metadata.split_key(key)
        quota = self.lister(self.KIND).get(key)
        if quota is None:
            return None
        quota = self.client.get(self.KIND, name, namespace)
        hard = dict(get_in(quota, "spec.hard") or {})
        status = {"hard": hard, "used": self._used(quota, hard)}
        if get_in(quota, "status") != status:
            self.client.update_status({**quota, "status": status})
        return RESYNC_NS

    def _used(self, quota: Object, hard: Object) -> dict[str, str]:
        used = dict.fromkeys(hard, Fraction(0))
        for kind in _kinds_of(hard):
            self.follow(kind.plural)
            for obj in self.client.list(kind.plural, metadata.namespace(quota)):
                if quotas.in_scope(quota, kind, obj):
                    for name, amount in quotas.usage(kind, obj, self.process.now).items():
                        if name in used:
                            used[name] += amount
        return quotas.texts(used)


def _kinds_of(hard: Iterable[str]) -> list[Kind]:
    names = list(hard)
    counted = (kind for kind in kinds.ALL if kind.namespaced and kind.stored)
    return [kind for kind in counted if any(quotas.counts(kind, name) for name in names)]
