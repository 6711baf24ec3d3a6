"""Gather what MkDocs builds from: docs/ as it is, and every notebook as a Markdown page of its language.

The pages carry the stored outputs, pictures inline, so that a reader needs no kernel and no network. MkDocs sees
Markdown only: the notebook plugins and the language plugin do not go together.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from play_lesson import players

ROOT = Path(__file__).resolve().parent.parent
GATHERED = ROOT / ".build" / "docs"
BOARD = ROOT / "k8scourse" / "widgets" / "board.js"  # assets/players.js loads it: recorded boards play
LANGUAGES = ("en", "zh-TW")
# What a page can show, best first.
SHOWN = ("image/svg+xml", "text/html", "image/png", "text/markdown", "text/plain")
PLAYER = 'class="k8s-player"'
OTHER_LANGUAGE = re.compile(r"\[([^\]]*)\]\(\.\./(en|zh-TW)/([\w-]+)\.ipynb\)")
BLANK_LINES = re.compile(r"\n\s*\n")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
IDENTIFIERS = re.compile(r'(\bid="|url\(#|href="#)')
LISTS_OF_IDENTIFIERS = re.compile(r'(aria-(?:labelledby|describedby)=")([^"]+)')


def page(notebook: dict[str, Any], name: str, played: Mapping[int, str] = MappingProxyType({})) -> str:
    """The Markdown of one notebook; `played` has a player for the pictures of some cells."""
    cells = enumerate(notebook["cells"])
    parts = [_cell(cell, f"{name}-{number}", played.get(number, "")) for number, cell in cells]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(cell: dict[str, Any], name: str, player: str = "") -> str:
    source = "".join(cell["source"]).rstrip()
    if cell["cell_type"] == "markdown":
        source = OTHER_LANGUAGE.sub(_link_to_other_language, source)
        return re.sub(r"(\]\([^)]*)\.ipynb\b", r"\1.md", source)
    if cell["cell_type"] != "code" or not source:
        return ""
    shown = [_output(output, f"{name}-{number}", player) for number, output in enumerate(cell["outputs"])]
    language = "yaml" if source.startswith("%%apply") else "python"
    return "\n\n".join([_fence(source, language), *filter(None, shown)])


def _link_to_other_language(found: re.Match[str]) -> str:
    """MkDocs builds one language at a time and does not know the other's pages: a plain link, checked by a test."""
    words, language, name = found.groups()
    folder = "../../lessons" if language == "en" else f"../{language}/lessons"
    return f'<a href="{folder}/{name}.html">{words}</a>'


def _output(output: dict[str, Any], name: str, player: str = "") -> str:
    if output["output_type"] == "stream":
        return _text(output["text"])
    if output["output_type"] == "error":
        return _text(f"{output['ename']}: {output['evalue']}")
    data = output["data"]
    if PLAYER in "".join(data.get("text/html", "")):
        return _block("".join(data["text/html"]))
    kind = next((kind for kind in SHOWN if kind in data), None)
    if kind is None:
        return ""
    content = "".join(data[kind]).rstrip()
    if kind == "image/svg+xml" and player:
        return _block(player)
    if kind == "image/svg+xml":
        return f'<figure class="output picture">\n{_own_identifiers(content, name)}\n</figure>'
    if kind == "text/html":
        return _block(content)
    if kind == "image/png":
        return f'<figure class="output"><img alt="" src="data:image/png;base64,{content}"></figure>'
    return content if kind == "text/markdown" else _text(content)


def _block(html: str) -> str:
    """HTML as one block: a blank line inside would end it for Markdown."""
    unbroken = BLANK_LINES.sub("\n", html.strip())
    return f'<div class="output">\n{unbroken}\n</div>'


def _own_identifiers(svg: str, name: str) -> str:
    """Several pictures on one page: each one's ids get the cell's name in front."""
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", svg).strip()
    svg = IDENTIFIERS.sub(rf"\g<1>{name}-", svg)
    svg = LISTS_OF_IDENTIFIERS.sub(lambda found: found[1] + re.sub(r"(\S+)", rf"{name}-\1", found[2]), svg)
    return BLANK_LINES.sub("\n", svg)


def _text(text: str | list[str]) -> str:
    cleaned = ANSI.sub("", "".join(text)).rstrip()
    return _fence(cleaned, "text") if cleaned else ""


def _fence(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def main() -> None:
    """Gather everything anew; a second or less."""
    shutil.rmtree(GATHERED, ignore_errors=True)
    shutil.copytree(ROOT / "docs", GATHERED)
    shutil.copy(BOARD, GATHERED / "assets")
    for language in LANGUAGES:
        lessons = GATHERED / language / "lessons"
        lessons.mkdir(parents=True)
        for path in sorted((ROOT / "notebooks" / language).glob("*.ipynb")):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            text = page(notebook, path.stem, players(path))
            (lessons / f"{path.stem}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
