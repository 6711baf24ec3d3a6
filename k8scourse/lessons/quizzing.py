"""`quiz`: a few questions at the end. Every answer, right or wrong, gets a sentence of its own."""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse import words

from . import catalogue
from .card import Card, lines
from .model import Question
from .progress import progress

RIGHT, WRONG = "✓", "✗"


def quiz(quiz_id: str, *answers: object) -> Card:
    """Show a lesson's quiz, or answer it with one letter for each question (None or "" leaves one open)."""
    questions = catalogue.questions(quiz_id)
    if isinstance(questions, Card):
        return questions
    given = [_letter(answer) for answer in _spread(answers)]
    if not any(given):
        return Card(_show(str(quiz_id), questions))
    if len(given) > len(questions):
        return Card(words.text("quiz.too_many", given=len(given), asked=len(questions)))
    given += [""] * (len(questions) - len(given))
    progress.quizzes[str(quiz_id)] = given
    parts = [_answered(number, *pair) for number, pair in enumerate(zip(questions, given, strict=True), 1)]
    right = sum(letter == question.right for question, letter in zip(questions, given, strict=True))
    missed = [
        question.mistakes[letter]
        for question, letter in zip(questions, given, strict=True)
        if letter in question.mistakes
    ]
    end = words.text("quiz.sum", right=right, asked=len(questions))
    return Card("\n\n".join([*parts, end]), passed=right == len(questions), misconceptions=missed)


def _spread(answers: Sequence[object]) -> Sequence[object]:
    """`quiz("00", "abcde")` and `quiz("00", ["a", "b"])` mean the same as single letters."""
    if len(answers) == 1 and isinstance(answers[0], list | tuple):
        return list(answers[0])
    if len(answers) == 1 and isinstance(answers[0], str) and len(answers[0].strip()) > 1:
        return [letter for letter in answers[0] if letter.isalpha()]
    return answers


def _letter(answer: object) -> str:
    return "" if answer is None else str(answer).strip().lower().removesuffix(")")


def _show(quiz_id: str, questions: Sequence[Question]) -> str:
    blocks = [_asked(number, question) for number, question in enumerate(questions, 1)]
    letters = ", ".join('"a"' for _ in questions)
    return "\n\n".join([*blocks, words.text("quiz.how", id=quiz_id, letters=letters)])


def _asked(number: int, question: Question) -> str:
    options = [f"   {letter}) {words.text(f'{question.key}.{letter}')}" for letter in question.options]
    return lines(f"{number}. {words.text(f'{question.key}.ask')}", *options)


def _answered(number: int, question: Question, letter: str) -> str:
    ask = f"{number}. {words.text(f'{question.key}.ask')}"
    if not letter:
        return lines(ask, f"   {words.text('quiz.open')}")
    if letter not in question.options:
        options = ", ".join(question.options)
        return lines(ask, f"   {words.text('quiz.no_option', answer=letter, options=options)}")
    mark = RIGHT if letter == question.right else WRONG
    says = words.text(f"{question.key}.says_{letter}")
    return lines(ask, f"   {mark} {letter}) {words.text(f'{question.key}.{letter}')}", f"   {says}")
