"""What apply must know of a type: is it a scalar, a map or a list, and who can own how much of it.

The field table says it for the kinds of the course, a CustomResourceDefinition for its own. A list is owned item by
item when it is a "map" (by keys) or a "set" (by value); any other list is atomic: one owner for the whole. A map is
owned key by key unless it is atomic.

Upstream: ``structured-merge-diff/schema/elements.go``, ``kube-openapi/pkg/schemaconv``,
``apimachinery/pkg/util/managedfields/internal/typeconverter.go``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from k8scourse.api import typetable
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind

SCALAR: Final = "scalar"
MAP: Final = "map"
LIST: Final = "list"
ANY: Final = "any"

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode


class Atom:
    """One type.

    `shape` is SCALAR, MAP, LIST or ANY (what the value looks like decides). `scalar` is string, numeric, boolean or
    untyped. A map has `fields` (a struct) or an `element` (any key), or both. A list has an `element`, and `keys`
    when its items are told apart by keys, with the `defaults` of keys that may be left out.
    """

    __slots__ = ("_fields", "_find", "atomic", "defaults", "element", "is_set", "keys", "scalar", "shape")

    def __init__(
        self,
        shape: str,
        scalar: str = "",
        atomic: bool = False,
        find: Callable[[], dict[str, Atom]] | None = None,
        element: Atom | None = None,
        keys: tuple[str, ...] = (),
        is_set: bool = False,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.shape, self.scalar, self.atomic, self.element = shape, scalar, atomic, element
        self.keys, self.is_set, self.defaults = keys, is_set, defaults or {}
        self._find = find
        self._fields: dict[str, Atom] | None = None

    @property
    def fields(self) -> dict[str, Atom]:
        """The fields of a struct, looked up when they are first asked for: types may contain themselves."""
        if self._fields is None:
            self._fields = self._find() if self._find else {}
        return self._fields

    def child(self, key: str) -> Atom:
        """The type of a map's field."""
        return self.fields.get(key) or self.element or DEDUCED

    def item_key(self, item: Any) -> str:
        """The path element of a list's item. Raises `ValueError` with upstream's words when it has none."""
        if self.is_set:
            return _set_item_key(item)
        if item is None:
            raise ValueError("associative list with keys may not have a null element")
        if not isinstance(item, dict):
            raise ValueError("associative list with keys may not have non-map elements")
        keys = {}
        for name in self.keys:
            value = item.get(name, _MISSING)
            if value is _MISSING:
                value = self.defaults.get(name, _MISSING)
            if value is _MISSING:
                raise ValueError(
                    f'associative list with keys has an element that omits key field "{name}"'
                    " (and doesn't have default value)"
                )
            keys[name] = value
        if (
            len(keys) == 1
            and type(value) is str
            and value.isascii()
            and value.isprintable()
            and '"' not in value
        ):
            return f'k:{{"{name}":"{value}"}}' if "\\" not in value else f"k:{_encode(keys)}"
        return f"k:{_encode(keys)}"

    @property
    def by_item(self) -> bool:
        """Whether a list is owned item by item."""
        return self.shape == LIST and not self.atomic


def _set_item_key(item: Any) -> str:
    if isinstance(item, dict):
        raise ValueError("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise ValueError("not supporting lists as set elements")
    if item is None:
        raise ValueError("associative list without keys has an element that's an explicit null")
    return f"v:{_encode(item)}"


_MISSING = object()
_SCALARS = {
    "s": "string", "b": "boolean", "i": "numeric", "l": "numeric", "f": "numeric", "q": "untyped", "x": "untyped",
    "t": "string", "u": "string", "y": "string",
}  # fmt: skip
# Keys that a list's item may leave out (the "+default" marks in ``core/v1/types.go``).
_KEY_DEFAULTS = {"protocol": "TCP"}
_ZEROS = {"s": "", "i": 0, "l": 0, "b": False}

UNTYPED_SCALAR = Atom(SCALAR, scalar="untyped")
#: Whatever it looks like: maps by key, lists as a whole.
DEDUCED = Atom(ANY)
_DEDUCED_MAP = Atom(MAP, element=DEDUCED)
_DEDUCED_LIST = Atom(LIST, element=DEDUCED, atomic=True)


def resolve(atom: Atom, value: Any) -> Atom:
    """The type itself, or for "any" what the value looks like."""
    if atom.shape != ANY:
        return atom
    if isinstance(value, dict):
        return _DEDUCED_MAP
    return _DEDUCED_LIST if isinstance(value, list) else UNTYPED_SCALAR


def of_kind(kind: Kind) -> Atom:
    """The type of a kind's objects; without a known type they are taken as they look."""
    if isinstance(kind, CustomKind):
        return of_schema(kind.schema, root=True) if kind.schema else _unknown_kind()
    try:
        return of_type(typetable.type_of(kind))
    except KeyError:
        return _unknown_kind()


@cache
def _unknown_kind() -> Atom:
    return Atom(MAP, find=_fields_of_any_object, element=DEDUCED)


def _fields_of_any_object() -> dict[str, Atom]:
    text = Atom(SCALAR, scalar="string")
    return {"apiVersion": text, "kind": text, "metadata": of_type("meta.v1.ObjectMeta")}


@cache
def of_type(name: str) -> Atom:
    """The type with this short name in the field table."""
    struct = typetable.struct(name)

    def find() -> dict[str, Atom]:
        return {
            field.name: _of_code(field.code, struct.lists.get(field.name, ()))
            for field in struct.fields.values()
        }

    return Atom(MAP, find=find, atomic=struct.atomic)


@cache
def _of_code(code: str, marks: tuple[str, ...] = ()) -> Atom:
    """The type of a field; `marks` is the list or map type with its keys, as the table has it."""
    if code.startswith("@"):
        named = of_type(code[1:])
        return named if not marks or named.atomic else _marked_struct(code[1:], marks[0] == "atomic")
    if code.startswith("{}"):
        return Atom(MAP, element=_of_code(code[2:]), atomic=marks[:1] == ("atomic",))
    if not code.startswith("[]"):
        return Atom(SCALAR, scalar=_SCALARS[code]) if code in _SCALARS else DEDUCED
    element = _of_code(code[2:])
    if marks[:1] == ("set",):
        return Atom(LIST, element=element, is_set=True)
    if marks[:1] == ("map",):
        return Atom(LIST, element=element, keys=marks[1:], defaults=_key_defaults(code[3:], marks[1:]))
    return Atom(LIST, element=element, atomic=True)


def _marked_struct(name: str, atomic: bool) -> Atom:
    return Atom(MAP, find=lambda: of_type(name).fields, atomic=atomic)


def _key_defaults(type_name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """What a key that is left out counts as: its default, or Go's zero for one that is always written."""
    fields = typetable.struct(type_name).fields
    defaults: dict[str, Any] = {}
    for key in keys:
        if key in _KEY_DEFAULTS:
            defaults[key] = _KEY_DEFAULTS[key]
        elif key in fields and fields[key].always and not fields[key].pointer:
            defaults[key] = _ZEROS.get(fields[key].code, "")
    return defaults


def of_schema(schema: Mapping[str, Any], root: bool = False) -> Atom:
    """The type that a CustomResourceDefinition's structural schema describes."""
    if schema.get("x-kubernetes-int-or-string"):
        return UNTYPED_SCALAR
    kind = schema.get("type", "")
    if kind == "object":
        return _object_of_schema(schema, root)
    if kind == "array":
        return _list_of_schema(schema)
    scalars = {"string": "string", "integer": "numeric", "number": "numeric", "boolean": "boolean"}
    return Atom(SCALAR, scalar=scalars[kind]) if kind in scalars else DEDUCED


def _object_of_schema(schema: Mapping[str, Any], root: bool) -> Atom:
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    element = of_schema(extra) if isinstance(extra, Mapping) else None
    if extra is True or schema.get("x-kubernetes-preserve-unknown-fields"):
        element = element or DEDUCED
    fields = {name: of_schema(part) for name, part in properties.items()}
    if root or schema.get("x-kubernetes-embedded-resource"):
        fields = {**fields, **_fields_of_any_object()}
    return Atom(
        MAP, find=lambda: fields, element=element, atomic=schema.get("x-kubernetes-map-type") == "atomic"
    )


def _list_of_schema(schema: Mapping[str, Any]) -> Atom:
    items = schema.get("items") or {}
    element, list_type = of_schema(items), schema.get("x-kubernetes-list-type", "atomic")
    if list_type == "set":
        return Atom(LIST, element=element, is_set=True)
    if list_type == "map":
        keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
        parts = items.get("properties") or {}
        defaults = {key: parts[key]["default"] for key in keys if "default" in parts.get(key, {})}
        return Atom(LIST, element=element, keys=keys, defaults=defaults)
    return Atom(LIST, element=element, atomic=True)
