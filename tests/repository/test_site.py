"""The web site: built strictly, complete without a kernel, and asking nothing of any other machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import build_site
import pytest
from repository.support import ROOT

# What a browser loads by itself; a link to follow (<a href>) may lead anywhere.
LOADED = re.compile(
    r"""<(?:script|link|img|iframe|source|object)\b[^>]*?\b(?:src|href|data)=["']?((?:https?:)?//[^"'\s>]+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build_site.main()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize(
    "page",
    [
        "index.html",
        "lessons/00-one-order.html",
        "lessons/02-the-only-door.html",
        "teachers/02-the-only-door.html",
        "engine/design.html",
    ],
)
@pytest.mark.parametrize("language", ["", "zh-TW/"])
def test_every_page_is_there_in_both_languages(site: Path, language: str, page: str) -> None:
    html = (site / language / page).read_text()
    assert f'lang="{"zh-TW" if language else "en"}"' in html


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    found = {path.relative_to(site).as_posix(): _loaded(path) for path in site.rglob("*.html")}
    assert {} == {name: addresses for name, addresses in found.items() if addresses}


def _loaded(path: Path) -> list[str]:
    canonical = re.sub(r'<link rel="?(?:canonical|alternate|prev|next)[^>]*>', "", path.read_text())
    return LOADED.findall(canonical)


def test_every_link_inside_the_site_leads_to_a_page(site: Path) -> None:
    lost = [
        f"{path.relative_to(site)} -> {target}"
        for path in site.rglob("*.html")
        if path.name != "404.html"  # its links are made for the root of a server
        for target in re.findall(r'<a [^>]*?href="([^"#:]+)(?:#[^"]*)?"', path.read_text())
        if not (path.parent / unquote(target)).exists()
    ]
    assert [] == lost


@pytest.mark.parametrize("language", ["", "zh-TW/"])
def test_the_lessons_pictures_are_in_the_page(site: Path, language: str) -> None:
    html = (site / language / "lessons" / "00-one-order.html").read_text()
    assert html.count('<figure class="output picture">') + html.count('class="k8s-player"') > 3


def test_two_pictures_on_a_page_do_not_share_their_identifiers() -> None:
    inner = '<title id="t">x</title><desc id="d">y</desc><use href="#a"/><g id="a" fill="url(#a)"/>'
    svg = f'<svg aria-labelledby="t d">{inner}</svg>'
    output = {"output_type": "display_data", "data": {"image/svg+xml": svg, "text/plain": "x"}}
    cell = {"cell_type": "code", "source": ["show()"], "outputs": [output, output]}
    page = build_site.page({"cells": [cell]}, "lesson")
    names = re.findall(r'\bid="([^"]+)"', page)
    used = re.findall(r"url\(#([^)]+)\)", page) + re.findall(r'href="#([^"]+)"', page)
    labels = [name for group in re.findall(r'aria-labelledby="([^"]+)"', page) for name in group.split()]
    assert 6 == len(names) == len(set(names))
    assert set(names) == set(used) | set(labels)


def test_a_cells_text_shows_as_it_was_printed() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["a ``` b\n", "\x1b[31mred\x1b[0m\n"]}
    cell = {"cell_type": "code", "source": ["print()"], "outputs": [stream]}
    page = build_site.page({"cells": [cell]}, "lesson")
    assert "```python\nprint()\n```\n\n````text\na ``` b\nred\n````\n" == page


def test_a_table_keeps_the_space_before_its_first_column() -> None:
    output = {"output_type": "execute_result", "data": {"text/plain": ["   one\n", "   two\n"]}}
    page = build_site.page({"cells": [{"cell_type": "code", "source": ["x"], "outputs": [output]}]}, "lesson")
    assert "```text\n   one\n   two\n```\n" in page


def test_links_between_lessons_lead_to_pages() -> None:
    cell = {"cell_type": "markdown", "source": ["[next](01-etcd.ipynb#watch)"]}
    assert "[next](01-etcd.md#watch)\n" == build_site.page({"cells": [cell]}, "lesson")


def test_a_recorded_board_stays_a_player_on_the_page() -> None:
    figure = '<figure class="k8s-player">\n\n<script type="application/json">{}</script></figure>'
    output = {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>", "text/html": figure}}
    page = build_site.page(
        {"cells": [{"cell_type": "code", "source": ["play()"], "outputs": [output]}]}, "lesson"
    )
    assert "<svg" not in page
    assert figure.replace("\n\n", "\n") in page


def test_the_page_brings_the_module_that_plays_recorded_boards(site: Path) -> None:
    assert (ROOT / "k8scourse" / "widgets" / "board.js").read_text() == (
        site / "assets" / "board.js"
    ).read_text()
    assert (
        '<script src="../assets/players.js" type="module">'
        in (site / "lessons" / "00-one-order.html").read_text()
    )
