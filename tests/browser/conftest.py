"""A Chromium, and the course served in JupyterLab: once per process, in folders of its own, on the loopback only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.chromium import PATIENCE, launched
from browser.jupyter import Lab, served
from playwright.sync_api import Browser, expect

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser for all tests of this process."""
    with launched() as browser:
        if browser is None:
            pytest.skip("no Chromium here: install one, or name it in K8SCOURSE_CHROMIUM")
        yield browser


@pytest.fixture(scope="session")
def lab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The course in JupyterLab."""
    with served(chromium, tmp_path_factory.mktemp("lab")) as lab:
        yield lab
