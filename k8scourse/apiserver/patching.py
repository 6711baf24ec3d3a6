"""PATCH: four media types, one way of storing what comes out.

A patch names no version, so it never conflicts: it is applied to whatever is stored now, and again when somebody
else was faster. A resourceVersion inside the patch makes it a precondition.

Upstream: ``apiserver/pkg/endpoints/handlers/patch.go``.
"""

from __future__ import annotations

import json
from typing import Any

from k8scourse.api import defaulting, patches, schema
from k8scourse.api.errors import BadRequest, Cause, UnsupportedMediaType, invalid
from k8scourse.api.kinds import Kind
from k8scourse.apiserver.body import content_type, patch_of
from k8scourse.apiserver.call import Call, check_write_options
from k8scourse.apiserver.registry import Registry, wrong_name
from k8scourse.apiserver.storage import Object

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"


def patch(registry: Registry, call: Call) -> Object:
    """Change the object of the route, or its status, as the patch says."""
    check_write_options(call, "PatchOptions")
    call.stage = "validate"
    media_type = checked_media_type(call)
    change = patch_of(call.request)

    def changed(old: Object) -> Object:
        call.stage = "validate"
        new, warnings = read_patched(
            call.kind, apply(call.kind, media_type, old, change), call.field_validation
        )
        call.warnings[:] = warnings
        _check_same_object(call, new, old)
        registry.check_version(call, new, old)
        return defaulting.apply_defaults(call.kind, new)

    return registry.guaranteed_update(call, changed)


def checked_media_type(call: Call) -> str:
    """The kind of patch. Raises `UnsupportedMediaType` for any but the three that are served."""
    media_type = content_type(call.request)
    if media_type not in (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH):
        raise UnsupportedMediaType("415: Unsupported Media Type", details={})
    return media_type


def apply(kind: Kind, media_type: str, old: Object, change: Any) -> Any:
    """The patched object, not yet read. Raises what the patch library says is wrong with the patch."""
    if media_type == JSON_PATCH:
        return patches.json_patch(old, change)
    if not isinstance(change, dict):
        raise BadRequest(
            f"error decoding patch: json: cannot unmarshal {_word(change)} into Go value of type map"
        )
    if media_type == MERGE_PATCH:
        return patches.merge_patch(old, change)
    return patches.strategic_merge(kind, old, change)


def read_patched(kind: Kind, patched: Any, field_validation: str) -> tuple[Object, list[str]]:
    """The patched object as its kind. Raises `Invalid` at the field "patch", where POST and PUT say 400."""
    try:
        return schema.read(kind, patched, field_validation)
    except ValueError as problem:
        value = json.dumps(json.dumps(patched, sort_keys=True, separators=(",", ":")))
        detail = f"Invalid value: {value}: {problem}"
        raise invalid("", "", "", [Cause("patch", "FieldValueInvalid", detail)]) from None


def _check_same_object(call: Call, new: Object, old: Object) -> None:
    metadata = new.get("metadata") or {}
    name = metadata.get("name", "")
    if name != call.route.name:
        raise wrong_name(name, call.route.name)
    if metadata.get("namespace", "") != old["metadata"].get("namespace", ""):
        raise BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return {list: "array", str: "string", int: "number", float: "number"}.get(type(value), "null")
