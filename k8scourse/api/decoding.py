"""The quick road from JSON to a typed object: decoders made of closures, compiled per type at first use.

A decoder answers what Go would write back, and the value itself when that is what it was given. What it cannot read
raises `Wrong`; the words for it are looked for elsewhere (:mod:`k8scourse.api.explaining`).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from k8scourse.api import quantities, typetable
from k8scourse.api.times import canonical_micro_time, canonical_time
from k8scourse.api.values import FrozenList, freeze

Decoder = Callable[[Any], Any]

#: What a decoder answers for a value that Go would leave out.
DROPPED: Final = object()
_GOOD_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ").fullmatch


class Wrong(Exception):
    """The quick road met something that must be explained."""


def _text(value: Any) -> Any:
    if type(value) is str:
        return value if value else DROPPED
    raise Wrong


def _text_kept(value: Any) -> Any:
    if type(value) is str:
        return value
    raise Wrong


def _flag(value: Any) -> Any:
    if value is True:
        return value
    if value is False:
        return DROPPED
    raise Wrong


def _flag_kept(value: Any) -> Any:
    if type(value) is bool:
        return value
    raise Wrong


def _integer(bits: int, keep_zero: bool) -> Decoder:
    low, high = -(1 << (bits - 1)), 1 << (bits - 1)

    def check(value: Any) -> Any:
        if type(value) is int and low <= value < high:
            return value if value or keep_zero else DROPPED
        raise Wrong

    return check


def _number(value: Any) -> Any:
    if type(value) in (int, float):
        return value
    raise Wrong


def _quantity(value: Any) -> Any:
    try:
        if type(value) in (str, int, float):
            text = quantities.canonical(value)
            return value if text == value else text
    except ValueError:
        pass
    raise Wrong


def _int_or_text(value: Any) -> Any:
    if type(value) is str or (type(value) is int and -(1 << 31) <= value < 1 << 31):
        return value
    raise Wrong


def _time(value: Any) -> Any:
    if type(value) is str:
        if _GOOD_TIME(value):
            return value
        try:
            text = canonical_time(value)
            return value if text == value else text
        except ValueError:
            pass
    raise Wrong


def _micro_time(value: Any) -> Any:
    if type(value) is str:
        try:
            text = canonical_micro_time(value)
            return value if text == value else text
        except ValueError:
            pass
    raise Wrong


def _bytes(value: Any) -> Any:
    if type(value) is str and len(value) % 4 == 0:
        try:
            binascii.a2b_base64(value, strict_mode=True)
            return value
        except ValueError:
            pass
    if type(value) is str and ("\n" in value or "\r" in value):
        return _bytes(value.replace("\n", "").replace("\r", ""))
    raise Wrong


def _anything(value: Any) -> Any:
    return value


_SCALARS: dict[str, tuple[Decoder, Decoder]] = {
    "s": (_text, _text_kept),
    "b": (_flag, _flag_kept),
    "i": (_integer(32, False), _integer(32, True)),
    "l": (_integer(64, False), _integer(64, True)),
    "f": (_number, _number),
    "q": (_quantity, _quantity),
    "x": (_int_or_text, _int_or_text),
    "t": (_time, _time),
    "u": (_micro_time, _micro_time),
    "y": (_bytes, _bytes),
    "a": (_anything, _anything),
}
_ZERO: dict[str, Any] = {"s": "", "b": False, "i": 0, "l": 0, "f": 0, "q": "0", "x": 0, "y": ""}


@cache
def _decoder(code: str, keep_zero: bool) -> Decoder:
    if code.startswith("[]"):
        return _list_decoder(code[2:], keep_zero)
    if code.startswith("{}"):
        return _map_decoder(code[2:], keep_zero)
    if code.startswith("@"):
        return _later(code[1:])
    return _SCALARS[code][keep_zero]


def _later(name: str) -> Decoder:
    """The decoder of a struct, compiled when it is first called (types may contain themselves)."""
    compiled: list[Decoder] = []

    def call(value: Any) -> Any:
        if not compiled:
            compiled.append(struct_decoder(name))
        return compiled[0](value)

    return call


def _list_decoder(code: str, keep_empty: bool) -> Decoder:
    """A list of one type; a null among its items is the type's zero, as in Go."""
    item_decoder = _decoder(code, True)

    def decode_list(value: Any) -> Any:
        if not isinstance(value, list):
            raise Wrong
        if not value:
            return value if keep_empty else DROPPED
        decoded = [item_decoder(item) if item is not None else zero_of(code) for item in value]
        for old, new in zip(value, decoded, strict=True):
            if old is not new:
                return decoded
        return value

    return decode_list


def _map_decoder(code: str, keep_empty: bool) -> Decoder:
    """A map to one type; null values are zeros here too."""
    value_decoder = _decoder(code, True)

    def decode_map(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Wrong
        if not value:
            return value if keep_empty else DROPPED
        changed = False
        decoded = {}
        for key, item in value.items():
            new = decoded[key] = value_decoder(item) if item is not None else zero_of(code)
            changed |= new is not item
        return decoded if changed else value

    return decode_map


@cache
def struct_decoder(name: str) -> Decoder:
    """A function that decodes one type; closures over plain dicts are the quickest thing Python has here."""
    struct = typetable.struct(name)
    decoders = {
        field.name: _decoder(field.code, field.pointer or field.always) for field in struct.fields.values()
    }
    always = {field.name: zero_of(field.code) for field in struct.fields.values() if field.always}
    needed = always.keys()
    if "managedFields" in decoders:
        decoders["managedFields"] = _trusting(decoders["managedFields"])

    def decode_struct(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Wrong
        changed = False
        decoded = {}
        for key, item in value.items():
            decoder = decoders.get(key)
            if decoder is None or item is None:
                if item is None and key in always:
                    decoded[key] = always[key]
                    changed |= always[key] is not None
                else:
                    changed = True
                continue
            new = decoder(item)
            if new is DROPPED:
                changed = True
                continue
            decoded[key] = new
            if new is not item:
                changed = True
        if needed and not needed <= decoded.keys():
            changed = True
            for key, zero in always.items():
                decoded.setdefault(key, zero)
        return decoded if changed else value

    return decode_struct


def _trusting(decoder: Decoder) -> Decoder:
    """Most writes send back the list of owners that the store gave out: frozen, so nobody has touched it."""

    def decode_list(value: Any) -> Any:
        # An empty one is kept: it asks for the owners to be forgotten.
        return value if type(value) is FrozenList or value == [] else decoder(value)

    return decode_list


@cache
def zero_of(code: str) -> Any:
    """What Go writes for a value of this type that was never set; null for lists, maps and times."""
    if code.startswith("@"):
        fields = typetable.struct(code[1:]).fields.values()
        return freeze({field.name: zero_of(field.code) for field in fields if field.always})
    return _ZERO.get(code)


@cache
def _branches(name: str) -> dict[str, tuple[str, bool]]:
    """Field to the struct type of its value, items or values (empty text for scalars), and whether it is a map."""
    fields = typetable.struct(name).fields.values()
    return {field.name: (field.type_name, field.code.startswith("{}")) for field in fields}


def known(name: str, obj: Mapping[str, Any]) -> bool:
    """Whether every field is known: the cheap question before the words are looked for."""
    branches = _branches(name)
    for key, value in obj.items():
        branch = branches.get(key)
        if branch is None:
            return False
        inner, is_map = branch
        if not inner:
            continue
        if isinstance(value, dict):
            parts: Iterable[Any] = value.values() if is_map else (value,)
        else:
            parts = value if isinstance(value, list) else ()
        if not all(known(inner, part) for part in parts if isinstance(part, dict)):
            return False
    return True
