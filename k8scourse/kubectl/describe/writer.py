"""Lines with an indentation level and tabs, aligned at the end: what every description is written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api.times import parse_time

from ..tabwriter import align

LONGEST_ANNOTATION = 140


class Writer:
    """Collects the lines of a description. Levels indent by two spaces each."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, level: int, text: str = "") -> None:
        """One line; tabs separate its cells."""
        self._lines.append("  " * level + text)

    def field(self, name: str, value: object) -> None:
        """`Name:  value` at the left margin."""
        self.line(0, f"{name}:\t{value}")

    def raw(self) -> str:
        """The lines with their tabs."""
        return "\n".join(self._lines) + "\n"

    def text(self) -> str:
        """The description, aligned."""
        return align(self.raw(), minimum=0, padding=2)


def pairs(writer: Writer, title: str, values: Mapping[str, Any], *, level: int = 0) -> None:
    """Labels, one on each line under the first."""
    indent = "  " * level
    if not values:
        writer.line(0, f"{indent}{title}:\t<none>")
        return
    for index, key in enumerate(sorted(values)):
        head = f"{indent}{title}:" if index == 0 else ""
        writer.line(0, f"{head}\t{key}={values[key]}")


def annotation_lines(
    writer: Writer, values: Mapping[str, str], *, level: int = 0, title: str = "Annotations"
) -> None:
    """Annotations, without the long one that apply keeps."""
    indent = "  " * level
    shown = {
        key: values[key]
        for key in sorted(values)
        if key != "kubectl.kubernetes.io/last-applied-configuration"
    }
    if not shown:
        writer.line(0, f"{indent}{title}:\t<none>")
        return
    for index, (key, value) in enumerate(shown.items()):
        head = f"{indent}{title}:" if index == 0 else ""
        text = value.removesuffix("\n")
        if len(text) < LONGEST_ANNOTATION - len(key) - 2 and "\n" not in text:
            writer.line(0, f"{head}\t{key}: {text}")
            continue
        writer.line(0, f"{head}\t{key}:")
        for part in text.split("\n"):
            cut = part if len(part) <= LONGEST_ANNOTATION - 2 else part[: LONGEST_ANNOTATION - 2] + "..."
            writer.line(0, f"\t  {cut}")


def date(text: str | None) -> str:
    """A time as Go's RFC 1123 with a numeric zone: `Thu, 01 Jan 2026 00:00:31 +0000`."""
    if not text:
        return "<unset>"
    seconds = parse_time(text) // 1_000_000_000
    days, rest = divmod(seconds, 86_400)
    weekday = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")[days % 7]  # the epoch is a Thursday
    year, month, day = text[:10].split("-")
    name = _MONTHS[int(month) - 1]
    return f"{weekday}, {day} {name} {year} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02} +0000"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def joined(values: Sequence[Any]) -> str:
    """`a,b`, or `<none>`."""
    return ",".join(str(value) for value in values) or "<none>"
