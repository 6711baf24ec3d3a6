"""JupyterLab as a learner uses it: a notebook is opened, run, written into, and looked at."""

from __future__ import annotations

import json
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from browser.board import Board
from browser.chromium import free_port, opened
from playwright.sync_api import Browser, Locator, Page, expect
from repository.support import ROOT, serving

LIMIT_SECONDS = 300
"""When a server that was forgotten ends."""
NOTHING_WAITS = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((one) => one.textContent);
    return prompts.some((one) => /\\d/.test(one)) && !prompts.some((one) => one.includes('*'));
}"""
ERRORS = ".jp-OutputArea-output:is([data-mime-type$='.error'], [data-mime-type$='.stderr'])"


@contextmanager
def served(browser: Browser, folder: Path) -> Iterator[Lab]:
    """`k8scourse lab` of a clone of its own in `folder`: whatever is saved or left behind stays there."""
    clone = folder / "clone"
    for name in ("k8scourse", "notebooks"):
        shutil.copytree(
            ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    shutil.copy(ROOT / "pyproject.toml", clone)
    command = [sys.executable, "-m", "k8scourse", "lab", "--no-browser", "--port", str(free_port())]
    own = {"PYTHONPATH": str(clone), "JUPYTER_DATA_DIR": str(folder / "home" / "data")}
    command = ["env", *(f"{name}={value}" for name, value in own.items()), *command]
    with serving(command, clone, folder / "home", LIMIT_SECONDS) as address:
        yield Lab(browser, address, clone / "notebooks")


class Lab(NamedTuple):
    """A JupyterLab that runs: the browser to look at it, its first address, and the folder that it serves."""

    browser: Browser
    address: str
    folder: Path

    @contextmanager
    def notebook(self, path: str, **window: Any) -> Iterator[Notebook]:
        """A notebook of the folder, with its kernel running and nothing beside it in its window.

        `window`: Playwright's options of a context.
        """
        with opened(self.browser, **window) as page:
            page.goto(
                re.sub(r"/lab/tree/[^?]*", f"/lab/workspaces/{uuid.uuid4().hex}/tree/{path}", self.address)
            )
            notebook = Notebook(page)
            notebook.wait_for_kernel()
            yield notebook

    def write(self, path: str, *cells: str) -> str:
        """Make a notebook with these code cells; returns its path."""
        code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
        written = [{**code, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)]
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        notebook = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (self.folder / path).write_text(json.dumps(notebook), encoding="utf-8")
        return path


class Notebook:
    """One notebook in one window."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wait_for_kernel(self) -> None:
        """Until the status bar says that the kernel listens."""
        self.page.get_by_text(re.compile(r"\| (Idle|Busy)$")).wait_for()

    def choose(self, *words: str) -> None:
        """Click through the menu bar."""
        for word in words:
            labels = self.page.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel").filter(visible=True)
            labels.filter(has_text=re.compile(rf"^{word}$")).click()

    def theme(self, name: str) -> None:
        """Choose JupyterLab's theme: Light or Dark."""
        self.choose("Settings", "Theme", f"JupyterLab {name}")

    def sidebar(self, *, shown: bool) -> None:
        """Show or hide the list of files."""
        files = self.page.locator(".jp-FileBrowser")
        if files.is_visible() != shown:
            self.page.locator('.jp-SideBar.jp-mod-left [data-id="filebrowser"]').click()
        expect(files).to_be_visible(visible=shown)

    def run_all(self) -> None:
        """Run every cell from the top, as if nothing had been stored, until none waits any more."""
        self.choose("Edit", "Clear Outputs of All Cells")
        self.choose("Run", "Run All Cells")
        self.page.wait_for_function(NOTHING_WAITS)

    def run(self, number: int, code: str) -> Locator:
        """Write `code` into a code cell and run it there until it is done; gives the cell."""
        cell = self.cells.nth(number)
        before = cell.locator(".jp-InputPrompt").inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        prompt = cell.locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\d"))
        expect(prompt).not_to_have_text(before)
        return cell

    def board(self, number: int = 0) -> Board:
        """The live board of this number on the page."""
        return Board(self.page.locator(".k8s-app").nth(number))

    @property
    def cells(self) -> Locator:
        """The code cells."""
        return self.page.locator(".jp-CodeCell")

    @property
    def unfinished(self) -> list[str]:
        """The code cells that did not run."""
        prompts = self.cells.filter(has_not=self.page.locator(".jp-InputPrompt", has_text=re.compile(r"\d")))
        return prompts.locator(".cm-content").all_inner_texts()

    @property
    def errors(self) -> list[str]:
        """What cells complained about."""
        return self.page.locator(ERRORS).all_inner_texts()
