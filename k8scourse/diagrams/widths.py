"""How wide a text is, by a table of our own: pictures must not depend on the fonts of a machine.

The numbers are those of a wide sans-serif (the widest that a reader is likely to have), in hundredths of an em,
so that a box which holds a text here holds it everywhere. A Chinese character is one em.
"""

from __future__ import annotations

FIRST = 32
ASCII = (
    "32 40 46 84 64 95 78 28 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 "
    "100 68 69 70 77 63 58 78 75 30 30 66 56 86 75 79 60 79 70 64 61 73 68 99 69 61 69 39 34 39 84 50 "
    "50 61 64 55 64 62 35 64 63 28 28 58 28 97 63 61 64 64 41 52 39 63 59 82 59 59 53 64 34 64 84"
)
_WIDTHS = [int(number) for number in ASCII.split()]
WIDE_FROM = 0x1100
BOLD = 1.1
OTHER = 65


def em(character: str) -> int:
    """Hundredths of an em of one character."""
    code = ord(character)
    if FIRST <= code < FIRST + len(_WIDTHS):
        return _WIDTHS[code - FIRST]
    return 100 if code >= WIDE_FROM and not 0x2000 <= code < 0x2E80 else OTHER


def width(text: str, size: float, bold: bool = False) -> float:
    """Pixels that `text` needs at `size` pixels."""
    return sum(map(em, text)) * size / 100 * (BOLD if bold else 1)


def fit(text: str, room: float, size: float, bold: bool = False) -> str:
    """The text, or as much of it as fits into `room` pixels with an ellipsis at its end."""
    if width(text, size, bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold) > room:
        kept = kept[:-1]
    return kept + "…"
