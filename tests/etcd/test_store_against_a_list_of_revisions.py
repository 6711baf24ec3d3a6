"""The store against a twin that is too simple to be wrong: a list with one whole dictionary per revision."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from k8scourse.etcd import (
    Compacted,
    Compare,
    Delete,
    EtcdMember,
    Event,
    FutureRevision,
    KeyValue,
    MvccStore,
    Put,
)
from k8scourse.sim import Process, Simulation

KEYS = ["/a/1", "/a/2", "/a/3", "/b/1", "/b/2", "/c"]
RANGES = [("/a/", "/a0"), ("/a/2", "/b/2"), ("/", "0"), ("/b/1", "\0"), ("/a/1", ""), ("/c", "/a")]
keys = st.sampled_from(KEYS)
ranges = st.sampled_from(RANGES)
values = st.integers(0, 3).map(lambda n: {"n": n})


def inside(key: str, start: str, end: str) -> bool:
    return key == start if not end else key >= start and (end == "\0" or key < end)


class StoreAndTwin(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.sim = Simulation()
        self.store = MvccStore()
        self.restart()
        # states[r - 1] is everything that was there at revision r.
        self.states: list[dict[str, KeyValue]] = [{}]
        self.compacted = 0
        self.watches: list[tuple[tuple[str, str], int, list[tuple[int, list[Event]]]]] = []

    def restart(self) -> None:
        self.member = EtcdMember(Process(self.sim, "etcd", "one"), self.store)

    def commit(self, state: dict[str, KeyValue]) -> None:
        if state != self.states[-1]:
            self.states.append(state)

    def written(self, state: dict[str, KeyValue], key: str, value: Any, revision: int) -> KeyValue:
        old = state.get(key)
        if old is None:
            return KeyValue(key, value, revision, revision, 1)
        return KeyValue(key, value, old.create_revision, revision, old.version + 1)

    @rule(key=keys, value=values)
    def put(self, key: str, value: Any) -> None:
        revision = len(self.states) + 1
        state = {**self.states[-1], key: self.written(self.states[-1], key, value, revision)}
        assert self.member.put(key, value) == state[key]
        self.commit(state)

    @rule(where=ranges)
    def delete(self, where: tuple[str, str]) -> None:
        state = {key: kv for key, kv in self.states[-1].items() if not inside(key, *where)}
        assert self.member.delete_range(*where) == len(self.states[-1]) - len(state)
        self.commit(state)

    @rule(watched=keys, first=keys, second=keys, value=values, guess=st.integers(0, 12), other=keys)
    def transaction(self, watched: str, first: str, second: str, value: Any, guess: int, other: str) -> None:
        current = self.states[-1].get(watched)
        holds = (current.mod_revision if current else 0) == guess
        success = [Put(first, value), *([Put(second, value)] if second != first else [])]
        result = self.member.txn([Compare(watched, "mod_revision", "=", guess)], success, [Delete(other)])
        assert result.succeeded == holds
        state, revision = dict(self.states[-1]), len(self.states) + 1
        if holds:
            for key in dict.fromkeys([first, second]):
                state[key] = self.written(self.states[-1], key, value, revision)
        else:
            state.pop(other, None)
        self.commit(state)

    @rule(where=ranges, back=st.integers(-1, 8), limit=st.integers(0, 3))
    def read(self, where: tuple[str, str], back: int, limit: int) -> None:
        revision = len(self.states) - back
        if revision > len(self.states):
            with pytest.raises(FutureRevision):
                self.member.range(*where, revision=revision)
        elif 0 < revision < self.compacted:
            with pytest.raises(Compacted):
                self.member.range(*where, revision=revision)
        elif revision > 0:
            state = self.states[revision - 1]
            expected = [state[key] for key in sorted(state) if inside(key, *where)]
            result = self.member.range(*where, revision=revision, limit=limit)
            page = expected[:limit] if limit else expected
            assert result == (page, len(self.states), len(page) < len(expected), len(expected))

    @precondition(lambda self: len(self.states) > self.compacted)
    @rule(back=st.integers(0, 6))
    def compact(self, back: int) -> None:
        revision = len(self.states) - back
        if revision > self.compacted:
            self.member.compact(revision)
            self.compacted = revision

    @rule(where=ranges, back=st.integers(-1, 8))
    def watch(self, where: tuple[str, str], back: int) -> None:
        start = len(self.states) - back
        seen: list[tuple[int, list[Event]]] = []

        def on_events(revision: int, events: Any) -> None:
            seen.append((revision, list(events)))

        if start <= 0:
            return
        if start < self.compacted:
            with pytest.raises(Compacted):
                self.member.watch(*where, start, on_events, lambda error: None)
        else:
            self.member.watch(*where, start, on_events, lambda error: None)
            self.watches.append((where, start, seen))

    @rule()
    def crash_and_restart(self) -> None:
        self.member.process.kill()
        self.watches.clear()
        self.restart()

    @invariant()
    def watches_saw_each_commit_once_and_in_order(self) -> None:
        for where, start, seen in getattr(self, "watches", []):
            expected = []
            for revision in range(max(start, 2), len(self.states) + 1):
                old, new = self.states[revision - 2], self.states[revision - 1]
                changed = [
                    k for k in sorted({**old, **new}) if old.get(k) != new.get(k) and inside(k, *where)
                ]
                if changed:
                    expected.append((revision, {key: (old.get(key), new.get(key)) for key in changed}))
            actual = [
                (
                    revision,
                    {e.key_value.key: (e.previous, e.key_value if e.type == "PUT" else None) for e in events},
                )
                for revision, events in seen
            ]
            assert actual == expected


TestStoreAndTwin = StoreAndTwin.TestCase
TestStoreAndTwin.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
