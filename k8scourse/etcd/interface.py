"""What one may ask etcd: the Protocol `Etcd` and the records that pass through it.

One member serves it today, several members behind Raft will serve the same. Names follow etcd's gRPC API
(``api/etcdserverpb/rpc.proto``, ``api/mvccpb/kv.proto``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol


class KeyValue(NamedTuple):
    """One key at one moment. A tombstone (the key was deleted) has version 0 and value None.

    `create_revision` and `mod_revision` are revisions of the whole store; `version` counts the writes
    since the key was created, from 1.
    """

    key: str
    value: Any
    create_revision: int
    mod_revision: int
    version: int
    lease: int = 0


class Event(NamedTuple):
    """One key changed at `key_value.mod_revision`; `previous` is what it was, None when it was not there."""

    type: Literal["PUT", "DELETE"]
    key_value: KeyValue
    previous: KeyValue | None


class Compare(NamedTuple):
    """A condition of a transaction, such as ``Compare("/a", "mod_revision", "=", 7)``.

    A key that is not there has create_revision, mod_revision, version and lease 0 and value None.
    """

    key: str
    target: Literal["create_revision", "mod_revision", "version", "lease", "value"]
    operator: Literal["=", "!=", "<", ">"]
    operand: Any


class Put(NamedTuple):
    """Write one key. `lease` 0 means: until somebody deletes it."""

    key: str
    value: Any
    lease: int = 0


class Delete(NamedTuple):
    """Delete one key, or all keys in [key, range_end)."""

    key: str
    range_end: str = ""


class Range(NamedTuple):
    """Read one key, or the keys in [key, range_end), at a revision (0: the newest), at most `limit`."""

    key: str
    range_end: str = ""
    revision: int = 0
    limit: int = 0


Operation = Put | Delete | Range


class RangeResult(NamedTuple):
    """What a range found. `revision` is that of the store now; `count` ignores the limit."""

    kvs: list[KeyValue]
    revision: int
    more: bool
    count: int  # type: ignore[assignment]  # etcd's name for it; nobody counts in the tuple


class TxnResult(NamedTuple):
    """How a transaction went.

    `responses` has one entry per executed operation: the written `KeyValue` for a Put, the number of
    deleted keys for a Delete, a `RangeResult` for a Range. `events` are the changes, empty when none.
    """

    succeeded: bool
    revision: int
    responses: list[KeyValue | int | RangeResult]
    events: list[Event]


class MemberStatus(NamedTuple):
    """What `etcdctl endpoint status` shows of a member. `keys` counts living keys."""

    member: str
    version: str
    leader: bool
    revision: int
    compact_revision: int
    keys: int
    leases: int


class WatchHandle(Protocol):
    """An open watch."""

    def cancel(self) -> None:
        """Stop the watch; nothing is delivered afterwards, `on_cancel` is not called."""


OnEvents = Callable[[int, Sequence[Event]], None]
OnCancel = Callable[[Exception], None]


class Etcd(Protocol):
    """The calls of etcd that Kubernetes uses.

    Calls are synchronous. Each may raise `Unavailable`; a range or watch at a revision may raise
    `Compacted` or `FutureRevision`.
    """

    def range(self, key: str, range_end: str = "", revision: int = 0, limit: int = 0) -> RangeResult:
        """Read a key or a range of keys."""

    def txn(
        self,
        compare: Sequence[Compare],
        success: Sequence[Operation],
        failure: Sequence[Operation] = (),
    ) -> TxnResult:
        """If all comparisons hold run `success`, else `failure`; all in one revision, or nothing."""

    def put(self, key: str, value: Any, lease: int = 0) -> KeyValue:
        """Write one key; a transaction of one Put."""

    def delete_range(self, key: str, range_end: str = "") -> int:
        """Delete keys and say how many there were."""

    def watch(
        self,
        key: str,
        range_end: str,
        start_revision: int,
        on_events: OnEvents,
        on_cancel: OnCancel,
    ) -> WatchHandle:
        """Call `on_events(revision, events)` for each commit in the range from `start_revision` on (0: from now).

        The past is delivered before the call returns. `on_cancel(error)` is called when etcd ends the watch.
        """

    def compact(self, revision: int) -> None:
        """Forget what was before `revision`."""

    def lease_grant(self, ttl_seconds: int, lease: int = 0) -> int:
        """Make a lease of that many seconds (at least 2) and answer its number."""

    def lease_revoke(self, lease: int) -> None:
        """End a lease now; its keys go with it."""

    def lease_keepalive(self, lease: int) -> int:
        """Begin the time of a lease anew; answers its seconds. Raises `LeaseNotFound`."""

    def status(self) -> MemberStatus:
        """A look at the member."""


def prefix_end(prefix: str) -> str:
    """The `range_end` that makes [prefix, range_end) all keys that begin with `prefix`.

    >>> prefix_end("/registry/pods/")
    '/registry/pods0'
    """
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "\0"
