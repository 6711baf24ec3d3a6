"""A still picture of a frame: one SVG with its title, description and caption inside, light and dark."""

from __future__ import annotations

from html import escape
from typing import Any

from . import draw, icons, theme
from .draw import Speaker
from .widths import fit, width

HEAD, FOOT = 44, 56
LANG = {"en": "en", "zh-TW": "zh-Hant"}


def svg(
    frame: dict[str, Any],
    *,
    language: str = "en",
    restaurant: bool = False,
    theme_name: str = "auto",
    sentence: str = "",
    description: str = "",
) -> str:
    """The whole drawing. `sentence` stands below the board, `description` is what a screen reader says."""
    speaker = Speaker(language, restaurant)
    body = board(frame, speaker)
    w, h = frame["w"], frame["h"] + HEAD + (FOOT if sentence else 4)
    title = speaker.text("board.title", name=speaker.cluster(frame["name"]))
    caption = speaker.text("board.caption", name=speaker.cluster(frame["name"]), seconds=frame["t"])
    about = f"{description} {caption}".strip()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 {w + 20} {h}" class="k8s-board" role="img" '
        f'lang="{LANG[language]}" aria-labelledby="k8s-title k8s-desc">'
        f'<title id="k8s-title">{escape(title)}</title><desc id="k8s-desc">{escape(about)}</desc>'
        f"<style>{theme.style('.k8s-board', theme_name)}</style>{icons.symbols(_names(body))}"
        f'<rect x="-10" width="{w + 20}" height="{h}" style="fill:var(--ground)"/>'
        f"{_header(frame, speaker)}"
        f'<g transform="translate(0,{HEAD})">{body}</g>'
        f"{_footer(frame, sentence, HEAD + frame['h'] + 8) if sentence else ''}</svg>"
    )


def board(frame: dict[str, Any], speaker: Speaker) -> str:
    """The boxes, links and messages without the frame around them."""
    active = set(frame["active"])
    back = [_group(box, speaker, active) for box in frame["boxes"] if box["k"] in draw.BACK]
    front = [_group(box, speaker, active) for box in frame["boxes"] if box["k"] not in draw.BACK]
    links = [draw.link(one) for one in frame["links"]]
    flows = [draw.flow(one) for one in frame["flows"]]
    return "".join([*back, *links, *front, *flows])


def _group(box: dict[str, Any], speaker: Speaker, active: set[str]) -> str:
    kind, state = box["k"], draw.shown(box)
    cls = f' class="{state}"' if state and kind != "stage" else ""
    ring = ""
    if box["i"] in active and kind != "card" and kind != "plane":
        ring = f'<rect x="-3" y="-3" width="{box["w"] + 6}" height="{box["h"] + 6}" rx="12" class="ring"/>'
    return f'<g{cls} transform="translate({box["x"]},{box["y"]})">{draw.inner(box, speaker)}{ring}</g>'


def _names(body: str) -> list[str]:
    parts = body.split('href="#k8s-')[1:]
    return [part[: part.index('"')] for part in parts]


def _header(frame: dict[str, Any], speaker: Speaker) -> str:
    name = speaker.cluster(frame["name"])
    counts = speaker.text(
        "board.counts", version=frame["version"], nodes=frame["workers"], pods=frame["pods"]
    )
    at = int(width(name, 18, True)) + 16
    time = speaker.text("menu.time", seconds=f"{frame['t']:.2f}")
    return (
        draw.text(1, 27, name, "b", 18)
        + draw.text(at, 27, counts, "s", 14)
        + draw.text(frame["w"] - 1, 27, time, "e s", 14)
    )


def _footer(frame: dict[str, Any], sentence: str, y: int) -> str:
    w = frame["w"] - 2
    lines = _wrapped(sentence, w - 66)
    number = frame.get("main") or 1
    first = 26 if len(lines) == 1 else 17
    body = "".join(
        draw.text(46, first + i * 17, content, "", 14 if len(lines) == 1 else 0)
        for i, content in enumerate(lines)
    )
    panel = draw.rect(0, 0, w, 42, 10, "panel") + draw.number(22, 21, number)
    return f'<g transform="translate(1,{y})">{panel}{body}</g>'


def _wrapped(sentence: str, room: int) -> list[str]:
    """The sentence on one line of 14 px, or on two of 13."""
    if width(sentence, 14) <= room:
        return [sentence]
    spaced = " " in sentence.strip() and sentence.isascii()
    pieces = sentence.split(" ") if spaced else list(sentence)
    glue = " " if spaced else ""
    first = ""
    for index, piece in enumerate(pieces):
        longer = f"{first}{glue if first else ''}{piece}"
        if width(longer, 13) > room:
            return [first, fit(glue.join(pieces[index:]), room, 13)]
        first = longer
    return [first]
