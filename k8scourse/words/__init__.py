"""Every word that a learner sees in a diagram, a check, a hint or an error: one catalogue, two languages.

A folder per language, a TOML file per table, the same keys in both. `text("board.kubelet")` gives the words in
the language in use; placeholders are `str.format`'s. Kubernetes' own messages are not here: they stay English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh-TW")
_in_use = ["en"]


def use(language: str) -> None:
    """Speak this language from now on, where nobody asks for another; ValueError when there is no such one."""
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}: there are {', '.join(LANGUAGES)}")
    _in_use[0] = language


def language() -> str:
    """The language in use."""
    return _in_use[0]


def text(key: str, language: str | None = None, /, **values: Any) -> str:
    """The words of `key` ("table.name"), with `values` in their places. KeyError when there is no such key."""
    words = catalogue(language or _in_use[0])[key]
    return words.format(**values) if values else words


def has(key: str) -> bool:
    """Whether the catalogue knows the key."""
    return key in catalogue(_in_use[0])


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All words of one language by their dotted keys."""
    found: dict[str, str] = {}
    folder = files(__package__).joinpath(language)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            found |= _flatten("", tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def _flatten(prefix: str, table: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        flat |= (
            _flatten(f"{prefix}{name}.", value)
            if isinstance(value, dict)
            else {f"{prefix}{name}": str(value)}
        )
    return flat
