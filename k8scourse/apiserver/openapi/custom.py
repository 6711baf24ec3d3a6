"""The schemas of custom kinds: what their definition says, and what every object has besides.

Upstream: ``apiextensions-apiserver/pkg/controller/openapi/builder/builder.go``; version 2 of OpenAPI has no words
for some of it, which is then left out (``schema/structural`` to ``ToStructuralOpenAPIV2``).
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.openapi import descriptions, schemas

Schema = dict[str, Any]
_EMBEDDED = "x-kubernetes-embedded-resource"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


def name_of(kind: Kind) -> str:
    """``stable.example.com/v1`` CronTab -> ``com.example.stable.v1.CronTab``; a built-in kind's own name."""
    if not isinstance(kind, CustomKind):
        return schemas.name_of(kind)
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def of_kind(kind: CustomKind) -> dict[str, Schema]:
    """The schemas of an object and of a list, by full name."""
    name = name_of(kind)
    found = {name: _object(kind)}
    if "list" in kind.verbs:
        found[f"{name}List"] = schemas.list_schema(kind, name)
    return found


def _object(kind: CustomKind) -> Schema:
    schema: Schema = _embedded(dict(kind.schema)) if kind.schema else {"type": "object", _PRESERVE: True}
    schema["properties"] = {**(schema.get("properties") or {}), **_typed(metadata=True)}
    return {**schema, "x-kubernetes-group-version-kind": [schemas.identity(kind)]}


def _typed(*, metadata: bool) -> Schema:
    """What every object has: apiVersion, kind and metadata."""
    found: Schema = {
        name: {"description": descriptions.of(f"*.{name}"), "type": "string"}
        for name in ("apiVersion", "kind")
    }
    if metadata:
        meta = schemas.reference(schemas.of_meta("ObjectMeta"))
        found["metadata"] = {"allOf": [meta], "description": descriptions.of("*.metadata")}
    return found


def _embedded(schema: Any) -> Any:
    """The schema with those three fields wherever an object of its own is embedded."""
    if isinstance(schema, list):
        return [_embedded(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: part if key in ("default", "example", "enum") else _embedded(part)
        for key, part in schema.items()
    }
    if found.get(_EMBEDDED) is True:
        found["properties"] = {**_typed(metadata=True), **(found.get("properties") or {})}
    return found
