"""CustomResourceDefinition as an object: its defaults, its first status, and what may be wrong with it.

A definition with one version, or with the same schema in all, has that schema at the top of its internal form;
messages call the place ``spec.validation.openAPIV3Schema`` then.
Upstream: ``apiextensions-apiserver/pkg/apis/apiextensions/{v1/defaults.go,validation/validation.go}``,
``pkg/apiserver/schema/validation.go``, ``pkg/registry/customresourcedefinition/strategy.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import forbidden, immutable, invalid, not_supported, required
from k8scourse.api.values import evolve, get_in

Object = dict[str, Any]

_SIMPLE_PATH = re.compile(r"(\.[A-Za-z_][\w-]*)+", re.ASCII)
_SCOPES = ("Cluster", "Namespaced")
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_EXPRESSIONS = "rules are not evaluated by this API server, and so cannot be accepted"


def with_defaults(definition: Object) -> Object:
    """Singular and list names out of the kind, and no conversion."""
    spec = definition.get("spec") or {}
    given = spec.get("names") or {}
    kind = given.get("kind", "")
    named = {**given}
    if kind:
        named.setdefault("singular", kind.lower())
        named.setdefault("listKind", f"{kind}List")
    filled = {"conversion": {"strategy": "None"}, **spec, "names": named}
    return definition if filled == spec else {**definition, "spec": filled}


def prepared(definition: Object) -> Object:
    """A new definition with its first status."""
    stored = [each["name"] for each in get_in(definition, "spec.versions") or () if each.get("storage")]
    status = {
        "conditions": None,
        "acceptedNames": {"plural": "", "kind": ""},
        "storedVersions": stored or None,
    }
    new: Object = evolve(definition, "status", status)
    return new


def with_stored_versions(new: Object, old: Object) -> Object:
    """A changed definition whose status knows every version that has been stored."""
    stored = list(get_in(old, "status.storedVersions") or ())
    for version in get_in(new, "spec.versions") or ():
        if version.get("storage") and version["name"] not in stored:
            stored.append(version["name"])
    changed: Object = evolve(new, "status.storedVersions", stored)
    return changed


# -- validation ---------------------------------------------------------------------------------------


def problems(definition: Object) -> Iterator[Cause]:
    """What is wrong with a definition."""
    spec = definition["spec"]
    wanted = f"{get_in(spec, 'names.plural', '')}.{spec.get('group', '')}"
    name = definition["metadata"].get("name", "")
    if name and name != wanted:
        yield invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')
    yield from _group(spec.get("group", ""))
    yield from _scope(spec.get("scope", ""))
    yield from _conversion(spec.get("conversion") or {"strategy": "None"})
    yield from _versions(spec)
    yield from _subresources(spec)
    yield from _names(spec.get("names") or {})
    yield from _schemas(spec)
    if not get_in(definition, "status.storedVersions"):
        yield invalid("status.storedVersions", None, "must have at least one stored version")


def update_problems(new: Object, old: Object) -> Iterator[Cause]:
    """What of a definition may not change while it is served."""
    for field in ("group", "scope"):
        yield from immutable(f"spec.{field}", new["spec"].get(field), old["spec"].get(field))
    for field in ("kind", "plural"):
        path = f"spec.names.{field}"
        yield from immutable(path, get_in(new, path), get_in(old, path))
    versions = [version["name"] for version in new["spec"].get("versions") or ()]
    for index, name in enumerate(get_in(new, "status.storedVersions") or ()):
        if name not in versions:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                "spec.versions until a storage migration ensures no data remains persisted in "
                f"{name} and removes {name} from status.storedVersions"
            )
            yield invalid(f"status.storedVersions[{index}]", name, why)


def _group(group: str) -> Iterator[Cause]:
    if not group:
        yield required("spec.group")
        return
    found = names.dns_subdomain_problems(group)
    if found:
        yield invalid("spec.group", group, ",".join(found))
    elif "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _conversion(conversion: Object) -> Iterator[Cause]:
    """Versions may differ in name only: nobody is asked to convert."""
    strategy = conversion.get("strategy", "")
    if strategy == "Webhook":
        yield forbidden(
            "spec.conversion.strategy", "webhooks for conversion are not called by this API server"
        )
    elif strategy != "None":
        yield not_supported("spec.conversion.strategy", strategy, ("None", "Webhook"))


def _scope(scope: str) -> Iterator[Cause]:
    if not scope:
        yield required("spec.scope")
    elif scope not in _SCOPES:
        yield not_supported("spec.scope", scope, _SCOPES)


def _versions(spec: Object) -> Iterator[Cause]:
    versions = spec.get("versions") or []
    for index, version in enumerate(versions):
        found = names.dns_1035_problems(version.get("name", ""))
        if found:
            yield invalid(f"spec.versions[{index}].name", version.get("name", ""), ",".join(found))
    for index, version in enumerate(versions):
        if get_in(version, "schema.openAPIV3Schema") is None:
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema")
    if len({version.get("name") for version in versions}) != len(versions):
        yield invalid("spec.versions", _internal(spec), "must contain unique version names")
    if sum(bool(version.get("storage")) for version in versions) != 1:
        yield invalid(
            "spec.versions", _internal(spec), "must have exactly one version marked as storage version"
        )


def _internal(spec: Object) -> list[Object]:
    """The versions in their internal form; what all have in common stands elsewhere there."""
    versions = spec.get("versions") or []
    common = [_in_common(versions, field) for field in ("schema", "subresources", "additionalPrinterColumns")]
    return [
        {
            "Name": version.get("name", ""),
            "Served": bool(version.get("served")),
            "Storage": bool(version.get("storage")),
            "Deprecated": bool(version.get("deprecated")),
            "DeprecationWarning": version.get("deprecationWarning"),
            "Schema": None if common[0] else version.get("schema"),
            "Subresources": None if common[1] else version.get("subresources"),
            "AdditionalPrinterColumns": None if common[2] else version.get("additionalPrinterColumns"),
            "SelectableFields": None,
        }
        for version in versions
    ]


def _in_common(versions: list[Object], field: str) -> bool:
    return all(version.get(field) == versions[0].get(field) for version in versions)


def _subresources(spec: Object) -> Iterator[Cause]:
    """A Scale reads and writes plain fields: of the spec what is wanted, of the status what is."""
    versions = spec.get("versions") or []
    common = bool(versions) and _in_common(versions, "subresources")
    for index, version in enumerate(versions[:1] if common else versions):
        prefix = "spec.subresources" if common else f"spec.versions[{index}].subresources"
        scale = get_in(version, "subresources.scale")
        if scale is not None:
            yield from _path_of(
                f"{prefix}.scale.specReplicasPath", scale.get("specReplicasPath", ""), ".spec."
            )
            yield from _path_of(
                f"{prefix}.scale.statusReplicasPath", scale.get("statusReplicasPath", ""), ".status."
            )


def _path_of(field: str, path: str, root: str) -> Iterator[Cause]:
    if not path:
        yield required(field)
    elif not path.startswith(root):
        yield invalid(field, path, f"should be a json path under {root[:-1]}")
    elif _SIMPLE_PATH.fullmatch(path) is None:
        yield invalid(field, path, "should be a simple json path")


def _names(given: Object) -> Iterator[Cause]:
    for field in ("plural", "singular", "kind", "listKind"):
        if not given.get(field):
            yield required(f"spec.names.{field}")
    for field in ("plural", "singular"):
        yield from _label(f"spec.names.{field}", given.get(field))
    yield from _mixed_label("spec.names.kind", given.get("kind"))
    for index, name in enumerate(given.get("shortNames") or ()):
        yield from _label(f"spec.names.shortNames[{index}]", name)
    yield from _mixed_label("spec.names.listKind", given.get("listKind"))
    if given.get("kind") and given.get("kind") == given.get("listKind"):
        yield invalid("spec.names.listKind", given["listKind"], "kind and listKind may not be the same")
    for index, name in enumerate(given.get("categories") or ()):
        yield from _label(f"spec.names.categories[{index}]", name)


def _label(path: str, name: str | None) -> Iterator[Cause]:
    found = names.dns_1035_problems(name) if name else []
    if found and name:
        yield invalid(path, name, ",".join(found))


def _mixed_label(path: str, name: str | None) -> Iterator[Cause]:
    found = names.dns_1035_problems(name.lower()) if name else []
    if found and name:
        yield invalid(path, name, f"may have mixed case, but should otherwise match: {','.join(found)}")


# -- structural schemas -------------------------------------------------------------------------------


def _schemas(spec: Object) -> Iterator[Cause]:
    versions = spec.get("versions") or []
    if versions and _in_common(versions, "schema"):
        versions = versions[:1]
        prefixes = ["spec.validation"]
    else:
        prefixes = [f"spec.versions[{index}].schema" for index in range(len(versions))]
    for prefix, version in zip(prefixes, versions, strict=True):
        schema = get_in(version, "schema.openAPIV3Schema")
        if schema is not None:
            yield from _root(schema, f"{prefix}.openAPIV3Schema")


def _root(schema: Object, path: str) -> Iterator[Cause]:
    if not schema.get("type"):
        yield required(f"{path}.type", "must not be empty at the root")
    elif schema["type"] != "object":
        yield invalid(f"{path}.type", schema["type"], "must be object at the root")
    yield from _inside(schema, path)


def _inside(schema: Object, path: str) -> Iterator[Cause]:
    yield from _forbidden(schema, path)
    for name, inner in sorted((schema.get("properties") or {}).items()):
        yield from _typed(inner, f"{path}.properties[{name}]", "object fields")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _typed(schema["additionalProperties"], f"{path}.additionalProperties", "object fields")
    if isinstance(schema.get("items"), dict):
        yield from _typed(schema["items"], f"{path}.items", "array items")
    elif schema.get("type") == "array":
        yield required(f"{path}.items", "must be specified")


def _typed(schema: Object, path: str, where: str) -> Iterator[Cause]:
    if not _is_well_formed(schema):
        yield invalid(path, schema, "must be a schema")
        return
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not free:
        yield required(f"{path}.type", f"must not be empty for specified {where}")
    elif schema.get("type") and schema["type"] not in _TYPES:
        yield not_supported(f"{path}.type", schema["type"], _TYPES)
    yield from _inside(schema, path)


_SHAPES: dict[str, tuple[type, ...]] = {
    "properties": (dict,),
    "items": (dict, list),
    "additionalProperties": (dict, bool),
    "not": (dict,),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "required", "enum", "x-kubernetes-list-map-keys"), (list,)),
    **dict.fromkeys(("type", "pattern", "format"), (str,)),
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), (int, float)),
    **dict.fromkeys(
        ("maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties"), (int,)
    ),
}
_OF_SCHEMAS = ("properties", "allOf", "anyOf", "oneOf")


def _is_well_formed(schema: Any) -> bool:
    """Whether a schema below `items` has the shape of one: there the decoder takes anything."""
    if not isinstance(schema, dict):
        return False
    if any(key in schema and not isinstance(schema[key], shape) for key, shape in _SHAPES.items()):
        return False
    inner = [each for key in _OF_SCHEMAS for each in _values(schema.get(key))]
    return all(isinstance(each, dict) for each in inner)


def _values(found: Any) -> list[Any]:
    return list(found.values()) if isinstance(found, dict) else list(found or ())


def _is_expression(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _forbidden(schema: Object, path: str) -> Iterator[Cause]:
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", why)
    if schema.get("additionalProperties") is False:
        yield forbidden(f"{path}.additionalProperties", "additionalProperties cannot be set to false")
    if schema.get("properties") and isinstance(schema.get("additionalProperties"), dict):
        yield forbidden(
            f"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"
        )
    if isinstance(schema.get("items"), list):
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    for field, wanted in (("items", (dict, list)), ("additionalProperties", (dict, bool))):
        if field in schema and not isinstance(schema[field], wanted):
            yield invalid(f"{path}.{field}", schema[field], "must be a schema")
    if schema.get("pattern") and not _is_expression(schema["pattern"]):
        yield invalid(f"{path}.pattern", schema["pattern"], "must be a valid regular expression, but isn't")
    if schema.get("$ref"):
        yield forbidden(f"{path}.$ref", "$ref is not supported")
    if schema.get("x-kubernetes-validations"):
        yield forbidden(f"{path}.x-kubernetes-validations", _EXPRESSIONS)
