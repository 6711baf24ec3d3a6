"""CustomResourceDefinitions at work: which custom kinds are served, and how a definition becomes one of them.

Two small controllers live in the API server here as they do upstream: one accepts the names of a definition and
calls it established; the other, in cleanup.py, removes the objects of a definition that goes.

Upstream: ``apiextensions-apiserver/pkg/controller/{status,establish}``,
``pkg/apiserver/customresource_handler.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8scourse.api import custom_kinds, kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.cleanup import Cleaner
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.apiserver.watchcache import Change, WatchCache
from k8scourse.etcd import EtcdError
from k8scourse.sim import MILLISECOND, Process

ESTABLISH_NS = 10 * MILLISECOND
_PLURAL = "customresourcedefinitions"


class Definitions:
    """The custom kinds of one API server.

    `caches` are those of the built-in kinds, by plural; `delete(kind, object)` deletes as anybody would.
    """

    def __init__(
        self,
        process: Process,
        storage: Storage,
        caches: Mapping[str, WatchCache],
        delete: Callable[[Kind, Object], None],
    ) -> None:
        self._process, self._storage, self._built_in = process, storage, caches
        self._kinds: dict[tuple[str, str, str], CustomKind] = {}
        self._caches: dict[str, WatchCache] = {}
        self._following = False
        self._cleaner = Cleaner(process, storage, caches[_PLURAL].kind, delete)

    @property
    def kinds(self) -> list[CustomKind]:
        """All custom kinds that are served, by group, version and plural."""
        return [self._kinds[key] for key in sorted(self._kinds)]

    @property
    def caches(self) -> list[WatchCache]:
        """The watch caches of custom kinds."""
        return list(self._caches.values())

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """A custom kind by its names."""
        return self._kinds.get((group, version, plural))

    def serves(self, group: str, version: str = "") -> bool:
        """Whether a group, or a version of it, has custom kinds."""
        return any(key[0] == group and version in ("", key[1]) for key in self._kinds)

    def cache(self, kind: Kind) -> WatchCache:
        """The watch cache of any kind; that of a custom one is made when it is first asked for."""
        if not isinstance(kind, CustomKind):
            return self._built_in[kind.plural]
        key = f"{kind.resource_name}/{kind.version}"
        if key not in self._caches:
            self._caches[key] = WatchCache(self._process, self._storage, kind)
        return self._caches[key]

    # -- following the definitions -----------------------------------------------------------------

    def follow(self) -> None:
        """Serve what is defined, and follow what changes. Raises `EtcdError` while etcd is away."""
        if self._following:
            return
        cache = self._built_in[_PLURAL]
        cache.listen(self._changed, self._lost)
        self._kinds.clear()  # what ended while etcd was away is not served any more
        for definition in self._storage.list(cache.kind).items:
            self._look(definition)
        self._following = True

    def _lost(self) -> None:
        self._following = False

    def _changed(self, change: Change) -> None:
        if change.old is not None:
            self._forget(change.old)
        if change.new is not None:
            self._look(change.new)
        elif change.old is not None:
            self._process.after(0, self._close, change.old)

    def _forget(self, definition: Object) -> None:
        for kind in custom_kinds.kinds_of(definition):
            self._kinds.pop((kind.group, kind.version, kind.plural), None)

    def _look(self, definition: Object) -> None:
        self._cleaner.consider(definition)
        if not custom_kinds.is_established(definition):
            self._process.after(ESTABLISH_NS, self._establish, definition["metadata"]["name"])
            return
        for kind in custom_kinds.kinds_of(definition):
            self._kinds[kind.group, kind.version, kind.plural] = kind

    def _establish(self, name: str) -> None:
        """Accept the names, unless another definition of the group has one of them."""
        try:
            kind = self._built_in[_PLURAL].kind
            definition = self._storage.get(kind, "", name)
            if definition is None or custom_kinds.is_established(definition):
                return
            conflict = self._conflict(definition)
            new = _accepted(definition, conflict, format_time(self._process.now))
            if new != definition:
                self._storage.replace(kind, new, definition)
        except EtcdError:
            self._process.after(ESTABLISH_NS, self._establish, name)

    def _conflict(self, definition: Object) -> str:
        names, group = definition["spec"]["names"], definition["spec"]["group"]
        wanted = {names["plural"], names.get("singular", ""), *(names.get("shortNames") or ())}
        for kind in self.kinds:
            if kind.group == group and kind.plural != names["plural"]:
                taken = {kind.plural, kind.singular, *kind.short_names}
                for name in sorted(wanted & taken):
                    return f'"{name}" is already in use'
                if kind.kind == names["kind"]:
                    return f'"{kind.kind}" is already in use'
        return ""

    def _close(self, definition: Object) -> None:
        """End the watches on the objects of a definition that is gone."""
        for kind in custom_kinds.kinds_of(definition):
            cache = self._caches.pop(f"{kind.resource_name}/{kind.version}", None)
            if cache is not None:
                cache.close()


def _accepted(definition: Object, conflict: str, now: str) -> Object:
    """The definition with its conditions: NamesAccepted, and Established when it may be served."""
    if conflict:
        rows = [
            _row("NamesAccepted", "False", "NameConflict", conflict, now),
            _row("Established", "False", "NotAccepted", "not all names are accepted", now),
        ]
        accepted = get_in(definition, "status.acceptedNames")
    else:
        rows = [
            _row("NamesAccepted", "True", "NoConflicts", "no conflicts found", now),
            _row("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now),
        ]
        accepted = definition["spec"]["names"]
    old = {row["type"]: row for row in get_in(definition, "status.conditions") or ()}
    kept = [old[row["type"]] if _same(row, old.get(row["type"])) else row for row in rows]
    status = {**(definition.get("status") or {}), "conditions": kept, "acceptedNames": accepted}
    new: Object = evolve(definition, "status", status)
    return new


def _row(kind: str, status: str, reason: str, message: str, now: str) -> Object:
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def _same(row: Object, old: Object | None) -> bool:
    return old is not None and all(row[field] == old.get(field) for field in ("status", "reason", "message"))


def definition_kind() -> Kind:
    """The kind CustomResourceDefinition itself."""
    return kinds.resource(_PLURAL)
