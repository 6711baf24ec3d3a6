"""Operators and conversions. Upstream: ``cel-go/common/stdlib/standard.go``, ``common/types``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from k8scourse.api.cel import times
from k8scourse.api.cel.library import Implementation, size
from k8scourse.api.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    CelError,
    TypeValue,
    Uint,
    Value,
    as_duration,
    as_int,
    as_timestamp,
    as_uint,
    compare,
    equal,
    has_key,
    type_name,
)

Row = tuple[str, str, Implementation]


def _ints(function: Callable[[int, int], int]) -> Implementation:
    return lambda one, other: as_int(function(one, other))


def _uints(function: Callable[[int, int], int]) -> Implementation:
    return lambda one, other: as_uint(function(int(one), int(other)))


def _quotient(one: int, other: int) -> int:
    """Towards zero, as Go divides."""
    if other == 0:
        raise CelError("division by zero")
    found = abs(one) // abs(other)
    return found if (one < 0) == (other < 0) else -found


def _rest(one: int, other: int) -> int:
    if other == 0:
        raise CelError("modulus by zero")
    return one - other * _quotient(one, other)


def _divided(one: float, other: float) -> float:
    if other:
        return one / other
    if math.isnan(one) or one == 0:
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1.0, other)


_ARITHMETIC: list[Row] = [
    ("_+_", "int, int: int", _ints(lambda a, b: a + b)),
    ("_+_", "uint, uint: uint", _uints(lambda a, b: a + b)),
    ("_+_", "double, double: double", lambda a, b: a + b),
    ("_+_", "string, string: string", lambda a, b: a + b),
    ("_+_", "bytes, bytes: bytes", lambda a, b: a + b),
    ("_+_", "list(A), list(A): list(A)", lambda a, b: [*a, *b]),
    ("_+_", "timestamp, duration: timestamp", lambda a, b: as_timestamp(a.nanoseconds + b.nanoseconds)),
    ("_+_", "duration, timestamp: timestamp", lambda a, b: as_timestamp(a.nanoseconds + b.nanoseconds)),
    ("_+_", "duration, duration: duration", lambda a, b: as_duration(a.nanoseconds + b.nanoseconds)),
    ("_-_", "int, int: int", _ints(lambda a, b: a - b)),
    ("_-_", "uint, uint: uint", _uints(lambda a, b: a - b)),
    ("_-_", "double, double: double", lambda a, b: a - b),
    ("_-_", "timestamp, timestamp: duration", lambda a, b: as_duration(a.nanoseconds - b.nanoseconds)),
    ("_-_", "timestamp, duration: timestamp", lambda a, b: as_timestamp(a.nanoseconds - b.nanoseconds)),
    ("_-_", "duration, duration: duration", lambda a, b: as_duration(a.nanoseconds - b.nanoseconds)),
    ("_*_", "int, int: int", _ints(lambda a, b: a * b)),
    ("_*_", "uint, uint: uint", _uints(lambda a, b: a * b)),
    ("_*_", "double, double: double", lambda a, b: a * b),
    ("_/_", "int, int: int", _ints(_quotient)),
    ("_/_", "uint, uint: uint", _uints(_quotient)),
    ("_/_", "double, double: double", _divided),
    ("_%_", "int, int: int", _ints(_rest)),
    ("_%_", "uint, uint: uint", _uints(_rest)),
    ("-_", "int: int", lambda a: as_int(-a)),
    ("-_", "double: double", lambda a: -a),
    ("!_", "bool: bool", lambda a: not a),
]


def _ordered(holds: Callable[[int], bool]) -> Implementation:
    def check(one: Value, other: Value) -> bool:
        found = compare(one, other)
        return found is not None and holds(found)

    return check


_COMPARED = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")
_NUMBERS = ("int", "uint", "double")
_ORDERS: list[tuple[str, Callable[[int], bool]]] = [
    ("_<_", lambda found: found < 0),
    ("_<=_", lambda found: found <= 0),
    ("_>_", lambda found: found > 0),
    ("_>=_", lambda found: found >= 0),
]


def _comparisons() -> list[Row]:
    pairs = [(name, name) for name in _COMPARED]
    pairs += [(one, other) for one in _NUMBERS for other in _NUMBERS if one != other]
    return [
        (function, f"{one}, {other}: bool", _ordered(holds))
        for function, holds in _ORDERS
        for one, other in pairs
    ]


_EQUALITY: list[Row] = [
    ("_==_", "A, A: bool", equal),
    ("_!=_", "A, A: bool", lambda a, b: not equal(a, b)),
]


# -- containers ---------------------------------------------------------------------------------------


def _item(items: list[Any], index: Value) -> Value:
    place = index
    if isinstance(index, float):
        if not index.is_integer():
            raise CelError(f"unsupported index value type in list: {type_name(index)}")
        place = int(index)
    if not 0 <= place < len(items):
        raise CelError(f"index out of bounds: {place}")
    return items[place]


def _entry(mapping: dict[Any, Any], key: Value) -> Value:
    if not has_key(mapping, key):
        raise CelError(f"no such key: {shown(key)}")
    return mapping[key]


def shown(value: Value) -> str:
    """A key as messages show it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, int) else str(value)


_CONTAINERS: list[Row] = [
    ("_[_]", "list(A), int: A", _item),
    ("_[_]", "list(A), uint: A", _item),
    ("_[_]", "list(A), double: A", _item),
    ("_[_]", "map(A, B), A: B", _entry),
    ("@in", "A, list(A): bool", lambda a, items: any(equal(a, item) for item in items)),
    ("@in", "A, map(A, B): bool", lambda a, mapping: has_key(mapping, a)),
    *[(f, s.replace("X", x), size) for x in ("string", "bytes", "list(A)", "map(A, B)")
      for f, s in (("size", "X: int"), ("size", ".X: int"))],
]  # fmt: skip


# -- conversions --------------------------------------------------------------------------------------


def _whole(number: float, low: int, high: int, problem: str) -> int:
    if (
        math.isnan(number)
        or math.isinf(number)
        or not low <= math.trunc(number) <= high
        or abs(number) >= 2.0**64
    ):
        raise CelError(problem)
    return math.trunc(number)


def _int_of_double(number: float) -> int:
    if not -(2.0**63) < number < 2.0**63:
        raise CelError("integer overflow")
    return _whole(number, INT_MIN, INT_MAX, "integer overflow")


def _int_of_text(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text) or not INT_MIN <= int(text) <= INT_MAX:
        raise CelError("type conversion error from 'string' to 'int'")
    return int(text)


def _uint_of_text(text: str) -> Uint:
    if not re.fullmatch(r"[0-9]+", text) or int(text) > UINT_MAX:
        raise CelError("type conversion error from 'string' to 'uint'")
    return Uint(int(text))


_DOUBLE = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)",
    re.IGNORECASE,
)


def _double_of_text(text: str) -> float:
    if not _DOUBLE.fullmatch(text):
        raise CelError("type conversion error from 'string' to 'double'")
    return float(text)


_TRUE, _FALSE = ("1", "t", "T", "true", "TRUE", "True"), ("0", "f", "F", "false", "FALSE", "False")


def _bool_of_text(text: str) -> bool:
    if text in _TRUE:
        return True
    if text not in _FALSE:
        raise CelError("type conversion error from 'string' to 'bool'")
    return False


def _text_of_double(number: float) -> str:
    """As Go's %g writes it: the shortest digits, with an exponent from a million on."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    sign, found, exponent = Decimal(repr(number)).as_tuple()
    digits = "".join(str(digit) for digit in found).lstrip("0")
    assert isinstance(exponent, int)
    if not digits:
        return "-0" if sign else "0"
    power = len(digits) + exponent - 1
    digits = digits.rstrip("0")
    if -4 <= power < 6:
        text = f"{abs(number):.{max(len(digits) - power - 1, 0)}f}"
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return f"-{text}" if sign else text


def _text_of_bytes(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None


def _same(value: Value) -> Value:
    return value


_CONVERSIONS: list[Row] = [
    ("int", "int: int", _same),
    ("int", "uint: int", lambda a: as_int(int(a))),
    ("int", "double: int", _int_of_double),
    ("int", "string: int", _int_of_text),
    ("int", "timestamp: int", lambda a: a.nanoseconds // 1_000_000_000),
    ("int", "duration: int", lambda a: a.nanoseconds),
    ("uint", "uint: uint", _same),
    ("uint", "int: uint", as_uint),
    ("uint", "double: uint", lambda a: Uint(_whole(a, 0, UINT_MAX, "unsigned integer overflow"))),
    ("uint", "string: uint", _uint_of_text),
    ("double", "double: double", _same),
    ("double", "int: double", float),
    ("double", "uint: double", float),
    ("double", "string: double", _double_of_text),
    ("bool", "bool: bool", _same),
    ("bool", "string: bool", _bool_of_text),
    ("string", "string: string", _same),
    ("string", "bool: string", lambda a: "true" if a else "false"),
    ("string", "int: string", str),
    ("string", "uint: string", lambda a: str(int(a))),
    ("string", "double: string", _text_of_double),
    ("string", "bytes: string", _text_of_bytes),
    ("string", "timestamp: string", times.timestamp_text),
    ("string", "duration: string", times.duration_text),
    ("bytes", "bytes: bytes", _same),
    ("bytes", "string: bytes", lambda a: a.encode("utf-8", "surrogatepass")),
    ("dyn", "A: dyn", _same),
    ("type", "A: type(A)", lambda a: TypeValue(type_name(a))),
    ("timestamp", "timestamp: timestamp", _same),
    ("timestamp", "string: timestamp", times.timestamp_of_text),
    ("timestamp", "int: timestamp", lambda a: as_timestamp(a * 1_000_000_000)),
    ("duration", "duration: duration", _same),
    ("duration", "string: duration", times.duration_of_text),
    ("duration", "int: duration", as_duration),
]

ROWS: list[Row] = [*_ARITHMETIC, *_comparisons(), *_EQUALITY, *_CONTAINERS, *_CONVERSIONS]
