"""Every lesson is built alike: bets before outcomes, all exercises, the restaurant and where it breaks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from repository.support import ROOT

from k8scourse.lessons.catalogue import LESSONS
from k8scourse.lessons.lesson import Lesson

WORDS_IN_THE_RESTAURANT = 120
SECTIONS = ("title", "objectives", "restaurant", "quiz", "left-out", "key-points", "words")


def _cells(lesson: Lesson, language: str = "en") -> list[dict[str, Any]]:
    (path,) = (ROOT / "notebooks" / language).glob(f"{lesson.id}-*.ipynb")
    cells: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def _place(cells: list[dict[str, Any]], call: str) -> int:
    return next(
        place for place, cell in enumerate(cells) if call in cell["source"] and cell["cell_type"] == "code"
    )


def _part(cells: list[dict[str, Any]], name: str) -> str:
    return next(str(cell["source"]) for cell in cells if cell["id"] == name)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_cells_have_the_same_names_in_both_languages(lesson: Lesson) -> None:
    assert [cell["id"] for cell in _cells(lesson)] == [cell["id"] for cell in _cells(lesson, "zh-TW")]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_no_section_is_missing(lesson: Lesson) -> None:
    assert set(SECTIONS) <= {cell["id"] for cell in _cells(lesson)}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_bet_is_asked_before_the_run_and_told_after_it(lesson: Lesson) -> None:
    cells = _cells(lesson)
    for bet in lesson.bets:
        asked, told = _place(cells, f'predict("{bet.id}")'), _place(cells, f'outcome("{bet.id}"')
        assert any(cell["cell_type"] == "code" for cell in cells[asked + 1 : told]), bet.id
    assert len(lesson.bets) >= 3


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_exercise_is_checked_and_the_quiz_is_asked(lesson: Lesson) -> None:
    cells = _cells(lesson)
    places = [_place(cells, f'check("{exercise.id}"') for exercise in lesson.exercises]
    assert places == sorted(places)
    assert _place(cells, f'quiz("{lesson.id}")') > max(places)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_restaurant_is_short_and_says_where_it_breaks(lesson: Lesson) -> None:
    text = _part(_cells(lesson), "restaurant")
    story = text.split("\n\n")[1]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")][2:]
    assert len(story.split()) <= WORDS_IN_THE_RESTAURANT
    assert len(rows) >= 5
    assert [] == [row[0] for row in rows if len(row) != 3 or not row[2].strip()]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_sources_are_official_and_of_one_version(lesson: Lesson) -> None:
    text = _part(_cells(lesson), "left-out")
    links = re.findall(r"\]\((https?://[^)]+)\)", text)
    assert len(links) >= 3
    assert [] == [link for link in links if not link.startswith("https://kubernetes.io/docs/")]
    assert {"v1.36.2"} == set(re.findall(r"v1\.\d+\.\d+", text))
