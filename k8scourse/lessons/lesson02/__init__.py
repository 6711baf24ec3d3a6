"""Lesson 02, "The only door": the API server. What it asks, and the misconceptions behind every wrong answer.

It refutes M6, M7, M8, M35 and M39 of the course's list of misconceptions; other numbers stand behind distractors.
"""

from __future__ import annotations

from ..lesson import Exercise, Explanation, Lesson, Question
from . import evidence
from .again import check_again
from .mei import check_mei
from .order import check_order
from .rules import check_rules
from .stages import check_stages

BETS = (
    Question("02-stolen", "lesson02.stolen", "c", {"a": "M35", "b": "M7", "d": "M36"}, evidence.of_stolen),
    Question("02-idle", "lesson02.idle", "c", {"a": "M8", "b": "M8", "d": "M7"}, evidence.of_idle),
    Question("02-frozen", "lesson02.frozen", "b", {"a": "M39", "c": "M7", "d": "M40"}, evidence.of_frozen),
    Question("02-etcd", "lesson02.etcd", "c", {"a": "M6", "b": "M6", "d": "M3"}, evidence.of_etcd),
    Question("02-second", "lesson02.second", "b", {"a": "M6", "c": "M27", "d": "M3"}, evidence.of_second),
)

EXERCISES = (
    Exercise("02-again", "lesson02.again", 'check("02-again", cluster)', check_again),
    Exercise("02-stages", "lesson02.stages", 'check("02-stages", cluster, answer)', check_stages, 1),
    Exercise(
        "02-order", "lesson02.order", 'check("02-order", "ABCDEFGHIJ")', check_order, 1, needs_cluster=False
    ),
    Exercise("02-mei", "lesson02.mei", 'check("02-mei", cluster)', check_mei),
    Exercise("02-rules", "lesson02.rules", 'check("02-rules", cluster)', check_rules),
)

QUIZ = (
    Question("02-quiz-picture", "lesson02.quiz_picture", "b", {"a": "M7", "c": "M6", "d": "M8"}),
    Question("02-quiz-created", "lesson02.quiz_created", "c", {"a": "M39", "b": "M40", "d": "M40"}),
    Question("02-quiz-kubelet", "lesson02.quiz_kubelet", "c", {"a": "M35", "b": "M36", "d": "M7"}),
    Question("02-quiz-conflict", "lesson02.quiz_conflict", "b", {"a": "M6", "c": "M27", "d": "M8"}),
    Question("02-quiz-down", "lesson02.quiz_down", "d", {"a": "M3", "b": "M4", "c": "M6"}),
    Question("02-quiz-idle", "lesson02.quiz_idle", "a", {"b": "M8", "c": "M7", "d": "M8"}),
)

LESSON = Lesson("02", BETS, EXERCISES, (Explanation("02-explain", "lesson02.explain"),), QUIZ)
