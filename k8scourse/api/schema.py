"""From JSON to a typed object, as Go's decoder does it: unknown fields found, wrong types refused.

`decode` is the server's reading of a body.  What it answers is what Go would write back: nulls and empty
optional fields are gone, quantities and times are in their stored spelling, structs that Go cannot leave out
are there.  An object that is already in that form comes back itself, not a copy, so structure stays shared.

The quick road is compiled per type at first use; only when it fails does :mod:`k8scourse.api.explaining`
walk the object again to find the words.
Upstream: ``apimachinery/pkg/runtime/serializer/json`` and ``sigs.k8s.io/json``.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from k8scourse.api import custom_kinds, explaining, kinds, quantities, typetable
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.doubled import Doubled
from k8scourse.api.errors import BadRequest, Cause, Invalid, invalid
from k8scourse.api.kinds import Kind
from k8scourse.api.times import canonical_micro_time, canonical_time
from k8scourse.api.values import FrozenList, freeze

Decoder = Callable[[Any], Any]

#: What a decoder answers for a value that Go would leave out.
DROPPED: Final = object()
_GOOD_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ").fullmatch
_SCHEME = '"pkg/api/legacyscheme/scheme.go:30"'
#: Upstream's packages of internal types, where they are not called as the group's first word.
_INTERNAL = {"": "core", "rbac.authorization.k8s.io": "rbac", "events.k8s.io": "core"}


class _Wrong(Exception):
    """The quick road met something that must be explained."""


def decode(kind: Kind, obj: Any, field_validation: str = "Strict") -> tuple[dict[str, Any], list[str]]:
    """Read a request's body as an object of ``kind``.

    Answers the object and the warnings.  ``field_validation`` is Strict (an unknown field is refused), Warn
    (it is dropped with a warning) or Ignore (it is dropped).  BadRequest with upstream's text when the body
    is not such an object.
    """
    try:
        return read(kind, obj, field_validation)
    except ValueError as problem:
        raise BadRequest(_cannot_be_handled(kind, obj, str(problem))) from None


def decode_patched(
    kind: Kind, obj: Any, field_validation: str = "Strict"
) -> tuple[dict[str, Any], list[str]]:
    """Like `decode`, for the result of a patch: a refusal is Invalid and names the field ``patch``."""
    try:
        return read(kind, obj, field_validation)
    except ValueError as problem:
        raise invalid_patch(str(problem)) from None


def invalid_patch(problem: str) -> Invalid:
    """The 422 that the server answers when a patch leads to something it cannot read."""
    return invalid("", "", "", [Cause("patch", "FieldValueInvalid", f'Invalid value: "<object>": {problem}')])


def read(kind: Kind, obj: Any, field_validation: str = "Strict") -> tuple[dict[str, Any], list[str]]:
    """`decode` with the bare reason as a ValueError, for callers that have their own words around it."""
    if type(obj) is Doubled:
        return _read_doubled(kind, obj, field_validation)
    obj = _identified(kind, obj)
    if isinstance(kind, CustomKind):
        return _read_custom(kind, obj, field_validation)
    name = typetable.type_of(kind)
    try:
        decoded: dict[str, Any] = _struct_decoder(name)(obj)
    except _Wrong:
        raise ValueError(explaining.first_problem(name, obj)) from None
    if decoded is obj or _known(name, obj):
        return decoded, []
    unknown = explaining.unknown_fields(name, obj)
    if field_validation == "Strict":
        raise ValueError(f"strict decoding error: {', '.join(unknown)}")
    return decoded, unknown if field_validation == "Warn" else []


def _read_doubled(kind: Kind, body: Doubled, field_validation: str) -> tuple[dict[str, Any], list[str]]:
    """A body that says something twice: read like any other, with more to be warned of."""
    decoded, unknown = read(kind, dict(body), "Warn")
    found = body.found("" if isinstance(kind, CustomKind) else typetable.type_of(kind), unknown)
    if field_validation == "Strict":
        raise ValueError(f"strict decoding error: {body.sentence(found)}")
    return decoded, found if field_validation == "Warn" else []


def _read_custom(
    kind: CustomKind, obj: dict[str, Any], field_validation: str
) -> tuple[dict[str, Any], list[str]]:
    """A custom object: its metadata as everybody's, the rest as its definition says."""
    name, given = "meta.v1.ObjectMeta", obj.get("metadata") or {}
    try:
        metadata = _struct_decoder(name)(given)
    except _Wrong:
        if not isinstance(given, dict):
            word = explaining.json_word(given)
            raise ValueError(f"json: cannot unmarshal {word} into Go value of type v1.ObjectMeta") from None
        raise ValueError(explaining.first_problem(name, given)) from None
    kept, unknown = custom_kinds.read(kind, {**obj, "metadata": metadata})
    unknown = [
        text.replace('"', '"metadata.', 1) for text in explaining.unknown_fields(name, given)
    ] + unknown
    if unknown and field_validation == "Strict":
        raise ValueError(f"strict decoding error: {', '.join(unknown)}")
    return kept, unknown if field_validation == "Warn" else []


def _identified(kind: Kind, obj: Any) -> dict[str, Any]:
    """The object with apiVersion and kind; the URL says them when the body does not."""
    if not isinstance(obj, dict) and isinstance(kind, CustomKind):
        raise ValueError(f"Object 'Kind' is missing in '{json.dumps(obj)}'")
    if not isinstance(obj, dict):
        go_type = typetable.go_name(f"@{typetable.type_of(kind)}")
        raise ValueError(
            f"json: cannot unmarshal {explaining.json_word(obj)} into Go value of type {go_type}"
        )
    api_version, name = obj.get("apiVersion") or kind.api_version, obj.get("kind") or kind.kind
    if (api_version, name) != (kind.api_version, kind.kind):
        raise ValueError(_wrong_kind(kind, str(api_version), str(name)))
    if obj.get("apiVersion") and obj.get("kind"):
        return obj
    return {**obj, "apiVersion": api_version, "kind": name}


def _wrong_kind(kind: Kind, api_version: str, name: str) -> str:
    if kinds.by_kind(api_version, name) is None:
        return f'no kind "{name}" is registered for version "{api_version}" in scheme {_SCHEME}'
    version = api_version.rpartition("/")[2]
    wanted = f"{_INTERNAL.get(kind.group, kind.group.partition('.')[0])}.{kind.kind}"
    return f"converting ({version}.{name}) to ({wanted}): unknown conversion"


def _cannot_be_handled(kind: Kind, obj: Any, problem: str) -> str:
    body = obj if isinstance(obj, dict) else {}
    version = str(body.get("apiVersion") or kind.api_version).rpartition("/")[2]
    return f'{body.get("kind") or kind.kind} in version "{version}" cannot be handled as a {kind.kind}: {problem}'


# ------------------------------------------------------------------------------- the quick road


def _text(value: Any) -> Any:
    if type(value) is str:
        return value if value else DROPPED
    raise _Wrong


def _text_kept(value: Any) -> Any:
    if type(value) is str:
        return value
    raise _Wrong


def _flag(value: Any) -> Any:
    if value is True:
        return value
    if value is False:
        return DROPPED
    raise _Wrong


def _flag_kept(value: Any) -> Any:
    if type(value) is bool:
        return value
    raise _Wrong


def _integer(bits: int, keep_zero: bool) -> Decoder:
    low, high = -(1 << (bits - 1)), 1 << (bits - 1)

    def check(value: Any) -> Any:
        if type(value) is int and low <= value < high:
            return value if value or keep_zero else DROPPED
        raise _Wrong

    return check


def _number(value: Any) -> Any:
    if type(value) in (int, float):
        return value
    raise _Wrong


def _quantity(value: Any) -> Any:
    try:
        if type(value) in (str, int, float):
            text = quantities.canonical(value)
            return value if text == value else text
    except ValueError:
        pass
    raise _Wrong


def _int_or_text(value: Any) -> Any:
    if type(value) is str or (type(value) is int and -(1 << 31) <= value < 1 << 31):
        return value
    raise _Wrong


def _time(value: Any) -> Any:
    if type(value) is str:
        if _GOOD_TIME(value):
            return value
        try:
            text = canonical_time(value)
            return value if text == value else text
        except ValueError:
            pass
    raise _Wrong


def _micro_time(value: Any) -> Any:
    if type(value) is str:
        try:
            text = canonical_micro_time(value)
            return value if text == value else text
        except ValueError:
            pass
    raise _Wrong


def _bytes(value: Any) -> Any:
    if type(value) is str and len(value) % 4 == 0:
        try:
            binascii.a2b_base64(value, strict_mode=True)
            return value
        except ValueError:
            pass
    if type(value) is str and ("\n" in value or "\r" in value):
        return _bytes(value.replace("\n", "").replace("\r", ""))
    raise _Wrong


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
            compiled.append(_struct_decoder(name))
        return compiled[0](value)

    return call


def _list_decoder(code: str, keep_empty: bool) -> Decoder:
    """A list of one type; a null among its items is the type's zero, as in Go."""
    item_decoder = _decoder(code, True)

    def decode_list(value: Any) -> Any:
        if not isinstance(value, list):
            raise _Wrong
        if not value:
            return value if keep_empty else DROPPED
        decoded = [item_decoder(item) if item is not None else _zero_of(code) for item in value]
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
            raise _Wrong
        if not value:
            return value if keep_empty else DROPPED
        changed = False
        decoded = {}
        for key, item in value.items():
            new = decoded[key] = value_decoder(item) if item is not None else _zero_of(code)
            changed |= new is not item
        return decoded if changed else value

    return decode_map


@cache
def _struct_decoder(name: str) -> Decoder:
    """A function that decodes one type; closures over plain dicts are the quickest thing Python has here."""
    struct = typetable.struct(name)
    decoders = {
        field.name: _decoder(field.code, field.pointer or field.always) for field in struct.fields.values()
    }
    always = {field.name: _zero_of(field.code) for field in struct.fields.values() if field.always}
    needed = always.keys()
    if "managedFields" in decoders:
        decoders["managedFields"] = _trusting(decoders["managedFields"])

    def decode_struct(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Wrong
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
def _zero_of(code: str) -> Any:
    """What Go writes for a value of this type that was never set; null for lists, maps and times."""
    if code.startswith("@"):
        fields = typetable.struct(code[1:]).fields.values()
        return freeze({field.name: _zero_of(field.code) for field in fields if field.always})
    return _ZERO.get(code)


def zero(kind: Kind) -> dict[str, Any]:
    """An object of ``kind`` that nobody has set anything in: what Go writes for it."""
    if isinstance(kind, CustomKind):
        return {"metadata": {}}
    found: dict[str, Any] = _zero_of(f"@{typetable.type_of(kind)}")
    return found


@cache
def _branches(name: str) -> dict[str, tuple[str, bool]]:
    """Field to the struct type of its value, items or values (empty text for scalars), and whether it is a map."""
    fields = typetable.struct(name).fields.values()
    return {field.name: (field.type_name, field.code.startswith("{}")) for field in fields}


def _known(name: str, obj: Mapping[str, Any]) -> bool:
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
        if not all(_known(inner, part) for part in parts if isinstance(part, dict)):
            return False
    return True
