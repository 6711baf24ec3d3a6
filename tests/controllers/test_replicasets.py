"""ReplicaSets: numbers, adoption, release, replacement."""

from __future__ import annotations

from controllers.harness import World, bare_pod, deployment, replica_set

from k8scourse.api import metadata


def world_with(replicas: int = 3) -> World:
    world = World()
    world.client.create(replica_set(replicas))
    world.run(5)
    return world


def test_a_deleted_pod_is_replaced_and_a_bare_one_is_not() -> None:
    world = world_with(3)
    world.client.create(bare_pod("alone"))
    victim = world.list("pods", selector="app=web")[0]["metadata"]["name"]
    for name in ("alone", victim):
        world.client.delete("pods", name, "default")
    world.run(5)
    names = [pod["metadata"]["name"] for pod in world.list("pods")]
    assert 3 == len(names)
    assert victim not in names
    assert "alone" not in names


def test_the_replacement_does_not_wait_for_the_end_of_the_deleted_pod() -> None:
    world = world_with(1)
    world.hollow.silent.add(world.list("pods")[0]["spec"]["nodeName"])
    world.client.delete("pods", world.list("pods")[0]["metadata"]["name"], "default")
    world.run(3)
    assert 2 == len(world.list("pods"))
    assert 1 == world.get("replicasets", "rs")["status"]["terminatingReplicas"]


def test_an_orphan_that_matches_is_adopted() -> None:
    world = World()
    world.client.create(bare_pod("mine", {"app": "web"}))
    world.run(1)
    world.client.create(replica_set(2))
    world.run(5)
    assert 2 == len(world.list("pods"))
    owner = metadata.controller_of(world.get("pods", "mine"))
    assert owner is not None
    assert "rs" == owner["name"]


def test_a_pod_that_stops_to_match_is_released_and_replaced() -> None:
    world = world_with(2)
    name = world.list("pods")[0]["metadata"]["name"]
    world.patch("pods", name, {"metadata": {"labels": {"app": "debug"}}})
    world.run(5)
    assert metadata.controller_of(world.get("pods", name)) is None
    assert 2 == len(world.list("pods", selector="app=web"))


def test_two_replica_sets_with_one_selector_do_not_fight() -> None:
    world = World()
    for name, replicas in (("one", 2), ("two", 3)):
        world.client.create(replica_set(replicas, name=name))
    world.run(10)
    before = world.revision
    assert 5 == len(world.list("pods"))
    world.run(1)
    assert before == world.revision


def test_a_failed_pod_is_replaced_and_stays() -> None:
    world = world_with(2)
    pod = world.list("pods")[0]
    world.client.update_status({**pod, "status": {**pod["status"], "phase": "Failed"}})
    world.run(5)
    phases = [each["status"]["phase"] for each in world.list("pods")]
    assert ["Failed", "Running", "Running"] == sorted(phases)


def test_scaling_down_tells_who_went() -> None:
    world = world_with(3)
    world.client.scale("replicasets", "rs", 1, "default")
    world.run(5)
    deleted = [message for reason, message in world.events("rs") if reason == "SuccessfulDelete"]
    assert 2 == len(deleted)
    assert all(message.startswith("Deleted pod: rs-") for message in deleted)
    assert 1 == len(world.list("pods"))


def test_a_thousand_replicas_settle() -> None:
    world = World()
    world.client.create(deployment(1000))
    world.run(30)
    assert 1000 == world.get("deployments", "web")["status"]["readyReplicas"]
