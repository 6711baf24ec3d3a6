"""Why a body could not be read, in the words of Go's JSON decoder.

Slow on purpose: it runs only when :mod:`k8scourse.api.schema` has met something wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import quantities, typetable
from k8scourse.api.times import canonical_micro_time, canonical_time
from k8scourse.api.typetable import Field, Struct

_BITS = {"i": 32, "l": 64}


def unknown_fields(type_name: str, obj: Any) -> list[str]:
    """``unknown field "spec.bogus"`` for each field the type does not have, in the order of the document."""
    return [f'unknown field "{path}"' for path in _unknown(typetable.struct(type_name), obj, "")]


def _unknown(struct: Struct, obj: Any, prefix: str) -> Iterator[str]:
    if not isinstance(obj, dict):
        return
    for key, value in obj.items():
        path = f"{prefix}.{key}" if prefix else key
        field = struct.fields.get(key)
        if field is None:
            yield path
        elif field.type_name:
            yield from _unknown_within(field, value, path)


def _unknown_within(field: Field, value: Any, path: str) -> Iterator[str]:
    inner = typetable.struct(field.type_name)
    if field.code.startswith("[]"):
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _unknown(inner, item, f"{path}[{index}]")
    elif field.code.startswith("{}"):
        for key, item in (value if isinstance(value, dict) else {}).items():
            yield from _unknown(inner, item, f"{path}.{key}")
    else:
        yield from _unknown(inner, value, path)


def first_problem(type_name: str, obj: Any) -> str:
    """The sentence about the first value of a wrong type."""
    for problem in _struct_problems(typetable.struct(type_name), obj, ""):
        return problem
    return "json: cannot unmarshal object"


def _struct_problems(struct: Struct, obj: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in obj.items():
        field = struct.fields.get(key)
        if field is None or value is None:
            continue
        path = f"{prefix}.{key}" if prefix else key
        yield from _value_problems(f"{struct.bare}.{path}", path, field.code, field.go_type, value)


def _value_problems(where: str, path: str, code: str, go_type: str, value: Any) -> Iterator[str]:
    """Problems of one value; ``where`` is ``Struct.path`` as Go prints it, without list indexes."""
    if code.startswith("[]"):
        if not isinstance(value, list):
            yield _mismatch(where, go_type, value)
            return
        for item in value:
            yield from _value_problems(where, path, code[2:], typetable.go_name(code[2:]), item)
    elif code.startswith("{}"):
        if not isinstance(value, dict):
            yield _mismatch(where, go_type, value)
            return
        for item in value.values():
            yield from _value_problems(where, path, code[2:], typetable.go_name(code[2:]), item)
    elif code.startswith("@"):
        if isinstance(value, dict):
            yield from _struct_problems(typetable.struct(code[1:]), value, path)
        elif value is not None:
            yield _mismatch(where, go_type, value)
    elif value is not None or code not in "sbil":
        yield from scalar_problems(where, code, go_type, value)


def scalar_problems(where: str, code: str, go_type: str, value: Any) -> Iterator[str]:
    """What is wrong with a value that is no list, map or struct; ``where`` as Go names the field."""
    match code:
        case "s":
            if not isinstance(value, str):
                yield _mismatch(where, go_type, value)
        case "b":
            if not isinstance(value, bool):
                yield _mismatch(where, go_type, value)
        case "i" | "l":
            if not _is_integer(value, _BITS[code]):
                yield _mismatch(where, go_type, value, literal=not isinstance(value, bool))
        case "f":
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield _mismatch(where, go_type, value)
        case "q":
            yield from _raised(
                quantities.canonical,
                value if isinstance(value, str | int | float) and not isinstance(value, bool) else "true",
            )
        case "x":
            if not isinstance(value, str) and not _is_integer(value, 32):
                yield f"json: cannot unmarshal {_literal(value)} into Go value of type int32"
        case "t" | "u":
            if not isinstance(value, str):
                yield f"json: cannot unmarshal {json_word(value)} into Go value of type string"
            else:
                yield from _raised(canonical_time if code == "t" else canonical_micro_time, value)
        case "y":
            yield from _bytes_problems(where, go_type, value)


def _bytes_problems(where: str, go_type: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield _mismatch(where, go_type, value)
        return
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = value.rstrip("=\r\n")
    for index, character in enumerate(body):
        if character not in alphabet and character not in "\r\n":
            yield f"illegal base64 data at input byte {index}"
            return
    yield f"illegal base64 data at input byte {len(body) - len(body) % 4 if len(body) == len(value) else len(body)}"


def _raised(function: Any, value: Any) -> Iterator[str]:
    try:
        function(value)
    except ValueError as problem:
        yield str(problem)


def _is_integer(value: Any, bits: int) -> bool:
    return type(value) is int and -(1 << (bits - 1)) <= value < 1 << (bits - 1)


def _mismatch(where: str, go_type: str, value: Any, literal: bool = False) -> str:
    word = _literal(value) if literal else json_word(value)
    return f"json: cannot unmarshal {word} into Go struct field {where} of type {go_type}"


def _literal(value: Any) -> str:
    """A JSON value as Go names it in errors about integers: numbers with their digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"number {value!r}"
    return json_word(value)


def json_word(value: Any) -> str:
    """``string``, ``number``, ``bool``, ``array``, ``object`` or ``null``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
