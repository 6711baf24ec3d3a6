"""Waiting longer after each failure: 10 s, doubled up to 300 s, forgotten after 10 good minutes.

Upstream: `client-go/util/flowcontrol/backoff.go`, used for images and for containers.
"""

from __future__ import annotations

from typing import NamedTuple

from .config import BACKOFF_MAX_NS, BACKOFF_NS


class _Entry(NamedTuple):
    delay_ns: int
    updated_at: int


class Backoff:
    """Delays by key. Times are nanoseconds."""

    def __init__(self, initial_ns: int = BACKOFF_NS, max_ns: int = BACKOFF_MAX_NS) -> None:
        self._initial_ns, self._max_ns = initial_ns, max_ns
        self._entries: dict[str, _Entry] = {}

    def next(self, key: str, event_ns: int, now_ns: int) -> None:
        """One more attempt is made now, because of an event: the wait after it is twice the last one."""
        entry = self._entries.get(key)
        if entry is None or self._has_expired(event_ns, entry):
            self._entries[key] = _Entry(self._initial_ns, now_ns)
        else:
            self._entries[key] = _Entry(min(2 * entry.delay_ns, self._max_ns), now_ns)

    def remaining(self, key: str, event_ns: int, now_ns: int) -> int:
        """How long the next attempt after an event (a container's end) must still wait; 0: go."""
        entry = self._entries.get(key)
        if entry is None or self._has_expired(event_ns, entry):
            return 0
        return max(0, event_ns + entry.delay_ns - now_ns)

    def remaining_since_update(self, key: str, now_ns: int) -> int:
        """How long to wait since the last attempt; images count from there."""
        entry = self._entries.get(key)
        if entry is None or self._has_expired(now_ns, entry):
            return 0
        return max(0, entry.updated_at + entry.delay_ns - now_ns)

    def delay(self, key: str) -> int:
        """The present delay of a key."""
        entry = self._entries.get(key)
        return entry.delay_ns if entry is not None else 0

    def forget(self, prefix: str) -> None:
        """Drop all keys that begin so."""
        self._entries = {key: entry for key, entry in self._entries.items() if not key.startswith(prefix)}

    def _has_expired(self, event_ns: int, entry: _Entry) -> bool:
        return event_ns - entry.updated_at > 2 * self._max_ns
