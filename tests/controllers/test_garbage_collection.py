"""What becomes of dependents: background, foreground, orphan."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, config_map, deployment

from k8scourse.api import metadata

Object = dict[str, Any]


def test_deleting_a_deployment_takes_everything_with_it() -> None:
    world = World()
    world.client.create(deployment(2))
    world.run(5)
    world.client.delete("deployments", "web", "default")
    world.run(10)
    assert [] == world.list("replicasets")
    assert [] == world.list("pods")


def test_orphans_stay_and_are_adopted_again() -> None:
    world = World()
    world.client.create(deployment(2))
    world.run(5)
    names = [each["metadata"]["name"] for each in world.list("pods")]
    world.client.delete("deployments", "web", "default", propagation_policy="Orphan")
    world.run(5)
    assert world.find("deployments", "web") is None
    (left,) = world.list("replicasets")
    assert metadata.controller_of(left) is None
    world.client.create(deployment(2))
    world.run(5)
    (adopted,) = world.list("replicasets")
    assert metadata.controller_of(adopted) is not None
    assert names == [each["metadata"]["name"] for each in world.list("pods")]


def test_foreground_deletion_waits_for_the_dependents() -> None:
    world = World()
    world.client.create(deployment(2))
    world.run(5)
    world.client.delete("deployments", "web", "default", propagation_policy="Foreground")
    world.run(0.2)
    assert world.find("deployments", "web") is not None
    world.run(10)
    assert world.find("deployments", "web") is None
    assert [] == world.list("pods")


def test_foreground_waits_only_for_those_who_block() -> None:
    world = World()
    owner = world.client.create(config_map("a"))
    for name, blocks in (("hard", True), ("soft", False)):
        held = config_map(name, owner, blockOwnerDeletion=blocks)
        world.client.create({**held, "metadata": {**held["metadata"], "finalizers": ["example.com/h"]}})
    world.run(1)
    world.client.delete("configmaps", "a", "default", propagation_policy="Foreground")
    world.run(3)
    assert ["foregroundDeletion"] == world.get("configmaps", "a")["metadata"]["finalizers"]
    assert "deletionTimestamp" in world.get("configmaps", "soft")["metadata"]
    world.patch("configmaps", "hard", {"metadata": {"finalizers": None}})
    world.run(3)
    assert world.find("configmaps", "a") is None
    assert world.find("configmaps", "soft") is not None


def test_with_two_owners_one_deletion_removes_only_the_reference() -> None:
    world = World()
    one, two = world.client.create(config_map("a")), world.client.create(config_map("b"))
    world.client.create(config_map("c", one, two))
    world.run(1)
    world.client.delete("configmaps", "a", "default")
    world.run(3)
    assert ["b"] == [owner["name"] for owner in world.get("configmaps", "c")["metadata"]["ownerReferences"]]


@pytest.mark.parametrize("running", [True, False])
def test_an_owner_that_never_existed_costs_the_dependent_its_life(running: bool) -> None:
    world = World(manager=running)
    ghost: Object = {
        "kind": "ConfigMap",
        "metadata": {"name": "ghost", "uid": "00000000-0000-0000-0000-000000000000"},
    }
    world.client.create(config_map("haunted", ghost))
    if not running:
        world.start_manager()
    world.run(3)
    assert world.find("configmaps", "haunted") is None


def test_a_manager_that_was_away_finds_what_nobody_owns() -> None:
    world = World()
    owner = world.client.create(config_map("a"))
    world.client.create(config_map("b", owner))
    world.run(2)
    world.kill_manager()
    world.client.delete("configmaps", "a", "default")
    world.run(2)
    world.start_manager()
    world.run(2)
    assert world.find("configmaps", "b") is None


def test_a_chain_goes_link_by_link() -> None:
    world = World()
    owner = world.client.create(config_map("c0"))
    for number in range(1, 6):
        owner = world.client.create(config_map(f"c{number}", owner))
    world.run(1)
    world.client.delete("configmaps", "c0", "default")
    world.run(3)
    assert [] == [each for each in world.list("configmaps") if each["metadata"]["name"].startswith("c")]


def test_an_owner_in_another_namespace_is_no_owner() -> None:
    world = World()
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    owner = world.client.create(config_map("a"))
    stray = config_map("b", owner)
    world.client.create({**stray, "metadata": {**stray["metadata"], "namespace": "shop"}})
    world.run(3)
    assert world.find("configmaps", "b", "shop") is None
    assert world.find("configmaps", "a") is not None
    assert "OwnerRefInvalidNamespace" in [reason for reason, _ in world.events("b", "shop")]


def test_owners_in_a_circle_go_in_the_foreground() -> None:
    world = World()
    one = world.client.create(config_map("a"))
    two = world.client.create(config_map("b", one, blockOwnerDeletion=True))
    circle = config_map("a", two, blockOwnerDeletion=True)["metadata"]["ownerReferences"]
    world.patch("configmaps", "a", {"metadata": {"ownerReferences": circle}})
    world.run(1)
    world.client.delete("configmaps", "a", "default", propagation_policy="Foreground")
    world.run(5)
    assert world.find("configmaps", "a") is None
    assert world.find("configmaps", "b") is None
