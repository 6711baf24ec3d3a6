"""The way from an API server to an etcd member on another machine.

A call fails while the way is cut. What etcd tells a watcher in the meantime waits on the way, as in any TCP
connection, and arrives before the next answer does: a server that reads is never behind what it read.
In a real cluster a change needs a millisecond from one machine to the other; ours arrives at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from ..etcd import (
    Compare,
    Etcd,
    EtcdMember,
    Event,
    KeyValue,
    MemberStatus,
    Operation,
    RangeResult,
    TxnResult,
    Unavailable,
    WatchHandle,
)
from ..sim import Network, Process


class EtcdLink:
    """Passes every call on to the member that runs now, as long as the network lets it; see `Etcd`."""

    def __init__(self, process: Process, network: Network, find: Callable[[], EtcdMember | None]) -> None:
        self._process, self._network, self._find = process, network, find
        self._waiting: deque[Callable[[], None]] = deque()

    def _member(self) -> Etcd:
        """The member; everything that it has said before is heard first. Raises `Unavailable`."""
        member = self._find()
        if member is None or not self._network.reachable(self._process, member.process):
            raise Unavailable
        self._hear()
        return member

    def _hear(self) -> None:
        while self._waiting:
            self._waiting.popleft()()

    def range(self, key: str, range_end: str = "", revision: int = 0, limit: int = 0) -> RangeResult:
        """See `Etcd.range`."""
        return self._member().range(key, range_end, revision, limit)

    def txn(
        self, compare: Sequence[Compare], success: Sequence[Operation], failure: Sequence[Operation] = ()
    ) -> TxnResult:
        """See `Etcd.txn`."""
        return self._member().txn(compare, success, failure)

    def put(self, key: str, value: Any, lease: int = 0) -> KeyValue:
        """See `Etcd.put`."""
        return self._member().put(key, value, lease)

    def delete_range(self, key: str, range_end: str = "") -> int:
        """See `Etcd.delete_range`."""
        return self._member().delete_range(key, range_end)

    def watch(
        self,
        key: str,
        range_end: str,
        start_revision: int,
        on_events: Callable[[int, Sequence[Event]], None],
        on_cancel: Callable[[Exception], None],
    ) -> WatchHandle:
        """See `Etcd.watch`; what is told while the way is cut is told later."""

        def told(revision: int, events: Sequence[Event]) -> None:
            self._waiting.append(lambda: on_events(revision, events))
            if self._is_open():
                self._hear()

        def ended(error: Exception) -> None:
            self._waiting.append(lambda: on_cancel(error))
            self._hear()

        return self._member().watch(key, range_end, start_revision, told, ended)

    def _is_open(self) -> bool:
        member = self._find()
        return member is not None and not self._network.is_cut(self._process, member.process)

    def compact(self, revision: int) -> None:
        """See `Etcd.compact`."""
        self._member().compact(revision)

    def lease_grant(self, ttl_seconds: int, lease: int = 0) -> int:
        """See `Etcd.lease_grant`."""
        return self._member().lease_grant(ttl_seconds, lease)

    def lease_revoke(self, lease: int) -> None:
        """See `Etcd.lease_revoke`."""
        self._member().lease_revoke(lease)

    def lease_keepalive(self, lease: int) -> int:
        """See `Etcd.lease_keepalive`."""
        return self._member().lease_keepalive(lease)

    def status(self) -> MemberStatus:
        """See `Etcd.status`."""
        return self._member().status()
