"""PATCH: five media types, one way of storing what comes out.

A patch names no version, so it never conflicts: it is applied to whatever is stored now, and again when somebody
else was faster. A resourceVersion inside the patch makes it a precondition.
An apply is different in two ways: it may create the object, and it asks who owns what it would change.

Upstream: ``apiserver/pkg/endpoints/handlers/patch.go``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from k8scourse.api import conversion, defaulting, json_patches, patches, schema, typetable
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.doubled import Doubled
from k8scourse.api.errors import (
    BadRequest,
    Cause,
    Conflict,
    Invalid,
    UnsupportedMediaType,
    conflict,
    invalid,
    not_found,
)
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_time
from k8scourse.apiserver.apply import fieldmanager
from k8scourse.apiserver.body import content_type, patch_of, yaml_of
from k8scourse.apiserver.call import Call, check_patch_options
from k8scourse.apiserver.identity import wrong_name
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.routes import truth
from k8scourse.apiserver.storage import Object

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


def patch(registry: Registry, call: Call) -> tuple[Object, bool]:
    """Change the object of the route, or its status, as the patch says. The second value: whether it was created."""
    call.stage = "validate"
    media_type = checked_media_type(call)
    if isinstance(call.kind, CustomKind) and media_type == STRATEGIC_PATCH:
        raise UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: "
            f"{JSON_PATCH}, {MERGE_PATCH}, application/apply-patch+yaml"
        )
    check_patch_options(call, media_type == APPLY_PATCH)
    if media_type == APPLY_PATCH:
        return server_side_apply(registry, call)
    change = patch_of(call.request)

    def changed(old: Object) -> Object:
        call.stage = "validate"
        patched = apply(call.kind, media_type, old, change)
        if media_type == STRATEGIC_PATCH:
            new, warnings = read_merged(call.kind, patched, change, call.field_validation)
        else:
            strict = json_patches.unknown_fields(change) if media_type == JSON_PATCH else said_twice(change)
            new, warnings = read_patched(call.kind, patched, call.field_validation, strict)
        call.warnings[:] = warnings
        _check_same_object(call, new)
        return defaulting.apply_defaults(call.kind, new)

    return registry.guaranteed_update(call, changed), False


def server_side_apply(registry: Registry, call: Call) -> tuple[Object, bool]:
    """Apply the body to the object of the route, and make it when it is not there."""
    config = yaml_of(call.request)
    twice = said_twice(config)
    kind, route = call.kind, call.route
    force, now = truth(call.query, "force"), format_time(registry.process.now)

    def merged_with(live: Object | None) -> Object:
        call.stage = "validate"
        try:
            new = fieldmanager.apply(kind, route.subresource, live, config, call.manager, force, now)
        except Conflict:
            call.stage = "store"
            call.reason("store", "owned")
            raise
        if twice and call.field_validation == "Strict":
            why = f"error converting YAML to JSON: {config.sentence(twice)}"
            raise BadRequest(f"error strict decoding YAML: {why}")
        call.warnings[:] = twice if call.field_validation == "Warn" else []
        _check_same_object(call, new)
        return defaulting.apply_defaults(kind, new)

    if registry.storage.get(kind, route.namespace, route.name) is not None:
        return registry.guaranteed_update(call, merged_with, owners_known=True), False
    if route.subresource:
        raise not_found(kind.group, kind.plural, route.name)
    return _created(registry, call, merged_with(None)), True


def _created(registry: Registry, call: Call, new: Object) -> Object:
    metadata = new["metadata"]
    kind, uid = call.kind, metadata.get("uid")
    if uid:
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise conflict(kind.group, kind.plural, call.route.name, why)
    # A resourceVersion is nothing to compare with when there is no object; the store sets its own.
    metadata = {key: item for key, item in metadata.items() if key != "resourceVersion"}
    if call.route.namespace:
        metadata["namespace"] = call.route.namespace
    return registry.create_defaulted(call, {**new, "metadata": metadata})


def checked_media_type(call: Call) -> str:
    """The kind of patch. Raises `UnsupportedMediaType` for any but those that are served."""
    media_type = content_type(call.request)
    if media_type not in (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH):
        raise UnsupportedMediaType("415: Unsupported Media Type", details={})
    return media_type


def apply(kind: Kind, media_type: str, old: Object, change: Any) -> Any:
    """The patched object, not yet read. Raises what the patch library says is wrong with the patch."""
    if media_type == JSON_PATCH:
        return patches.json_patch(old, change)
    if change is None and media_type == MERGE_PATCH:
        raise BadRequest("Invalid JSON Patch")
    if change is None:
        return old
    if not isinstance(change, dict):
        why = f"json: cannot unmarshal {_word(change)} into Go value of type map[string]interface {{}}"
        raise BadRequest(f"error decoding patch: {why}" if media_type == MERGE_PATCH else why)
    if media_type == MERGE_PATCH:
        return patches.merge_patch(old, change)
    return patches.strategic_merge(kind, old, change)


def read_patched(
    kind: Kind, patched: Any, field_validation: str, strict: Sequence[str] = ()
) -> tuple[Object, list[str]]:
    """The patched object as its kind. Raises `Invalid` at the field "patch", where POST and PUT say 400.

    `strict` is what strict decoding has found in the patch itself.
    """
    try:
        new, warnings = schema.read(kind, patched, "Warn" if strict else field_validation)
        _refuse_strictly([*strict, *warnings], field_validation)
    except ValueError as problem:
        value = json.dumps(patched, sort_keys=True, separators=(",", ":"))
        raise _invalid_patch(value, str(problem)) from None
    return new, [*strict, *warnings] if field_validation == "Warn" else []


def read_merged(kind: Kind, merged: Object, change: Any, field_validation: str) -> tuple[Object, list[str]]:
    """The result of a strategic merge as its kind, whatever kind it calls itself. Raises `Invalid`."""
    named = merged
    if isinstance(merged.get("apiVersion", ""), str) and isinstance(merged.get("kind", ""), str):
        named = {**merged, "apiVersion": kind.api_version, "kind": kind.kind}
    try:
        new, warnings = schema.read(kind, named, "Ignore" if field_validation == "Ignore" else "Warn")
        warnings = [*said_twice(change), *sorted(warnings)]
        _refuse_strictly(warnings, field_validation)
    except ValueError as problem:
        why = conversion.first_problem(typetable.type_of(kind), named) or str(problem)
        raise _invalid_patch(patches.go_value(change), why) from None
    return new, warnings if field_validation == "Warn" else []


def said_twice(body: Any) -> list[str]:
    """What a patch says twice; strict decoding of the patch itself finds it."""
    return body.in_text() if isinstance(body, Doubled) else []


def _refuse_strictly(found: Sequence[str], field_validation: str) -> None:
    if found and field_validation == "Strict":
        raise ValueError(f"strict decoding error: {', '.join(found)}")


def _invalid_patch(value: str, problem: str) -> Invalid:
    detail = f"Invalid value: {json.dumps(value, ensure_ascii=False)}: {problem}"
    return invalid("", "", "", [Cause("patch", "FieldValueInvalid", detail)])


def _check_same_object(call: Call, new: Object) -> None:
    """A patch may change anything but which object it is about. Raises `BadRequest`."""
    metadata, route = new.get("metadata") or {}, call.route
    name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
    if namespace and namespace != route.namespace:
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if not name:
        why = "name must be provided"
        raise BadRequest(f"the name of the object ({route.name} based on URL) was undeterminable: {why}")
    if name != route.name:
        raise wrong_name(name, route.name)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return {list: "array", str: "string", int: "number", float: "number"}.get(type(value), "null")
