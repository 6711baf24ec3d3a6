"""The exit quiz: a few questions, each answer with its own sentence, right or wrong."""

from __future__ import annotations

from functools import partial

from .. import words
from . import catalogue
from .asking import letter_of, options, unknown
from .card import Card, Choice, Group, Line
from .lesson import Question
from .progress import current

OPEN = "-"


def quiz(quiz_id: object, *answers: object) -> Card:
    """Show a lesson's quiz, or look at the answers: `quiz("00", "b", "a")` or all at once, `quiz("00", "badcb")`.

    A missing answer, None, "" or "-" leaves a question open.
    """
    questions = catalogue.find_quiz(quiz_id)
    if not questions:
        return unknown("quiz", quiz_id, catalogue.quizzes())
    given = _spread(answers)
    if not any(given):
        return _asked(str(quiz_id), questions)
    return _answered(str(quiz_id), questions, given)


def _spread(answers: tuple[object, ...]) -> list[object]:
    if len(answers) == 1:
        only = answers[0]
        if isinstance(only, str) and len(only.strip()) > 2:
            return [each for each in only if each.isalpha() or each == OPEN]
        if isinstance(only, list | tuple):
            return list(only)
    return list(answers)


def _asked(quiz_id: str, questions: tuple[Question, ...]) -> Card:
    lines: list[Line] = []
    groups: list[Group] = []
    for number, question in enumerate(questions, start=1):
        asked = [Line("title", question.text("question"), f"{number}."), *options(question)]
        lines += asked
        groups.append(Group(Card(tuple(asked)), _choices(quiz_id, questions, number - 1)))
    letters = ", ".join('"…"' for _ in questions)
    lines.append(Line("note", words.text("quiz.how", call=f'quiz("{quiz_id}", {letters})')))
    return Card(tuple(lines), groups=tuple(groups))


def _choices(quiz_id: str, questions: tuple[Question, ...], index: int) -> tuple[Choice, ...]:
    def press(letter: str) -> Card:
        taken = list(current().quizzes.get(quiz_id, OPEN * len(questions)))
        taken[index] = letter
        current().quizzes[quiz_id] = "".join(taken)
        return Card(tuple(_feedback(questions[index], letter)))

    return tuple(Choice(letter, partial(press, letter)) for letter in questions[index].letters)


def _answered(quiz_id: str, questions: tuple[Question, ...], given: list[object]) -> Card:
    letters = [
        letter_of(given[index], question) if index < len(given) else None
        for index, question in enumerate(questions)
    ]
    current().quizzes[quiz_id] = "".join(letter or OPEN for letter in letters)
    right = sum(letter == question.right for letter, question in zip(letters, questions, strict=True))
    lines: list[Line] = []
    for number, (question, letter) in enumerate(zip(questions, letters, strict=True), start=1):
        lines += [Line("title", question.text("question"), f"{number}."), *_feedback(question, letter)]
    everything = right == len(questions)
    end = words.text("quiz.all_right" if everything else "quiz.result", right=right, questions=len(questions))
    return Card((*lines, Line("note", end)), passed=everything)


def _feedback(question: Question, letter: str | None) -> list[Line]:
    if letter is None:
        return [Line("fact", words.text("quiz.open", letters=", ".join(question.letters)), "○")]
    mark = words.text("quiz.right" if letter == question.right else "quiz.wrong", letter=letter)
    return [Line("fact", f"{question.text(letter)} {question.text(f'because_{letter}')}", mark)]
