"""The table of field types, loaded at first use from ``data/schema.json``.

``tools/make_schema.py`` makes the file and explains the codes.  Other modules ask here for the fields of a
type, for what a field refers to, and for how lists merge.
"""

from __future__ import annotations

import json
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from k8scourse.api.kinds import Kind

#: How a scalar code is called in Go; named strings have an entry of their own in the table.
GO_SCALARS: Final = {
    "s": "string",
    "b": "bool",
    "i": "int32",
    "l": "int64",
    "f": "float64",
    "q": "resource.Quantity",
    "x": "intstr.IntOrString",
    "t": "v1.Time",
    "u": "v1.MicroTime",
    "y": "[]uint8",
    "a": "interface {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the code without its prefixes, and what the prefixes said."""

    name: str
    code: str
    always: bool
    pointer: bool
    go_type: str

    @property
    def element(self) -> str:
        """The code of a list's items or a map's values; the code itself for anything else."""
        return self.code[2:] if self.code[:2] in ("[]", "{}") else self.code

    @property
    def type_name(self) -> str:
        """The struct type of the value, of its items or of its values; empty for scalars."""
        return self.element[1:] if self.element.startswith("@") else ""


@dataclass(frozen=True, slots=True)
class Struct:
    """One type: its fields, per list field ``(patch strategies, merge key)``, and what apply must know.

    ``lists`` has per field ``(list or map type, keys)``; an ``atomic`` type is owned as a whole. ``required`` are the
    fields that the published schema demands, ``opaque`` names the full type of fields that may hold anything.
    """

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    merging: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    atomic: bool = False
    required: tuple[str, ...] = ()
    opaque: dict[str, str] = field(default_factory=dict)

    @property
    def bare(self) -> str:
        """The name without its package: ``PodSpec``."""
        return self.name.rsplit(".", 1)[-1]


@cache
def _document() -> dict[str, Any]:
    data = pkgutil.get_data("k8scourse.api", "data/schema.json")
    assert data is not None, "the package carries its table"
    document: dict[str, Any] = json.loads(data)
    return document


def column_documentation(kind: str, column: str) -> str:
    """What upstream says about a column of a kind's Table; empty when it says something of its own."""
    documented = _document()["columns"]
    return str(documented["*"].get(column) or documented.get(kind, {}).get(column, ""))


@cache
def struct(name: str) -> Struct:
    """The type with this short name, such as ``core.v1.PodSpec``.  KeyError when unknown."""
    entry = _document()["types"][name]
    named = entry.get("named", {})
    fields = {key: _field(key, code, named.get(key, "")) for key, code in entry["fields"].items()}
    merging = {
        key: (tuple(strategy.split(",")), merge_key)
        for key, (strategy, merge_key) in entry.get("merge", {}).items()
    }
    lists = {key: tuple(value) for key, value in entry.get("lists", {}).items()}
    required = tuple(entry.get("required", ()))
    return Struct(name, fields, merging, lists, entry.get("atomic", False), required, entry.get("opaque", {}))


def _field(name: str, text: str, go_type: str) -> Field:
    code = text.lstrip("!*")
    prefix = text[: len(text) - len(code)]
    return Field(name, code, "!" in prefix, "*" in prefix, go_type or go_name(code))


def go_name(code: str) -> str:
    """A code as Go prints the type: ``[]v1.Container``, ``map[string]string``."""
    if code.startswith("[]"):
        return f"[]{go_name(code[2:])}"
    if code.startswith("{}"):
        return "v1.ResourceList" if code == "{}q" else f"map[string]{go_name(code[2:])}"
    if code.startswith("@"):
        _, version, name = code[1:].split(".")
        return f"{version}.{name}"
    return GO_SCALARS[code]


def names() -> list[str]:
    """Every type of the table."""
    return list(_document()["types"])


def type_of(kind: Kind) -> str:
    """The type name of a kind: ``core.v1.Pod``.  KeyError when the table lacks it."""
    name: str = _document()["kinds"][f"{kind.api_version}/{kind.kind}"]
    return name
