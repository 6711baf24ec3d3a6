"""A document of OpenAPI v3: some paths and the schemas that they need.

Upstream: ``kube-openapi/pkg/builder3/openapi.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.apiserver.openapi import parameters, schemas
from k8scourse.apiserver.openapi.operations import TEXT, Operation, Path

_SECURITY = {
    "BearerToken": {
        "description": "Bearer Token authentication",
        "in": "header",
        "name": "authorization",
        "type": "apiKey",
    }
}
_WORDS = {200: "OK", 201: "Created", 202: "Accepted"}


def document(paths: Sequence[Path], own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The document of these paths; `own` are schemas that are not in the table of fields, by full name."""
    known = dict(own or {})
    wanted = {name for path in paths for operation in path.operations for name in _named(operation)}
    # What users write is not searched for references: a default may look like one.
    wanted |= {schemas.of_meta(name) for name in ("ListMeta", "ObjectMeta") if known}
    built_in = schemas.reachable(sorted(wanted - set(known) - {TEXT}))
    found = {**built_in, **known}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": {path.path: _path(path) for path in sorted(paths, key=lambda path: path.path)},
        "components": {
            "schemas": {name: found[name] for name in sorted(found)},
            "securitySchemes": _SECURITY,
        },
    }


def _named(operation: Operation) -> list[str]:
    return [name for name in (operation.body, *operation.answers.values()) if name]


def _path(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {one.method: _operation(one) for one in path.operations}
    if path.parameters:
        found["parameters"] = [parameters.rendered(name, path.path) for name in sorted(path.parameters)]
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": [operation.tag],
        "description": operation.description,
        "operationId": operation.identifier,
    }
    if operation.query:
        found["parameters"] = [parameters.rendered(name, "") for name in operation.query]
    if operation.body:
        schema = {"schema": schemas.reference(operation.body)}
        body: dict[str, Any] = {"content": dict.fromkeys(operation.consumes, schema)}
        if operation.method != "delete":
            body["required"] = True
        found["requestBody"] = body
    found["responses"] = _responses(operation)
    if operation.action:
        found["x-kubernetes-action"] = operation.action
        found["x-kubernetes-group-version-kind"] = operation.gvk
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code, name in operation.answers.items():
        schema = {"type": "string"} if name == TEXT else schemas.reference(name)
        content = {media: {"schema": schema} for media in operation.produces}
        found[str(code)] = {"content": content, "description": _WORDS[code]}
    return {**found, "401": {"description": "Unauthorized"}}
