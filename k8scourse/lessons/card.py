"""What every function of a lesson answers: a card of lines, readable as text and as HTML.

A card never depends on a widget. Where a live front end can show buttons, a card that offers choices may bring
them along as one more view; the text and the HTML are complete without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

Style = Literal["title", "text", "option", "fact", "note"]
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^\s*<>](?:[^*<>]*[^\s*<>])?)\*\*")
_EMPHASIS = re.compile(r"\*([^\s*<>](?:[^*<>]*[^\s*<>])?)\*")
_MARGIN = {"title": "", "text": "", "option": "  ", "fact": "  ", "note": "  "}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card. `label` stands before the text: a letter, a symbol, the name of a fact."""

    style: Style
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: what it says, and what happens when it is pressed (it answers the card that comes next)."""

    label: str
    act: Callable[[], Card]


@dataclass(frozen=True, slots=True)
class Group:
    """Choices that belong together, and the card above them."""

    card: Card
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Lines to read. `passed` is True or False where the card is a verdict, None elsewhere.

    `mistake` names the mistake that was recognised ("" for none), `misconception` its number in the list of
    misconceptions; neither is shown. `groups` are the buttons a live front end may offer.
    """

    lines: tuple[Line, ...]
    passed: bool | None = None
    mistake: str = ""
    misconception: str = ""
    groups: tuple[Group, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return "\n".join(_as_text(line) for line in self.lines)

    def __repr__(self) -> str:
        return str(self)

    @property
    def html(self) -> str:
        """The card as HTML: plain elements, no colours, no scripts."""
        parts: list[str] = []
        options: list[Line] = []
        for line in (*self.lines, None):
            if line is not None and line.style == "option":
                options.append(line)
                continue
            if options:
                parts.append(_list(options))
                options = []
            if line is not None:
                parts.append(_as_html(line))
        return '<div class="k8scourse-card">' + "".join(parts) + "</div>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": str(self), "text/html": self.html}
        if self.groups:
            from .buttons import view

            bundle.update(view(self))
        return bundle


def _as_text(line: Line) -> str:
    label = f"{line.label}) " if line.style == "option" else _spaced(line.label)
    return _MARGIN[line.style] + label + line.text


def _spaced(label: str) -> str:
    """A label with the space that its language wants behind it: none after a full-width colon."""
    return label if not label or label.endswith("：") else f"{label} "


def _as_html(line: Line) -> str:
    label = f"<strong>{_inline(_spaced(line.label))}</strong>" if line.label else ""
    if line.style == "title":
        return f"<p>{label}<strong>{_inline(line.text)}</strong></p>"
    if line.style == "note":
        return f"<p>{label}<em>{_inline(line.text)}</em></p>"
    return f"<p>{label}{_inline(line.text)}</p>"


def _list(options: list[Line]) -> str:
    items = (f"<li><strong>{escape(line.label)})</strong> {_inline(line.text)}</li>" for line in options)
    return '<ul style="list-style: none">' + "".join(items) + "</ul>"


def _inline(text: str) -> str:
    coded = _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", coded))
