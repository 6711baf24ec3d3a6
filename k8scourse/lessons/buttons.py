"""Buttons for cards, where a live front end can show them: a third view, never the only one.

ipywidgets is imported only when a notebook kernel is running and a card with choices is displayed.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from .card import Card, Choice, Group

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def view(card: Card) -> dict[str, Any]:
    """The widget view of a card that offers choices; empty where nobody could press a button."""
    if not wanted():
        return {}
    import ipywidgets

    shown = [_group(group) for group in card.groups]
    tail = card.lines[-1]
    box = ipywidgets.VBox([*shown, ipywidgets.HTML(Card((tail,)).html)])
    bundle = box._repr_mimebundle_() or {}
    return {WIDGET_VIEW: bundle[WIDGET_VIEW]} if WIDGET_VIEW in bundle else {}


def wanted() -> bool:
    """Whether this runs in a notebook kernel that has ipywidgets."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return getattr(running, "kernel", None) is not None and find_spec("ipywidgets") is not None


def _group(group: Group) -> Any:
    import ipywidgets

    answer = ipywidgets.HTML("")
    buttons = [_button(choice, answer) for choice in group.choices]
    return ipywidgets.VBox([ipywidgets.HTML(group.card.html), ipywidgets.HBox(buttons), answer])


def _button(choice: Choice, answer: Any) -> Any:
    import ipywidgets

    button = ipywidgets.Button(description=choice.label, layout=ipywidgets.Layout(width="4em"))

    def press(_: object) -> None:
        answer.value = choice.act().html

    button.on_click(press)
    return button
