"""A lesson as data: what it asks, what is true, and which known mistake stands behind each wrong answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse import words

#: A cluster as lessons see it: `trace.records`, `objects(resource)`, `now`. Typed loosely: a learner may pass anything.
Cluster = Any


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of the catalogue, with its values."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The sentence in the language in use."""
        return words.text(self.key, **self.values)


def say(key: str, **values: Any) -> Say:
    """A sentence to be said."""
    return Say(key, values)


@dataclass(frozen=True, slots=True)
class Bet:
    """A question before a run. `truth(cluster)` gives the letter of what happened, None while nothing has.

    `mistakes` names the misconception (M-number of the course's list) behind each wrong option.
    Words: `<key>.ask`, `<key>.a`…, `<key>.because` (why it is so), `<key>.not_a`… (what the bet overlooked),
    `<key>.first` (what to do before there is an outcome).
    """

    id: str
    key: str
    options: tuple[str, ...]
    mistakes: Mapping[str, str]
    truth: Callable[[Cluster], str | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: passed or not, what the cluster (or the answer) shows, and the hint that fits it."""

    passed: bool
    shows: Say
    hint: Say | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task whose result can be looked at. `judge(cluster, answer)` may raise: a learner's function may.

    Words: `<key>.task`, `<key>.hint_1`…`hint_3` (where to look, what must be true, nearly the answer), `<key>.done`.
    """

    id: str
    key: str
    judge: Callable[[Cluster, Any], Verdict]
    wants_answer: bool = False
    rungs: int = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a quiz. Words: `<key>.ask`, `<key>.a`…, `<key>.says_a`… (what to say to each answer)."""

    key: str
    options: tuple[str, ...]
    right: str
    mistakes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that one lesson asks."""

    id: str
    bets: tuple[Bet, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    questions: tuple[Question, ...] = ()
