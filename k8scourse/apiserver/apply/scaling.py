"""Who owns the number of replicas after a write to /scale.

A Scale has no fields of its own: its `spec.replicas` is the workload's. So who owns that field in the workload owns
it in the Scale, and what becomes of it there is carried back. As upstream, an entry made here has no time.

Upstream: ``apimachinery/pkg/util/managedfields/scalehandler.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.apply import fieldmanager
from k8scourse.apiserver.apply.entries import (
    UPDATE,
    Managed,
    Manager,
    Owned,
    decode,
    encode,
    encode_all,
    manager,
)
from k8scourse.apiserver.apply.fieldset import FieldSet, difference, has, of_path

Object = dict[str, Any]
_IN_SCALE = ("f:spec", "f:replicas")


def replicas_path(kind: Kind) -> tuple[str, ...]:
    """Where the objects of a kind have their number of replicas."""
    if isinstance(kind, CustomKind):
        return tuple(kind.scale["specReplicasPath"].lstrip(".").split("."))
    return ("spec", "replicas")


def scaled(kind: Kind, owner: Object, name: str) -> Object:
    """A workload whose replicas were changed through /scale by the manager `name`, with its new owners."""
    managed = _managers(owner)
    if not managed:
        return owner
    return _with_owners(owner, kind, managed, {manager(name, UPDATE, kind.api_version, "scale"): ""})


def touched(kind: Kind, owner: Object) -> Object:
    """A workload whose number was written through /scale and stayed the same.

    Upstream tells an updater by the version of its entry too, which is another on the way there and back. So it does
    not know the owner again: his field moves out of the entry that it was in, into one of its own without a time.
    """
    managed, fields = _managers(owner), of_path(*_path(kind))
    holders = [
        who for who, owned in managed.items() if who.operation == UPDATE and has(owned.fields, *_path(kind))
    ]
    if not holders:
        return owner
    moved = {who: Owned(fields, kind.api_version) for who in holders}
    rest = {
        who: owned.but(difference(owned.fields, fields)) if who in moved else owned
        for who, owned in managed.items()
    }
    entries = encode_all([*rest.items(), *moved.items()])
    return {**owner, "metadata": {**owner["metadata"], "managedFields": entries}}


def applied(
    kind: Kind, owner: Object, scale: Object, config: Any, name: str, force: bool, now: str
) -> tuple[Object, Object]:
    """The Scale that an apply to /scale makes, and the workload with its new owners (its replicas as they were).

    Raises what `fieldmanager.apply` raises.
    """
    managed, path = _managers(owner), _path(kind)
    version = kinds.SCALE.api_version
    entries = {
        _at_version(who, version): Owned(of_path(*_IN_SCALE), version, owned.time)
        for who, owned in managed.items()
        if has(owned.fields, *path)
    }
    live = {**scale, "metadata": {**scale["metadata"], "managedFields": encode(entries)}}
    new = fieldmanager.apply(kinds.SCALE, "scale", live, config, name, force, now)
    after = _managers(new)
    owners = {
        _at_version(who, kind.api_version): managed[_at_version(who, kind.api_version)].time
        if _at_version(who, kind.api_version) in managed
        else ""
        for who, owned in after.items()
        if has(owned.fields, *_IN_SCALE)
    }
    return new, _with_owners(owner, kind, managed, owners)


def _with_owners(owner: Object, kind: Kind, managed: Managed, owners: dict[Manager, str]) -> Object:
    """The workload with these and no other owners of its replicas; the values are the entries' times."""
    fields: FieldSet = of_path(*_path(kind))
    rest = {
        who: owned if who in owners else owned.but(difference(owned.fields, fields))
        for who, owned in managed.items()
    }
    rest = {who: owned for who, owned in rest.items() if owned.fields}
    for who, time in owners.items():
        rest.setdefault(who, Owned(fields, kind.api_version, time))
    return {**owner, "metadata": {**owner["metadata"], "managedFields": encode(rest)}}


def _managers(obj: Object) -> Managed:
    try:
        return decode(obj["metadata"].get("managedFields"))
    except ValueError:
        return {}


def _path(kind: Kind) -> tuple[str, ...]:
    return tuple(f"f:{part}" for part in replicas_path(kind))


def _at_version(who: Manager, api_version: str) -> Manager:
    return who._replace(api_version=api_version) if who.operation == UPDATE else who
