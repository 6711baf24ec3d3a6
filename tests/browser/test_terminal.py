"""The real kubectl in JupyterLab's terminal, and the board in the notebook beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chromium import WINDOW, picture
from browser.jupyter import Lab, Notebook
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on this machine"),
]
SHOW = """\
from k8scourse import Cluster
cluster = Cluster()
cluster.kubectl("create deployment web --image=nginx:1.27 --replicas=2")
cluster.run(until="deployment/web available")
served = cluster.serve(speed=4, kubeconfig={path!r})
cluster.view()
"""


@pytest.fixture
def notebook(lab: Lab, tmp_path: Path) -> Iterator[Notebook]:
    path = lab.write("en/terminal.ipynb", "", "")
    with lab.notebook(path) as notebook:
        notebook.page.set_viewport_size(WINDOW)
        notebook.run(0, SHOW.format(path=str(tmp_path / "kubeconfig")))
        yield notebook
        notebook.page.get_by_role("tab", name="terminal.ipynb").click()
        notebook.run(1, "served.stop()")


def test_what_kubectl_does_in_the_terminal_is_seen_on_the_board(notebook: Notebook, tmp_path: Path) -> None:
    page, board = notebook.page, notebook.board()
    expect(board.pods).to_have_count(2)
    notebook.choose("File", "New", "Terminal")
    terminal = page.locator(".jp-Terminal .xterm-helper-textarea")
    terminal.wait_for(state="attached")
    page.locator(".jp-Terminal").click()
    page.keyboard.type(
        f"export KUBECONFIG={tmp_path}/kubeconfig; kubectl scale deployment web --replicas=5\n"
    )
    page.locator(".jp-mod-accessibility, .xterm-screen").first.wait_for()
    page.get_by_role("tab", name="terminal.ipynb").click()
    expect(board.pods).to_have_count(5)
    picture(page, "terminal-and-board")
