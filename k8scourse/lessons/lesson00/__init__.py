"""Lesson 00, "One order, start to finish": what it asks, and the misconceptions behind every wrong answer.

The M-numbers are those of the course's list of misconceptions; teachers read them in `misconceptions()`.
"""

from __future__ import annotations

from ..lesson import Exercise, Explanation, Lesson, Question
from . import evidence
from .order import check_order
from .service import check_service
from .who_wrote import check_who_wrote
from .writers import check_writers

BETS = (
    Question(
        "00-created", "lesson00.created", "b", {"a": "M39", "c": "M40", "d": "M39"}, evidence.of_created
    ),
    Question(
        "00-who-tells", "lesson00.who_tells", "c", {"a": "M7", "b": "M8", "d": "M6"}, evidence.of_who_tells
    ),
    Question(
        "00-delete-pod",
        "lesson00.delete_pod",
        "d",
        {"a": "M22", "b": "M23", "c": "M12"},
        evidence.of_delete_pod,
    ),
    Question(
        "00-cut-node", "lesson00.cut_node", "c", {"a": "M11", "b": "M13", "d": "M14"}, evidence.of_cut_node
    ),
    Question(
        "00-traffic", "lesson00.traffic", "b", {"a": "M17", "c": "M18", "d": "M19"}, evidence.of_traffic
    ),
)

EXERCISES = (
    Exercise(
        "00-who-wrote", "lesson00.who_wrote", 'check("00-who-wrote", cluster, answer)', check_who_wrote, 1
    ),
    Exercise(
        "00-order", "lesson00.order", 'check("00-order", "ABCDEFGHIJKL")', check_order, 1, needs_cluster=False
    ),
    Exercise("00-fix-service", "lesson00.fix_service", 'check("00-fix-service", cluster)', check_service),
    Exercise("00-writers", "lesson00.writers", 'check("00-writers", cluster, writers)', check_writers, 1),
)

QUIZ = (
    Question("00-quiz-picture", "lesson00.quiz_picture", "b", {"a": "M7", "c": "M6", "d": "M1"}),
    Question("00-quiz-starts", "lesson00.quiz_starts", "c", {"a": "M9", "b": "M39", "d": "M40"}),
    Question("00-quiz-restarts", "lesson00.quiz_restarts", "a", {"b": "M23", "c": "M12", "d": "M4"}),
    Question("00-quiz-cut", "lesson00.quiz_cut", "d", {"a": "M13", "b": "M3", "c": "M12"}),
    Question("00-quiz-ready", "lesson00.quiz_ready", "a", {"b": "M32", "c": "M17", "d": "M19"}),
)

LESSON = Lesson("00", BETS, EXERCISES, (Explanation("00-explain", "lesson00.explain"),), QUIZ)
