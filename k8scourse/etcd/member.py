"""The process around the store: it answers while it lives, times the leases, and tells watchers of commits.

A crash loses nothing, because everything that counts is in the `MvccStore` on the machine's disk. The next
member over the same store goes on where this one ended; every lease gets its full time again, as a newly
elected leader gives it (etcd ``server/lease/lessor.go``, Promote).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k8scourse.etcd.errors import FutureRevision, Unavailable
from k8scourse.etcd.interface import (
    Compare,
    Delete,
    KeyValue,
    MemberStatus,
    OnCancel,
    OnEvents,
    Operation,
    Put,
    RangeResult,
    TxnResult,
    WatchHandle,
)
from k8scourse.etcd.leases import Lease
from k8scourse.etcd.mvcc import MvccStore
from k8scourse.etcd.watch import Watcher, WatchHub
from k8scourse.sim import SECOND, Process

VERSION = "3.6.8"


class EtcdMember:
    """One member of etcd, implementing `Etcd`. Alone, it is its own majority and its own leader."""

    def __init__(self, process: Process, store: MvccStore) -> None:
        self.process = process
        self.store = store
        self._hub = WatchHub()
        self._deadlines: dict[int, int] = {}
        process.on_exit(self._exit)
        for lease in store.leases.all():
            self._begin(lease)

    # -- reading ---------------------------------------------------------------------------------

    def range(self, key: str, range_end: str = "", revision: int = 0, limit: int = 0) -> RangeResult:
        """Read a key or a range; see `Etcd.range`."""
        self._check_alive()
        return self.store.range(key, range_end, revision, limit)

    def status(self) -> MemberStatus:
        """A look at this member."""
        self._check_alive()
        store = self.store
        sizes = store.revision, store.compact_revision, len(store), len(store.leases)
        return MemberStatus(self.process.id, VERSION, True, *sizes)

    # -- writing ---------------------------------------------------------------------------------

    def txn(
        self,
        compare: Sequence[Compare],
        success: Sequence[Operation],
        failure: Sequence[Operation] = (),
    ) -> TxnResult:
        """Compare, then write all or nothing; watchers hear of it before the call returns."""
        self._check_alive()
        result = self.store.txn(compare, success, failure)
        if result.events:
            self._hub.publish(result.revision, result.events)
        return result

    def put(self, key: str, value: Any, lease: int = 0) -> KeyValue:
        """Write one key."""
        written = self.txn((), (Put(key, value, lease),)).responses[0]
        assert isinstance(written, KeyValue)
        return written

    def delete_range(self, key: str, range_end: str = "") -> int:
        """Delete a key or a range; answers how many keys there were."""
        deleted = self.txn((), (Delete(key, range_end),)).responses[0]
        assert isinstance(deleted, int)
        return deleted

    def compact(self, revision: int) -> None:
        """Forget what was before `revision`; see `MvccStore.compact`."""
        self._check_alive()
        self.store.compact(revision)

    # -- watching --------------------------------------------------------------------------------

    def watch(
        self,
        key: str,
        range_end: str,
        start_revision: int,
        on_events: OnEvents,
        on_cancel: OnCancel,
    ) -> WatchHandle:
        """Open a watch; see `Etcd.watch`. Raises `Compacted` when the start is forgotten already."""
        self._check_alive()
        start = start_revision or self.store.revision + 1
        if start > self.store.revision + 1:
            raise FutureRevision(self.store.revision)
        history = self.store.events_since(start) if start <= self.store.revision else []
        watcher = Watcher(self._hub, key, range_end, start, on_events, on_cancel)
        self._hub.add(watcher, history)
        return watcher

    # -- leases ----------------------------------------------------------------------------------

    def lease_grant(self, ttl_seconds: int, lease: int = 0) -> int:
        """Make a lease; answers its number. The shortest lives 2 s."""
        self._check_alive()
        granted = self.store.leases.grant(ttl_seconds, lease)
        self._begin(granted)
        return granted.id

    def lease_keepalive(self, lease: int) -> int:
        """Begin a lease's time anew; answers its seconds."""
        self._check_alive()
        found = self.store.leases.get(lease)
        self._deadlines[lease] = self.process.now + found.ttl_seconds * SECOND
        return found.ttl_seconds

    def lease_revoke(self, lease: int) -> None:
        """End a lease and delete its keys, all in one revision."""
        self._check_alive()
        keys = self.store.leases.keys(lease)
        self._deadlines.pop(lease, None)
        self._delete_together(keys)
        self.store.leases.drop(lease)

    def _delete_together(self, keys: list[str]) -> None:
        events = self.store.delete_keys(keys)
        if events:
            self._hub.publish(self.store.revision, events)

    def _begin(self, lease: Lease) -> None:
        self._deadlines[lease.id] = self.process.now + lease.ttl_seconds * SECOND
        self.process.after(lease.ttl_seconds * SECOND, self._expire, lease.id)

    def _expire(self, lease: int) -> None:
        # A lease that was kept alive is simply looked at again later: renewing costs no timer.
        deadline = self._deadlines.get(lease)
        if deadline is None:
            return
        if deadline > self.process.now:
            self.process.after(deadline - self.process.now, self._expire, lease)
        else:
            self.lease_revoke(lease)

    # -- life and death --------------------------------------------------------------------------

    def _check_alive(self) -> None:
        if not self.process.alive:
            raise Unavailable

    def _exit(self) -> None:
        self._deadlines.clear()
        self._hub.close(Unavailable())
