"""All lessons there are, and how their questions and exercises are found by name."""

from __future__ import annotations

from . import lesson00, lesson02
from .lesson import Exercise, Explanation, Lesson, Question

LESSONS: tuple[Lesson, ...] = (lesson00.LESSON, lesson02.LESSON)


def find_bet(name: object) -> Question | None:
    """The bet of this id; None for anything else."""
    if not isinstance(name, str):
        return None
    return next((question for lesson in LESSONS for question in lesson.bets if question.id == name), None)


def find_exercise(name: object) -> Exercise | Explanation | None:
    """The exercise of this id."""
    if not isinstance(name, str):
        return None
    return next((each for each in _all_exercises() if each.id == name), None)


def find_quiz(name: object) -> tuple[Question, ...] | None:
    """The quiz of the lesson of this id."""
    if not isinstance(name, str):
        return None
    return next((lesson.quiz for lesson in LESSONS if lesson.id == name), None)


def bets() -> list[str]:
    """The ids of all bets."""
    return [question.id for lesson in LESSONS for question in lesson.bets]


def exercises() -> list[str]:
    """The ids of all exercises."""
    return [each.id for each in _all_exercises()]


def quizzes() -> list[str]:
    """The ids of all quizzes."""
    return [lesson.id for lesson in LESSONS if lesson.quiz]


def _all_exercises() -> list[Exercise | Explanation]:
    return [each for lesson in LESSONS for each in lesson.all_exercises]
