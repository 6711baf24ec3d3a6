"""Small tools: time a function, and print a table that can stand in the README."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table: what was measured, the figure, and what we aim at."""

    what: str
    figure: str
    aim: str


def milliseconds(function: Callable[[], object], repeat: int = 5) -> float:
    """The median wall-clock time of a call, in milliseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | aim |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.what} | {row.figure} | {row.aim} |" for row in rows)])
