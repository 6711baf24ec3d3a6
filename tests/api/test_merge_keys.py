"""How lists merge, per field: our table against the published schemas, and the two patches against the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from k8scourse.api import kinds, patches, typetable
from k8scourse.api.kind import Kind
from k8scourse.apiserver.apply import atoms

source = pytest.importorskip("kubernetes_validate")
Place = tuple[str, str, dict[str, Any]]
EVERY = (*kinds.ALL, *kinds.BODIES)


@cache
def definitions() -> dict[str, Any]:
    folder = Path(source.__file__).parent / "kubernetes-json-schema/v1.36.0-local"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return found


def definition_of(kind: Kind) -> str:
    wanted = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    for name, definition in definitions().items():
        if definition.get("x-kubernetes-group-version-kind") == [wanted]:
            return name
    raise AssertionError(kind)


def places(name: str, seen: set[str]) -> Iterator[Place]:
    """(type, field, schema) of every field that can be reached from a type."""
    if name in seen:
        return
    seen.add(name)
    for field, schema in definitions()[name].get("properties", {}).items():
        yield ".".join(name.split(".")[-3:]), field, schema
        inner = schema.get("items") or schema.get("additionalProperties") or schema
        target = inner.get("$ref", "").rsplit("/", 1)[-1]
        if definitions().get(target, {}).get("properties"):
            yield from places(target, seen)


def every_place() -> list[Place]:
    seen: set[str] = set()
    return [place for kind in EVERY for place in places(definition_of(kind), seen)]


def test_there_is_something_to_compare() -> None:
    marked = [schema for _, _, schema in every_place() if "x-kubernetes-list-type" in schema]
    assert len(marked) > 200


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: f"{kind.api_version}/{kind.kind}")
def test_every_field_of_every_kind_merges_as_the_published_schema_says(kind: Kind) -> None:
    wrong = []
    for type_name, field, schema in places(definition_of(kind), set()):
        struct = typetable.struct(type_name)
        strategy = schema.get("x-kubernetes-patch-strategy")
        merging = (
            (tuple(strategy.split(",")), schema.get("x-kubernetes-patch-merge-key", "")) if strategy else None
        )
        list_type = schema.get("x-kubernetes-list-type") or schema.get("x-kubernetes-map-type")
        lists = (list_type, *schema.get("x-kubernetes-list-map-keys", ())) if list_type else None
        if (struct.merging.get(field), struct.lists.get(field)) != (merging, lists):
            wrong.append((type_name, field))
    assert [] == wrong


def test_types_that_are_owned_as_a_whole_and_required_fields_are_those_of_the_published_schemas() -> None:
    names = {name for kind in EVERY for name in reached(definition_of(kind))}
    assert len(names) > 300
    for name in names:
        struct = typetable.struct(".".join(name.split(".")[-3:]))
        published = definitions()[name]
        assert (published.get("x-kubernetes-map-type") == "atomic") == struct.atomic, name
        assert tuple(published.get("required", ())) == struct.required, name
        assert set(published["properties"]) == set(struct.fields), name


def reached(name: str) -> set[str]:
    seen: set[str] = set()
    list(places(name, seen))
    return seen


def lists_of_objects() -> list[Place]:
    return [place for place in every_place() if "$ref" in (place[2].get("items") or {})]


def test_a_strategic_patch_merges_exactly_the_lists_that_have_a_merge_key() -> None:
    for type_name, field, schema in lists_of_objects():
        key = schema.get("x-kubernetes-patch-merge-key")
        named = key or "name"
        live, patch = {field: [{named: "a"}]}, {field: [{named: "b"}]}
        merged = patches.strategic_merge_type(type_name, live, patch)[field]
        found = sorted(item[named] for item in merged)
        assert (["a", "b"] if key else ["b"]) == found, (type_name, field)


def test_server_side_apply_shares_exactly_the_lists_that_are_maps_or_sets() -> None:
    for type_name, field, schema in every_place():
        if schema.get("items") is None:
            continue
        atom = atoms.of_type(type_name).fields[field]
        list_type = schema.get("x-kubernetes-list-type", "atomic")
        assert (list_type == "atomic") == atom.atomic, (type_name, field)
        assert (list_type == "set") == atom.is_set, (type_name, field)
        assert tuple(schema.get("x-kubernetes-list-map-keys", ())) == tuple(atom.keys), (type_name, field)
