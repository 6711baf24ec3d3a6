"""What `kubectl explain` prints, out of an OpenAPI v3 document.

Upstream: `staging/src/k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl`, whose layout and odd corners these
are: a description ends in a line of its own, `<empty>` does not, and a field without enum has an empty line more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .errors import CommandError

Schema = dict[str, Any]
_SEARCHED = ("{root}/{resource}", "{root}/{resource}/{{name}}", "{root}/namespaces/{{namespace}}/{resource}",
             "{root}/namespaces/{{namespace}}/{resource}/{{name}}")  # fmt: skip
_METHODS = ("get", "post", "put", "patch", "delete")
_ENUM_SHOWN = 4


class Model:
    """The documented types of one group version."""

    def __init__(self, document: Schema) -> None:
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]

    def identity(self, group: str, version: str, resource: str) -> dict[str, str]:
        """Group, version and kind of a resource. Raises `CommandError` when no path is about it."""
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        for template in _SEARCHED:
            path = self._paths.get(template.format(root=root, resource=resource), {})
            for method in _METHODS:
                found = path.get(method, {}).get("x-kubernetes-group-version-kind")
                if found:
                    return dict(found)
        name = f"{group}/{version}, Resource={resource}"
        raise CommandError(f"GVR ({name}) not found in OpenAPI schema")

    def of(self, identity: dict[str, str]) -> Schema:
        """The schema of a kind. Raises `CommandError`."""
        for schema in self._schemas.values():
            if identity in schema.get("x-kubernetes-group-version-kind", ()):
                return dict(schema)
        raise CommandError(f"GVK {identity} not found in OpenAPI schema")

    # -- the page --------------------------------------------------------------------------------

    def text(self, schema: Schema, path: Sequence[str], *, recursive: bool) -> str:
        """What is said about the field at a path. Raises `CommandError` when there is no such field."""
        head = ""
        for position, name in enumerate(path):
            found = self._property(schema, name, frozenset())
            if found is None:
                raise CommandError(f'field "{path[-1]}" does not exist')
            schema = found
            if position == len(path) - 1:
                head = f"FIELD: {name} <{self.type_of(schema)}>\n{_enum_at_length(schema)}\n\n"
        described = "\n".join(self._descriptions(schema, frozenset()))
        body = f"{described}\n" if described else "<empty>"
        fields = "".join(self._fields(self._resolved(schema), 1, frozenset(), recursive))
        listed = f"FIELDS:\n{fields}" if fields else ""
        return f"{head}DESCRIPTION:\n{_indent(_wrap(body, 76), 4)}\n{listed}\n"

    def _resolved(self, schema: Schema) -> Schema:
        name = _target(schema)
        found: Schema = self._schemas.get(name, schema) if name else schema
        return found

    def _property(self, schema: Schema, name: str, seen: frozenset[str]) -> Schema | None:
        """A field of a schema, of its items or of its values."""
        if _target(schema) in seen:
            return None
        seen |= {_target(schema)} - {""}
        schema = self._resolved(schema)
        if name in (schema.get("properties") or {}):
            found: Schema = schema["properties"][name]
            return found
        for inner in _inside(schema):
            found_inside = self._property(inner, name, seen)
            if found_inside is not None:
                return found_inside
        return None

    def _descriptions(self, schema: Schema, seen: frozenset[str]) -> Iterator[str]:
        """The description of a schema and of the types that it is made of."""
        if _target(schema) in seen:
            return
        seen |= {_target(schema)} - {""}
        schema = self._resolved(schema)
        if schema.get("description"):
            yield schema["description"]
        for inner in (*schema.get("allOf", ()), *_elements(schema)):
            yield from self._descriptions(inner, seen)

    def _fields(self, schema: Schema, level: int, seen: frozenset[str], recursive: bool) -> Iterator[str]:
        """The fields of a schema, or of what it is made of; with `recursive` those below, too."""
        name = _target(schema)
        if name and name in seen:
            return
        seen |= {name} - {""}
        schema = self._resolved(schema)
        for field, inner in sorted((schema.get("properties") or {}).items()):
            yield self._field(field, inner, field in schema.get("required", ()), level, recursive)
            if recursive:
                yield from self._fields(inner, level + 1, seen, recursive)
        for inner in (*schema.get("allOf", ()), *_elements(schema)):
            yield from self._fields(inner, level, seen, recursive)

    def _field(self, name: str, schema: Schema, required: bool, level: int, short: bool) -> str:
        indent = level * 2
        line = f"{' ' * indent}{name}\t<{self.type_of(schema)}>{' -required-' if required else ''}"
        values = [_word(value) for value in schema.get("enum", ())]
        if values:
            more = ", ...." if len(values) > _ENUM_SHOWN else ""
            line += f"\n{' ' * indent}enum: {', '.join(values[:_ENUM_SHOWN])}{more}"
        if short:
            return f"{line}\n"
        described = schema.get("description") or "<no description>"
        return f"{line}\n{_indent(_wrap(described, 78 - indent), indent + 2)}\n\n"

    def type_of(self, schema: Schema) -> str:
        """A type as people read it: `string`, `[]Container`, `map[string]Quantity`."""
        if schema.get("items"):
            return f"[]{self.type_of(schema['items'])}"
        if _values(schema):
            return f"map[string]{self.type_of(schema['additionalProperties'])}"
        whole = list(schema.get("allOf") or ())
        if len(whole) == 1 and not schema.get("properties"):
            return self.type_of(whole[0])
        name = _target(schema)
        if name:
            kind = self._schemas.get(name, {}).get("type", "object")
            return name.rpartition(".")[2] if kind == "object" else str(kind)
        kind = schema.get("type") or "object"
        return "Object" if kind == "object" else str(kind)


def _target(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _values(schema: Schema) -> Schema | None:
    found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def _elements(schema: Schema) -> list[Schema]:
    return [found for found in (schema.get("items"), _values(schema)) if found]


def _inside(schema: Schema) -> list[Schema]:
    """Where to go on when a field is not here: into the items, else the values, else the alternatives."""
    return _elements(schema)[:1] or list(schema.get("allOf", ()))


def _enum_at_length(schema: Schema) -> str:
    values = schema.get("enum", ())
    return "ENUM:" + "".join(f"\n    {_word(value)}" for value in values) if values else ""


def _word(value: Any) -> str:
    return '""' if value == "" else str(value)


# -- lines --------------------------------------------------------------------------------------------


def _indent(text: str, amount: int) -> str:
    return "\n".join(f"{' ' * amount}{line}" for line in text.split("\n"))


def _wrap(text: str, limit: int) -> str:
    """Lines broken between words; a word that is longer than a line stays whole."""
    return "\n".join(_wrapped(line, limit) for line in text.split("\n"))


def _wrapped(line: str, limit: int) -> str:
    done, current = [], ""
    for space, word in re.findall(r"(\s*)(\S+)", line):
        if current and len(current) + len(space) + len(word) > limit and len(word) < limit:
            done.append(current)
            current = word
        else:
            current += space + word
    return "\n".join([*done, current])
