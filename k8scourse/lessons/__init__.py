"""What turns notebooks into lessons: bets before a run, checks after it, hints between, a quiz at the end.

`predict`, `outcome`, `check`, `hint`, `quiz` and `progress` are plain functions. Each gives a `Card` that reads
well as text and as HTML; buttons are a third view of the same functions. A check looks at the cluster's objects
and its trace, never at what was typed. What a lesson asks is data: one module per lesson (`lesson00`), its words
in both languages in the catalogue.
"""

from __future__ import annotations

from .card import Card
from .checks import check, hint
from .predictions import outcome, predict
from .progress import load_progress, misconceptions, progress, save_progress
from .quizzes import quiz

__all__ = [
    "Card",
    "check",
    "hint",
    "load_progress",
    "misconceptions",
    "outcome",
    "predict",
    "progress",
    "quiz",
    "save_progress",
]
