"""Claims and volumes find each other, and say in which phase they are."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, bare_pod

from k8scourse.api import metadata

Object = dict[str, Any]


def volume(name: str = "v", size: str = "2Gi", *, labels: Object | None = None, **spec: Any) -> Object:
    base = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": f"/d/{name}"},
    }
    about = {"name": name, **({"labels": labels} if labels else {})}
    kind = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": about}
    return {**kind, "spec": {**base, "storageClassName": "sc", **spec}}


def claim(name: str = "c", size: str = "1Gi", **spec: Any) -> Object:
    base = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    about = {"name": name, "namespace": "default"}
    kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about}
    return {**kind, "spec": {"storageClassName": "sc", **base, **spec}}


def storage_class(
    name: str = "sc", *, mode: str = "Immediate", provisioner: str = "example.com/disks"
) -> Object:
    kind = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
    return {**kind, "provisioner": provisioner, "volumeBindingMode": mode}


def world_with(*created: Object, seconds: float = 5) -> World:
    world = World()
    world.run(6)
    for obj in created:
        world.client.create(obj)
        world.run(0.5)
    world.run(seconds)
    return world


def phases(world: World) -> tuple[dict[str, str], dict[str, str]]:
    """Of volumes, of claims."""
    volumes = {
        metadata.name(each): each["status"]["phase"] for each in world.client.list("persistentvolumes")
    }
    claims = {metadata.name(each): each["status"]["phase"] for each in world.list("persistentvolumeclaims")}
    return volumes, claims


def test_a_claim_gets_the_smallest_volume_that_is_large_enough() -> None:
    world = world_with(volume("large", "9Gi"), volume("small", "500Mi"), volume("right"), claim())
    assert ({"large": "Available", "small": "Available", "right": "Bound"}, {"c": "Bound"}) == phases(world)
    found = world.get("persistentvolumeclaims", "c")
    assert "right" == found["spec"]["volumeName"]
    assert {"storage": "2Gi"} == found["status"]["capacity"]
    reference = world.client.get("persistentvolumes", "right")["spec"]["claimRef"]
    assert metadata.uid(found) == reference["uid"]


def test_a_claim_that_comes_first_waits_for_its_volume() -> None:
    world = world_with(claim())
    assert ({}, {"c": "Pending"}) == phases(world)
    world.client.create(volume())
    world.run(16)
    assert ({"v": "Bound"}, {"c": "Bound"}) == phases(world)


@pytest.mark.parametrize(
    "wish",
    [
        {"storageClassName": "other"},
        {"accessModes": ["ReadWriteMany"]},
        {"volumeMode": "Block"},
        {"selector": {"matchLabels": {"disk": "fast"}}},
    ],
)
def test_a_volume_that_does_not_suit_is_not_taken(wish: Object) -> None:
    world = world_with(volume(), claim(**wish))
    assert ({"v": "Available"}, {"c": "Pending"}) == phases(world)


def test_a_selector_chooses_among_volumes() -> None:
    chosen = {"selector": {"matchLabels": {"disk": "fast"}}}
    world = world_with(volume("a"), volume("b", "5Gi", labels={"disk": "fast"}), claim(**chosen))
    assert "b" == world.get("persistentvolumeclaims", "c")["spec"]["volumeName"]


def test_a_volume_may_be_reserved_for_a_claim_and_a_claim_may_name_its_volume() -> None:
    reserved = {"claimRef": {"name": "late", "namespace": "default"}}
    world = world_with(volume("kept", **reserved), claim("early"))
    assert ({"kept": "Available"}, {"early": "Pending"}) == phases(world)
    world.client.create(claim("late"))
    world.client.create(volume("other"))
    world.client.create(claim("named", volumeName="other"))
    world.run(5)
    claims = {"early": "Pending", "late": "Bound", "named": "Bound"}
    assert ({"kept": "Bound", "other": "Bound"}, claims) == phases(world)


def test_a_volume_whose_claim_is_gone_is_released_and_not_given_to_the_next() -> None:
    world = world_with(volume(), claim())
    world.client.delete("persistentvolumeclaims", "c", "default")
    world.run(5)
    world.client.create(claim("next"))
    world.run(20)
    assert ({"v": "Released"}, {"next": "Pending"}) == phases(world)


def test_a_volume_that_nobody_can_delete_has_failed() -> None:
    world = world_with(volume(persistentVolumeReclaimPolicy="Delete"), claim())
    world.client.delete("persistentvolumeclaims", "c", "default")
    world.run(20)
    found = world.client.get("persistentvolumes", "v")
    assert "Failed" == found["status"]["phase"]
    assert "no deletable volume plugin matched" in found["status"]["message"]


def test_a_claim_without_its_volume_is_lost() -> None:
    world = world_with(volume(), claim())
    world.patch("persistentvolumes", "v", {"metadata": {"finalizers": None}}, namespace="")
    world.client.delete("persistentvolumes", "v")
    world.run(20)
    assert "Lost" == phases(world)[1]["c"]
    assert "ClaimLost" in [reason for reason, _ in world.events("c")]


def test_a_class_says_who_makes_the_volume() -> None:
    world = world_with(storage_class(), claim())
    notes = metadata.annotations(world.get("persistentvolumeclaims", "c"))
    assert "example.com/disks" == notes["volume.kubernetes.io/storage-provisioner"]
    assert "ExternalProvisioning" in [reason for reason, _ in world.events("c")]


def test_a_class_that_nobody_knows_is_complained_about() -> None:
    world = world_with(claim())
    assert ("ProvisioningFailed", 'storageclass.storage.k8s.io "sc" not found') in world.events("c")


def test_with_wait_for_first_consumer_the_volume_is_chosen_when_a_pod_has_a_node() -> None:
    world = world_with(storage_class(mode="WaitForFirstConsumer"), volume(), claim(), seconds=20)
    assert ({"v": "Available"}, {"c": "Pending"}) == phases(world)
    said = ("WaitForFirstConsumer", "waiting for first consumer to be created before binding")
    assert said in world.events("c")
    mounted = [{"name": "d", "persistentVolumeClaim": {"claimName": "c"}}]
    world.client.create(bare_pod("user", volumes=mounted))
    world.run(5)
    assert ({"v": "Bound"}, {"c": "Bound"}) == phases(world)


def test_half_a_binding_is_finished_after_a_crash() -> None:
    world = world_with(claim())
    world.kill_manager()
    made = world.get("persistentvolumeclaims", "c")
    fields = {field: made["metadata"][field] for field in ("name", "namespace", "uid", "resourceVersion")}
    world.client.create(volume(claimRef={"kind": "PersistentVolumeClaim", "apiVersion": "v1", **fields}))
    world.start_manager()
    world.run(10)
    assert ({"v": "Bound"}, {"c": "Bound"}) == phases(world)
