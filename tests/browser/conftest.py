"""A Chromium, and the course served in JupyterLab: once per process, in folders of its own, on the loopback only."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

import pytest
from browser.chromium import ARGUMENTS, free_port, opened, path_of_chromium
from browser.jupyter import Lab
from playwright.sync_api import Browser, Page, sync_playwright
from repository.support import ROOT, serving

LIMIT_SECONDS = 300


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser for all tests of this process."""
    executable = path_of_chromium()
    if executable is None:
        pytest.skip("no Chromium here: install one, or name it in K8SCOURSE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`k8scourse lab` of a clone of its own: whatever is saved or left behind stays outside the repository."""
    folder = tmp_path_factory.mktemp("lab")
    clone = folder / "clone"
    for name in ("k8scourse", "notebooks"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copy(ROOT / "pyproject.toml", clone)
    command = [sys.executable, "-m", "k8scourse", "lab", "--no-browser", "--port", str(free_port())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(clone))
        patch.setenv("JUPYTER_DATA_DIR", str(folder / "home" / "data"))
        with serving(command, clone, folder / "home", LIMIT_SECONDS) as address:
            yield Lab(chromium, address, clone / "notebooks")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a window of its own; an error of its scripts fails the test."""
    with opened(chromium) as page:
        yield page
