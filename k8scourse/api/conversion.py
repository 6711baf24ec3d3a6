"""Why a strategically merged object cannot be read, in the words of the real server's converter.

A body, a merge patch and a JSON patch go through the JSON decoder, and :mod:`k8scourse.api.explaining` has its words.
The result of a strategic merge is a map already and is converted field by field, which says less about the place.
Slow on purpose: it runs only when :mod:`k8scourse.api.schema` has met something wrong.
Upstream: ``apimachinery/pkg/runtime/converter.go`` (FromUnstructuredWithValidation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from k8scourse.api import explaining, typetable

_INTEGERS: Final = {"i": "int32", "l": "int64"}
_OWN_READERS: Final = "qxtu"


def first_problem(type_name: str, obj: Any) -> str:
    """The sentence about the first value of a wrong type, "" when all of them fit."""
    return next(_struct_problems(type_name, obj), "")


def _struct_problems(type_name: str, obj: Any) -> Iterator[str]:
    if not isinstance(obj, dict):
        yield f"cannot restore struct from: {_kind(obj)}"
        return
    for field in typetable.struct(type_name).fields.values():
        yield from _value_problems(field.code, field.go_type, obj.get(field.name))


def _value_problems(code: str, go_type: str, value: Any) -> Iterator[str]:
    if value is None or code == "a":
        return
    if code.startswith("[]"):
        yield from _list_problems(code[2:], value)
    elif code.startswith("{}"):
        yield from _map_problems(code[2:], value)
    elif code.startswith("@"):
        yield from _struct_problems(code[1:], value)
    elif code in _OWN_READERS:
        yield from explaining.scalar_problems("", code, go_type, value)
    elif code == "y":
        yield from _bytes_problems(value)
    else:
        yield from _scalar_problems(code, go_type, value)


def _list_problems(element: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"cannot restore slice from {_kind(value)}"
        return
    for item in value:
        yield from _value_problems(element, typetable.go_name(element), item)


def _map_problems(element: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"cannot restore map from {_kind(value)}"
        return
    for item in value.values():
        yield from _value_problems(element, typetable.go_name(element), item)


def _bytes_problems(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"cannot restore slice from {_kind(value)}"
        return
    for problem in explaining.scalar_problems("", "y", "[]uint8", value):
        yield f"error decoding from json: {problem}"


def _scalar_problems(code: str, go_type: str, value: Any) -> Iterator[str]:
    kind = _kind(value)
    if code == "s":
        if kind == "int64":  # Go could make a letter of it
            yield f"cannot convert int64 to {go_type}"
        elif kind != "string":
            yield "unrecognized type: string"
    elif code == "b":
        if kind != "bool":
            yield "unrecognized type: bool"
    elif code in _INTEGERS:
        if kind == "float64" and value != int(value):
            yield f"cannot convert float64 to {go_type}"
        elif kind not in ("int64", "float64"):
            yield f"unrecognized type: {_INTEGERS[code]}"
    elif kind not in ("int64", "float64"):
        yield "unrecognized type: float64"


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "slice"
    return {str: "string", bool: "bool", int: "int64"}.get(type(value), "float64")
