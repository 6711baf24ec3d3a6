"""The list `metadata.managedFields`: reading it, writing it, and keeping it short.

Inside, a manager is known by its `Manager` key: name, operation, version and subresource. Two entries with the same
key are one manager; for an applier the version does not count, so that it stays itself when it moves to another.

Upstream: ``apimachinery/pkg/util/managedfields/internal/managedfields.go``, ``capmanagers.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from k8scourse.api.values import FrozenDict, FrozenList, freeze
from k8scourse.apiserver.apply.fieldset import FieldSet, is_valid, union

APPLY, UPDATE = "Apply", "Update"
MAXIMUM_UPDATERS = 10
OLD_UPDATES = "ancient-changes"


class Manager(NamedTuple):
    """Who: the key of an entry. The fields are in upstream's order of sorting conflicts."""

    name: str
    operation: str
    api_version: str
    subresource: str


@dataclass(frozen=True, slots=True)
class Owned:
    """What a manager owns: the fields, the version they are named in, and when they were written ("" unknown).

    `entry` is the entry as it is stored, as long as nothing about it has changed.
    """

    fields: FieldSet
    api_version: str
    time: str = ""
    entry: Mapping[str, Any] | None = None

    def but(self, fields: FieldSet) -> Owned:
        """The same with other fields; itself when they are the same."""
        if fields is self.fields:
            return self
        return replace(self, fields=fields, entry=None)

    def at(self, time: str) -> Owned:
        """The same at another time."""
        return self if time == self.time else replace(self, time=time, entry=None)


Managed = dict[Manager, Owned]


def manager(name: str, operation: str, api_version: str, subresource: str) -> Manager:
    """The key for an operation."""
    return Manager(name or "unknown", operation, "" if operation == APPLY else api_version, subresource)


def decode(entries: Any) -> Managed:
    """The managers of a `managedFields` list. Raises `ValueError` when it makes no sense."""
    managed: Managed = {}
    for index, entry in enumerate(entries or ()):
        if not isinstance(entry, dict) or entry.get("operation") not in (APPLY, UPDATE):
            raise ValueError("operation must be `Apply` or `Update`")
        if not entry.get("apiVersion"):
            raise ValueError("apiVersion must not be empty")
        if entry.get("fieldsType") != "FieldsV1":
            raise ValueError(f"invalid fieldsType in managed fields entry {index}")
        fields = entry.get("fieldsV1") or {}
        if type(fields) is not FrozenDict and not is_valid(fields):
            raise ValueError(f"invalid fieldsV1 in managed fields entry {index}")
        version = entry["apiVersion"]
        key = manager(entry.get("manager", ""), entry["operation"], version, entry.get("subresource", ""))
        # Of two entries with one key the later one counts.
        managed[key] = Owned(fields, version, entry.get("time") or "", entry)
    return managed


def encode(managed: Managed) -> FrozenList:
    """The managers as the list in which upstream keeps them: appliers first, then by time and name."""
    return encode_all(managed.items())


def encode_all(managed: Iterable[tuple[Manager, Owned]]) -> FrozenList:
    """The same where one manager may have two entries."""
    entries = [
        freeze(owned.entry) if owned.entry else _entry(key, owned) for key, owned in managed if owned.fields
    ]
    return FrozenList(sorted(entries, key=_order) if len(entries) > 1 else entries)


def _entry(key: Manager, owned: Owned) -> Mapping[str, Any]:
    entry: dict[str, Any] = {"manager": key.name, "operation": key.operation, "apiVersion": owned.api_version}
    if owned.time:
        entry["time"] = owned.time
    entry["fieldsType"] = "FieldsV1"
    entry["fieldsV1"] = _frozen(owned.fields)
    if key.subresource:
        entry["subresource"] = key.subresource
    return FrozenDict(entry)


def _frozen(fields: FieldSet) -> FieldSet:
    if type(fields) is FrozenDict:
        return fields
    return FrozenDict({key: _frozen(below) for key, below in fields.items()})


def _order(entry: Mapping[str, Any]) -> tuple[str, ...]:
    get = entry.get
    return (
        get("operation", ""), get("time", ""), get("manager", ""), get("apiVersion", ""), get("subresource", "")
    )  # fmt: skip


def capped(managed: Managed) -> Managed:
    """At most ten updaters: the oldest are put together under one name, or an object's history would never end."""
    updaters = [key for key in managed if key.operation == UPDATE]
    if len(updaters) <= MAXIMUM_UPDATERS:
        return managed
    managed, count = {**managed}, len(updaters)
    firsts: dict[str, Manager] = {}
    for key in sorted(updaters, key=lambda key: (managed[key].time, key)):
        if count <= MAXIMUM_UPDATERS:
            break
        owned = managed[key]
        first = firsts.setdefault(owned.api_version, key)
        if first is key:
            continue
        bucket = manager(OLD_UPDATES, UPDATE, owned.api_version, "")
        if bucket not in managed:
            managed[bucket] = managed.pop(first)
        together = union(managed[bucket].fields, owned.fields)
        managed[bucket] = Owned(together, owned.api_version, owned.time)
        if key != bucket:
            del managed[key]
        count -= 1
    return managed
