"""The schemas that the server publishes: those of Kubernetes, and those that it decodes with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from apiserver.support import Api

from k8scourse.api import enumerations, kinds, schema, typetable
from k8scourse.api.kind import Kind
from k8scourse.apiserver.openapi import descriptions, documents, schemas


def document(kind: Kind) -> Any:
    return documents.built_in(documents.group_version(kind.group, kind.version)).value


@cache
def published() -> dict[str, Any]:
    source = pytest.importorskip("kubernetes_validate")
    folder = Path(source.__file__).parent / "kubernetes-json-schema/v1.36.0-local"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return found


# -- the schemas --------------------------------------------------------------------------------------


def plain(found: Any) -> Any:
    """A schema without what only one of the two sources has: descriptions, defaults, enums, nulls."""
    if isinstance(found, list):
        return [plain(part) for part in found]
    if not isinstance(found, dict):
        return found
    if len(found.get("allOf", ())) == 1:
        found = {**found, **found["allOf"][0]}
    kept = {
        key: part for key, part in found.items() if key not in ("description", "default", "enum", "allOf")
    }
    if isinstance(kept.get("type"), list):
        kept["type"] = kept["type"][0]
    if "$ref" in kept:
        kept["$ref"] = kept["$ref"].rpartition("/")[2]
    return {
        key: {name: plain(inner) for name, inner in part.items()} if key == "properties" else plain(part)
        for key, part in kept.items()
    }


@pytest.mark.parametrize(
    "kind", [*kinds.ALL, *kinds.BODIES], ids=lambda kind: f"{kind.api_version}/{kind.kind}"
)
def test_the_schema_of_every_kind_and_of_all_within_is_the_published_one(kind: Kind) -> None:
    reached = schemas.reachable([schemas.name_of(kind)])
    assert len(reached) > 1
    for name, found in reached.items():
        theirs = plain({key: part for key, part in published()[name].items() if key != "x-kubernetes-unions"})
        ours = plain(found)
        if name.endswith(("Time", ".Quantity", ".IntOrString", ".RawExtension")):
            continue
        theirs.pop("type", None)
        ours.pop("type", None)
        if not theirs.get("properties"):
            theirs.pop("properties", None)
        ours.pop("x-kubernetes-group-version-kind", None)
        theirs.pop("x-kubernetes-group-version-kind", None)
        assert theirs == ours, name


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.resource_name)
def test_the_schema_of_a_kind_is_found_by_its_group_version_and_kind(kind: Kind) -> None:
    gvk = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    named = [name for name, found in document(kind)["components"]["schemas"].items()
             if gvk in found.get("x-kubernetes-group-version-kind", ())]  # fmt: skip
    assert named == [schemas.name_of(kind)]


def test_fields_with_a_closed_list_of_values_say_so_and_decoding_knows_the_same_fields() -> None:
    container = schemas.reachable([schemas.full_name("core.v1.Container")])["io.k8s.api.core.v1.Container"]
    policy = container["properties"]["imagePullPolicy"]
    assert policy["enum"] == ["Always", "IfNotPresent", "Never"]
    assert policy["description"].endswith(
        'Possible enum values:\n - `"Always"`\n - `"IfNotPresent"`\n - `"Never"`'
    )
    for type_name, field in enumerations.places():
        assert typetable.struct(type_name).fields[field].code == "s", (type_name, field)
        assert enumerations.of(type_name)[field] == sorted(enumerations.of(type_name)[field])


def test_every_description_is_about_something_that_exists_and_every_kind_has_one() -> None:
    types = [typetable.struct(name) for name in typetable.names()]
    bare = {struct.bare: struct for struct in types}
    specials = ("Quantity", "IntOrString", "Time", "FieldsV1")
    later = ("CertificateSigningRequest", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
             "VolumeAttributesClass")  # fmt: skip
    fields = {field for struct in types for field in struct.fields}
    for place in descriptions.places():
        owner, _, field = place.partition(".")
        if owner in ("*", "*List"):
            assert field in fields, place
        elif owner in bare:
            assert not field or any(field in struct.fields for struct in types if struct.bare == owner), place
        else:
            assert owner in (*specials, *later), place
    assert [] == [kind.kind for kind in (*kinds.ALL, *kinds.BODIES) if not descriptions.of(kind.kind)]


def test_what_the_server_stores_fits_the_schema_it_publishes(api: Api) -> None:
    """Zero values of every kind, as Go writes them, have only fields and types of the published schema."""
    for kind in kinds.ALL:
        reached = schemas.reachable([schemas.name_of(kind)])
        zero, _ = schema.decode(kind, {"metadata": {"name": "x"}}, "Ignore")
        assert [] == list(
            misfits(zero, {"$ref": f"#/components/schemas/{schemas.name_of(kind)}"}, reached)
        ), kind


TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
}


def misfits(value: Any, found: Any, known: Any) -> Iterator[str]:
    if "allOf" in found:
        found = {**found, **found["allOf"][0]}
    if "$ref" in found:
        found = known[found["$ref"].rpartition("/")[2]]
    if value is None or "type" not in found:
        return
    if not isinstance(value, TYPES[found["type"]]):  # type: ignore[arg-type]
        yield f"{value!r} is no {found['type']}"
    elif isinstance(value, dict) and "properties" in found:
        for key, item in value.items():
            if key not in found["properties"]:
                yield f"unknown {key}"
            else:
                yield from misfits(item, found["properties"][key], known)
    elif isinstance(value, list):
        for item in value:
            yield from misfits(item, found["items"], known)
