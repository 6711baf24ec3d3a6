"""The seven kinds of field errors, each a function that builds a `Cause` with upstream's words.

Upstream: ``staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from k8scourse.api.errors import Cause


def shown(value: Any) -> str:
    """A value as upstream prints it: text in quotes, everything else as compact JSON, maps in order of their keys."""
    return json.dumps(_in_order(value), ensure_ascii=False, separators=(",", ":"))


#: Structs that are quoted as they are on the wire; whatever else has small letters is a map, which Go sorts.
_STRUCTS = (("matchLabels", "matchExpressions"), ("key", "operator", "values"))


def _in_order(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = next((names for names in _STRUCTS if value.keys() <= set(names)), None)
    if names is None:
        names = tuple(value) if any(key[:1].isupper() for key in value) else tuple(sorted(value))
    return {name: _in_order(value[name]) for name in names if name in value}


def required(field: str, detail: str = "") -> Cause:
    """Something is missing."""
    return Cause(field, "FieldValueRequired", f"Required value: {detail}" if detail else "Required value")


def invalid(field: str, value: Any, detail: str) -> Cause:
    """The value is not allowed."""
    return Cause(field, "FieldValueInvalid", f"Invalid value: {shown(value)}: {detail}")


def not_supported(field: str, value: Any, supported: Sequence[str]) -> Cause:
    """The value is none of the supported ones."""
    listed = ", ".join(shown(item) for item in supported)
    return Cause(
        field, "FieldValueNotSupported", f"Unsupported value: {shown(value)}: supported values: {listed}"
    )


def forbidden(field: str, detail: str) -> Cause:
    """The field may not be set (here, now)."""
    return Cause(field, "FieldValueForbidden", f"Forbidden: {detail}")


def duplicate(field: str, value: Any, detail: str = "") -> Cause:
    """The value must be unique and is not."""
    return Cause(
        field, "FieldValueDuplicate", f"Duplicate value: {shown(value)}" + (f": {detail}" if detail else "")
    )


def not_found(field: str, value: Any) -> Cause:
    """The value names something that is not there."""
    return Cause(field, "FieldValueNotFound", f"Not found: {shown(value)}")


def too_long(field: str, limit: int) -> Cause:
    """The value has more than ``limit`` bytes."""
    return Cause(field, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(field: str, count: int, limit: int) -> Cause:
    """The list has ``count`` items, more than ``limit``."""
    return Cause(field, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} items")


def invalid_unshown(field: str, detail: str) -> Cause:
    """The value is not allowed, and saying what it is would not help."""
    return Cause(field, "FieldValueInvalid", f"Invalid value: {detail}")


def each_invalid(field: str, value: Any, problems: Iterable[str]) -> Iterator[Cause]:
    """One `invalid` per problem."""
    for problem in problems:
        yield invalid(field, value, problem)


def non_negative(field: str, value: int | None) -> Iterator[Cause]:
    """A number that must be zero or more; None is fine."""
    if value is not None and value < 0:
        yield invalid(field, value, "must be greater than or equal to 0")


def one_of(field: str, value: str | None, supported: Sequence[str]) -> Iterator[Cause]:
    """A required choice."""
    if not value:
        yield required(field)
    elif value not in supported:
        yield not_supported(field, value, supported)


def immutable(field: str, new: Any, old: Any) -> Iterator[Cause]:
    """A field that may not change."""
    if new != old:
        yield invalid(field, new, "field is immutable")
