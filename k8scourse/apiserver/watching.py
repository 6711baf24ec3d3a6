"""WATCH: one client's view of the changes of one kind.

A selector makes a view of its own: an object that begins to match arrives as ADDED, one that no longer matches as
DELETED, whatever happened to it in truth. Bookmarks tell an idle client how far it has come, so that it need not
list again after a break.

    resourceVersion   sendInitialEvents   begins with
    unset, "0"        unset, true         everything that is there, then (with bookmarks) the end of it is said
    "n"               true                the same, once n has happened
    unset, "0"        false               the next change
    "n"               unset, false        the first change after n; 410 when it is forgotten

Upstream: ``apiserver/pkg/storage/cacher/cacher.go``, ``cache_watcher.go``, ``handlers/watch.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import InternalError, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import FrozenDict, freeze
from k8scourse.apiserver.listing import check_reached
from k8scourse.apiserver.listoptions import ListOptions, parse_version
from k8scourse.apiserver.request import OnClose, OnEvent
from k8scourse.apiserver.storage import Object, Storage, with_version
from k8scourse.apiserver.watchcache import Change, WatchCache, bookmark
from k8scourse.etcd import EtcdError
from k8scourse.sim import MINUTE, SECOND, Process

BOOKMARK_NS = MINUTE
LAST_BOOKMARK_NS = 2 * SECOND
MINIMUM_TIMEOUT_SECONDS = 1800
# Go's durations end at 292 years; a watch that long never ends here.
LONGEST_SECONDS = 9_223_372_036


class Watcher:
    """An open watch. It begins when it is started, and reads the past then."""

    def __init__(
        self, process: Process, storage: Storage, cache: WatchCache, namespace: str, options: ListOptions
    ) -> None:
        self._process = process
        self._storage = storage
        self._cache = cache
        self._namespace = namespace
        self._options = options
        self._on_event: OnEvent = _nobody
        self._on_close: OnClose = _nothing
        self._open = False
        self._timers: list[int] = []
        self._deadline = 0
        self._version = _version_of(options)
        self._after = 0

    @property
    def _kind(self) -> Kind:
        return self._cache.kind

    # -- life ------------------------------------------------------------------------------------

    def start(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Send what happened since the revision asked for, then everything as it happens."""
        self._on_event, self._on_close, self._open = on_event, on_close, True
        try:
            self._begin()
        except StatusError as error:
            on_event(FrozenDict({"type": "ERROR", "object": freeze(error.status)}))
            self._end()
        except EtcdError:
            self._end()

    def _begin(self) -> None:
        self._cache.ensure()
        revision = self._first()
        # What is told may lead to more changes; they come after what was there before.
        while changes := self._cache.since(revision):
            for change in changes:
                self._on_change(change)
            revision = changes[-1].revision
        self._after = revision
        if self._open:
            self._cache.listen(self._on_change, self._end)
            self._set_timers()

    def _first(self) -> int:
        """The revision after which changes are sent; what is there is sent before that, if it is wanted."""
        if self._options.send_initial_events:
            check_reached(self._storage, self._version)
            return self._send_state()
        return self._version or self._storage.revision()

    def _send_state(self) -> int:
        page = self._storage.list(self._kind, self._namespace)
        for obj in page.items:
            if self._options.matches(obj) and self._open:
                self._on_event(FrozenDict({"type": "ADDED", "object": obj}))
        if self._options.bookmarks and self._open:
            self._on_event(bookmark(self._kind, page.revision, initial_events_end=True))
        return page.revision

    def _set_timers(self) -> None:
        seconds = self._options.timeout_seconds or 0
        if not seconds:
            # Spread out, so that not all clients come back in the same moment.
            seconds = int(
                MINIMUM_TIMEOUT_SECONDS * (1 + self._process.sim.rng("kube-apiserver/watches").random())
            )
        seconds = min(max(seconds, 0), LONGEST_SECONDS)
        self._deadline = self._process.now + seconds * SECOND
        self._timers.append(self._process.after(seconds * SECOND, self._end))
        if self._options.bookmarks:
            self._set_bookmark_timer()

    def _set_bookmark_timer(self) -> None:
        """Once a minute, and once more just before the end, so that the client can go on from there."""
        wait, last = BOOKMARK_NS, self._deadline - LAST_BOOKMARK_NS - self._process.now
        if 0 < last < wait:
            wait = last
        self._timers.append(self._process.after(wait, self._send_bookmark))

    def stop(self) -> None:
        """The client is gone: forget everything, call nothing."""
        self._open = False
        self._cache.forget(self._on_change)
        for ticket in self._timers:
            self._process.cancel(ticket)
        self._timers.clear()

    def _end(self) -> None:
        if self._open:
            self.stop()
            self._on_close()

    # -- events ----------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if not self._open or change.revision <= self._after:
            return
        old, new = change.old, change.new
        was = old is not None and self._sees(old)
        is_now = new is not None and self._sees(new)
        if is_now:
            self._on_event(change.event("MODIFIED" if was else "ADDED"))
        elif was and old is not None:
            gone = change.gone or with_version(old, change.revision)
            self._on_event(FrozenDict({"type": "DELETED", "object": gone}))

    def _sees(self, obj: Object) -> bool:
        if self._namespace and obj["metadata"].get("namespace") != self._namespace:
            return False
        return self._options.matches(obj)

    def _send_bookmark(self) -> None:
        self._timers = self._timers[:1]
        try:
            revision = self._storage.revision()
        except EtcdError:
            return
        if revision > self._after:  # else the client knows, or has asked for a version that is still to come
            self._on_event(bookmark(self._kind, revision))
        if self._open:
            self._set_bookmark_timer()


def _version_of(options: ListOptions) -> int:
    """The resourceVersion asked for, 0 when none was. A watch refuses others than numbers by a 500."""
    text = options.resource_version
    try:
        return parse_version(text) if text else 0
    except ValueError as error:
        raise InternalError(str(error), reason="") from None


def _nobody(event: Any) -> None:
    """Before the watch is connected."""


def _nothing() -> None:
    """Before the watch is connected."""
