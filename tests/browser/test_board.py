"""The live board in JupyterLab: time, faults, words, keys, and code in another cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.board import Board
from browser.chromium import WINDOW, picture
from browser.jupyter import Lab, Notebook
from playwright.sync_api import expect

from k8scourse import words
from k8scourse.diagrams.packer import MEDIUM, NARROW, WIDE, Packer

pytestmark = pytest.mark.browser
SHOW = """\
from k8scourse import Cluster
cluster = Cluster()
cluster.kubectl("create deployment web --image=nginx:1.27 --replicas=3")
cluster.run(until="deployment/web available")
cluster.view()
"""
BAR = "kube-apiserver@control-plane-1"
SCHEDULER = "kube-scheduler@control-plane-1"


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    """A notebook with two empty cells: one for the board, one for code."""
    path = lab.write("en/scratch.ipynb", "", "")
    with lab.notebook(path) as notebook:
        yield notebook


@pytest.fixture
def board(notebook: Notebook) -> Board:
    """The board of a new cluster with three Pods of `web`, in a window of the usual size."""
    notebook.page.set_viewport_size(WINDOW)
    notebook.sidebar(shown=True)
    notebook.run(0, SHOW)
    board = notebook.board()
    expect(board.pods).to_have_count(3)
    return board


def test_buttons_and_keys_step_through_time(board: Board) -> None:
    last = board.steps
    board.button("To the start").click()
    board.wait_for_step(0)
    expect(board.pods).to_have_count(0)
    expect(board.button("One step back")).to_be_disabled()
    board.button("One step forward").click()
    board.wait_for_step(1)
    board.press("ArrowRight")
    board.wait_for_step(2)
    board.press("ArrowLeft")
    board.wait_for_step(1)
    board.press("End")
    board.wait_for_step(last)
    board.press("ArrowRight")
    expect(board.sentence).to_contain_text("nothing happened")
    assert last == board.step


def test_it_plays_and_pauses(board: Board) -> None:
    board.press("Home")
    board.wait_for_step(0)
    board.press("+")
    board.press("+")
    expect(board.app.locator(".k8s-speed")).to_have_text("4×")
    board.press("Space")
    expect(board.button("Pause")).to_be_visible()
    board.wait_for_more_than(3)
    picture(board.app.page, "board-playing")
    board.press("Space")
    expect(board.button("Play")).to_be_visible()
    assert board.step > 3


def test_a_pod_is_crashed_by_clicking_it(notebook: Notebook, board: Board) -> None:
    expect(board.faults).to_have_count(0)
    board.pods.first.click()
    picture(board.app.page, "board-menu-of-a-pod")
    board.menu.get_by_role("menuitem", name="Crash it").click()
    expect(board.sentence).to_contain_text("You crashed")
    expect(board.faults).not_to_have_count(0)
    expect(board.app).not_to_have_class(re.compile("k8s-past"))
    picture(board.app.page, "board-crashed")
    crashed = board.step
    notebook.run(1, "story = cluster.run(10)")
    board.wait_for_more_than(crashed + 1)
    assert board.step == board.steps
    listed = notebook.run(1, "print(cluster.kubectl('get pods'))").locator(".jp-OutputArea-output")
    expect(listed).to_contain_text(re.compile(r"1 \(\d+s ago\)"))


def test_code_in_another_cell_moves_the_board(notebook: Notebook, board: Board) -> None:
    notebook.run(1, 'print(cluster.kubectl("scale deployment web --replicas=7")); story = cluster.run(5)')
    expect(board.pods).to_have_count(7)
    expect(board.app.locator("[data-kind=pod].running:not(.k8s-gone)")).to_have_count(7)
    picture(board.app.page, "board-scaled")


def test_a_node_is_cut_off_and_the_past_takes_another_road(board: Board) -> None:
    board.app.locator('[data-kind="plate"][data-id="worker-2/plate"]').wait_for()
    board.app.locator('[data-kind="card"][data-id="worker-2"]').press("Enter")
    board.menu.get_by_role("menuitem", name="Cut its network").click()
    expect(board.app.locator(".wire.cut")).to_have_count(2)
    picture(board.app.page, "board-cut")
    board.press("Home")
    board.wait_for_step(0)
    expect(board.app.locator(".wire.cut")).to_have_count(0)
    board.part(SCHEDULER).click()
    board.menu.get_by_role("menuitem", name="Crash it").click()
    picture(board.app.page, "board-past-question")
    board.menu.get_by_role("menuitem", name="Take the other road").click()
    expect(board.app.locator(".k8s-road")).to_be_visible()
    expect(board.sentence).to_contain_text("You crashed the scheduler")
    picture(board.app.page, "board-other-road")


def test_selecting_a_part_opens_the_inspector(board: Board) -> None:
    board.part(SCHEDULER).click()
    expect(board.details.get_by_role("heading", level=4)).to_have_text("Scheduler, running")
    expect(board.details).to_contain_text("What it sees now")
    expect(board.details).to_contain_text("As YAML")
    board.press("Escape")
    expect(board.menu).to_be_hidden()
    picture(board.app.page, "board-inspector")
    expect(board.details.locator("li", has_text="web-")).to_have_count(5)
    board.press("Home")
    expect(board.details.locator("li", has_text="web-")).to_have_count(0)
    board.press("Escape")
    expect(board.details).to_be_hidden()


def test_the_question_mark_lists_the_keys(board: Board) -> None:
    board.press("?")
    expect(board.menu).to_contain_text("Space: play or pause")
    picture(board.app.page, "board-keys")
    board.press("Escape")
    expect(board.menu).to_be_hidden()


def test_no_key_of_the_notebook_works_on_the_board_and_none_of_the_board_in_a_cell(
    notebook: Notebook, board: Board
) -> None:
    for key in "ddxb":
        board.press(key)
    expect(notebook.cells).to_have_count(2)
    step = board.step
    notebook.cells.nth(1).locator(".cm-content").click()
    for key in ("ArrowLeft", "Home", "Space", "?"):
        notebook.page.keyboard.press(key)
    expect(board.menu).to_be_hidden()
    expect(board.button("Play")).to_be_visible()
    assert step == board.step


@pytest.mark.parametrize(
    ("width", "files", "layout"), [(1400, False, WIDE), (1400, True, MEDIUM), (700, False, NARROW)]
)
def test_every_language_and_vocabulary_fits_and_speaks(
    notebook: Notebook, board: Board, width: int, files: bool, layout: str
) -> None:
    page = notebook.page
    page.set_viewport_size({**WINDOW, "width": width})
    notebook.sidebar(shown=files)
    expect(board.drawing).to_have_attribute("viewBox", re.compile(f"^0 0 {Packer(layout).width} "))
    for language in words.LANGUAGES:
        for restaurant in (False, True):
            _speak(board, language, restaurant)
            board.settle()
            assert [] == board.overlapping
            assert [] == board.outside
            assert board.app.evaluate("(app) => app.scrollWidth <= app.clientWidth")
            assert board.smallest_text > 9
            vocabulary = "restaurant" if restaurant else "kubernetes"
            picture(page, f"board-{layout}-{language}-{vocabulary}")


def _speak(board: Board, language: str, restaurant: bool) -> None:
    spoken = {"en": "en", "zh-Hant": "zh-TW"}[board.app.get_attribute("lang") or ""]
    if spoken != language:
        board.button(words.text("menu.language", spoken)).click()
    word = words.text("menu.restaurant" if restaurant else "menu.kubernetes", language)
    board.button(word).click()
    key = f"{'restaurant.' if restaurant else ''}board.kube-apiserver"
    expect(board.app.locator(f'[data-id="{BAR}"] text').first).to_have_text(words.text(key, language))


def test_it_follows_the_theme_of_the_page(notebook: Notebook, board: Board) -> None:
    try:
        notebook.theme("Dark")
        expect(board.app).to_have_attribute("data-theme", "dark")
        picture(notebook.page, "board-dark")
    finally:
        notebook.theme("Light")
    expect(board.app).to_have_attribute("data-theme", "light")


def test_nothing_travels_where_less_motion_is_wished(notebook: Notebook, board: Board) -> None:
    notebook.page.emulate_media(reduced_motion="reduce")
    board.press("Home")
    board.press("ArrowRight")
    board.wait_for_step(1)
    expect(board.app.locator(".k8s-flows .head")).not_to_have_count(0)
    expect(board.app.locator(".k8s-flows .k8s-dot")).to_have_count(0)
    picture(notebook.page, "board-less-motion")
    notebook.page.emulate_media(reduced_motion=None)
