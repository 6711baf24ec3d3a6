"""A frame's boxes, links and dots as SVG text, one function per kind of box.

`widgets/board.js` draws the same, string for string; a test holds the two together. So: whole numbers only,
and text is cut by our own width table.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from k8scourse import words

from . import icons
from .widths import fit, width

Box = dict[str, Any]
BACK = ("plane", "card", "shelf", "slot")
CUT = 9


class Speaker:
    """Turns labels into words of one language and vocabulary."""

    def __init__(self, language: str = "en", restaurant: bool = False) -> None:
        self.language = language
        self.restaurant = restaurant
        self._words = words.catalogue(language)

    def say(self, label: Any) -> str:
        """Words of a label: plain text, "@key", or ["@key", values]."""
        if isinstance(label, list):
            return self.text(label[0][1:], **label[1])
        return self.text(label[1:]) if label.startswith("@") else str(label)

    def text(self, key: str, /, **values: Any) -> str:
        """Words of a key; the restaurant's own where it has them."""
        own = f"restaurant.{key}" if self.restaurant else key
        template = self._words.get(own) or self._words[key]
        return template.format(**values) if values else template

    def icon(self, name: str) -> str:
        """The icon in this vocabulary."""
        return icons.icon(name, self.restaurant)

    def cluster(self, name: str) -> str:
        """The cluster's name; the default name has a counterpart in the restaurant."""
        return self.text("board.cluster", name=name) if name == "my-cluster" else name


def text(x: int, y: int, content: str, classes: str = "", size: int = 0) -> str:
    """A line of text."""
    names = f"{classes} f{size}".strip() if size not in (0, 13) else classes
    cls = f' class="{names}"' if names else ""
    return f'<text x="{x}" y="{y}"{cls}>{escape(content)}</text>'


def line(x: int, y: int, content: str, classes: str, room: int, sizes: tuple[int, ...]) -> str:
    """A line of text in the first size that fits, cut with an ellipsis if none does."""
    bold = "b" in classes.split()
    size = next((s for s in sizes if width(content, s, bold) <= room), sizes[-1])
    return text(x, y, fit(content, room, size, bold), classes, size)


def rect(x: int, y: int, w: int, h: int, r: int, classes: str) -> str:
    """A rounded box."""
    at = f' x="{x}" y="{y}"' if x or y else ""
    return f'<rect{at} width="{w}" height="{h}" rx="{r}" class="{classes}"/>'


def use(name: str, x: int, y: int, size: int, classes: str = "") -> str:
    """An icon or a state's symbol."""
    cls = f' class="{classes}"' if classes else ""
    return f'<use href="#k8s-{name}" x="{x}" y="{y}" width="{size}" height="{size}"{cls}/>'


def shape(w: int, h: int, r: int, state: str, double: bool = True) -> str:
    """The outline of a state: rounded, cut corners (failed, with a second line inside), hatched (stopped)."""
    if state == "failed":
        inner = f'<path d="{_cut_corners(4, w, h)}" class="inner"/>' if double else ""
        return f'<path d="{_cut_corners(0, w, h)}" class="shape"/>{inner}'
    outline = rect(0, 0, w, h, 0 if state == "done" else r, "shape")
    if state == "stopped":
        return outline + f'<rect width="{w}" height="{h}" rx="{r}" fill="url(#k8s-hatch)"/>'
    return outline


def _cut_corners(d: int, w: int, h: int) -> str:
    c, x, y = min(CUT, h // 3), w - d, h - d
    return f"M{c} {d}H{w - c}L{x} {c}V{h - c}L{w - c} {y}H{c}L{d} {h - c}V{c}Z"


def _plane(b: Box, s: Speaker) -> str:
    w = b["w"]
    name, word = s.say(b["n"]), s.say(b["r"])
    right = w - 18
    start = right - _px(word, 13, True)
    return (
        rect(0, 0, w, b["h"], 14, "plane")
        + text(18, 26, s.say(b["l"]), "b", 15)
        + use(b["s"], start - 18, 16, 12, "sym")
        + text(right, 26, word, "b e t")
        + text(start - 28, 26, name, "s e")
    )


def _bar(b: Box, s: Speaker) -> str:
    tall = b["h"] > 60
    y = 8 if tall else b["h"] // 2 - 18
    size = 30 if tall else 36
    label = line(size + 22, y + size // 2 + 6, s.say(b["l"]), "b o", 160, (17, 15))
    down = b.get("s", "running") != "running"
    extra = ""
    if down or b.get("u"):
        word = s.say(b["n"])
        left = b["w"] - 150 if tall else size + 22
        low = 14 if tall else b["h"] - 20
        if not tall:
            label = line(size + 22, y + 15, s.say(b["l"]), "b o", 160, (17, 15))
        extra = use(b["s"], left, low, 12, "sym o") + text(left + 18, low + 11, word, "b o")
    ring = rect(0, 0, b["w"], b["h"], 10, "bar") + (
        rect(0, 0, b["w"], b["h"], 10, "edge bad") if down else ""
    )
    return ring + use(s.icon(b["c"]), 12, y, size) + label + extra


def _stage(b: Box, s: Speaker) -> str:
    w, state = b["w"], b.get("s", "")
    classes = {"": "stage", "ok": "stage lit", "refused": "stage no"}[state]
    arrow = "" if b.get("f") else '<path d="M-9 10l5 5l-5 5" class="arrow"/>'
    ink = {"": "b c o", "ok": "b c k", "refused": "b c x"}[state]
    mark = use("failed", 8, 10, 10, "sym failed") if state == "refused" else ""
    return (
        arrow + rect(0, 0, w, 30, 15, classes) + line(w // 2, 20, s.say(b["l"]), ink, w - 18, (13, 12)) + mark
    )


def _part(b: Box, s: Speaker) -> str:
    w, state = b["w"], shown(b)
    word = s.say(b["n"])
    at = (w - _px(word, 13) - 16) // 2
    return (
        _frame(w, b["h"], b)
        + use(s.icon(b["c"]), w // 2 - 19, 8, 38, "pale" if b["s"] == "stopped" else "")
        + line(w // 2, 65, s.say(b["l"]), "b c", w - 14, (14, 13, 12))
        + use(state, at, 73, 11, "sym")
        + text(at + 16, 84, word, "t")
    )


def _chip(b: Box, s: Speaker) -> str:
    label = line(34, 19, s.say(b["l"]), "", b["w"] - 58, (13, 12))
    pale = "pale" if b["s"] == "stopped" else ""
    return (
        _frame(b["w"], b["h"], b)
        + use(s.icon(b["c"]), 6, 4, 20, pale)
        + label
        + use(shown(b), b["w"] - 20, 9, 11, "sym")
    )


def _agent(b: Box, s: Speaker) -> str:
    w = b["w"]
    mark = "" if shown(b) == "running" else use(shown(b), w - 18, 7, 12, "sym")
    return (
        _frame(w, b["h"], b)
        + use(s.icon(b["c"]), w // 2 - 14, 6, 28, "pale" if b["s"] == "stopped" else "")
        + line(w // 2, 49, s.say(b["l"]), "c", w - 8, (13, 12))
        + mark
    )


def _frame(w: int, h: int, b: Box) -> str:
    """A component's box: quiet while it runs, with its state's border when it does not."""
    if b["s"] == "running" and not b.get("u"):
        return rect(0, 0, w, h, 9, "box")
    return shape(w, h, 9, shown(b), double=h > 60)


def shown(b: Box) -> str:
    """The state that a box shows: one that is cut off looks failed."""
    return "failed" if b.get("u") and b["s"] == "running" else str(b.get("s", ""))


def _client(b: Box, s: Speaker) -> str:
    h = b["h"]
    label = line(54, h // 2 + 5, s.say(b["l"]), "", b["w"] - 62, (14, 13, 12))
    return rect(0, 0, b["w"], h, 10, "panel") + use(s.icon(b["c"]), 10, h // 2 - 18, 36) + label


def _card(b: Box, s: Speaker) -> str:
    state = b["s"]
    edge = "panel" if state == "running" and not b.get("o") else "panel shape2"
    return rect(0, 0, b["w"], b["h"], 13, edge)


def _plate(b: Box, s: Speaker) -> str:
    w = b["w"]
    word = s.say(b["r"])
    at = w - _px(word, 14, True) - 2
    out = (
        f'<path d="M0 0H{w}" class="rule"/>'
        + line(0, 24, s.say(b["l"]), "b", 84, (15, 14, 12))
        + use(b["s"], at - 17, 13, 12, "sym")
        + text(at, 24, word, "b t", 14)
    )
    if "g" in b:
        out += text(w, 43, fit(s.say(b["g"]), 142, 12), "e t", 12)
    if "a" in b and (w >= 300 or "g" not in b):
        out += _share(88, 11, s.say("@board.cpu"), b["a"]) + _share(88, 31, s.say("@board.memory"), b["b"])
    return out


def _share(x: int, y: int, label: str, percent: int) -> str:
    filled = (
        f'<rect x="{x + 41}" y="{y + 2}" width="{max(2, percent * 41 // 100)}" height="7" rx="3" class="used"/>'
        if percent
        else ""
    )
    return text(x, y + 10, label, "s", 12) + rect(x + 41, y + 2, 41, 7, 3, "track") + filled


def _shelf(b: Box, s: Speaker) -> str:
    classes = "panel ghost"
    return rect(0, 0, b["w"], b["h"], 13, classes) + line(
        b["w"] // 2, 21, s.say(b["l"]), "b c s", b["w"] - 14, (13, 12)
    )


def _slot(b: Box, s: Speaker) -> str:
    return rect(0, 0, b["w"], b["h"], 8, "ghost")


def _pod(b: Box, s: Speaker) -> str:
    w, h, state = b["w"], b["h"], b["s"]
    return (
        shape(w, h, 9, state)
        + use(s.icon(b["c"]), 8, 8, 24, "pale" if state == "stopped" else "")
        + line(37, 21, b["l"], "b", w - 43, (14, 13, 12))
        + text(37, 37, fit(b.get("n", ""), w - 58, 12), "m")
        + use(state, w - 19, 26, 12, "sym")
        + rect(9, 47, w - 18, 6, 3, "track")
        + rect(9, 47, max(4, b["m"] * (w - 18) // 100), 6, 3, "fill")
    )


def _dot(b: Box, s: Speaker) -> str:
    return shape(b["w"], b["h"], 5, b["s"], double=False) + use(b["s"], 5, 5, 10, "sym")


def _pill(b: Box, s: Speaker) -> str:
    key = f"board.{b['l']}"
    label = s.text(key) if b["l"] == "coredns" else b["l"]
    quiet = b["s"] == "running"
    frame = (
        rect(0, 0, b["w"], b["h"], 12, "box") if quiet else shape(b["w"], b["h"], 12, b["s"], double=False)
    )
    return (
        frame
        + use(s.icon(b["c"]), 5, 4, 16)
        + line(25, 16, label, "", b["w"] - 44, (12,))
        + use(b["s"], b["w"] - 17, 7, 10, "sym")
    )


def _more(b: Box, s: Speaker) -> str:
    return text(b["w"], 15, s.say(b["l"]), "b e s")


_KINDS: dict[str, Callable[[Box, Speaker], str]] = {
    "plane": _plane, "bar": _bar, "stage": _stage, "part": _part, "chip": _chip, "agent": _agent,
    "client": _client, "card": _card, "plate": _plate, "shelf": _shelf, "slot": _slot, "pod": _pod,
    "dot": _dot, "pill": _pill, "more": _more,
}  # fmt: skip


def inner(box: Box, speaker: Speaker) -> str:
    """The drawing of one box, its corner at 0, 0."""
    return _KINDS[box["k"]](box, speaker)


def link(one: dict[str, Any]) -> str:
    """A line; a cut one in long dashes with a cross in its middle."""
    path = _path(one["p"])
    if one.get("s") == "cut":
        x, y = _middle(one["p"])
        cross = f"M{x - 6} {y - 6}l12 12M{x + 6} {y - 6}l-12 12"
        return f'<path d="{path}" class="wire cut"/><path d="{cross}" class="cross"/>'
    classes = {"watch": "wire watch", "request": "wire", "cable": "wire cable"}[one["k"]]
    return f'<path d="{path}" class="{classes}{" down" if one.get("s") else ""}"/>'


def flow(one: dict[str, Any]) -> str:
    """A message: its line marked, and its number on it with an arrow where it goes."""
    classes = {"request": "go", "write": "go write", "watch": "go tell", "call": "go"}[one["k"]]
    x, y = _middle(one["p"])
    return f'<path d="{_path(one["p"])}" class="{classes}"/>{_head(one["p"])}{number(x, y, one["n"])}'


def number(x: int, y: int, n: int) -> str:
    """A numbered dot."""
    return f'<circle cx="{x}" cy="{y}" r="10" class="dot"/><text x="{x}" y="{y + 5}" class="b c d">{n}</text>'


def _path(points: list[int]) -> str:
    pairs = [f"{points[i] + 1} {points[i + 1] + 1}" for i in range(0, len(points), 2)]
    return "M" + "L".join(pairs)


def _middle(points: list[int]) -> tuple[int, int]:
    """The middle of the longest stretch of a line."""
    best, found = -1, (0, 0)
    for i in range(0, len(points) - 2, 2):
        x, y, u, v = points[i : i + 4]
        length = abs(u - x) + abs(v - y)
        if length > best:
            best, found = length, ((x + u) // 2 + 1, (y + v) // 2 + 1)
    return found


def _head(points: list[int]) -> str:
    """The arrow's head at the end of a way whose stretches are all upright or level."""
    x, y, u, v = points[-4:]
    dx, dy = (u > x) - (u < x), (v > y) - (v < y)
    u, v = u + 1, v + 1
    return (
        f'<path d="M{u} {v}L{u - 8 * dx + 5 * dy} {v - 8 * dy + 5 * dx}'
        f'L{u - 8 * dx - 5 * dy} {v - 8 * dy - 5 * dx}Z" class="head"/>'
    )


def _px(content: str, size: int, bold: bool = False) -> int:
    return int(width(content, size, bold) + 0.5)
