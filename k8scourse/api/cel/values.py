"""The values that expressions are about, and what equality and order mean among them.

JSON is used as it is: bool, int, float, str, None, list, dict, and bytes. What JSON does not have is below. An int
is 64 bits wide, and the number 7 is one value whether it is an int, a uint or a double.
Upstream: ``cel-go/common/types``, ``apiserver/pkg/cel/quantity.go``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Value = Any
INT_MIN, INT_MAX, UINT_MAX = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
SECOND = 1_000_000_000
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
_LONGEST = (1 << 63) - 1


class CelError(Exception):
    """An expression that cannot be evaluated; `str` of it is upstream's sentence."""


class NoSuchOverload(CelError):
    """An operator or a function that does not take values of these types."""

    def __init__(self, function: str = "", arguments: Sequence[Value] = ()) -> None:
        shown = f": {function}({', '.join(type_name(value) for value in arguments)})" if function else ""
        super().__init__(f"no such overload{shown}")


class Uint(int):
    """An unsigned integer of 64 bits."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment, in nanoseconds since 1970."""

    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in nanoseconds."""

    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of a resource: quantity("1Gi")."""

    amount: Fraction


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value: what type(1) answers."""

    name: str


_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null_type",
    list: "list",
    tuple: "list",
    dict: "map",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    Quantity: "kubernetes.Quantity",
    TypeValue: "type",
}


def type_name(value: Value) -> str:
    """The name of a value's type: "int", "map", "google.protobuf.Timestamp"."""
    found = _NAMES.get(type(value))
    if found is not None:
        return found
    if isinstance(value, dict):
        return "map"
    assert isinstance(value, list), f"{type(value).__name__} is no value of an expression"
    return "list"


def is_number(value: Value) -> bool:
    """Whether a value is an int, a uint or a double."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(one: Value, other: Value) -> bool:
    """Whether two values are the same; values of two types are not, but numbers are compared as numbers."""
    if is_number(one) and is_number(other):
        return bool(one == other)
    name = type_name(one)
    if name != type_name(other):
        return False
    if name == "list":
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    if name == "map":
        return len(one) == len(other) and all(
            has_key(other, key) and equal(item, other[key]) for key, item in one.items()
        )
    return bool(one == other)


def has_key(mapping: Mapping[Any, Any], key: Value) -> bool:
    """Whether a map has a key. True and 1 are two keys here, although Python takes them for one."""
    if isinstance(key, (list, dict)) or key not in mapping:
        return False
    return (not isinstance(key, bool) and not is_number(key)) or _same_key_type(mapping, key)


def _same_key_type(mapping: Mapping[Any, Any], key: Value) -> bool:
    stored = next(each for each in mapping if each == key)
    return isinstance(stored, bool) == isinstance(key, bool)


_ORDERED = ("bool", "string", "bytes", "google.protobuf.Timestamp", "google.protobuf.Duration")


def compare(one: Value, other: Value) -> int | None:
    """-1, 0 or 1; None when one of them is not a number. Raises `NoSuchOverload` for what has no order."""
    if is_number(one) and is_number(other):
        if any(isinstance(each, float) and math.isnan(each) for each in (one, other)):
            return None
        return int(one > other) - int(one < other)
    name = type_name(one)
    if name not in _ORDERED or name != type_name(other):
        raise NoSuchOverload
    if isinstance(one, (Timestamp, Duration)):
        one, other = one.nanoseconds, other.nanoseconds
    return int(one > other) - int(one < other)


def as_int(number: int) -> int:
    """A result that must fit into an int."""
    if not INT_MIN <= number <= INT_MAX:
        raise CelError("integer overflow")
    return number


def as_uint(number: int) -> Uint:
    """A result that must fit into a uint."""
    if not 0 <= number <= UINT_MAX:
        raise CelError("unsigned integer overflow")
    return Uint(number)


def as_timestamp(nanoseconds: int) -> Timestamp:
    """A result that must lie in the years 1 to 9999."""
    if not _EARLIEST <= nanoseconds // SECOND <= _LATEST:
        raise CelError("timestamp overflow")
    return Timestamp(nanoseconds)


def as_duration(nanoseconds: int) -> Duration:
    """A result that must fit into 64 bits of nanoseconds."""
    if not -_LONGEST - 1 <= nanoseconds <= _LONGEST:
        raise CelError("duration overflow")
    return Duration(nanoseconds)
