"""What a watch promises, one check for each of etcd's guarantees, against what truly happened.

    Ordered        revisions never go back
    Unique         a change is shown once
    Atomic         the changes of one revision are shown together, or not at all
    Reliable       nothing is left out, nothing is made up, and each change has the right name
    Resumable      whoever goes on from the last revision seen misses nothing
    Bookmarkable   after a bookmark, everything up to its revision has been shown

The names and their meaning: https://etcd.io/docs/v3.6/learning/api_guarantees/#watch-apis
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Object = Mapping[str, Any]


class Broken(AssertionError):
    """A guarantee does not hold; the subclass is its name."""


class BrokeOrdered(Broken):
    """A revision after a later one."""


class BrokeUnique(Broken):
    """A change that was shown twice."""


class BrokeAtomic(Broken):
    """A part of a revision."""


class BrokeReliable(Broken):
    """A change left out, made up, or called by another name."""


class BrokeResumable(Broken):
    """A gap between two watches of which the second goes on where the first ended."""


class BrokeBookmarkable(Broken):
    """A bookmark that promises more than was shown."""


class Shown(NamedTuple):
    """One event of a watch. `type` is ADDED, MODIFIED, DELETED or BOOKMARK (without a key)."""

    type: str
    revision: int
    key: str = ""


class Change(NamedTuple):
    """One change of the store: the object before and after, None where there was or is none."""

    revision: int
    key: str
    old: Object | None
    new: Object | None


@dataclass
class Session:
    """One watch: from where it was asked for, and what it showed."""

    start: int
    shown: list[Shown] = field(default_factory=list)

    @property
    def position(self) -> int:
        """The last revision that the client knows of."""
        return max([self.start, *(one.revision for one in self.shown)])


class Truth:
    """Everything that was committed, in order."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def seen_by(self, sees: Callable[[Object], bool], after: int, upto: int) -> Iterator[Shown]:
        """What a watch with this selector has to show of the revisions in (after, upto]."""
        for change in self.changes:
            if not after < change.revision <= upto:
                continue
            was = change.old is not None and sees(change.old)
            is_now = change.new is not None and sees(change.new)
            if was or is_now:
                kind = "DELETED" if not is_now else "MODIFIED" if was else "ADDED"
                yield Shown(kind, change.revision, change.key)

    def state(self, sees: Callable[[Object], bool], revision: int) -> dict[str, Object]:
        """What a list with this selector shows at a revision."""
        found: dict[str, Object] = {}
        for change in self.changes:
            if change.revision <= revision:
                found.pop(change.key, None)
                if change.new is not None and sees(change.new):
                    found[change.key] = change.new
        return dict(sorted(found.items()))


@dataclass
class Stream:
    """What one client has seen: one watch after the other. Up to `upto` everything must have reached it."""

    sees: Callable[[Object], bool]
    sessions: list[Session]
    upto: int


Check = Callable[[Stream, Truth], None]


def ordered(stream: Stream, truth: Truth) -> None:
    """Revisions never go back, in a watch and from one to the next."""
    last = 0
    for session in stream.sessions:
        for one in session.shown:
            if one.revision < last:
                raise BrokeOrdered(f"{one} after revision {last}")
            last = one.revision


def unique(stream: Stream, truth: Truth) -> None:
    """No change is shown twice."""
    known: set[tuple[str, int]] = set()
    for one in _events(stream):
        if (one.key, one.revision) in known:
            raise BrokeUnique(f"{one} twice")
        known.add((one.key, one.revision))


def atomic(stream: Stream, truth: Truth) -> None:
    """A revision of which one change is shown is shown whole, by the same watch."""
    for session in stream.sessions:
        shown: dict[int, set[str]] = {}
        for one in session.shown:
            if one.key:
                shown.setdefault(one.revision, set()).add(one.key)
        for revision, keys in shown.items():
            whole = {one.key for one in truth.seen_by(stream.sees, revision - 1, revision)}
            if keys & whole and not whole <= keys:
                raise BrokeAtomic(f"of revision {revision} only {sorted(keys)} of {sorted(whole)}")


def reliable(stream: Stream, truth: Truth) -> None:
    """What was shown is exactly what happened."""
    first = stream.sessions[0].start
    expected = set(truth.seen_by(stream.sees, first, stream.upto))
    shown = set(_events(stream))
    if expected != shown:
        raise BrokeReliable(f"missing: {sorted(expected - shown)}, made up: {sorted(shown - expected)}")


def resumable(stream: Stream, truth: Truth) -> None:
    """A watch from the last revision of the one before begins with the very next change."""
    for before, after in zip(stream.sessions, stream.sessions[1:], strict=False):
        end = stream.upto if after is stream.sessions[-1] else after.position
        first = next((one.revision for one in after.shown if one.key), end + 1)
        skipped = list(truth.seen_by(stream.sees, before.position, first - 1))
        if skipped:
            raise BrokeResumable(f"between {before.position} and {first}: {skipped}")


def bookmarkable(stream: Stream, truth: Truth) -> None:
    """Everything up to a bookmark is shown before it."""
    first = stream.sessions[0].start
    shown: set[Shown] = set()
    for session in stream.sessions:
        for one in session.shown:
            if one.key:
                shown.add(one)
                continue
            missing = set(truth.seen_by(stream.sees, first, one.revision)) - shown
            if missing:
                raise BrokeBookmarkable(f"a bookmark at {one.revision} before {sorted(missing)}")


def _events(stream: Stream) -> Iterator[Shown]:
    return (one for session in stream.sessions for one in session.shown if one.key)


CHECKS: tuple[Check, ...] = (ordered, unique, atomic, resumable, bookmarkable, reliable)
