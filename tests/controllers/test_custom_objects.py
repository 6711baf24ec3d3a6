"""Objects of kinds that users define end as all others do: with their namespace, and with their owner."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, config_map

from k8scourse.api import custom_kinds
from k8scourse.api.errors import NotFound

Object = dict[str, Any]


def _definition(kind: str) -> Object:
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": spec,
    }


@pytest.fixture
def world() -> World:
    """A cluster that knows Shops and Tills."""
    world = World(nodes=1)
    for kind in ("Shop", "Till"):
        world.client.create(_definition(kind))
    world.run(40)
    return world


def _path(kind: str, name: str = "", namespace: str = "default") -> str:
    return f"/apis/example.com/v1/namespaces/{namespace}/{kind.lower()}s" + (f"/{name}" if name else "")


def _make(
    world: World, kind: str, name: str, *owners: Object, namespace: str = "default", **more: Any
) -> Object:
    references = [
        {key: owner[key] for key in ("apiVersion", "kind")}
        | {"name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "blockOwnerDeletion": True}
        for owner in owners
    ]
    metadata = {"name": name, "namespace": namespace, "ownerReferences": references, **more}
    body = {"apiVersion": "example.com/v1", "kind": kind, "metadata": metadata}
    made: Object = world.client.send("POST", _path(kind, namespace=namespace), None, body).body
    return made


def _there(world: World, kind: str, name: str) -> bool:
    try:
        world.client.send("GET", _path(kind, name))
    except NotFound:
        return False
    return True


def test_a_custom_object_goes_with_its_owner_of_another_custom_kind(world: World) -> None:
    shop = _make(world, "Shop", "s")
    _make(world, "Till", "t", shop)
    world.run(1)
    world.client.send("DELETE", _path("Shop", "s"))
    world.run(5)
    assert not _there(world, "Till", "t")


def test_a_custom_object_goes_with_a_built_in_owner_and_the_other_way_round(world: World) -> None:
    owner = world.client.create(config_map("owner"))
    _make(world, "Till", "t", owner)
    shop = _make(world, "Shop", "s")
    world.client.create(config_map("owned", shop))
    world.run(1)
    world.client.delete("configmaps", "owner", "default")
    world.client.send("DELETE", _path("Shop", "s"))
    world.run(5)
    assert not _there(world, "Till", "t")
    assert world.find("configmaps", "owned") is None


def test_an_orphan_loses_only_the_reference(world: World) -> None:
    shop, other = _make(world, "Shop", "s"), _make(world, "Shop", "other")
    _make(world, "Till", "t", shop, other)
    world.run(1)
    world.client.send("DELETE", _path("Shop", "s"), None, {"propagationPolicy": "Orphan"})
    world.run(5)
    assert not _there(world, "Shop", "s")
    left = world.client.send("GET", _path("Till", "t")).body["metadata"]["ownerReferences"]
    assert [owner["name"] for owner in left] == ["other"]


def test_a_foreground_deletion_waits_for_custom_dependents(world: World) -> None:
    shop = _make(world, "Shop", "s")
    _make(world, "Till", "t", shop, finalizers=["example.com/held"])
    world.run(1)
    world.client.send("DELETE", _path("Shop", "s"), None, {"propagationPolicy": "Foreground"})
    world.run(5)
    assert _there(world, "Shop", "s")
    patch = {"metadata": {"finalizers": None}}
    headers = {"Content-Type": "application/merge-patch+json"}
    world.client.send("PATCH", _path("Till", "t"), None, patch, headers)
    world.run(5)
    assert not _there(world, "Shop", "s")


def test_a_namespace_takes_its_custom_objects_along(world: World) -> None:
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "extra"}})
    _make(world, "Shop", "s", namespace="extra")
    world.run(1)
    world.client.delete("namespaces", "extra")
    world.run(30)
    with pytest.raises(NotFound):
        world.client.get("namespaces", "extra")
    (kind,) = custom_kinds.kinds_of(world.client.get("customresourcedefinitions", "shops.example.com"))
    assert world.client.list(kind) == []


def test_after_the_end_of_a_definition_nobody_asks_for_its_kind(world: World) -> None:
    _make(world, "Shop", "s")
    world.client.delete("customresourcedefinitions", "shops.example.com")
    world.run(60)
    with pytest.raises(NotFound):
        world.client.get("customresourcedefinitions", "shops.example.com")
    before = len(world.sim.trace.records)
    world.run(120)
    asked = [record for record in world.sim.trace.records[before:] if "shops" in str(record)]
    assert asked == []


@pytest.mark.parametrize(("path", "body"), [
    ("/apis/batch/v1/namespaces/default/jobs", {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}},
    }),
    ("/apis/networking.k8s.io/v1/namespaces/default/ingresses", {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "j"},
        "spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}},
    }),
])  # fmt: skip
def test_kinds_that_nobody_works_on_are_collected_too(world: World, path: str, body: Object) -> None:
    world.client.send("POST", path, None, body)
    world.client.send("DELETE", f"{path}/j", None, {"propagationPolicy": "Orphan"})
    world.run(2)
    with pytest.raises(NotFound):
        world.client.send("GET", f"{path}/j")
