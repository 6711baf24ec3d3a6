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

from k8scourse.etcd.interface import Event, OnCancel, OnEvents, prefix_end
from k8scourse.etcd.mvcc import in_range


def head_of(key: str) -> str:
    """The beginning of a key up to its third slash, ``/registry/pods/``; empty when it has fewer."""
    third = key.find("/", key.find("/", 1) + 1)
    return key[: third + 1] if third > 0 else ""


class Watcher:
    """One open watch of the range [key, range_end). `head` is what all its keys begin with, empty for a wide range."""

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
        self.head = head_of(key) if range_end in ("", prefix_end(key)) else ""

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
    """All open watches of one member.

    A commit is shown only to those who watch keys that begin like its own, in the order in which they came: a
    server has a watch open for each of its forty kinds, and every one would look at every commit.
    """

    def __init__(self) -> None:
        self._watchers: dict[Watcher, int] = {}
        self._by_head: dict[str, dict[Watcher, None]] = {}
        self._opened = 0
        self._waiting: deque[tuple[int, Sequence[Event]]] = deque()
        self._publishing = False

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher, history: Sequence[Event]) -> None:
        """Open a watch: first the past, commit by commit, then whatever comes."""
        self._opened += 1
        self._watchers[watcher] = self._opened
        self._by_head.setdefault(watcher.head, {})[watcher] = None
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
        if self._watchers.pop(watcher, None) is not None:
            del self._by_head[watcher.head][watcher]

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
        for watcher in self._concerned(events):
            watcher.deliver(revision, events)

    def _concerned(self, events: Sequence[Event]) -> list[Watcher]:
        heads = dict.fromkeys(head_of(event.key_value.key) for event in events)
        groups = [group for head in {"": None, **heads} if (group := self._by_head.get(head))]
        if len(groups) == 1:
            return list(groups[0])
        return sorted((watcher for group in groups for watcher in group), key=self._watchers.__getitem__)

    def close(self, error: Exception) -> None:
        """End every watch."""
        watchers = list(self._watchers)
        self._watchers.clear()
        self._by_head.clear()
        self._waiting.clear()
        for watcher in watchers:
            watcher.break_off(error)
