"""Keeping a copy of one resource: list it once, then watch from that version, for ever.

    list ──> watch from the list's version ──> closed: watch again from the last version seen
      ^                 │
      └── back-off <────┴── 410 Expired, any other error, a watch that ended as soon as it began

A refused connection keeps the version and tries the watch again: nothing is lost while the server restarts.
Upstream: `staging/src/k8s.io/client-go/tools/cache/reflector.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from k8scourse.api.errors import StatusError, TooManyRequests
from k8scourse.api.values import Object
from k8scourse.sim import MILLISECOND, SECOND, Process

from .client import Client, Resource
from .transport import ConnectionRefused, Stream, Unreachable, WatchEvent

BACKOFF_INITIAL_NS = 800 * MILLISECOND
BACKOFF_MAX_NS = 30 * SECOND
BACKOFF_RESET_NS = 120 * SECOND
VERY_SHORT_WATCH_NS = SECOND


class Backoff:
    """Delays that double from 0.8 s to 30 s, each stretched by up to as much again, so that the clients of a
    server that comes back do not all call at once. Two quiet minutes start it anew.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._delay_ns = BACKOFF_INITIAL_NS
        self._last_ns = -BACKOFF_RESET_NS

    def next_ns(self) -> int:
        """How long to wait now."""
        now = self._process.now
        if now - self._last_ns > BACKOFF_RESET_NS:
            self._delay_ns = BACKOFF_INITIAL_NS
        delay_ns, self._last_ns = self._delay_ns, now
        self._delay_ns = min(2 * delay_ns, BACKOFF_MAX_NS)
        return delay_ns + int(self._process.rng.random() * delay_ns)


class Sink(Protocol):
    """Where a reflector puts what it learns."""

    def replace(self, objects: list[Object]) -> None:
        """This is everything there is now."""

    def apply(self, event_type: str, obj: Object) -> None:
        """One change: ADDED, MODIFIED or DELETED."""


class Reflector:
    """Feeds `sink` with everything that the API server says about one resource."""

    def __init__(
        self,
        process: Process,
        client: Client,
        resource: Resource,
        sink: Sink,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
    ) -> None:
        self.resource = resource
        self.resource_version = ""
        self._process, self._client, self._sink = process, client, sink
        self._namespace = namespace
        self._selectors = {"label_selector": label_selector, "field_selector": field_selector}
        self._backoff = Backoff(process)
        self._stream: Stream | None = None
        self._opened_ns = 0
        self._heard = 0
        self._ended = False

    def start(self) -> None:
        """List now, and go on for as long as the process lives."""
        self._list()

    def end(self) -> None:
        """Do not follow any longer: the resource is no longer served."""
        self._ended = True
        self._stop()

    @property
    def watching(self) -> bool:
        """Whether changes would be heard of now; False between a broken watch and the next one."""
        return self._stream is not None

    def _list(self) -> None:
        if self._ended:
            return
        try:
            items, version = self._client.list_with_version(self.resource, self._namespace, **self._selectors)
        except (StatusError, Unreachable):
            self._later(self._list)
            return
        self.resource_version = version
        self._sink.replace(items)
        self._watch()

    def _watch(self) -> None:
        if self._ended:
            return
        self._opened_ns, self._heard = self._process.now, 0
        try:
            self._stream = self._client.watch(
                self.resource,
                self._on_event,
                self._on_close,
                self._namespace,
                resource_version=self.resource_version,
                **self._selectors,
            )
        except (ConnectionRefused, TooManyRequests):
            self._later(self._watch)
        except (StatusError, Unreachable):
            self._later(self._list)

    def _on_event(self, event: WatchEvent) -> None:
        if event["type"] == "ERROR":
            # 410 Expired for the most part: our version is forgotten, only a new list can help.
            self._stop()
            self._later(self._list)
            return
        self._heard += 1
        self.resource_version = event["object"]["metadata"]["resourceVersion"]
        if event["type"] != "BOOKMARK":
            self._sink.apply(event["type"], event["object"])

    def _on_close(self) -> None:
        self._stream = None
        short = self._process.now - self._opened_ns < VERY_SHORT_WATCH_NS
        if short and not self._heard:
            self._later(self._list)
        else:
            self._watch()

    def _stop(self) -> None:
        if self._stream is not None:
            self._stream.stop()
            self._stream = None

    def _later(self, step: Callable[[], None]) -> None:
        self._process.after(self._backoff.next_ns(), step)
