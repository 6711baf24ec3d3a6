"""The page of lesson 00 on the web site: its pictures show, and play, with no kernel behind them."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import build_site
import pytest
from browser.board import Board
from browser.chromium import WINDOW, opened, picture
from playwright.sync_api import Browser, Page, Request, expect
from repository.support import ROOT

from k8scourse import words

pytestmark = pytest.mark.browser
PAGES = {"en": "lessons/00-one-order.html", "zh-TW": "zh-TW/lessons/00-one-order.html"}
PICTURES = "figure.picture svg, figure.k8s-player img, figure.k8s-player svg.k8s-board"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing: what a test prints is for its failures."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, built in a folder of its own and served on the loopback."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_site, "GATHERED", folder / "docs")
        build_site.main()
    _build(folder)
    handler = functools.partial(_Quiet, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _build(folder: Path) -> None:
    config = folder / "mkdocs.yml"
    config.write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: {folder / 'docs'}\nsite_dir: {folder / 'site'}\n"
    )
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(config)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr


def _open(page: Page, site: str, language: str) -> list[str]:
    """Open the lesson; gives the addresses elsewhere that it asks, as it asks them."""
    elsewhere: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith((site, "data:")):
            elsewhere.append(request.url)

    page.on("request", asked)
    page.goto(site + PAGES[language])
    return elsewhere


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_its_pictures_play_with_no_kernel(chromium: Browser, site: str, language: str) -> None:
    with opened(chromium) as page:
        elsewhere = _open(page, site, language)
        board = Board(page.locator(".k8s-app").nth(1))
        board.app.scroll_into_view_if_needed()
        last = board.steps
        assert last == board.step
        expect(board.pods).to_have_count(3)
        picture(page, f"site-{language}")
        board.button(words.text("menu.start", language)).click()
        expect(board.pods).to_have_count(0)
        board.button(words.text("menu.play", language)).click()
        board.wait_for_more_than(1)
        picture(page, f"site-{language}-playing")
        board.press("End")
        board.wait_for_step(last)
        board.app.locator(".k8s-lang").click()
        expect(page.locator("figcaption").nth(1)).to_have_attribute(
            "lang", "zh-Hant" if language == "en" else "en"
        )
        assert [] == elsewhere


@pytest.mark.parametrize(("scheme", "width"), [("dark", WINDOW["width"]), ("light", 700)])
def test_its_pictures_fit_the_page(chromium: Browser, site: str, scheme: Any, width: int) -> None:
    with opened(chromium, color_scheme=scheme) as page:
        page.set_viewport_size({**WINDOW, "width": width})
        _open(page, site, "en")
        apps = page.locator(".k8s-app")
        expect(apps).not_to_have_count(0)
        for number in range(apps.count()):
            board = Board(apps.nth(number))
            board.app.scroll_into_view_if_needed()
            expect(board.app).to_have_attribute("data-theme", scheme)
            assert [] == board.overlapping
            assert [] == board.outside
        picture(page, f"site-{scheme}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_its_pictures_show_without_scripts(chromium: Browser, site: str) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        _open(page, site, "en")
        pictures = page.locator(PICTURES)
        expect(pictures).not_to_have_count(0)
        for number in range(pictures.count()):
            box = pictures.nth(number).bounding_box()
            assert box is not None
            assert box["width"] > 600
            assert box["height"] > 300
        pictures.first.scroll_into_view_if_needed()
        picture(page, "site-no-scripts")
