"""`check` and `hint`: look at what the learner's cluster shows, and say the one thing that helps now."""

from __future__ import annotations

from typing import Any

from k8scourse import words

from . import catalogue
from .card import Card, lines
from .model import Cluster, Exercise, Say, Verdict, say
from .progress import progress

PASSED, MISSED = "✓", "○"


def check(exercise_id: str, cluster: Cluster = None, answer: Any = None) -> Card:
    """Judge an exercise by the state and the trace of `cluster`, and by `answer` where the task asks for one."""
    exercise = catalogue.exercise(exercise_id)
    if isinstance(exercise, Card):
        return exercise
    if exercise.wants_answer and answer is None:
        return Card(_task(exercise), passed=False)
    verdict = _judge(exercise, cluster, answer)
    if verdict.passed:
        progress.pass_exercise(exercise.id)
        text = lines(
            words.text("check.passed", id=exercise.id, mark=PASSED),
            words.text("check.shows", shows=verdict.shows.text()),
            words.text(f"{exercise.key}.done"),
        )
        return Card(text, passed=True)
    progress.tries[exercise.id] = progress.tries.get(exercise.id, 0) + 1
    advice = verdict.hint.text() if verdict.hint is not None else _next_rung(exercise)
    text = lines(
        words.text("check.missed", id=exercise.id, mark=MISSED),
        words.text("check.shows", shows=verdict.shows.text()),
        words.text("check.hint", hint=advice),
    )
    again = (words.text("check.more_help"), lambda: hint(exercise.id))
    return Card(text, passed=False, choices=[again])


def hint(exercise_id: str) -> Card:
    """The next hint of an exercise: where to look, what must be true, nearly the answer."""
    exercise = catalogue.exercise(exercise_id)
    if isinstance(exercise, Card):
        return exercise
    advice = _next_rung(exercise)
    count = progress.hints[exercise.id]
    return Card(lines(words.text("hint.title", id=exercise.id, number=count, of=exercise.rungs), advice))


def _next_rung(exercise: Exercise) -> str:
    """The next rung of the ladder; the last one stays."""
    rung = min(progress.hints.get(exercise.id, 0) + 1, exercise.rungs)
    progress.hints[exercise.id] = rung
    return words.text(f"{exercise.key}.hint_{rung}")


def _task(exercise: Exercise) -> str:
    return lines(words.text("check.title", id=exercise.id), words.text(f"{exercise.key}.task"))


def _judge(exercise: Exercise, cluster: Cluster, answer: Any) -> Verdict:
    """The verdict; a learner's function that raises, or a cluster that is none, is a finding as well."""
    if cluster is None or not all(hasattr(cluster, name) for name in ("trace", "objects", "now")):
        return Verdict(False, say("check.no_cluster"), say("check.give_cluster", id=exercise.id))
    try:
        return exercise.judge(cluster, answer)
    except Exception as error:  # the learner's own code, or an answer of another shape
        text: Say = say("check.raised", kind=type(error).__name__, message=str(error))
        return Verdict(False, text, say("check.look_at_error"))
