"""Who is told about a commit, and in which order.

Every watcher sees every commit in its range once, in order of revisions, and all changes of one commit
together. A callback may itself write: the new commit waits until the present one has reached everybody,
otherwise a later watcher would see revision 8 before 7.

Upstream: etcd ``server/storage/mvcc/watchable_store.go``; the guarantees are listed in
https://etcd.io/docs/v3.6/learning/api_guarantees/#watch-apis
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from k8scourse.etcd.interface import Event, OnCancel, OnEvents
from k8scourse.etcd.mvcc import in_range


class Watcher:
    """One open watch of the range [key, range_end)."""

    def __init__(
        self,
        hub: WatchHub,
        key: str,
        range_end: str,
        start_revision: int,
        on_events: OnEvents,
        on_cancel: OnCancel,
    ) -> None:
        self._hub = hub
        self._key = key
        self._range_end = range_end
        self._on_events = on_events
        self._on_cancel = on_cancel
        self._next_revision = start_revision
        self.open = True

    def cancel(self) -> None:
        """Stop the watch. Cancelling twice is harmless."""
        self.open = False
        self._hub.forget(self)

    def deliver(self, revision: int, events: Sequence[Event]) -> None:
        """Hand over what of one commit lies in the range; what was delivered already is not repeated."""
        if not self.open or revision < self._next_revision:
            return
        self._next_revision = revision + 1
        mine = [event for event in events if in_range(event.key_value.key, self._key, self._range_end)]
        if mine:
            self._on_events(revision, mine)

    def break_off(self, error: Exception) -> None:
        """etcd ends the watch."""
        if self.open:
            self.open = False
            self._on_cancel(error)


class WatchHub:
    """All open watches of one member."""

    def __init__(self) -> None:
        self._watchers: dict[Watcher, None] = {}
        self._waiting: deque[tuple[int, Sequence[Event]]] = deque()
        self._publishing = False

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher, history: Sequence[Event]) -> None:
        """Open a watch: first the past, commit by commit, then whatever comes."""
        self._watchers[watcher] = None
        commit: list[Event] = []
        for event in history:
            if commit and event.key_value.mod_revision != commit[0].key_value.mod_revision:
                watcher.deliver(commit[0].key_value.mod_revision, commit)
                commit = []
            commit.append(event)
        if commit:
            watcher.deliver(commit[0].key_value.mod_revision, commit)

    def forget(self, watcher: Watcher) -> None:
        """Drop a watch."""
        self._watchers.pop(watcher, None)

    def publish(self, revision: int, events: Sequence[Event]) -> None:
        """Tell everybody about a commit, after all commits before it."""
        self._waiting.append((revision, events))
        if self._publishing:
            return
        self._publishing = True
        try:
            while self._waiting:
                self._publish_one(*self._waiting.popleft())
        finally:
            self._publishing = False

    def _publish_one(self, revision: int, events: Sequence[Event]) -> None:
        for watcher in list(self._watchers):
            watcher.deliver(revision, events)

    def close(self, error: Exception) -> None:
        """End every watch."""
        watchers = list(self._watchers)
        self._watchers.clear()
        self._waiting.clear()
        for watcher in watchers:
            watcher.break_off(error)
