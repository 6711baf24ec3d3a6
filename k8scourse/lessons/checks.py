"""Exercises: look at the cluster, say what is to be seen, and give the next hint that fits."""

from __future__ import annotations

from .. import words
from . import catalogue
from .asking import unknown
from .card import Card, Line
from .lesson import HINTS, Exercise, Explanation, Verdict, missed
from .observing import cluster_in, is_cluster
from .progress import current


def check(exercise_id: object, *given: object) -> Card:
    """Look whether an exercise is done. `given` are the cluster and the answers, in any order.

    The card says passed or not yet, what your cluster shows, and, where something is missing, the hint that fits
    what it shows. It never raises and changes nothing in the cluster.
    """
    exercise = catalogue.find_exercise(exercise_id)
    if exercise is None:
        return unknown("check", exercise_id, catalogue.exercises())
    if isinstance(exercise, Explanation):
        return _explained(exercise, given)
    cluster, answers = cluster_in(given), [value for value in given if not is_cluster(value)]
    if (exercise.needs_cluster and cluster is None) or len(answers) != exercise.answers:
        return _how_to_call(exercise)
    verdict = _examined(exercise, [cluster, *answers] if exercise.needs_cluster else answers)
    current().tried(exercise.id, passed=verdict.passed)
    return _verdict_card(exercise, verdict)


def hint(exercise_id: object, step: object = None) -> Card:
    """The next of three hints: where to look, what must be true, nearly the answer. `step` asks for one of them."""
    exercise = catalogue.find_exercise(exercise_id)
    if exercise is None:
        return unknown("hint", exercise_id, catalogue.exercises())
    taken = current().hints.get(exercise.id, 0)
    number = step if type(step) is int and 1 <= step <= HINTS else min(taken + 1, HINTS)
    current().hints[exercise.id] = max(taken, number)
    lines = [
        Line(
            "title",
            words.text("hint.step", number=number, all=HINTS, title=words.text(f"{exercise.words}.title")),
        ),
        Line("text", words.text(f"{exercise.words}.ladder_{number}")),
    ]
    end = words.text("hint.more" if number < HINTS else "hint.last", id=exercise.id)
    return Card((*lines, Line("note", end)))


def _examined(exercise: Exercise, arguments: list[object]) -> Verdict:
    try:
        return exercise.examine(*arguments)
    except Exception as error:  # an answer nobody thought of is no reason for a traceback
        return missed("", words.text("check.trouble", error=type(error).__name__, usage=exercise.usage))


def _how_to_call(exercise: Exercise) -> Card:
    text = words.text("check.how", usage=exercise.usage)
    return Card((_status(exercise.words, "check.not_yet"), Line("text", text)), passed=False, mistake="call")


def _status(table: str, key: str) -> Line:
    return Line("title", words.text(f"{table}.title"), words.text(key))


def _verdict_card(exercise: Exercise, verdict: Verdict) -> Card:
    lines = [_status(exercise.words, "check.passed" if verdict.passed else "check.not_yet")]
    lines.append(
        Line("text", verdict.seen, words.text("check.shows" if exercise.needs_cluster else "check.found"))
    )
    if verdict.passed:
        lines.append(Line("text", words.text(f"{exercise.words}.done")))
    elif verdict.mistake:
        text = words.text(f"{exercise.words}.hint_{verdict.mistake}", **verdict.values)
        lines.append(Line("text", text, words.text("check.next")))
        lines.append(Line("note", words.text("check.more", id=exercise.id)))
    return Card(tuple(lines), passed=verdict.passed, mistake=verdict.mistake)


def _explained(task: Explanation, given: tuple[object, ...]) -> Card:
    """Nobody marks your words but you: they are shown beside a model answer and its points."""
    title = Line("title", words.text(f"{task.words}.question"), "✎")
    own = next((value.strip() for value in given if isinstance(value, str)), "")
    if not own:
        return Card(
            (title, Line("note", words.text("check.explain_first", id=task.id))),
            passed=False,
            mistake="empty",
        )
    points = [words.text(f"{task.words}.point_{number}") for number in range(1, task.points + 1)]
    lines = [
        title,
        Line("text", own, words.text("check.your_words")),
        Line("text", words.text(f"{task.words}.model"), words.text("check.model")),
        *(Line("option", point, str(number)) for number, point in enumerate(points, start=1)),
    ]
    marks = next((value for value in given if type(value) is int and 0 <= value <= task.points), None)
    if marks is None:
        return Card((*lines, Line("note", words.text("check.mark_yourself", id=task.id, points=task.points))))
    current().marks[task.id] = marks
    current().tried(task.id, passed=True)
    key = "check.marked_all" if marks == task.points else "check.marked"
    return Card((*lines, Line("note", words.text(key, marks=marks, points=task.points))), passed=True)
