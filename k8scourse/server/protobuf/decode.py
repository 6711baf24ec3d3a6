"""From protobuf to the JSON that the same client would have sent."""

from __future__ import annotations

import base64
import datetime
import json
import struct
from collections.abc import Iterator
from typing import Any

from .table import SCALARS, Field, message_of, messages

MAGIC = b"k8s\x00"
DEPTH = 60
_ZEROS: dict[str, Any] = {"int": 0, "bool": False, "string": "", "bytes": "", "double": 0.0}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """The bytes are not what they say they are; the text says where."""


def decode(data: bytes) -> Any:
    """The object in a body of ``application/vnd.kubernetes.protobuf``. Raises `Malformed`.

    The envelope is ``runtime.Unknown``: typeMeta (apiVersion 1, kind 2) is field 1, the message itself field 2.
    """
    if not data.startswith(MAGIC):
        raise Malformed(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        )
    envelope = dict(_fields(data[len(MAGIC) :]))
    type_meta = dict(_fields(_as_bytes(envelope.get(1, b""))))
    api_version, kind = _text(type_meta.get(1, b"")), _text(type_meta.get(2, b""))
    name = message_of(api_version, kind)
    if name is None:
        raise Malformed(f'no kind "{kind}" is registered for version "{api_version}" as protobuf')
    return {"kind": kind, "apiVersion": api_version, **_message(name, _as_bytes(envelope.get(2, b"")), 0)}


def _message(name: str, data: bytes, depth: int) -> dict[str, Any]:
    """A message as a JSON object; fields that the table does not know are skipped."""
    if depth > DEPTH:
        raise Malformed("the message is nested too deeply")
    table = messages()[name]
    result: dict[str, Any] = {}
    for number, raw in _fields(data):
        field = table.get(number)
        if field is not None:
            _put(result, field, raw, depth)
    return result


def _put(result: dict[str, Any], field: Field, raw: Any, depth: int) -> None:
    if field.holder == "list":
        if field.type == "int" and isinstance(raw, bytes):
            result.setdefault(field.name, []).extend(_packed(raw))
        else:
            result.setdefault(field.name, []).append(_value(field.type, raw, depth))
    elif field.holder == "map":
        entry = dict(_fields(_as_bytes(raw)))
        value = _value(field.type, entry.get(2, b""), depth)
        result.setdefault(field.name, {})[_text(entry.get(1, b""))] = value
    elif field.holder == "inline":
        result.update(_message(field.type, _as_bytes(raw), depth + 1))
    else:
        value = _value(field.type, raw, depth)
        if field.pointer or not _means_nothing(field, value):
            result[field.name] = value


def _means_nothing(field: Field, value: Any) -> bool:
    return value is None or (field.type in SCALARS and value == _ZEROS[field.type])


def _value(kind: str, raw: Any, depth: int) -> Any:
    if kind in _SCALAR_READERS:
        return _SCALAR_READERS[kind](raw)
    if kind in _SPECIAL_READERS:
        return _SPECIAL_READERS[kind](_as_bytes(raw))
    value = _message(kind, _as_bytes(raw), depth + 1)
    return value.get("items", []) if kind.endswith(".ExtraValue") else value


# -- kinds of values -----------------------------------------------------------------------------------------


def _signed(raw: Any) -> int:
    if not isinstance(raw, int):
        raise Malformed("expected a number")
    return raw - (1 << 64) if raw >= 1 << 63 else raw


def _text(raw: Any) -> str:
    try:
        return _as_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise Malformed("a string is not valid UTF-8") from error


def _as_bytes(raw: Any) -> bytes:
    if not isinstance(raw, bytes):
        raise Malformed("expected bytes")
    return raw


def _double(raw: Any) -> float:
    if not isinstance(raw, int):
        raise Malformed("expected a double")
    return float(struct.unpack("<d", raw.to_bytes(8, "little"))[0])


def _time(raw: bytes) -> str | None:
    return _moment(raw, "%Y-%m-%dT%H:%M:%SZ")


def _micro_time(raw: bytes) -> str | None:
    return _moment(raw, "%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(raw: bytes, form: str) -> str | None:
    """A point in time; the zero time is sent as an empty message, and is null in JSON."""
    parts = dict(_fields(raw))
    if not parts:
        return None
    try:
        seconds, nanoseconds = _signed(parts.get(1, 0)), _signed(parts.get(2, 0))
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        return moment.replace(microsecond=nanoseconds // 1000).strftime(form)
    except (OverflowError, ValueError, OSError) as error:
        raise Malformed("a time is out of range") from error


def _quantity(raw: bytes) -> str:
    return _text(dict(_fields(raw)).get(1, b"")) or "0"


def _int_or_string(raw: bytes) -> int | str:
    parts = dict(_fields(raw))
    return _text(parts.get(3, b"")) if parts.get(1) else _signed(parts.get(2, 0))


def _duration(raw: bytes) -> str:
    return f"{_signed(dict(_fields(raw)).get(1, 0)) / 1e9:g}s"


def _raw(raw: bytes) -> Any:
    text = _as_bytes(dict(_fields(raw)).get(1, b""))
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise Malformed("an embedded object is not JSON") from error


_SCALAR_READERS: dict[str, Any] = {
    "int": _signed,
    "bool": lambda raw: bool(_signed(raw)),
    "string": _text,
    "bytes": lambda raw: base64.b64encode(_as_bytes(raw)).decode(),
    "double": _double,
}
_SPECIAL_READERS: dict[str, Any] = {
    "Time": _time,
    "MicroTime": _micro_time,
    "Quantity": _quantity,
    "IntOrString": _int_or_string,
    "Duration": _duration,
    "Raw": _raw,
}

# -- the wire ------------------------------------------------------------------------------------------------


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, raw value) of each field: an int for numbers, bytes for everything that has a length."""
    place, end = 0, len(data)
    while place < end:
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        if wire == _BYTES:
            size, place = _varint(data, place)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise Malformed(f"illegal wireType {wire}")
        if size > end - place:
            raise Malformed("unexpected EOF")
        piece = data[place : place + size]
        yield number, piece if wire == _BYTES else int.from_bytes(piece, "little")
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise Malformed("unexpected EOF")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place
    raise Malformed("proto: integer overflow")


def _packed(data: bytes) -> list[int]:
    place, values = 0, []
    while place < len(data):
        value, place = _varint(data, place)
        values.append(_signed(value))
    return values
