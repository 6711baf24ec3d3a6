"""Kinds that users define: a `Kind` that carries its schema, made from a CustomResourceDefinition.

Every function of this package that asks for a kind's fields asks here first. A custom object is what its schema
leaves of it: unknown fields are cut off, defaults filled in.
Upstream: ``apiextensions-apiserver/pkg/apiserver/customresource_handler.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api import structural
from k8scourse.api.errors import Cause
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in

Object = dict[str, Any]
VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


@dataclass(frozen=True)
class CustomKind(Kind):
    """One served version of one CustomResourceDefinition; `terminating` while that is being deleted."""

    list_name: str = ""
    singular_name: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)
    columns: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    scale: Mapping[str, str] = field(default_factory=dict, compare=False)
    terminating: bool = field(default=False, compare=False)

    @property
    def singular(self) -> str:
        """The singular name that the definition gives."""
        return self.singular_name or self.kind.lower()

    @property
    def list_kind(self) -> str:
        """The kind of a list that the definition gives."""
        return self.list_name or f"{self.kind}List"


def kinds_of(definition: Mapping[str, Any]) -> Iterator[CustomKind]:
    """The kinds that an established definition serves, one per version."""
    spec, names = definition["spec"], definition["spec"]["names"]
    for version in spec["versions"]:
        if version.get("served"):
            parts = version.get("subresources") or {}
            yield CustomKind(
                group=spec["group"],
                version=version["name"],
                kind=names["kind"],
                plural=names["plural"],
                namespaced=spec.get("scope") == "Namespaced",
                short_names=tuple(names.get("shortNames") or ()),
                categories=tuple(names.get("categories") or ()),
                subresources=tuple(name for name in ("status", "scale") if name in parts),
                verbs=VERBS,
                storage_prefix=f"/registry/{spec['group']}/{names['plural']}",
                generation=True,
                create_on_update=False,
                list_name=names.get("listKind", ""),
                singular_name=names.get("singular", ""),
                schema=get_in(version, "schema.openAPIV3Schema") or {},
                columns=tuple(version.get("additionalPrinterColumns") or ()),
                scale=parts.get("scale") or {},
                terminating="deletionTimestamp" in definition["metadata"],
            )


def is_established(definition: Mapping[str, Any]) -> bool:
    """Whether the kinds of a definition are served."""
    rows = get_in(definition, "status.conditions") or ()
    return any(row["type"] == "Established" and row["status"] == "True" for row in rows)


def read(kind: CustomKind, obj: Object) -> tuple[Object, list[str]]:
    """A body as an object of the kind, and the unknown fields that were cut off."""
    kept, unknown = structural.prune(dict(kind.schema), obj)
    return kept, [f'unknown field "{path}"' for path in unknown]


def with_defaults(kind: CustomKind, obj: Object) -> Object:
    """The object with its schema's defaults."""
    filled: Object = structural.with_defaults(dict(kind.schema), obj)
    return filled


def problems(kind: CustomKind, obj: Object) -> list[Cause]:
    """The causes against the object, its metadata aside."""
    body = {key: value for key, value in obj.items() if key != "metadata"}
    return list(structural.problems(dict(kind.schema), body))


def at_path(obj: Any, path: str) -> Any:
    """What a simple JSONPath (`.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`) finds, or None."""
    for step in _steps(path):
        if isinstance(step, tuple):
            key, wanted = step
            items = obj if isinstance(obj, list) else ()
            obj = next((item for item in items if str(item.get(key)) == wanted), None)
        elif isinstance(step, int):
            obj = obj[step] if isinstance(obj, list) and -len(obj) <= step < len(obj) else None
        else:
            obj = obj.get(step) if isinstance(obj, dict) else None
        if obj is None:
            return None
    return obj


def _steps(path: str) -> Iterator[str | int | tuple[str, str]]:
    rest = path.strip("{}").lstrip(".")
    while rest:
        if rest.startswith("["):
            inside, _, rest = rest[1:].partition("]")
            rest = rest.lstrip(".")
            if inside.startswith("?(@."):
                key, _, value = inside[4:].rstrip(")").partition("==")
                yield key.strip(), value.strip().strip("'\"")
            else:
                yield int(inside) if inside.lstrip("-").isdigit() else inside.strip("'\"")
            continue
        end = min((index for index in (rest.find("."), rest.find("[")) if index >= 0), default=len(rest))
        yield rest[:end]
        rest = rest[end:].removeprefix(".")


def cell(value: Any, column_type: str) -> Any:
    """A value as a cell of its column's type."""
    if value is None:
        return None
    if column_type in ("integer", "number", "boolean"):
        return value
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
