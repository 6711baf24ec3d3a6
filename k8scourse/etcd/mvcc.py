"""The store: sorted keys, each with its history.

A worked example. The store begins at revision 1; each transaction that changes something takes the next.

    put /a 1          revision 2   /a: [2: value 1, version 1]
    put /a 2          revision 3   /a: [2: value 1, version 1] [3: value 2, version 2]
    delete /a         revision 4   /a: … [4: tombstone]
    put /a 9          revision 5   /a: … [4: tombstone] [5: value 9, version 1, created at 5]
    range /a at 3     -> value 2
    compact 4         /a: [5: value 9]; a range at 3 now raises Compacted, one at 4 finds nothing

`_live` has the newest version of every living key, sorted; `_dead` the keys that are deleted but still have
a past; `_log` every change in order, which is what a watch from an old revision reads, and which tells a
compaction where there is something to drop (so its cost is the number of changes, not of keys).

Upstream: etcd ``server/storage/mvcc/key_index.go``, ``kvstore.go``, ``kvstore_txn.go``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import merge
from operator import attrgetter
from typing import Any

from sortedcontainers import SortedDict, SortedList

from k8scourse.api.values import freeze
from k8scourse.etcd.errors import Compacted, FutureRevision, InvalidRequest
from k8scourse.etcd.interface import (
    Compare,
    Delete,
    Event,
    KeyValue,
    Operation,
    Put,
    Range,
    RangeResult,
    TxnResult,
)
from k8scourse.etcd.leases import LeaseTable

_mod_revision = attrgetter("mod_revision")
# etcd refuses transactions with more operations (server/embed/config.go, DefaultMaxTxnOps).
MAXIMUM_OPERATIONS = 128


def _event_revision(event: Event) -> int:
    return event.key_value.mod_revision


class MvccStore:
    """A durable multi-version store. No clock, no watcher, no process: those are the member's."""

    def __init__(self) -> None:
        self.revision = 1
        self.compact_revision = 0
        self.leases = LeaseTable()
        self._live: SortedDict[str, KeyValue] = SortedDict()
        self._dead: SortedList[str] = SortedList()
        self._past: dict[str, list[KeyValue]] = {}
        self._log: list[Event] = []

    def __len__(self) -> int:
        """The number of living keys."""
        return len(self._live)

    # -- reading ---------------------------------------------------------------------------------

    def range(self, key: str, range_end: str = "", revision: int = 0, limit: int = 0) -> RangeResult:
        """Read one key, or [key, range_end), at `revision` (0: the newest), in order of the keys.

        `range_end` "\\0" means: to the end. Raises `Compacted`, `FutureRevision`.
        """
        if revision > self.revision:
            raise FutureRevision(self.revision)
        if 0 < revision < self.compact_revision:
            raise Compacted(self.compact_revision)
        if revision <= 0 or revision == self.revision:
            return self._range_now(key, range_end, limit)
        found = [
            old for name in self._keys_ever(key, range_end) if (old := self._at(name, revision)) is not None
        ]
        return self._limited(found, len(found), limit)

    def _range_now(self, key: str, range_end: str, limit: int) -> RangeResult:
        if not range_end:
            one = self._live.get(key)
            return RangeResult([one] if one else [], self.revision, False, 1 if one else 0)
        live = self._live
        start = live.bisect_left(key)
        stop = len(live) if range_end == "\0" else live.bisect_left(range_end)
        if stop <= start:
            return RangeResult([], self.revision, False, 0)
        last = min(stop, start + limit) if limit else stop
        names = live.keys()[start:last]
        return RangeResult([live[name] for name in names], self.revision, last < stop, stop - start)

    def _limited(self, found: list[KeyValue], count: int, limit: int) -> RangeResult:
        page = found[:limit] if limit else found
        return RangeResult(page, self.revision, len(page) < count, count)

    def _keys_ever(self, key: str, range_end: str) -> Iterator[str]:
        if not range_end:
            return iter((key,))
        stop = None if range_end == "\0" else range_end
        bounds = {"minimum": key, "maximum": stop, "inclusive": (True, False)}
        return merge(self._live.irange(**bounds), self._dead.irange(**bounds))

    def _at(self, key: str, revision: int) -> KeyValue | None:
        past = self._past.get(key, [])
        position = bisect_right(past, revision, key=_mod_revision)
        found = past[position - 1] if position else None
        return found if found is not None and found.version else None

    def events_since(self, start_revision: int) -> list[Event]:
        """All changes from `start_revision` on, in order. Raises `Compacted`."""
        if start_revision < self.compact_revision:
            raise Compacted(self.compact_revision)
        return self._log[bisect_left(self._log, start_revision, key=_event_revision) :]

    # -- writing ---------------------------------------------------------------------------------

    def txn(
        self,
        compare: Sequence[Compare],
        success: Sequence[Operation],
        failure: Sequence[Operation] = (),
    ) -> TxnResult:
        """Compare, then run one of the two lists in one revision. A refused transaction changes nothing."""
        _check_operations(success)
        _check_operations(failure)
        succeeded = all(self._holds(condition) for condition in compare)
        operations = success if succeeded else failure
        for operation in operations:
            self._check_executable(operation)
        events: list[Event] = []
        responses = [self._execute(operation, self.revision + 1, events) for operation in operations]
        if events:
            self.revision += 1
            self._log.extend(events)
        return TxnResult(succeeded, self.revision, responses, events)

    def compact(self, revision: int) -> None:
        """Forget what was before `revision`. Raises `Compacted` (done already) or `FutureRevision`."""
        if revision > self.revision:
            raise FutureRevision(self.revision)
        if revision <= self.compact_revision:
            raise Compacted(self.compact_revision)
        self.compact_revision = revision
        # Changes at `revision` itself stay readable for a watch that starts exactly there.
        changed = dict.fromkeys(
            event.key_value.key for event in self._log if _event_revision(event) <= revision
        )
        self._log = self.events_since(revision)
        for key in changed:
            self._compact_key(key, revision)

    def _compact_key(self, key: str, revision: int) -> None:
        past = self._past.get(key, [])
        position = bisect_right(past, revision, key=_mod_revision)
        if position and past[position - 1].version:
            position -= 1
        kept = past[position:]
        if kept:
            self._past[key] = kept
        elif past:
            del self._past[key]
            self._dead.discard(key)

    def _holds(self, condition: Compare) -> bool:
        current = self._live.get(condition.key)
        absent: Any = None if condition.target == "value" else 0
        actual = getattr(current, condition.target) if current else absent
        if condition.operator == "=":
            return bool(actual == condition.operand)
        if condition.operator == "!=":
            return bool(actual != condition.operand)
        return bool(actual < condition.operand if condition.operator == "<" else actual > condition.operand)

    def _check_executable(self, operation: Operation) -> None:
        if isinstance(operation, Put) and operation.lease:
            self.leases.get(operation.lease)
        if isinstance(operation, Range) and operation.revision:
            self.range(operation.key, "", operation.revision)

    def _execute(
        self, operation: Operation, revision: int, events: list[Event]
    ) -> KeyValue | int | RangeResult:
        if isinstance(operation, Put):
            return self._put(operation, revision, events)
        if isinstance(operation, Delete):
            return self._delete(operation, revision, events)
        return self.range(*operation)

    def _put(self, put: Put, revision: int, events: list[Event]) -> KeyValue:
        key, value, lease = put
        previous = self._live.get(key)
        if previous is None:
            written = KeyValue(key, freeze(value), revision, revision, 1, lease)
            self._dead.discard(key)
        else:
            created, version = previous.create_revision, previous.version + 1
            written = KeyValue(key, freeze(value), created, revision, version, lease)
            if previous.lease:
                self.leases.detach(previous.lease, key)
        if lease:
            self.leases.attach(lease, key)
        self._live[key] = written
        self._remember(written)
        events.append(Event("PUT", written, previous))
        return written

    def _delete(self, delete: Delete, revision: int, events: list[Event]) -> int:
        doomed = self._range_now(delete.key, delete.range_end, 0).kvs
        for previous in doomed:
            key = previous.key
            del self._live[key]
            self._dead.add(key)
            if previous.lease:
                self.leases.detach(previous.lease, key)
            tombstone = KeyValue(key, None, 0, revision, 0)
            self._remember(tombstone)
            events.append(Event("DELETE", tombstone, previous))
        return len(doomed)

    def delete_keys(self, keys: Sequence[str]) -> list[Event]:
        """Delete these keys in one revision, however many: what the end of a lease does."""
        events: list[Event] = []
        for key in keys:
            self._delete(Delete(key), self.revision + 1, events)
        if events:
            self.revision += 1
            self._log.extend(events)
        return events

    def _remember(self, key_value: KeyValue) -> None:
        past = self._past.get(key_value.key)
        if past is None:
            self._past[key_value.key] = [key_value]
        else:
            past.append(key_value)


def _check_operations(operations: Sequence[Operation]) -> None:
    """etcd allows each key to be changed once in a transaction (server/etcdserver/api/v3rpc/key.go)."""
    if len(operations) < 2:
        return
    if len(operations) > MAXIMUM_OPERATIONS:
        raise InvalidRequest("etcdserver: too many operations in txn request")
    puts = [operation.key for operation in operations if isinstance(operation, Put)]
    deletes = [operation for operation in operations if isinstance(operation, Delete)]
    if len(dict.fromkeys(puts)) < len(puts) or any(
        _covers(delete, key) for delete in deletes for key in puts
    ):
        raise InvalidRequest("etcdserver: duplicate key given in txn request")


def _covers(delete: Delete, key: str) -> bool:
    return in_range(key, delete.key, delete.range_end)


def in_range(key: str, start: str, range_end: str) -> bool:
    """Whether `key` lies in [start, range_end), where "" means just `start` and "\\0" means to the end."""
    if not range_end:
        return key == start
    return key >= start and (range_end == "\0" or key < range_end)
