"""Schedules such as ``5 4 * * 1-5``: what is wrong with one, in the words of the library that upstream uses.

Upstream: ``github.com/robfig/cron/v3`` (``parser.go``, ``ParseStandard``).
"""

from __future__ import annotations

from typing import NamedTuple

DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}


class Bounds(NamedTuple):
    """What one field may be: a number from ``low`` to ``high``, or one of the names."""

    low: int
    high: int
    names: dict[str, int]


#: Minute, hour, day of the month, month, day of the week.
FIELDS = (
    Bounds(0, 59, {}),
    Bounds(0, 23, {}),
    Bounds(1, 31, {}),
    Bounds(1, 12, _MONTHS),
    Bounds(0, 6, _DAYS),
)


def problem(schedule: str) -> str:
    """What is wrong with a schedule; empty when it is good."""
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        schedule = schedule.partition(" ")[2].strip()
    if schedule.startswith("@"):
        return _descriptor_problem(schedule)
    fields = schedule.split()
    if len(fields) != len(FIELDS):
        return f"expected exactly {len(FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]"
    for text, bounds in zip(fields, FIELDS, strict=True):
        for part in text.split(","):
            wrong = _range_problem(part, bounds)
            if wrong:
                return wrong
    return ""


def _descriptor_problem(schedule: str) -> str:
    if schedule in DESCRIPTORS:
        return ""
    if schedule.startswith("@every "):
        duration = schedule.removeprefix("@every ")
        return (
            ""
            if _is_duration(duration)
            else (f'failed to parse duration {schedule}: time: invalid duration "{duration}"')
        )
    return f"unrecognized descriptor: {schedule}"


def _is_duration(text: str) -> bool:
    """Whether Go's ParseDuration would take it: numbers, each with a unit."""
    rest = text.lstrip("+-")
    if rest == "0":
        return True
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        rest = rest[len(number) :]
        unit = next((unit for unit in ("ns", "us", "µs", "ms", "s", "m", "h") if rest.startswith(unit)), "")
        if not number.strip(".") or number.count(".") > 1 or not unit:
            return False
        rest = rest[len(unit) :]
    return bool(text.lstrip("+-"))


def _range_problem(expression: str, bounds: Bounds) -> str:
    """One of ``*``, ``?``, ``5``, ``1-5``, each with ``/step`` or without."""
    span, *steps = expression.split("/")
    low_text, *highs = span.split("-")
    if low_text in ("*", "?"):
        low, high = bounds.low, bounds.high
    else:
        values = [_number(text, bounds) for text in (low_text, *highs[:1])]
        for value in values:
            if isinstance(value, str):
                return value
        low, high = int(values[0]), int(values[-1])
        if len(highs) > 1:
            return f"too many hyphens: {expression}"
        if steps and not highs:
            high = bounds.high
    return _step_problem(steps, expression) or _span_problem(low, high, bounds, expression)


def _step_problem(steps: list[str], expression: str) -> str:
    if len(steps) > 1:
        return f"too many slashes: {expression}"
    if not steps:
        return ""
    step = _number(steps[0], Bounds(0, 0, {}))
    if isinstance(step, str):
        return step
    return f"step of range should be a positive number: {expression}" if step == 0 else ""


def _span_problem(low: int, high: int, bounds: Bounds, expression: str) -> str:
    if low < bounds.low:
        return f"beginning of range ({low}) below minimum ({bounds.low}): {expression}"
    if high > bounds.high:
        return f"end of range ({high}) above maximum ({bounds.high}): {expression}"
    if low > high:
        return f"beginning of range ({low}) beyond end of range ({high}): {expression}"
    return ""


def _number(text: str, bounds: Bounds) -> int | str:
    """A number or a name as a number; else the sentence about it."""
    named = bounds.names.get(text.lower())
    if named is not None:
        return named
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdecimal():
        return f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
    value = int(text)
    return f"negative number ({value}) not allowed: {text}" if value < 0 else value


_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
)
_SINGLE = (
    "CET",
    "CST6CDT",
    "Cuba",
    "EET",
    "EST",
    "EST5EDT",
    "Egypt",
    "Eire",
    "GB",
    "GMT",
    "HST",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "MET",
    "MST",
    "MST7MDT",
    "NZ",
    "PRC",
    "PST8PDT",
    "Poland",
    "Portugal",
    "ROC",
    "ROK",
    "Singapore",
    "Turkey",
    "UCT",
    "UTC",
    "Universal",
    "WET",
    "Zulu",
)


def is_zone(name: str) -> bool:
    """Whether this looks like a time zone of the IANA database: the areas are known here, the places are not."""
    area, slash, place = name.partition("/")
    return (area in _AREAS and bool(place) and place[:1].isupper()) if slash else name in _SINGLE
