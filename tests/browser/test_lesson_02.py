"""Lesson 02 in JupyterLab, as a learner meets it: run it, and answer the quiz by a button, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.chromium import picture
from browser.jupyter import Lab, Notebook
from playwright.sync_api import expect

from k8scourse import words

pytestmark = pytest.mark.browser
LESSON = "02-the-only-door.ipynb"


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
    picture(notebook.page, f"lesson-02-{language}-end")


def test_a_wrong_answer_of_the_quiz_is_told_why_at_the_press_of_a_button(
    lesson: tuple[Notebook, str],
) -> None:
    notebook, language = lesson
    quiz = notebook.cells.last
    quiz.scroll_into_view_if_needed()
    quiz.get_by_role("button", name="a", exact=True).first.click()
    expect(quiz).to_contain_text(words.text("lesson02.quiz_picture.because_a", language))
    picture(notebook.page, f"lesson-02-{language}-quiz")
