"""The request view: one API request's road through the server, from the one who asks to the store.

The API server is the blue bar of the board, set upright: the stages stand in it one below the other, and beside
each what it said and why. Where the request was refused the road ends; what lies behind is pale. At the foot the
answer, and what etcd stored. Every state has its colour, its shape, its symbol and its word.
"""

from __future__ import annotations

import base64
from html import escape
from typing import NamedTuple

from k8scourse import words
from k8scourse.cluster.presenter import wrapped
from k8scourse.cluster.road import Road, Station, lines

from . import draw, icons, theme
from .svg import LANG
from .widths import fit, width

W = 680
SPINE, PILL_X, PILL_H = 156, 10, 30
TEXT_X, LINE_H = 174, 18
SIZE = f"min-width:560px;max-width:{W + 20}px"  # Below that its words are too small: the page scrolls it instead.
HEAD_H, GAP = 60, 26
SHOWN_LINES = 2
WHOLE_OBJECT = " is invalid: "
PILLS = {"ok": "done", "refused": "failed", "behind": "behind", "skipped": "skipped"}
SYMBOLS = {"ok": "done", "refused": "failed"}
CSS = (
    ".way{fill:none;stroke:var(--ms);stroke-width:3}.trip{fill:none;stroke:var(--onbar);stroke-width:3}.rest{fill:none;stroke:var(--onbar);stroke-width:1.6;"
    "stroke-dasharray:2 5;opacity:.55}.done>.pill{fill:var(--df);stroke:var(--ds);stroke-width:1.4}"
    ".failed>.pill{fill:var(--ff);stroke:var(--fs);stroke-width:2.4}"
    ".behind>.pill{fill:none;stroke:var(--onbar);stroke-dasharray:4 4;opacity:.55}"
    ".skipped>.pill{fill:var(--deep)}.behind>.on{opacity:.75}"
    ".mono{font-family:ui-monospace,'Noto Sans TC',monospace}"
)


class Row(NamedTuple):
    """One station with its text broken into lines."""

    station: Station
    question: str
    lines: list[str]
    height: int


def svg(road: Road, *, theme_name: str = "auto", key: str = "road") -> str:
    """The whole picture in the language in use. `key` tells its ids from those of other pictures on a page."""
    reads = road.method == "GET"
    rows = [
        _row(station, before, reads)
        for before, station in zip((None, *road.stations), road.stations, strict=False)
    ]
    top = HEAD_H + GAP
    spine_h = 50 + sum(row.height for row in rows) + 6
    body, y = [_head(road), _spine(road, top, spine_h)], top + 50
    body.append(_ways(rows, y))
    for row in rows:
        body.append(_station(row, y))
        y += row.height
    y = top + spine_h
    if road.stored:
        body.append(_etcd(road, y))
        y += GAP + 50
    foot, height = _foot(road, y + 14)
    body.append(foot)
    return _document("".join(body), y + 14 + height + 4, road, theme_name, key)


def _document(body: str, h: int, road: Road, theme_name: str, key: str) -> str:
    language = words.language()
    title = f"{words.text('road.title')}: {road.method} {road.path}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 {W + 20} {h + 20}" class="k8s-road" role="img" '
        f'style="{SIZE}" width="100%" lang="{LANG[language]}" '
        f'aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(description(road))}</desc>'
        f"<style>{theme.style('.k8s-road', theme_name)}{theme.scoped('.k8s-road', CSS)}</style>"
        f"{icons.symbols(_names(body))}"
        f'<rect x="-10" y="-10" width="{W + 20}" height="{h + 20}" style="fill:var(--ground)"/>{body}</svg>'
    )


class RoadView:
    """A road as a notebook shows it: text, an SVG, and the same as an image."""

    def __init__(self, road: Road, key: str) -> None:
        self.road, self._key = road, key

    def __repr__(self) -> str:
        head = f"{self.road.method} {self.road.path}"
        return "\n".join([head, *lines(self.road.stations), self.road.verdict, *self.road.extra])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": repr(self), **bundle(self.road, self._key)}


def bundle(road: Road, key: str) -> dict[str, str]:
    """The picture as an SVG, and as an image for viewers that do not trust it."""
    return {"image/svg+xml": svg(road, key=key), "text/html": image(road, key)}


def description(road: Road) -> str:
    """What a screen reader says: a sentence a station, then the answer."""
    told = [
        f"{words.text(f'road.station.{each.stage}')}: {words.text(f'road.state.{each.state}')}"
        f"{': ' if each.sentences else ''}{'; '.join(each.sentences)}."
        for each in road.stations
    ]
    return " ".join([*told, road.verdict])


def image(road: Road, key: str = "road") -> str:
    """An `<img>` that carries the picture in itself."""
    encoded = base64.b64encode(svg(road, key=key).encode()).decode()
    alt = escape(f"{words.text('road.title')}. {description(road)}", quote=True)
    language = LANG[words.language()]
    return (
        f'<img src="data:image/svg+xml;base64,{encoded}" width="100%" style="{SIZE}" '
        f'lang="{language}" alt="{alt}">'
    )


# --- parts --------------------------------------------------------------------------------------------------


def _head(road: Road) -> str:
    """Who asks, and for what."""
    method = int(width(road.method, 14, True)) + 20
    user = words.text("road.by", user=road.user) if road.user else words.text("road.unknown")
    icon = draw.use("kubectl", 10, HEAD_H // 2 - 18, 36)
    badge = draw.rect(58, 9, method, 23, 11, "lit") + draw.text(
        58 + method // 2, 26, road.method, "b c k", 14
    )
    path = draw.text(68 + method, 26, fit(road.path, W - 84 - method, 14), "mono", 14)
    who = draw.text(59, 49, fit(f"{user} · {road.agent}", W - 80, 13), "s")
    middle = SPINE // 2
    return (
        f"{draw.rect(0, 0, W, HEAD_H, 10, 'panel')}{icon}{badge}{path}{who}"
        f'<path d="M{middle} {HEAD_H}V{HEAD_H + GAP - 7}" class="way"/>'
        f'<path d="M{middle - 6} {HEAD_H + GAP - 10}h12l-6 9z" class="head"/>'
    )


def _spine(road: Road, y: int, h: int) -> str:
    """The API server, upright."""
    node = road.server.partition("@")[2]
    return (
        f'<g transform="translate(0,{y})">{draw.rect(0, 0, SPINE, h, 10, "bar")}'
        f"{draw.use('kube-apiserver', 10, 9, 32)}"
        f"{draw.line(48, 23, words.text('board.kube-apiserver'), 'b o', SPINE - 54, (15, 14, 13))}"
        f"{draw.line(48, 40, node, 'o', SPINE - 54, (12,))}</g>"
    )


def _row(station: Station, before: Station | None, reads: bool) -> Row:
    room = W - TEXT_X - 12
    text = station.sentences
    if station.state == "refused":
        text = text[:-1] or [
            text[0].partition(WHOLE_OBJECT)[2] or text[0]
        ]  # The message stands below, in the answer.
    elif station.state == "behind" or (before is not None and before.state == station.state == "skipped"):
        text = []
    lines = [line for sentence in text for line in _lines(sentence, room)]
    if station.state == "refused" and len(lines) > SHOWN_LINES:
        lines = [*lines[: SHOWN_LINES - 1], f"{lines[SHOWN_LINES - 1].rstrip('.')} …"]
    question = (
        "road.question.asked" if reads and station.stage == "store" else f"road.question.{station.stage}"
    )
    return Row(station, words.text(question), lines, 36 + LINE_H * len(lines) if lines else 42)


def _lines(text: str, room: int) -> list[str]:
    """The text in lines of 13 px; a word that is longer than a line is cut where the line ends."""
    found: list[str] = []
    for line in wrapped(text, room, lambda each: width(each, 13)):
        while width(line, 13) > room:
            cut = next(n for n in range(len(line), 0, -1) if width(line[:n], 13) <= room)
            found.append(line[:cut])
            line = line[cut:]
        found.append(line)
    return found


def _ways(rows: list[Row], y: int) -> str:
    """The road from pill to pill: solid as far as the request came."""
    out, middle, ended = [], SPINE // 2, False
    for row in rows[:-1]:
        ended = ended or row.station.state == "refused"
        start, end = y + 4 + PILL_H, y + row.height + 4
        out.append(f'<path d="M{middle} {start}V{end}" class="{"rest" if ended else "trip"}"/>')
        y += row.height
    return "".join(out)


def _station(row: Row, y: int) -> str:
    station = row.station
    state = PILLS[station.state]
    name = words.text(f"road.station.{station.stage}")
    return (
        f'<g transform="translate(0,{y})" class="{state}">{_pill(station, name)}'
        f'<g class="beside">{_beside(row)}</g></g>'
    )


def _pill(station: Station, name: str) -> str:
    w = SPINE - 2 * PILL_X
    symbol = SYMBOLS.get(station.state)
    middle = PILL_X + w // 2 + (8 if symbol else 0)
    ink = "b c t" if symbol else "b c o on"
    mark = draw.use(symbol, PILL_X + 10, 4 + 9, 12, "sym") if symbol else ""
    label = draw.line(middle, 4 + 20, name, ink, w - (34 if symbol else 14), (13, 12))
    return f"{_outline(station, w)}{mark}{label}"


def _outline(station: Station, w: int) -> str:
    """Rounded, or with cut corners where the request was refused."""
    if station.state != "refused":
        return draw.rect(PILL_X, 4, w, PILL_H, 15, "pill")
    x, y, right, low, c = PILL_X, 4, PILL_X + w, 4 + PILL_H, 9
    path = (
        f"M{x + c} {y}H{right - c}L{right} {y + c}V{low - c}L{right - c} {low}H{x + c}L{x} {low - c}V{y + c}Z"
    )
    return f'<path d="{path}" class="pill"/>'


def _beside(row: Row) -> str:
    """The question of the station, its state in a word, and its sentences."""
    station = row.station
    symbol = SYMBOLS.get(station.state)
    word = words.text(f"road.state.{station.state}")
    right = W - 4
    question = draw.text(TEXT_X, 18, row.question, "b" if symbol else "s")
    mark = draw.use(symbol, right - int(width(word, 13, True)) - 20, 8, 12, "sym") if symbol else ""
    said = draw.text(right, 18, word, "b e t" if symbol else "e s")
    ink = "" if symbol else "s"
    lines = "".join(draw.text(TEXT_X, 37 + LINE_H * n, each, ink) for n, each in enumerate(row.lines))
    return f"{question}{mark}{said}{lines}"


def _etcd(road: Road, y: int) -> str:
    """What was stored: the cable, and etcd with the key and its revision."""
    key, revision = road.stored[-1]
    x, w = 0, W
    middle = SPINE // 2
    at = words.text("board.revision", revision=revision)
    right = w - 14
    return (
        f'<path d="M{middle} {y}V{y + GAP}" class="wire cable"/>'
        f'<g transform="translate({x},{y + GAP})">{draw.rect(0, 0, w, 50, 10, "panel")}'
        f"{draw.use('etcd', 10, 7, 36)}{draw.text(56, 21, words.text('board.etcd'), 'b', 14)}"
        f"{draw.text(right, 21, at, 'b e', 14)}"
        f"{draw.text(56, 40, fit(key, w - 74, 13), 's mono')}</g>"
    )


def _foot(road: Road, y: int) -> tuple[str, int]:
    """The answer: its code, its message, warnings and notes; and how tall that is."""
    fine = road.code < 400
    lines = [line for text in (road.message, *road.extra) if text for line in _lines(text, W - 60)]
    height = 36 + LINE_H * len(lines) + (6 if lines else 0)
    state = "done" if fine else "failed"
    said = "".join(draw.text(42, 44 + LINE_H * n, each) for n, each in enumerate(lines))
    return (
        f'<g transform="translate(0,{y})" class="{state}">{draw.shape(W, height, 10, state, double=False)}'
        f"{draw.use(state, 16, 12, 14, 'sym')}{draw.text(42, 24, road.verdict, 'b t', 15)}{said}</g>",
        height,
    )


def _names(body: str) -> list[str]:
    parts = body.split('href="#k8s-')[1:]
    return [part[: part.index('"')] for part in parts]
