"""What bets and quizzes share: options as lines, letters as answers, and what to say to an unknown name."""

from __future__ import annotations

from .. import words
from .card import Card, Line
from .lesson import Question


def options(question: Question) -> list[Line]:
    """The options, each with its letter."""
    return [Line("option", question.text(letter), letter) for letter in question.letters]


def letter_of(answer: object, question: Question) -> str | None:
    """The option that "b", "B" or "b)" means; None for anything else."""
    letter = answer.strip().strip("().").lower() if isinstance(answer, str) else ""
    return letter if letter in question.letters else None


def unknown(function: str, name: object, known: list[str]) -> Card:
    """No such question: these are the ones there are."""
    listed = words.text("lessons.comma").join(f'{function}("{each}")' for each in known)
    text = words.text("lessons.unknown", given=repr(name)[:60], known=listed)
    return Card((Line("text", text, "✕"),), mistake="unknown")
