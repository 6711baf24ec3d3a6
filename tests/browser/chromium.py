"""Where Chromium is, how it is started, and where its pictures go."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from repository.support import ROOT

WINDOW: ViewportSize = {"width": 1400, "height": 1000}
PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine; nothing waits longer than it must."""
SCREENSHOTS = ROOT / ".build" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def path_of_chromium() -> str | None:
    """The browser to drive: the one that is named, or the system's."""
    named = os.environ.get("K8SCOURSE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser | None]:
    """A headless browser, or None where there is no Chromium."""
    executable = path_of_chromium()
    if executable is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


def free_port() -> int:
    """A port of the loopback that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a context of its own; an uncaught error of one of its scripts is raised when it closes."""
    context = browser.new_context(viewport=WINDOW, **options)
    context.set_default_timeout(PATIENCE)
    errors: list[str] = []
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error.stack or error.message))
        yield page
    finally:
        context.close()
    assert [] == errors


def picture(page: Page, name: str) -> Path:
    """A screenshot to look at, in a folder that is not committed."""
    path = SCREENSHOTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, animations="disabled")
    return path
