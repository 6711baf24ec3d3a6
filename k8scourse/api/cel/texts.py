"""Functions of texts, lists, sets and quantities. Upstream: ``cel-go/ext/{strings,sets}.go``,
``apiserver/pkg/cel/library/{lists,quantity}.go``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from k8scourse.api import quantities
from k8scourse.api.cel import patterns, times
from k8scourse.api.cel.library import Implementation
from k8scourse.api.cel.values import (
    CelError,
    Duration,
    Quantity,
    Timestamp,
    TypeValue,
    Uint,
    Value,
    as_duration,
    as_int,
    as_uint,
    compare,
    equal,
    is_number,
)

Row = tuple[str, str, Implementation]


def _at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise CelError(f"index out of range: {index}")
    return text[index : index + 1]


def _index_of(text: str, part: str, start: int = 0) -> int:
    if not 0 <= start <= len(text):
        raise CelError(f"index out of range: {start}")
    return text.find(part, start)


def _last_index_of(text: str, part: str, last: int | None = None) -> int:
    if last is None:
        return text.rfind(part)
    if not 0 <= last <= len(text):
        raise CelError(f"index out of range: {last}")
    return text.rfind(part, 0, last + len(part))


def _substring(text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    for place in (start, end):
        if not 0 <= place <= len(text):
            raise CelError(f"index out of range: {place}")
    if start > end:
        raise CelError(f"invalid substring range. start: {start}, end: {end}")
    return text[start:end]


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    if most == 0:
        return []
    if not separator:
        parts = list(text)
        return parts if most < 0 or len(parts) <= most else [*parts[: most - 1], text[most - 1 :]]
    return text.split(separator, -1 if most < 0 else most - 1)


def _replace(text: str, old: str, new: str, most: int = -1) -> str:
    return text.replace(old, new, most)


def _lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _upper(text: str) -> str:
    return "".join(letter.upper() if letter.isascii() else letter for letter in text)


def _join(items: Sequence[Any], separator: str = "") -> str:
    if not all(isinstance(item, str) for item in items):
        raise CelError("no such overload")
    return separator.join(items)


# -- format -------------------------------------------------------------------------------------------

_CLAUSE = re.compile(r"%(?:%|(?:\.(\d+))?([a-zA-Z]))")


def _format(pattern: str, arguments: Sequence[Value]) -> str:
    given = iter(arguments)

    def replaced(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%"
        try:
            value = next(given)
        except StopIteration:
            raise CelError(f"index {len(arguments)} out of range") from None
        return _clause(match[2], value, match[1])

    if "%" in _CLAUSE.sub("", pattern):
        raise CelError("could not parse formatting clause")
    return _CLAUSE.sub(replaced, pattern)


def _clause(letter: str, value: Value, precision: str | None) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if letter == "s":
        return _plain(value)
    if letter == "d" and whole:
        return str(int(value))
    if letter in "xXob" and whole:
        return format(int(value), letter)
    if letter in "xX" and isinstance(value, (str, bytes)):
        digits = (value.encode() if isinstance(value, str) else value).hex()
        return digits.upper() if letter == "X" else digits
    if letter == "b" and isinstance(value, bool):
        return str(int(value))
    if letter in "fe" and is_number(value):
        return f"{float(value):.{int(precision) if precision else 6}{letter}}"
    raise CelError(f"error during formatting: unsupported value for %{letter}")


def _plain(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case Timestamp():
            return times.timestamp_text(value)
        case Duration():
            return times.duration_text(value)
        case TypeValue():
            return value.name
        case list() | tuple():
            return f"[{', '.join(_plain(item) for item in value)}]"
        case dict():
            return (
                "{"
                + ", ".join(f"{_plain(key)}: {_plain(value[key])}" for key in sorted(value, key=str))
                + "}"
            )
        case Quantity():
            return _amount_text(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return str(int(value))


_STRINGS: list[Row] = [
    ("startsWith", ".string, string: bool", str.startswith),
    ("endsWith", ".string, string: bool", str.endswith),
    ("contains", ".string, string: bool", lambda text, part: part in text),
    ("matches", ".string, string: bool", patterns.matches),
    ("matches", "string, string: bool", patterns.matches),
    ("charAt", ".string, int: string", _at),
    ("indexOf", ".string, string: int", _index_of),
    ("indexOf", ".string, string, int: int", _index_of),
    ("lastIndexOf", ".string, string: int", _last_index_of),
    ("lastIndexOf", ".string, string, int: int", _last_index_of),
    ("lowerAscii", ".string: string", _lower),
    ("upperAscii", ".string: string", _upper),
    ("replace", ".string, string, string: string", _replace),
    ("replace", ".string, string, string, int: string", _replace),
    ("split", ".string, string: list(string)", _split),
    ("split", ".string, string, int: list(string)", _split),
    ("substring", ".string, int: string", _substring),
    ("substring", ".string, int, int: string", _substring),
    ("trim", ".string: string", str.strip),
    ("reverse", ".string: string", lambda text: text[::-1]),
    ("join", ".list(string): string", _join),
    ("join", ".list(string), string: string", _join),
    ("format", ".string, list(dyn): string", _format),
]


# -- lists and sets -----------------------------------------------------------------------------------


def _ordered(one: Value, other: Value) -> int:
    return compare(one, other) or 0


def _is_sorted(items: Sequence[Value]) -> bool:
    return all(_ordered(one, other) <= 0 for one, other in pairwise(items))


def _extreme(items: Sequence[Value], name: str) -> Value:
    if not items:
        raise CelError(f"{name} called on empty list")
    key = cmp_to_key(_ordered)
    return min(items, key=key) if name == "min" else max(items, key=key)


def _sum(items: Sequence[Value]) -> Value:
    if not items:
        return 0
    if isinstance(items[0], Duration):
        return as_duration(sum(item.nanoseconds for item in items))
    if not all(is_number(item) and type(item) is type(items[0]) for item in items):
        raise CelError("no such overload")
    total = sum(items)
    return (
        as_uint(total)
        if isinstance(items[0], Uint)
        else as_int(total)
        if isinstance(items[0], int)
        else total
    )


def _place_of(items: Sequence[Value], wanted: Value) -> int:
    return next((place for place, item in enumerate(items) if equal(item, wanted)), -1)


def _last_place_of(items: Sequence[Value], wanted: Value) -> int:
    return next((place for place in reversed(range(len(items))) if equal(items[place], wanted)), -1)


def _holds_all(items: Sequence[Value], wanted: Sequence[Value]) -> bool:
    return all(_place_of(items, each) >= 0 for each in wanted)


_LISTS: list[Row] = [
    ("isSorted", ".list(A): bool", _is_sorted),
    ("sum", ".list(A): A", _sum),
    ("min", ".list(A): A", lambda items: _extreme(items, "min")),
    ("max", ".list(A): A", lambda items: _extreme(items, "max")),
    ("indexOf", ".list(A), A: int", _place_of),
    ("lastIndexOf", ".list(A), A: int", _last_place_of),
    ("sets.contains", "list(A), list(A): bool", _holds_all),
    ("sets.equivalent", "list(A), list(A): bool", lambda a, b: _holds_all(a, b) and _holds_all(b, a)),
    ("sets.intersects", "list(A), list(A): bool", lambda a, b: any(_place_of(b, each) >= 0 for each in a)),
]


# -- quantities ---------------------------------------------------------------------------------------


def _quantity(text: str) -> Quantity:
    try:
        return Quantity(Fraction(quantities.parse(text)))
    except ValueError as problem:
        raise CelError(str(problem)) from None


def _is_quantity(text: str) -> bool:
    try:
        quantities.parse(text)
    except ValueError:
        return False
    return True


def _sign(amount: Fraction) -> int:
    return int(amount > 0) - int(amount < 0)


def _as_integer(quantity: Quantity) -> int:
    if quantity.amount.denominator != 1:
        raise CelError("cannot convert value to integer")
    return as_int(int(quantity.amount))


def _amount_text(quantity: Quantity) -> str:
    whole = quantity.amount.denominator == 1
    return str(int(quantity.amount)) if whole else str(float(quantity.amount))


_QUANTITIES: list[Row] = [
    ("quantity", "string: quantity", _quantity),
    ("isQuantity", "string: bool", _is_quantity),
    ("sign", ".quantity: int", lambda a: _sign(a.amount)),
    ("isInteger", ".quantity: bool", lambda a: a.amount.denominator == 1),
    ("asInteger", ".quantity: int", _as_integer),
    ("asApproximateFloat", ".quantity: double", lambda a: float(a.amount)),
    ("isGreaterThan", ".quantity, quantity: bool", lambda a, b: a.amount > b.amount),
    ("isLessThan", ".quantity, quantity: bool", lambda a, b: a.amount < b.amount),
    ("compareTo", ".quantity, quantity: int", lambda a, b: _sign(a.amount - b.amount)),
    ("add", ".quantity, quantity: quantity", lambda a, b: Quantity(a.amount + b.amount)),
    ("add", ".quantity, int: quantity", lambda a, b: Quantity(a.amount + b)),
    ("sub", ".quantity, quantity: quantity", lambda a, b: Quantity(a.amount - b.amount)),
    ("sub", ".quantity, int: quantity", lambda a, b: Quantity(a.amount - b)),
]

ROWS: list[Row] = [*_STRINGS, *_LISTS, *_QUANTITIES]
