"""What a loop has written and its cache has not shown yet.

A cache lags behind the API server. A ReplicaSet that has just made three Pods still sees none, and would make
three more. So it notes the UIDs, and leaves the number of Pods alone until the watch has delivered them all.
A note is void after five minutes: then something else went wrong, and looking again is better than waiting.

Upstream: `pkg/controller/controller_utils.go` (ControllerExpectations, UIDTrackingControllerExpectations),
which counts creations; here a creation's UID is known, because a call answers before it returns.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.sim import MINUTE, Process

TIMEOUT_NS = 5 * MINUTE


class _Note(NamedTuple):
    uid: str
    gone: bool


class Expectations:
    """Notes per key of a controller. It is memory, not truth: losing it costs a look at a fuller cache."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._notes: dict[str, dict[_Note, int]] = {}
        self._keys: dict[_Note, str] = {}

    def expect_added(self, key: str, uid: str) -> None:
        """We created the object with this UID."""
        self._expect(key, _Note(uid, gone=False))

    def expect_gone(self, key: str, uid: str) -> None:
        """We asked for this object to be deleted."""
        self._expect(key, _Note(uid, gone=True))

    def added(self, uid: str) -> None:
        """The cache shows the object."""
        self._forget(_Note(uid, gone=False))

    def gone(self, uid: str) -> None:
        """The cache shows the object as leaving, or has it no more."""
        self._forget(_Note(uid, gone=False))
        self._forget(_Note(uid, gone=True))

    def satisfied(self, key: str) -> bool:
        """Whether the cache shows all that was written for this key (or it is too long ago to wait for)."""
        horizon = self._process.now - TIMEOUT_NS
        notes = self._notes.get(key, {})
        if all(written_ns < horizon for written_ns in notes.values()):
            self.forget(key)
            return True
        return False

    def forget(self, key: str) -> None:
        """The key's object is gone, so nothing is expected of it."""
        for note in self._notes.pop(key, {}):
            self._keys.pop(note, None)

    def _expect(self, key: str, note: _Note) -> None:
        self._notes.setdefault(key, {})[note] = self._process.now
        self._keys[note] = key

    def _forget(self, note: _Note) -> None:
        key = self._keys.pop(note, None)
        if key is not None:
            notes = self._notes[key]
            del notes[note]
            if not notes:
                del self._notes[key]
