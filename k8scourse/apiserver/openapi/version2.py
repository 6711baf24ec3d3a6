"""The one document of OpenAPI v2, written from the same paths and schemas as the documents of v3.

Upstream: ``kube-openapi/pkg/builder/openapi.go``; defaults are left out there, too, for the sake of old clients.
"""

from __future__ import annotations

from typing import Any

_CONSUMED = ("application/json", "application/yaml")


def document(v3: list[dict[str, Any]], version: str) -> dict[str, Any]:
    """One document out of many of version 3."""
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for one in v3:
        paths |= {path: _path(found) for path, found in one["paths"].items()}
        definitions |= one["components"]["schemas"]
    security = v3[0]["components"]["securitySchemes"]
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": version},
        "paths": {path: paths[path] for path in sorted(paths)},
        "definitions": {name: _definition(name, definitions[name]) for name in sorted(definitions)},
        "securityDefinitions": security,
        "security": [{name: [] for name in security}],
    }


def _definition(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema at the top; the two types that are one of two things count as text there."""
    if name.endswith((".Quantity", ".IntOrString")):
        return {key: part for key, part in schema.items() if key != "oneOf"} | {"type": "string"}
    found: dict[str, Any] = converted(schema)
    return found


def converted(schema: Any) -> Any:
    """A schema of version 3 in the words of version 2; what it has no words for is left out."""
    if isinstance(schema, list):
        return [converted(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/definitions/")}
    if schema.get("nullable") is True:
        # A type would be taken to forbid the null.
        schema = {key: part for key, part in schema.items() if key in ("description", _PRESERVE)}
    found = {key: _part(key, part) for key, part in schema.items() if key not in _LEFT_OUT}
    whole = schema.get("allOf")
    if isinstance(whole, list) and len(whole) == 1 and "$ref" in whole[0]:
        found |= converted(whole[0])
    if found.get(_PRESERVE) is True:
        found.pop("items", None)
        found.pop("properties", None)
    return found


_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_LEFT_OUT = ("default", "nullable", "oneOf", "anyOf", "allOf", "not")


def _part(key: str, part: Any) -> Any:
    """A part of a schema; fields may be called as words of OpenAPI are, and enums are values."""
    if key == "properties":
        return {name: converted(inner) for name, inner in part.items()}
    return part if key in ("enum", "example", "required") else converted(part)


def _path(path: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        method: _operation(operation) for method, operation in path.items() if method != "parameters"
    }
    if "parameters" in path:
        found["parameters"] = [_parameter(one) for one in path["parameters"]]
    return found


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    given = [_parameter(one) for one in operation.get("parameters", ())]
    found = {
        key: part for key, part in operation.items() if key not in ("parameters", "requestBody", "responses")
    }
    body = operation.get("requestBody")
    if body:
        media = list(body["content"])
        schema = converted(body["content"][media[0]]["schema"])
        given.insert(0, {"in": "body", "name": "body", "schema": schema} | _required(body))
        found["consumes"] = media
    else:
        found["consumes"] = list(_CONSUMED)
    produces = {
        media: None for answer in operation["responses"].values() for media in answer.get("content", ())
    }
    found["produces"] = list(produces)
    if given:
        found["parameters"] = given
    found["responses"] = {code: _answer(answer) for code, answer in operation["responses"].items()}
    return {**found, "schemes": ["https"]}


def _required(body: dict[str, Any]) -> dict[str, Any]:
    return {"required": True} if body.get("required") else {}


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    content = list(answer.get("content", {}).values())
    found = {"description": answer["description"]}
    return {**found, "schema": converted(content[0]["schema"])} if content else found


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**{key: part for key, part in parameter.items() if key != "schema"}, **parameter["schema"]}
