"""The schemas of the built-in types, as OpenAPI v3 says them, out of the table of fields.

A schema is named as upstream names it: ``io.k8s.api.core.v1.Pod``. Where a field refers to another type and says
something of its own too, the reference stands in an ``allOf``, for in OpenAPI 3.0 a reference has no neighbours.
Upstream: ``kube-openapi/pkg/builder3``, ``pkg/generated/openapi/zz_generated.openapi.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from k8scourse.api import enumerations, kinds, typetable
from k8scourse.api.kinds import Kind
from k8scourse.api.typetable import Field, Struct
from k8scourse.apiserver.openapi import descriptions

Schema = dict[str, Any]

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1."
_ROOTS = {
    "meta": "io.k8s.apimachinery.pkg.apis.",
    "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.",
}
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_JSON = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
PATCH = _META + "Patch"
VERSION_INFO = "io.k8s.apimachinery.pkg.version.Info"
_TEXT = {"type": "string"}

_BUILD = (
    "major",
    "minor",
    "gitVersion",
    "gitCommit",
    "gitTreeState",
    "buildDate",
    "goVersion",
    "compiler",
    "platform",
)
_EMULATED = ("emulationMajor", "emulationMinor", "minCompatibilityMajor", "minCompatibilityMinor")

#: Types that are not made of fields.
_SPECIAL: dict[str, Schema] = {
    _QUANTITY: {"oneOf": [{"type": "string"}, {"type": "number"}]},
    _INT_OR_STRING: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    _META + "Time": {"format": "date-time", "type": "string"},
    _META + "MicroTime": {"format": "date-time", "type": "string"},
    _META + "FieldsV1": {"type": "object"},
    PATCH: {"type": "object"},
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": "object"},
    VERSION_INFO: {
        "type": "object",
        "properties": dict.fromkeys((*sorted((*_BUILD, *_EMULATED)),), _TEXT),
        "required": list(_BUILD),
    },
    **{_JSON + name: {} for name in ("JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool",
                                     "JSONSchemaPropsOrStringArray")},
}  # fmt: skip
_SCALARS: dict[str, Schema] = {
    "s": _TEXT,
    "b": {"type": "boolean"},
    "i": {"type": "integer", "format": "int32"},
    "l": {"type": "integer", "format": "int64"},
    "f": {"type": "number", "format": "double"},
    "y": {"type": "string", "format": "byte"},
}
_REFERENCES = {"q": _QUANTITY, "x": _INT_OR_STRING, "t": _META + "Time", "u": _META + "MicroTime"}
_ZEROS = {"s": "", "b": False, "i": 0, "l": 0, "f": 0}
#: What a field counts as when it is left out, where upstream's types say so themselves ("+default").
_DEFAULTS: dict[tuple[str, str], Any] = {
    ("core.v1.ContainerPort", "protocol"): "TCP",
    ("core.v1.ServicePort", "protocol"): "TCP",
    ("core.v1.AzureDiskVolumeSource", "cachingMode"): "ReadWrite",
    ("core.v1.AzureDiskVolumeSource", "fsType"): "ext4",
    ("core.v1.AzureDiskVolumeSource", "kind"): "Shared",
    ("core.v1.AzureDiskVolumeSource", "readOnly"): False,
    ("core.v1.ISCSIVolumeSource", "iscsiInterface"): "default",
    ("core.v1.RBDVolumeSource", "keyring"): "/etc/ceph/keyring",
    ("core.v1.RBDVolumeSource", "pool"): "rbd",
    ("core.v1.RBDVolumeSource", "user"): "admin",
    ("core.v1.ScaleIOVolumeSource", "fsType"): "xfs",
    ("core.v1.ScaleIOVolumeSource", "storageMode"): "ThinProvisioned",
}
#: Objects of the meta group that belong to every group.
_SHARED = ("DeleteOptions", "WatchEvent")
_CORE_META = ("APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "Status")


def reference(name: str) -> Schema:
    """A reference to a schema by its full name."""
    return {"$ref": f"#/components/schemas/{name}"}


def full_name(type_name: str) -> str:
    """``core.v1.Pod`` -> ``io.k8s.api.core.v1.Pod``."""
    return _ROOTS.get(type_name.partition(".")[0], "io.k8s.api.") + type_name


def of_meta(name: str) -> str:
    """``Status`` -> the full name of that type of the meta group."""
    return _META + name


def name_of(kind: Kind) -> str:
    """The full name of a built-in kind's schema."""
    return full_name(typetable.type_of(kind))


def identity(kind: Kind, name: str = "") -> dict[str, str]:
    """Group, version and kind as the extensions have them."""
    return {"group": kind.group, "kind": name or kind.kind, "version": kind.version}


def reachable(names: Iterable[str]) -> dict[str, Schema]:
    """These schemas and all that they refer to, by full name."""
    found: dict[str, Schema] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _schema(name)
            waiting += references(found[name])
    return {name: found[name] for name in sorted(found)}


def references(schema: Any) -> Iterator[str]:
    """The full names that a schema refers to."""
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            yield target.rpartition("/")[2]
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


@cache
def _schema(name: str) -> Schema:
    if name in _SPECIAL:
        return _described(_SPECIAL[name], name.rpartition(".")[2])
    if name in _lists():
        return list_schema(_lists()[name], name.removesuffix("List"))
    return _of_struct(typetable.struct(".".join(name.split(".")[-3:])))


@cache
def _lists() -> dict[str, Kind]:
    """The lists of all kinds that can be listed, by full name."""
    return {f"{name_of(kind)}List": kind for kind in kinds.ALL if "list" in kind.verbs}


def list_schema(kind: Kind, item: str) -> Schema:
    """The schema of a list of a kind; `item` is the full name of the kind's schema."""
    properties = {
        "apiVersion": _described(_TEXT, "*.apiVersion"),
        "items": _described({"type": "array", "items": _element(reference(item))}, "*.items"),
        "kind": _described(_TEXT, "*.kind"),
        "metadata": _described(_with_default(reference(of_meta("ListMeta")), {}), "*List.metadata"),
    }
    return {
        "description": f"{kind.list_kind} is a list of {kind.kind} objects.",
        "type": "object",
        "required": ["items"],
        "properties": properties,
        "x-kubernetes-group-version-kind": [identity(kind, kind.list_kind)],
    }


def _of_struct(struct: Struct) -> Schema:
    schema: Schema = {"type": "object"}
    if struct.required:
        schema["required"] = list(struct.required)
    declared = enumerations.of(struct.name)
    properties = {}
    for name in sorted(struct.fields):
        field = _field(struct, struct.fields[name])
        if name in declared:
            text = descriptions.with_values(field.get("description", ""), declared[name])
            field |= {"enum": declared[name], "description": text}
        properties[name] = field
    if properties:
        schema["properties"] = properties
    if struct.atomic:
        schema["x-kubernetes-map-type"] = "atomic"
    called = _identities().get(struct.name)
    if called:
        schema["x-kubernetes-group-version-kind"] = called
    return _described(schema, struct.bare)


@cache
def _identities() -> dict[str, list[dict[str, str]]]:
    """Type name to the kinds that are written as it."""
    found: dict[str, list[dict[str, str]]] = {}
    for kind in (*kinds.ALL, *kinds.BODIES):
        found.setdefault(typetable.type_of(kind), []).append(identity(kind))
    for name in _CORE_META:
        found[f"meta.v1.{name}"] = [{"group": "", "kind": name, "version": "v1"}]
    served = sorted({(kind.group, kind.version) for kind in kinds.ALL})
    for name in _SHARED:
        rows = [{"group": group, "kind": name, "version": version} for group, version in served]
        found[f"meta.v1.{name}"] = rows
    return found


def _field(struct: Struct, field: Field) -> Schema:
    schema = _of_code(field.code, struct.opaque.get(field.name, ""))
    default = _DEFAULTS.get((struct.name, field.name), _zero(field, struct))
    if default is not None:
        schema = _with_default(schema, default)
    if field.name in struct.merging:
        strategies, key = struct.merging[field.name]
        schema = _beside(schema, {"x-kubernetes-patch-strategy": ",".join(strategies)})
        if key:
            schema["x-kubernetes-patch-merge-key"] = key
    if field.name in struct.lists:
        shape, *keys = struct.lists[field.name]
        mark = "list" if field.code.startswith("[]") else "map"
        schema = _beside(schema, {f"x-kubernetes-{mark}-type": shape})
        if keys:
            schema["x-kubernetes-list-map-keys"] = keys
    return _described(dict(schema), f"{struct.bare}.{field.name}", f"*.{field.name}")


def _of_code(code: str, opaque: str = "") -> Schema:
    """The schema of a field's code; `opaque` is the name of a type whose contents nobody declares."""
    if code.startswith("[]"):
        return {"type": "array", "items": _element(_of_code(code[2:], opaque), code[2:])}
    if code.startswith("{}"):
        return {"type": "object", "additionalProperties": _element(_of_code(code[2:], opaque), code[2:])}
    if code.startswith("@"):
        return reference(full_name(code[1:]))
    if code == "a":
        return reference(opaque)
    return reference(_REFERENCES[code]) if code in _REFERENCES else dict(_SCALARS[code])


def _element(schema: Schema, code: str = "@") -> Schema:
    """An item of a list or a value of a map: Go's zero stands for a null."""
    if code.startswith("@"):
        return _with_default(schema, {})
    return _with_default(schema, _ZEROS[code]) if code in _ZEROS else schema


def _zero(field: Field, struct: Struct) -> Any:
    """The default of a field that is no pointer and must be there; structs that are always written are empty."""
    if field.pointer:
        return None
    if field.code.startswith("@"):
        return {} if field.always else None
    return _ZEROS.get(field.code) if field.name in struct.required else None


def _with_default(schema: Schema, default: Any) -> Schema:
    return _beside(schema, {"default": default})


def _beside(schema: Schema, more: Schema) -> Schema:
    """The schema with something beside it; a reference moves into an allOf."""
    if "$ref" in schema:
        return {"allOf": [schema], **more}
    return {**schema, **more}


def _described(schema: Schema, *places: str) -> Schema:
    """The schema with the first description that there is for one of these places."""
    for place in places:
        text = descriptions.of(place)
        if text:
            return _beside(schema, {"description": text})
    return schema
