"""How the objects of the API lie in etcd: one key each, without their resourceVersion.

The resourceVersion is the revision at which etcd stored the object, so it cannot be inside what is stored; it is
put in when the object comes out. That is done once per version: everybody who reads an object shares one value.

Upstream: ``staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import BadRequest
from k8scourse.api.kinds import Kind
from k8scourse.api.values import FrozenDict, freeze
from k8scourse.apiserver.encryption import Encryption, Unreadable
from k8scourse.apiserver.encryption import refusal as unreadable
from k8scourse.etcd import Compare, Delete, Etcd, KeyValue, LeaseNotFound, Put, prefix_end

Object = dict[str, Any]

# One lease serves many objects, or etcd would hold one for each Event (etcd3/lease_manager.go).
_LEASE_REUSE_NS = 60_000_000_000
_LEASE_OBJECTS = 1000


class Page(NamedTuple):
    """Part of a list: the objects, the revision it shows, how many follow, and the last key seen."""

    items: list[Object]
    revision: int
    remaining: int
    last_key: str


class Storage:
    """Reads and writes objects. `etcd` gives the member to ask now; any call may raise its `EtcdError`."""

    def __init__(
        self, etcd: Callable[[], Etcd], now: Callable[[], int], encryption: Encryption | None = None
    ) -> None:
        self.etcd = etcd
        self._now = now
        self._encryption = encryption
        self._decoded: dict[str, tuple[int, Object]] = {}
        self._lease = (0, 0, 0)

    # -- reading ---------------------------------------------------------------------------------

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The newest version of one object, None when there is none."""
        found = self.etcd().range(self.key(kind, namespace, name)).kvs
        try:
            return shown_as(kind, self.decode(found[0])) if found else None
        except Unreadable as error:
            raise unreadable(error) from None

    def _decoded_all(self, key_values: Sequence[KeyValue]) -> list[Object]:
        items: list[Object] = []
        try:
            items.extend(self.decode(key_value) for key_value in key_values)
        except Unreadable as error:
            raise unreadable(error, key_values[len(items)].key) from None
        return items

    def list(
        self, kind: Kind, namespace: str = "", revision: int = 0, limit: int = 0, after: str = ""
    ) -> Page:
        """The objects of a kind (of one namespace, or of all), by key; `after` is the last key of the page before."""
        prefix = self.prefix(kind, namespace)
        start = after + "\0" if after else prefix
        result = self.etcd().range(start, prefix_end(prefix), revision, limit)
        items = self._decoded_all(result.kvs)
        if isinstance(kind, CustomKind):
            items = [shown_as(kind, obj) for obj in items]
        last_key = result.kvs[-1].key if result.kvs else after
        return Page(items, revision or result.revision, result.count - len(items), last_key)

    def revision(self) -> int:
        """The newest revision of the whole store."""
        return self.etcd().range("/registry/").revision

    def decode(self, key_value: KeyValue) -> Object:
        """The object of a key as the API shows it: with its resourceVersion. Shared by all who ask.

        Raises `Unreadable` for what is encrypted under a key that this server has not.
        """
        known = self._decoded.get(key_value.key)
        if known is not None and known[0] == key_value.mod_revision:
            return known[1]
        value = key_value.value
        if isinstance(value, str):
            value = freeze((self._encryption or Encryption()).read(key_value.key, value))
        obj = with_version(value, key_value.mod_revision)
        if known is None or known[0] < key_value.mod_revision:
            self._decoded[key_value.key] = key_value.mod_revision, obj
        return obj

    def forget(self, key: str) -> None:
        """The key is gone; do not keep its last version."""
        self._decoded.pop(key, None)

    def is_stale(self, kind: Kind, obj: Object) -> bool:
        """Whether an object lies in etcd in a form in which it would not be stored today."""
        if self._encryption is None:
            return False
        found = self.etcd().range(self.key_of(kind, obj)).kvs
        return bool(found) and self._encryption.is_stale(kind, found[0].value)

    # -- writing ---------------------------------------------------------------------------------

    def create(self, kind: Kind, obj: Object, ttl_seconds: int = 0) -> Object | None:
        """Store a new object; None when the name is taken. `ttl_seconds` 0 keeps it until it is deleted."""
        return self._write(kind, obj, 0, ttl_seconds)

    def replace(self, kind: Kind, obj: Object, old: Object, ttl_seconds: int = 0) -> Object | None:
        """Store a new version in the place of exactly `old`; None when that is no longer the newest."""
        return self._write(kind, obj, revision_of(old), ttl_seconds)

    def delete(self, kind: Kind, old: Object) -> Object | None:
        """Delete exactly `old`; the answer is its last state with the deletion's revision."""
        key = self.key_of(kind, old)
        result = self.etcd().txn((Compare(key, "mod_revision", "=", revision_of(old)),), (Delete(key),))
        if not result.succeeded:
            return None
        self.forget(key)
        return with_version(old, result.revision)

    def _write(self, kind: Kind, obj: Object, expected: int, ttl_seconds: int) -> Object | None:
        key = self.key_of(kind, obj)
        value: Object | str = without_version(obj)
        if self._encryption is not None:
            value = self._encryption.write(kind, without_version(obj))
        lease = self._lease_of(ttl_seconds) if ttl_seconds else 0
        compare = (Compare(key, "mod_revision", "=", expected),)
        try:
            result = self.etcd().txn(compare, (Put(key, value, lease),))
        except LeaseNotFound:
            self._lease = (0, 0, 0)
            return self._write(kind, obj, expected, ttl_seconds)
        if not result.succeeded:
            return None
        written = result.responses[0]
        assert isinstance(written, KeyValue)
        return shown_as(kind, self.decode(written))

    def _lease_of(self, ttl_seconds: int) -> int:
        lease, until, objects = self._lease
        if lease == 0 or self._now() > until or objects >= _LEASE_OBJECTS:
            spare = min(_LEASE_REUSE_NS, ttl_seconds * 50_000_000)
            lease = self.etcd().lease_grant(ttl_seconds + spare // 1_000_000_000)
            until, objects = self._now() + spare, 0
        self._lease = (lease, until, objects + 1)
        return lease

    # -- keys ------------------------------------------------------------------------------------

    def key(self, kind: Kind, namespace: str, name: str) -> str:
        """The key of an object. Raises `BadRequest` for a name that cannot be part of a path."""
        for part in (namespace, name):
            if "/" in part or "%" in part or part in (".", ".."):
                raise BadRequest(f'Name parameter invalid: "{part}": {_why_not(part)}')
        return kind.storage_key(name, namespace)

    def key_of(self, kind: Kind, obj: Object) -> str:
        """The key of an object by its metadata."""
        metadata = obj["metadata"]
        return self.key(kind, metadata.get("namespace", ""), metadata["name"])

    def prefix(self, kind: Kind, namespace: str = "") -> str:
        """What the keys of a kind, or of its objects in one namespace, begin with."""
        if not namespace:
            return kind.storage_prefix + "/"
        return self.key(kind, namespace, "")


def _why_not(part: str) -> str:
    if part in (".", ".."):
        return f"may not be '{part}'"
    return "may not contain '/'" if "/" in part else "may not contain '%'"


def revision_of(obj: Object) -> int:
    """The revision at which a stored object was written."""
    return int(obj["metadata"]["resourceVersion"])


def shown_as(kind: Kind, obj: Object) -> Object:
    """The object in the version that is asked for: custom kinds have several, which differ in name only."""
    if not isinstance(kind, CustomKind) or obj["apiVersion"] == kind.api_version:
        return obj
    return FrozenDict({**obj, "apiVersion": kind.api_version})


def with_version(obj: Object, revision: int) -> Object:
    """The object with that resourceVersion, frozen; everything but two dicts is shared with `obj`."""
    metadata = FrozenDict({**obj["metadata"], "resourceVersion": str(revision)})
    return FrozenDict({**freeze(obj), "metadata": metadata})


def without_version(obj: Object) -> Object:
    """The object as it is stored: without its resourceVersion."""
    metadata = {key: item for key, item in obj["metadata"].items() if key != "resourceVersion"}
    return {**obj, "metadata": metadata}
