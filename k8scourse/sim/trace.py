"""The one record of everything that happened: diagrams, narration, checks and tests all read it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol


class Clock(Protocol):
    """Whatever knows the time."""

    now: int


class Record(NamedTuple):
    """One thing that happened.

    `kind` is a word of the vocabulary below, `source` and `target` are part ids
    ("kube-scheduler@control-plane-1"), `subject` is what it was about ("pods/default/web-1"),
    `detail` holds what the kind needs and may refer to API objects, which are values and safe to keep.
    """

    time: int
    sequence: int
    kind: str
    source: str
    target: str
    subject: str
    detail: Mapping[str, Any]


KINDS = {
    "request": "somebody called the API server, and what came of it, stage by stage",
    "commit": "etcd stored a new revision",
    "watch": "a watcher was told of a change",
    "decision": "the scheduler weighed the nodes for one Pod",
    "container": "a kubelet asked its container runtime for something",
    "exit": "a container's program ended",
    "rules": "a kube-proxy rewrote its node's forwarding rules",
    "packet": "a packet made a hop",
    "fault": "somebody broke or repaired something on purpose",
}


class Trace:
    """An append-only list of records, and those who listen to it."""

    def __init__(self, clock: Clock) -> None:
        self.records: list[Record] = []
        self._clock = clock
        self._listeners: list[Callable[[Record], None]] = []

    def add(self, kind: str, source: str, target: str = "", subject: str = "", **detail: Any) -> Record:
        """Append a record of one of `KINDS` with the present time and tell the listeners."""
        assert kind in KINDS, f"unknown kind of record: {kind}"
        record = Record(self._clock.now, len(self.records), kind, source, target, subject, detail)
        self.records.append(record)
        for listener in self._listeners:
            listener(record)
        return record

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with every record from now on; what comes back ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def digest(self) -> str:
        """A SHA-256 over all records: equal histories have equal digests."""
        sha = hashlib.sha256()
        for record in self.records:
            sha.update(repr(record).encode())
        return sha.hexdigest()
