"""The watch cache: the recent past of one kind, so that etcd hears one watch and not one per client.

    etcd --commit--> WatchCache: [5 ADDED a][7 MODIFIED a][9 DELETED a]…  --> every watcher that asked for it

It keeps what is 75 s old or younger, and at least the last 100 changes. A watch may begin at any revision that is
still covered; one from before that gets 410 Expired and has to list again. The events are made once and shared:
ten thousand watchers see the same objects.

Upstream: ``apiserver/pkg/storage/cacher/watch_cache.go``, ``cacher.go``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from k8scourse.api import schema
from k8scourse.api.errors import Expired
from k8scourse.api.kinds import Kind
from k8scourse.api.values import FrozenDict, freeze
from k8scourse.apiserver.encryption import Unreadable
from k8scourse.apiserver.storage import Object, Storage, shown_as, with_version
from k8scourse.etcd import Event, WatchHandle, prefix_end
from k8scourse.sim import SECOND, Process

FRESH_NS = 75 * SECOND
SMALLEST, LARGEST = 100, 102_400


class Change(NamedTuple):
    """One change of one object. `old` is None at its creation, `new` at its deletion.

    `gone` is the last state with the deletion's (or the change's) revision: what a watcher gets to see when the
    object disappears, from the store or from its selector.
    """

    revision: int
    time_ns: int
    old: Object | None
    new: Object | None
    gone: Object | None

    def event(self, event_type: str) -> FrozenDict:
        """The change as an event of that type."""
        return FrozenDict({"type": event_type, "object": self.gone if event_type == "DELETED" else self.new})


class WatchCache:
    """Follows one kind in etcd and tells its listeners."""

    def __init__(self, process: Process, storage: Storage, kind: Kind) -> None:
        self.kind = kind
        self._process = process
        self._storage = storage
        self._changes: deque[Change] = deque()
        self._listeners: dict[Callable[[Change], None], Callable[[], None]] = {}
        self._insiders: dict[Callable[[Change], None], Callable[[], None]] = {}
        self._handle: WatchHandle | None = None
        # A watch from this revision on misses nothing.
        self.oldest = 0

    @property
    def following(self) -> bool:
        """Whether etcd is being followed."""
        return self._handle is not None

    @property
    def watchers(self) -> int:
        """How many watches of this kind are open."""
        return len(self._listeners)

    # -- following etcd --------------------------------------------------------------------------

    def ensure(self) -> None:
        """Follow etcd, from now, unless that is the case already. Raises `EtcdError` while it cannot."""
        if self._handle is not None:
            return
        prefix = self._storage.prefix(self.kind)
        start = self._storage.revision()
        self._changes.clear()
        self.oldest = start
        self._handle = self._storage.etcd().watch(
            prefix, prefix_end(prefix), start + 1, self._on_events, self._lost
        )

    def _on_events(self, revision: int, events: Sequence[Event]) -> None:
        for event in events:
            try:
                change = self._change(event)
            except Unreadable:  # encrypted under a key that this server has not: nobody can follow this kind
                self.close()
                return
            self._remember(change)
            for listener in (*self._insiders, *self._listeners):
                listener(change)

    def _change(self, event: Event) -> Change:
        key_value, previous = event.key_value, event.previous
        revision = key_value.mod_revision
        old = shown_as(self.kind, self._storage.decode(previous)) if previous else None
        if event.type == "PUT":
            new = shown_as(self.kind, self._storage.decode(key_value))
            # Only a watcher whose selector the object leaves needs its last state; it is made when one asks.
            return Change(revision, self._process.now, old, new, None)
        self._storage.forget(key_value.key)
        gone = with_version(old, revision) if old else None
        return Change(revision, self._process.now, old, None, gone)

    def _remember(self, change: Change) -> None:
        changes = self._changes
        changes.append(change)
        while len(changes) > LARGEST or (
            len(changes) > SMALLEST and changes[0].time_ns < self._process.now - FRESH_NS
        ):
            self.oldest = changes.popleft().revision

    def _lost(self, error: Exception) -> None:
        """etcd ended the watch: all clients must begin anew, for what happens now is not seen."""
        self.close()

    def close(self) -> None:
        """Stop following, and end everybody's watch."""
        closers = [*self._insiders.values(), *self._listeners.values()]
        self.abandon()
        for closed in closers:
            closed()

    def abandon(self) -> None:
        """Stop following without a word: the process ends, and its connections break by themselves."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
        self._listeners.clear()
        self._insiders.clear()

    # -- serving watchers ------------------------------------------------------------------------

    def since(self, revision: int) -> list[Change]:
        """All changes after `revision`. Raises `Expired` when some of them are forgotten."""
        self.ensure()
        if revision < self.oldest:
            raise Expired(f"too old resource version: {revision} ({self.oldest})")
        return list(self._younger_than(revision))[::-1]

    def _younger_than(self, revision: int) -> Iterator[Change]:
        for change in reversed(self._changes):
            if change.revision <= revision:
                return
            yield change

    def listen(self, listener: Callable[[Change], None], closed: Callable[[], None]) -> None:
        """Call `listener` with every change from now on; `closed` when there will be no more."""
        self.ensure()
        self._listeners[listener] = closed

    def follow(self, insider: Callable[[Change], None], closed: Callable[[], None]) -> None:
        """As `listen`, for the server's own eyes: told before all watchers, and not counted among them."""
        self.ensure()
        self._insiders[insider] = closed

    def unfollow(self, insider: Callable[[Change], None]) -> None:
        """Stop calling an insider."""
        self._insiders.pop(insider, None)

    def forget(self, listener: Callable[[Change], None]) -> None:
        """Stop calling a listener."""
        self._listeners.pop(listener, None)


def bookmark(kind: Kind, revision: int, *, initial_events_end: bool = False) -> Any:
    """An event that says only how far the watch has come: an object of the kind with nothing else in it."""
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if initial_events_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {"kind": kind.kind, "apiVersion": kind.api_version, **schema.zero(kind), "metadata": metadata}
    return FrozenDict({"type": "BOOKMARK", "object": freeze(obj)})
