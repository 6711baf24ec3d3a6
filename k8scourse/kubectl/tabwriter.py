"""Columns of text, aligned as Go's text/tabwriter aligns them.

Cells end with a tab; a column is a run of neighbouring lines that have the cell; its width is that of its
widest cell plus the padding. The last cell of a line belongs to no column.
"""

from __future__ import annotations

from unicodedata import east_asian_width


def align(text: str, *, minimum: int = 0, padding: int = 2) -> str:
    """Replace the tabs of `text` by as many spaces as make the columns straight."""
    lines = [line.split("\t") for line in text.split("\n")]
    return "\n".join(_row(lines, index, minimum, padding) for index in range(len(lines)))


def table(rows: list[list[str]]) -> str:
    """The lines of a kubectl table: at least six wide, three spaces between the columns."""
    widths: list[int] = []
    for row in rows:
        widths += [6] * (len(row) - 1 - len(widths))
        for index, cell in enumerate(row[:-1]):
            widths[index] = max(widths[index], width(cell) + 3)
    return "".join(
        "".join(_pad(cell, widths[index]) for index, cell in enumerate(row[:-1])) + row[-1] + "\n"
        for row in rows
    )


def width(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return (
        len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    )


def _row(lines: list[list[str]], index: int, minimum: int, padding: int) -> str:
    cells = lines[index]
    padded = [
        _pad(cell, _width(lines, index, column, minimum, padding)) for column, cell in enumerate(cells[:-1])
    ]
    return "".join(padded) + cells[-1]


def _width(lines: list[list[str]], index: int, column: int, minimum: int, padding: int) -> int:
    """The width of the block of neighbouring lines that have a cell in this column."""
    first = index
    while first > 0 and len(lines[first - 1]) - 1 > column:
        first -= 1
    widest = minimum
    for line in lines[first:]:
        if len(line) - 1 <= column:
            break
        widest = max(widest, width(line[column]) + padding)
    return widest


def _pad(cell: str, to: int) -> str:
    return cell + " " * (to - width(cell))
