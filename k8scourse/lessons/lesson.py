"""A lesson as data: its bets, its exercises, its quiz. Words are keys of the catalogue, one table per lesson.

What a lesson's author writes is a module with one `Lesson` value and the functions that examine a cluster for
its exercises; everything else (showing, recording, hints) is the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .. import words
from ..sim import Trace

HINTS = 3
"""The steps of every ladder of hints: where to look, what must be true, nearly the answer."""


class Observed(Protocol):
    """What a check needs of a cluster: its objects and its trace. Looking changes nothing."""

    @property
    def trace(self) -> Trace:
        """Everything that happened."""

    def objects(self, resource: str) -> list[dict[str, Any]]:
        """All objects of a resource."""

    def find(self, resource: str, name: str, namespace: str = "default") -> dict[str, Any] | None:
        """One object, or None."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with lettered options, one of them right. Each wrong option is one misconception.

    Its words are `<words>.question`, `<words>.<letter>` and `<words>.because_<letter>` (shown after the run).
    `evidence` says in one line what a cluster's trace shows of it, or "" when it has not happened there.
    """

    id: str
    words: str
    right: str
    wrong: Mapping[str, str]
    evidence: Callable[[Observed], str] | None = None

    @property
    def letters(self) -> list[str]:
        """All letters in order."""
        return sorted([self.right, *self.wrong])

    def text(self, part: str) -> str:
        """The words of one part of the question."""
        return words.text(f"{self.words}.{part}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an examination found: fulfilled or not, what is to be seen, and the mistake behind it.

    `seen` is one line in the learner's language. `mistake` names the reactive hint: its words are
    `<exercise>.hint_<mistake>`, filled in with `values`.
    """

    passed: bool
    seen: str
    mistake: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def fulfilled(seen: str) -> Verdict:
    """The exercise is done."""
    return Verdict(True, seen)


def missed(mistake: str, seen: str, **values: Any) -> Verdict:
    """The exercise is not done yet, and this is why."""
    return Verdict(False, seen, mistake, values)


Examine = Callable[..., Verdict]


@dataclass(frozen=True, slots=True)
class Exercise:
    """Something to do, and the function that looks whether it was done.

    `examine(cluster, *answers)` gets a cluster when `needs_cluster`, and `answers` values that the learner gave.
    `usage` shows how to call `check`. Words: `<words>.title`, `.done`, `.ladder_1` to `.ladder_3`, `.hint_*`.
    """

    id: str
    words: str
    usage: str
    examine: Examine
    answers: int = 0
    needs_cluster: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """Something to explain in one's own words, laid beside a model answer and `points` to mark oneself by.

    Words: `<words>.question`, `<words>.model`, `<words>.point_1` and so on.
    """

    id: str
    words: str
    points: int = 3


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: what it asks before, during and after."""

    id: str
    bets: tuple[Question, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    quiz: tuple[Question, ...] = ()

    @property
    def all_exercises(self) -> list[Exercise | Explanation]:
        """Exercises and explanations."""
        return [*self.exercises, *self.explanations]
