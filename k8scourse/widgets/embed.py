"""Puts colours, icons, widths and words into `board.js`, so that it is one file: `python -m k8scourse.widgets.embed`.

The tables have one source, in Python and in the catalogues; a test sees to it that the module is fresh.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from k8scourse import words
from k8scourse.diagrams import icons, packer, theme, widths

MODULE = Path(__file__).with_name("board.js")
STYLE = Path(__file__).with_name("board.css")
TABLES = ("board.", "menu.", "state.", "inspector.")
_BLOCK = re.compile(r"(/\* LOOK:begin [^\n]*\*/\n).*?(/\* LOOK:end \*/)", re.DOTALL)


def look() -> dict[str, object]:
    """Everything that the module needs to know beside the frames."""
    names = [*icons.SYMBOLS, *icons.GLYPHS]
    return {
        "style": style(),
        "defs": icons.symbols(names),
        "icons": dict.fromkeys(icons.GLYPHS, 1),
        "widths": [widths.em(chr(code)) for code in range(32, 127)],
        "stages": list(packer.STAGES),
        "words": {language: _words(language) for language in words.LANGUAGES},
    }


def style() -> str:
    """The style sheet of the live board: the drawing's and that of what is around it."""
    themes = "".join(
        f".k8s-app[data-theme={name}]{{{theme.variables(name == 'dark')}color-scheme:{name}}}"
        for name in ("light", "dark")
    )
    around = re.sub(r"\s*\n\s*", "", STYLE.read_text(encoding="utf-8"))
    return themes + theme.rules(".k8s-board") + around.replace("FONT", theme.FONT).replace("MONO", theme.MONO)


def _words(language: str) -> dict[str, str]:
    return {
        key: value
        for key, value in words.catalogue(language).items()
        if key.removeprefix("restaurant.").startswith(TABLES)
    }


def embedded(module: str) -> str:
    """The module's text with a fresh block of tables."""
    text = json.dumps(look(), ensure_ascii=False, indent=0, sort_keys=True).replace("\n", " ")
    return _BLOCK.sub(lambda match: f"{match.group(1)}const LOOK = {text};\n{match.group(2)}", module)


def main() -> None:
    """Rewrite the module's block."""
    MODULE.write_text(embedded(MODULE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
