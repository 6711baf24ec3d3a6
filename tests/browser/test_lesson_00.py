"""Lesson 00 in JupyterLab, as a learner meets it: run it, play it, break it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.chromium import picture
from browser.jupyter import Lab, Notebook
from playwright.sync_api import expect

from k8scourse import words

pytestmark = pytest.mark.browser
LESSON = "00-one-order.ipynb"


@pytest.fixture(scope="module", params=words.LANGUAGES)
def lesson(request: pytest.FixtureRequest, lab: Lab) -> Iterator[tuple[Notebook, str]]:
    """The lesson in one language, run from top to bottom."""
    language: str = request.param
    with lab.notebook(f"{language}/{LESSON}") as notebook:
        notebook.run_all()
        yield notebook, language


def test_the_lesson_runs_from_top_to_bottom(lesson: tuple[Notebook, str]) -> None:
    notebook, language = lesson
    assert [] == notebook.errors
    assert [] == notebook.unfinished
    picture(notebook.page, f"lesson-00-{language}-end")


def test_its_live_board_plays_steps_and_breaks(lesson: tuple[Notebook, str]) -> None:
    notebook, language = lesson
    board = notebook.board()
    board.app.scroll_into_view_if_needed()
    expect(board.app).to_have_attribute("lang", "en" if language == "en" else "zh-Hant")
    board.press("Home")
    board.wait_for_step(0)
    board.button(words.text("menu.play", language)).click()
    board.wait_for_more_than(1)
    picture(notebook.page, f"lesson-00-{language}-playing")
    board.button(words.text("menu.pause", language)).click()
    board.press("End")
    expect(board.position).to_have_text(re.compile(rf"\b{board.steps}\D+{board.steps}\b"))
    pod = board.pods.and_(board.app.locator(".running")).first
    faults = board.faults.count()
    pod.click()
    picture(notebook.page, f"lesson-00-{language}-menu")
    board.menu.get_by_role("menuitem", name=words.text("menu.crash", language)).click()
    expect(board.faults).not_to_have_count(faults)
    expect(board.menu).to_be_hidden()
    picture(notebook.page, f"lesson-00-{language}-crashed")
