"""StatefulSets: names that stay, one Pod after the other, claims and history."""

from __future__ import annotations

from typing import Any

from controllers.harness import World, template

from k8scourse.api import metadata
from k8scourse.controllers.statefulset_pods import ordinal_of

Object = dict[str, Any]
REVISION = "controller-revision-hash"


def stateful_set(
    replicas: int = 3, *, image: str = "db:1", notes: Object | None = None, **spec: Any
) -> Object:
    pod = template(image)
    if notes:
        pod["metadata"]["annotations"] = notes
    base = {"replicas": replicas, "serviceName": "db", "selector": {"matchLabels": {"app": "web"}}}
    named = {"name": "db", "namespace": "default"}
    kind = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": named}
    return {**kind, "spec": {**base, "template": pod, **spec}}


def claim_template(**more: Any) -> Object:
    asked = {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"]}
    return {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": asked}], **more}


def world_with(created: Object, seconds: float = 10, ready_after: float = 0.2) -> World:
    world = World(ready_after=lambda: ready_after)
    world.run(6)
    world.client.create(created)
    world.run(seconds)
    return world


def names(world: World, resource: str = "pods") -> list[str]:
    return [metadata.name(each) for each in world.list(resource)]


def images(world: World) -> list[str]:
    return [pod["spec"]["containers"][0]["image"] for pod in world.list("pods")]


def update(world: World, image: str = "db:2", seconds: float = 15, **spec: Any) -> None:
    containers = [{"name": "c", "image": image}]
    world.patch("statefulsets", "db", {"spec": {"template": {"spec": {"containers": containers}}, **spec}})
    world.run(seconds)


def test_pods_come_one_after_the_other_with_their_names() -> None:
    world = world_with(stateful_set(3), 1, ready_after=1)
    assert ["db-0"] == names(world)
    world.run(10)
    assert ["db-0", "db-1", "db-2"] == names(world)
    pod = world.get("pods", "db-2")
    labels = metadata.labels(pod)
    assert ("2", "db-2") == (
        labels["apps.kubernetes.io/pod-index"],
        labels["statefulset.kubernetes.io/pod-name"],
    )
    assert ("db-2", "db") == (pod["spec"]["hostname"], pod["spec"]["subdomain"])
    status = world.get("statefulsets", "db")["status"]
    assert 3 == status["readyReplicas"] == status["currentReplicas"] == status["updatedReplicas"]
    assert labels[REVISION] == status["currentRevision"] == status["updateRevision"]


def test_a_pod_that_is_not_ready_holds_up_the_next_unless_the_set_is_parallel() -> None:
    unready = {"fake/ready": "false"}
    assert ["db-0"] == names(world_with(stateful_set(3, notes=unready)))
    parallel = stateful_set(3, notes=unready, podManagementPolicy="Parallel")
    assert ["db-0", "db-1", "db-2"] == names(world_with(parallel))


def test_counting_may_begin_elsewhere() -> None:
    world = world_with(stateful_set(2, ordinals={"start": 5}))
    assert ["db-5", "db-6"] == names(world)


def test_scaling_down_takes_the_highest_first_and_one_at_a_time() -> None:
    world = world_with(stateful_set(3))
    world.client.scale("statefulsets", "db", 1, "default")
    world.run(0.2)
    assert ["db-2"] == [metadata.name(pod) for pod in world.list("pods") if metadata.is_terminating(pod)]
    world.run(5)
    assert ["db-0"] == names(world)
    deleted = [message for reason, message in world.events("db") if reason == "SuccessfulDelete"]
    assert [
        "Delete Pod db-2 in StatefulSet db successful",
        "Delete Pod db-1 in StatefulSet db successful",
    ] == (deleted)


def test_an_update_goes_down_from_the_highest_and_stops_at_the_partition() -> None:
    world = world_with(stateful_set(3, updateStrategy={"rollingUpdate": {"partition": 2}}))
    update(world)
    assert ["db:1", "db:1", "db:2"] == images(world)
    world.client.delete("pods", "db-0", "default")
    world.run(5)
    assert ["db:1", "db:1", "db:2"] == images(world), "below the partition the old revision comes back"
    world.patch("statefulsets", "db", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}})
    world.run(15)
    assert ["db:2"] * 3 == images(world)
    status = world.get("statefulsets", "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert 3 == status["currentReplicas"]


def test_on_delete_waits_for_somebody_to_delete() -> None:
    world = world_with(stateful_set(2, updateStrategy={"type": "OnDelete"}))
    update(world)
    assert ["db:1", "db:1"] == images(world)
    world.client.delete("pods", "db-0", "default")
    world.run(5)
    assert ["db:2", "db:1"] == images(world)


def test_a_failed_pod_is_made_anew_under_its_name() -> None:
    world = world_with(stateful_set(1))
    pod = world.get("pods", "db-0")
    world.client.update_status({**pod, "status": {**pod["status"], "phase": "Failed"}})
    world.run(5)
    fresh = world.get("pods", "db-0")
    assert metadata.uid(pod) != metadata.uid(fresh)
    assert "Running" == fresh["status"]["phase"]


def test_going_back_gives_the_old_revision_the_next_number() -> None:
    world = world_with(stateful_set(1))
    first = names(world, "controllerrevisions")
    update(world)
    update(world, "db:1")
    revisions = world.list("controllerrevisions")
    assert [2, 3] == sorted(each["revision"] for each in revisions)
    assert first == [metadata.name(each) for each in revisions if each["revision"] == 3]


def test_history_keeps_as_many_old_revisions_as_the_limit_says() -> None:
    world = world_with(stateful_set(1, revisionHistoryLimit=1))
    for number in range(2, 6):
        update(world, f"db:{number}", 8)
    assert [4, 5] == sorted(each["revision"] for each in world.list("controllerrevisions"))


def test_every_pod_has_its_claim_and_finds_it_again() -> None:
    world = world_with(stateful_set(2, **claim_template()))
    assert ["data-db-0", "data-db-1"] == names(world, "persistentvolumeclaims")
    volume = world.get("pods", "db-1")["spec"]["volumes"][0]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}} == volume
    before = [metadata.uid(claim) for claim in world.list("persistentvolumeclaims")]
    world.client.scale("statefulsets", "db", 1, "default")
    world.run(5)
    world.client.scale("statefulsets", "db", 2, "default")
    world.run(5)
    assert before == [metadata.uid(claim) for claim in world.list("persistentvolumeclaims")]


def test_claims_go_with_the_set_or_with_the_pod_when_the_policy_says_so() -> None:
    policy = {"whenDeleted": "Delete", "whenScaled": "Delete"}
    world = world_with(stateful_set(2, **claim_template(persistentVolumeClaimRetentionPolicy=policy)), 30)
    world.client.scale("statefulsets", "db", 1, "default")
    world.run(8)
    assert ["data-db-0"] == names(world, "persistentvolumeclaims")
    world.client.delete("statefulsets", "db", "default")
    world.run(8)
    assert [] == names(world, "persistentvolumeclaims")


def test_a_pod_must_be_ready_for_a_while_before_the_next_one() -> None:
    world = world_with(stateful_set(2, minReadySeconds=10), 8)
    assert ["db-0"] == names(world)
    world.run(6)
    assert ["db-0", "db-1"] == names(world)


def test_lost_labels_are_given_back_and_only_own_names_are_adopted() -> None:
    world = world_with(stateful_set(1))
    world.patch("pods", "db-0", {"metadata": {"labels": {"statefulset.kubernetes.io/pod-name": None}}})
    world.run(3)
    assert "db-0" == metadata.labels(world.get("pods", "db-0"))["statefulset.kubernetes.io/pod-name"]
    named = {"kind": "StatefulSet", "metadata": {"name": "db"}}
    ordinals = [
        ordinal_of({"metadata": {"name": name}}, named) for name in ("db-3", "db-03", "db", "other-3", "db-x")
    ]
    assert [3, None, None, None, None] == ordinals
