"""The end of a CustomResourceDefinition: first its objects, then itself.

    DELETE of the definition   marked, with the finalizer customresourcecleanup and the condition Terminating
    here                       every object of the kind is deleted; finalizers of theirs are respected
    nothing is left            the finalizer goes, and with it the definition

Upstream: ``apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go``,
``pkg/registry/customresourcedefinition/etcd.go`` (Delete).
"""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api import custom_kinds
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.etcd import EtcdError
from k8scourse.sim import MILLISECOND, SECOND, Process

FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
BEGIN_NS = 10 * MILLISECOND
AGAIN_NS = 5 * SECOND

_MARKED = (
    "True",
    "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
)
_BEGUN = ("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")
_DONE = ("False", "InstanceDeletionCompleted", "removed all instances")


def marked(definition: Object, now_ns: int) -> Object:
    """A definition that somebody wants gone."""
    metadata = definition["metadata"]
    finalizers = list(dict.fromkeys([*(metadata.get("finalizers") or ()), FINALIZER]))
    metadata = {**metadata, "deletionTimestamp": format_time(now_ns), "finalizers": finalizers}
    return _with_condition({**definition, "metadata": metadata}, _MARKED, now_ns)


def _with_condition(definition: Object, what: tuple[str, str, str], now_ns: int) -> Object:
    status, reason, message = what
    rows = list(get_in(definition, "status.conditions") or ())
    place = next((i for i, row in enumerate(rows) if row["type"] == "Terminating"), len(rows))
    old = rows[place] if place < len(rows) else None
    since = old["lastTransitionTime"] if old and old["status"] == status else format_time(now_ns)
    row = {"type": "Terminating", "status": status, "lastTransitionTime": since}
    rows[place : place + 1] = [{**row, "reason": reason, "message": message}]
    new: Object = evolve(definition, "status.conditions", rows)
    return new


class Cleaner:
    """Empties the kinds of definitions that are going. `delete(kind, object)` is a deletion as anybody's."""

    def __init__(
        self, process: Process, storage: Storage, kind: Kind, delete: Callable[[Kind, Object], None]
    ) -> None:
        self._process, self._storage, self._kind, self._delete = process, storage, kind, delete
        self._at_work: dict[str, None] = {}

    def consider(self, definition: Object) -> None:
        """A definition is there, or has changed."""
        name = definition["metadata"]["name"]
        if name not in self._at_work and _is_going(definition):
            self._at_work[name] = None
            self._process.after(BEGIN_NS, self._clean, name)

    def _clean(self, name: str) -> None:
        try:
            done = self._cleaned(name)
        except EtcdError:
            done = False
        if done:
            self._at_work.pop(name, None)
        else:
            self._process.after(AGAIN_NS, self._clean, name)

    def _cleaned(self, name: str) -> bool:
        """One pass; True when there is nothing more to do."""
        definition = self._storage.get(self._kind, "", name)
        if definition is None or not _is_going(definition):
            return True
        if custom_kinds.is_established(definition):
            begun = self._stored(definition, _with_condition(definition, _BEGUN, self._process.now))
            if begun is None or self._left(begun):
                return False
            definition = begun
        metadata = definition["metadata"]
        finalizers = [each for each in metadata["finalizers"] if each != FINALIZER]
        if not finalizers:
            return self._storage.delete(self._kind, definition) is not None
        last = _with_condition(definition, _DONE, self._process.now)
        last = {**last, "metadata": {**metadata, "finalizers": finalizers}}
        return self._storage.replace(self._kind, last, definition) is not None

    def _stored(self, old: Object, new: Object) -> Object | None:
        return old if new == old else self._storage.replace(self._kind, new, old)

    def _left(self, definition: Object) -> bool:
        """Delete what is there; whether something stays, because others hold it."""
        kind = next(custom_kinds.kinds_of(definition), None)
        if kind is None:
            return False
        for obj in self._storage.list(kind).items:
            self._delete(kind, obj)
        return bool(self._storage.list(kind, limit=1).items)


def _is_going(definition: Object) -> bool:
    metadata = definition["metadata"]
    return "deletionTimestamp" in metadata and FINALIZER in (metadata.get("finalizers") or ())
