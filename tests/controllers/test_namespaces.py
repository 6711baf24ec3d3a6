"""Namespaces: what a new one gets, and how one goes."""

from __future__ import annotations

from typing import Any

from controllers.harness import World, condition_of, config_map, deployment, service

Object = dict[str, Any]


def new(world: World, name: str = "shop") -> None:
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    world.run(1)


def into(obj: Object, namespace: str = "shop") -> Object:
    return {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}


def test_a_new_namespace_gets_its_service_account_and_the_root_certificate() -> None:
    world = World()
    new(world)
    assert world.find("serviceaccounts", "default", "shop") is not None
    assert ["ca.crt"] == list(world.get("configmaps", "kube-root-ca.crt", "shop")["data"])


def test_they_come_back_when_they_are_deleted_or_changed() -> None:
    world = World()
    new(world)
    world.client.delete("serviceaccounts", "default", "shop")
    world.patch("configmaps", "kube-root-ca.crt", {"data": {"ca.crt": "false"}}, "shop")
    world.run(2)
    assert world.find("serviceaccounts", "default", "shop") is not None
    assert "false" != world.get("configmaps", "kube-root-ca.crt", "shop")["data"]["ca.crt"]


def test_a_deleted_namespace_takes_everything_with_it() -> None:
    world = World()
    new(world)
    for obj in (deployment(2), service(), config_map("a")):
        world.client.create(into(obj))
    world.run(5)
    world.client.delete("namespaces", "shop")
    world.run(1)
    assert "Terminating" == world.get("namespaces", "shop", "")["status"]["phase"]
    world.run(60)
    assert world.find("namespaces", "shop", "") is None
    for plural in (
        "pods",
        "deployments",
        "replicasets",
        "services",
        "configmaps",
        "events",
        "endpointslices",
    ):
        assert [] == world.list(plural, "shop")


def test_a_finalizer_holds_the_namespace_and_is_named_in_its_conditions() -> None:
    world = World()
    new(world)
    held = into(config_map("a"))
    world.client.create({**held, "metadata": {**held["metadata"], "finalizers": ["example.com/h"]}})
    world.client.delete("namespaces", "shop")
    world.run(30)
    namespace = world.get("namespaces", "shop", "")
    assert 5 == len(namespace["status"]["conditions"])
    remaining = "Some resources are remaining: configmaps. has 1 resource instances"
    assert ("True", "SomeResourcesRemain", remaining) == condition_of(namespace, "NamespaceContentRemaining")
    holding = "Some content in the namespace has finalizers remaining: example.com/h in 1 resource instances"
    assert ("True", "SomeFinalizersRemain", holding) == condition_of(
        namespace, "NamespaceFinalizersRemaining"
    )
    world.patch("configmaps", "a", {"metadata": {"finalizers": None}}, "shop")
    world.run(30)
    assert world.find("namespaces", "shop", "") is None


def test_the_manager_may_be_away_when_the_namespace_is_deleted() -> None:
    world = World()
    new(world)
    world.client.create(into(deployment(1)))
    world.run(3)
    world.kill_manager()
    world.client.delete("namespaces", "shop")
    world.run(20)
    assert world.find("namespaces", "shop", "") is not None
    world.start_manager()
    world.run(60)
    assert world.find("namespaces", "shop", "") is None
