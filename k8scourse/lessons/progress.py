"""What a learner has done so far: one value that can be written down as text and read back.

Nothing here touches files: a notebook may print the text, keep it in a cell or download it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from .. import words
from .card import Card, Line
from .catalogue import LESSONS, find_bet

VERSION = 1


@dataclass
class Progress:
    """Bets by question, seen outcomes, tries and passes by exercise, hints taken, quizzes, self-marks."""

    bets: dict[str, str] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    hints: dict[str, int] = field(default_factory=dict)
    quizzes: dict[str, str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)

    def reveal(self, question: str) -> None:
        """Remember that the outcome was shown: from now on a bet on it counts no more."""
        if question not in self.outcomes:
            self.outcomes.append(question)

    def tried(self, exercise: str, *, passed: bool) -> None:
        """Count a try; a pass stays a pass."""
        self.tries[exercise] = self.tries.get(exercise, 0) + 1
        if passed and exercise not in self.passed:
            self.passed.append(exercise)


_now = [Progress()]


def current() -> Progress:
    """The progress of this session."""
    return _now[0]


def forget() -> None:
    """Start from nothing."""
    _now[0] = Progress()


def save_progress() -> str:
    """The progress as text (JSON), to be kept wherever the learner likes."""
    return json.dumps({"version": VERSION, **asdict(current())}, ensure_ascii=False, sort_keys=True)


def load_progress(text: object) -> Card:
    """Take up the progress that `save_progress` wrote. A text that is none changes nothing."""
    loaded = _parsed(text)
    if loaded is None:
        return Card((Line("text", words.text("lessons.not_progress"), "✕"),), passed=False, mistake="text")
    _now[0] = loaded
    return progress()


def progress() -> Card:
    """What was done so far in each lesson."""
    done = current()
    lines = [Line("title", words.text("lessons.progress"))]
    for lesson in LESSONS:
        exercises = [each.id for each in lesson.all_exercises]
        text = words.text(
            "lessons.progress_of",
            bets=sum(question.id in done.bets for question in lesson.bets),
            all_bets=len(lesson.bets),
            passed=sum(exercise in done.passed for exercise in exercises),
            exercises=len(exercises),
            quiz=words.text("lessons.quiz_taken" if lesson.id in done.quizzes else "lessons.quiz_open"),
        )
        lines.append(Line("fact", text, lesson.id))
    return Card((*lines, Line("note", words.text("lessons.how_to_keep"))))


def misconceptions() -> dict[str, int]:
    """How often each misconception (M-number) was chosen in bets and quizzes: for the teacher's eye."""
    counted = Counter(_chosen(current()))
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _chosen(done: Progress) -> Iterator[str]:
    for question_id, letter in done.bets.items():
        question = find_bet(question_id)
        if question is not None and letter in question.wrong:
            yield question.wrong[letter]
    for lesson in LESSONS:
        for question, letter in zip(lesson.quiz, done.quizzes.get(lesson.id, ""), strict=False):
            if letter in question.wrong:
                yield question.wrong[letter]


def _parsed(text: object) -> Progress | None:
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or value.pop("version", None) != VERSION:
        return None
    empty = asdict(Progress())
    if not all(name in empty and _fits(value[name], name) for name in value):
        return None
    return Progress(**value)


def _fits(value: object, name: str) -> bool:
    if name in ("outcomes", "passed"):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    kind = str if name in ("bets", "quizzes") else int
    return isinstance(value, dict) and all(type(each) is kind for each in value.values())
