"""From JSON to a typed object, as Go's decoder does it: unknown fields found, wrong types refused.

`decode` is the server's reading of a body.  What it answers is what Go would write back: nulls and empty
optional fields are gone, quantities and times are in their stored spelling, structs that Go cannot leave out
are there.  An object that is already in that form comes back itself, not a copy, so structure stays shared.

The quick road is :mod:`k8scourse.api.decoding`; only when it fails does :mod:`k8scourse.api.explaining`
walk the object again to find the words.
Upstream: ``apimachinery/pkg/runtime/serializer/json`` and ``sigs.k8s.io/json``.
"""

from __future__ import annotations

import json
from typing import Any

from k8scourse.api import custom_kinds, decoding, explaining, kinds, typetable
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.doubled import Doubled
from k8scourse.api.errors import BadRequest, Cause, Invalid, invalid
from k8scourse.api.kinds import Kind

_SCHEME = '"pkg/api/legacyscheme/scheme.go:30"'
#: Upstream's packages of internal types, where they are not called as the group's first word.
_INTERNAL = {"": "core", "rbac.authorization.k8s.io": "rbac", "events.k8s.io": "core"}


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
        decoded: dict[str, Any] = decoding.struct_decoder(name)(obj)
    except decoding.Wrong:
        raise ValueError(explaining.first_problem(name, obj)) from None
    if decoded is obj or decoding.known(name, obj):
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
        metadata = decoding.struct_decoder(name)(given)
    except decoding.Wrong:
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


#: Kinds that stand beside the resources of every version.
_EVERYWHERE = (
    "List",
    "CreateOptions",
    "DeleteOptions",
    "GetOptions",
    "ListOptions",
    "PatchOptions",
    "UpdateOptions",
    "WatchEvent",
)


def _wrong_kind(kind: Kind, api_version: str, name: str) -> str:
    if not _is_registered(api_version, name):
        return f'no kind "{name}" is registered for version "{api_version}" in scheme {_SCHEME}'
    version = api_version.rpartition("/")[2]
    wanted = f"{_INTERNAL.get(kind.group, kind.group.partition('.')[0])}.{kind.kind}"
    return f"converting ({version}.{name}) to ({wanted}): unknown conversion"


def _is_registered(api_version: str, name: str) -> bool:
    """Whether a server knows this kind: a resource's, its list's, or one that every version has."""
    if kinds.by_kind(api_version, name) is not None:
        return True
    if name.endswith("List") and kinds.by_kind(api_version, name.removesuffix("List")) is not None:
        return True
    return name in _EVERYWHERE and (
        api_version == "v1" or any(api_version == one.api_version for one in kinds.ALL)
    )


def _cannot_be_handled(kind: Kind, obj: Any, problem: str) -> str:
    body = obj if isinstance(obj, dict) else {}
    version = str(body.get("apiVersion") or kind.api_version).rpartition("/")[2]
    return f'{body.get("kind") or kind.kind} in version "{version}" cannot be handled as a {kind.kind}: {problem}'


def zero(kind: Kind) -> dict[str, Any]:
    """An object of ``kind`` that nobody has set anything in: what Go writes for it."""
    if isinstance(kind, CustomKind):
        return {"metadata": {}}
    found: dict[str, Any] = decoding.zero_of(f"@{typetable.type_of(kind)}")
    return found
