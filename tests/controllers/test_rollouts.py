"""Deployments, from the first Pod to the last rollback, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, condition_of, deployment, template
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.api import pods as pod_helpers
from k8scourse.api.errors import StatusError

REVISION = "deployment.kubernetes.io/revision"


def world_with(replicas: int = 3, **spec: Any) -> World:
    world = World()
    world.client.create(deployment(replicas, **spec))
    world.run(10)
    return world


def change_image(world: World, image: str = "nginx:2") -> None:
    world.patch("deployments", "web", {"spec": {"template": template(image)}})


def test_a_new_deployment_gets_its_pods_and_says_so() -> None:
    world = world_with(3)
    web = world.get("deployments", "web")
    status = {key: web["status"][key] for key in web["status"] if key != "conditions"}
    expected = {
        "observedGeneration": web["metadata"]["generation"],
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
    }
    assert expected == status
    (only,) = world.list("replicasets")
    name = only["metadata"]["name"]
    assert ["Available", "Progressing"] == [row["type"] for row in web["status"]["conditions"]]
    available = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    assert available == condition_of(web, "Available")
    progressed = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
    assert progressed == condition_of(web, "Progressing")
    prefix = "deployment.kubernetes.io/"
    notes = {prefix + "desired-replicas": "3", prefix + "max-replicas": "4", REVISION: "1"}
    assert notes == only["metadata"]["annotations"]
    assert ("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 3") in world.events("web")
    assert 3 == len([1 for reason, _ in world.events(name) if reason == "SuccessfulCreate"])


def test_a_settled_cluster_writes_nothing() -> None:
    world = world_with(3)
    world.run(60)
    before = {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in everything(world)}
    world.run(600)
    after = {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in everything(world)}
    assert before == after


def everything(world: World) -> list[dict[str, Any]]:
    """All objects but heartbeats."""
    plurals = ("deployments", "replicasets", "pods", "nodes", "namespaces", "endpointslices", "events",
               "serviceaccounts", "configmaps")  # fmt: skip
    return [each for plural in plurals for each in world.client.list(plural)]


def test_a_rollout_replaces_all_pods_and_keeps_the_old_revision() -> None:
    world = world_with(3)
    change_image(world)
    world.run(20)
    assert [(1, 0), (2, 3)] == world.sizes()
    assert {"nginx:2"} == {pod["spec"]["containers"][0]["image"] for pod in world.list("pods")}
    assert "2" == world.get("deployments", "web")["metadata"]["annotations"][REVISION]


def test_a_rollback_gives_the_old_replica_set_a_new_number() -> None:
    world = world_with(2)
    for image in ("nginx:2", "nginx:1"):
        change_image(world, image)
        world.run(20)
    assert [(2, 0), (3, 2)] == world.sizes()
    revised = [each["metadata"]["annotations"] for each in world.list("replicasets")]
    history = [notes.get("deployment.kubernetes.io/revision-history") for notes in revised]
    assert sorted([None, "1"], key=str) == sorted(history, key=str)


def test_a_rollout_that_never_gets_ready_stands_at_three_and_two() -> None:
    world = world_with(4)
    never = template("nginx:2", fake_ready="false")
    world.patch("deployments", "web", {"spec": {"template": never}})
    world.run(30)
    web = world.get("deployments", "web")
    assert [(1, 3), (2, 2)] == world.sizes()
    assert "ReplicaSetUpdated" == condition_of(web, "Progressing")[1]
    assert (5, 2, 3, 2) == tuple(
        web["status"][field]
        for field in ("replicas", "updatedReplicas", "readyReplicas", "unavailableReplicas")
    )


def test_the_progress_deadline_is_told_and_nothing_rolls_back() -> None:
    world = World()
    never = {"template": template(fake_ready="false"), "progressDeadlineSeconds": 30}
    world.client.create(deployment(1, **never))
    world.run(29)
    assert "ReplicaSetUpdated" == condition_of(world.get("deployments", "web"), "Progressing")[1]
    world.run(5)
    (only,) = world.list("replicasets")
    message = f'ReplicaSet "{only["metadata"]["name"]}" has timed out progressing.'
    expected = ("False", "ProgressDeadlineExceeded", message)
    assert expected == condition_of(world.get("deployments", "web"), "Progressing")


def test_scaling_in_the_middle_of_a_rollout_is_proportional() -> None:
    strategy = {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}
    world = world_with(10, strategy=strategy)
    world.patch("deployments", "web", {"spec": {"template": template("nginx:2", fake_ready="false")}})
    world.run(20)
    assert [(1, 8), (2, 5)] == world.sizes()
    world.client.scale("deployments", "web", 15, "default")
    world.run(20)
    assert [(1, 11), (2, 7)] == world.sizes()


def test_a_paused_deployment_scales_but_does_not_roll_out() -> None:
    world = world_with(2)
    world.patch("deployments", "web", {"spec": {"paused": True}})
    change_image(world)
    world.client.scale("deployments", "web", 3, "default")
    world.run(20)
    assert [(1, 3)] == world.sizes()
    paused = ("Unknown", "DeploymentPaused", "Deployment is paused")
    assert paused == condition_of(world.get("deployments", "web"), "Progressing")
    world.patch("deployments", "web", {"spec": {"paused": None}})
    world.run(20)
    assert [(1, 0), (2, 3)] == world.sizes()


def test_recreate_has_no_old_pod_beside_a_new_one() -> None:
    world = world_with(3, strategy={"type": "Recreate"})
    change_image(world)
    seen: dict[tuple[str, ...], None] = {}
    for _ in range(200):
        world.run(0.05)
        seen[tuple(sorted({pod["spec"]["containers"][0]["image"] for pod in world.list("pods")}))] = None
    assert [("nginx:1",), ("nginx:2",)] == [images for images in seen if images]


def test_old_revisions_beyond_the_limit_are_forgotten() -> None:
    world = world_with(1, revisionHistoryLimit=1)
    for number in range(2, 5):
        change_image(world, f"nginx:{number}")
        world.run(20)
    assert [(3, 0), (4, 1)] == world.sizes()


def test_min_ready_seconds_delays_availability() -> None:
    world = World()
    world.client.create(deployment(2, minReadySeconds=10))
    world.run(5)
    status = world.get("deployments", "web")["status"]
    assert 2 == status["readyReplicas"]
    assert "availableReplicas" not in status
    world.run(10)
    assert 2 == world.get("deployments", "web")["status"]["availableReplicas"]


def test_annotations_of_the_deployment_reach_its_replica_set() -> None:
    world = world_with(1)
    world.patch("deployments", "web", {"metadata": {"annotations": {"example.com/note": "hello"}}})
    world.run(5)
    (only,) = world.list("replicasets")
    assert "hello" == only["metadata"]["annotations"]["example.com/note"]


def test_a_scaled_down_deployment_keeps_one_replica_set() -> None:
    world = world_with(3)
    world.client.scale("deployments", "web", 0, "default")
    world.run(10)
    assert [(1, 0)] == world.sizes()
    assert [] == world.list("pods")
    status = world.get("deployments", "web")["status"]
    assert "replicas" not in status
    assert 0 == status["terminatingReplicas"]


class Bounds:
    """Looks into the store after every commit: at no instant may a rollout leave its bounds."""

    def __init__(self, world: World, most: int, least: int) -> None:
        self.most, self.least, self.world = most, least, world

    def check(self) -> None:
        found = [each.value for each in self.world.store.range("/registry/pods/", "/registry/pods0").kvs]
        alive = [pod for pod in found if pod_helpers.is_active(pod)]
        ready = sum(pod_helpers.is_ready(pod) for pod in alive)
        assert len(alive) <= self.most
        assert ready >= self.least

    def watch_until_done(self, limit: float = 300.0) -> None:
        end = self.world.sim.now + round(limit * 1e9)
        revision = -1
        while self.world.sim.now < end and self.world.sim.step():
            if self.world.store.revision != revision:
                revision = self.world.store.revision
                self.check()
                if self._is_done():
                    return
        raise AssertionError("the rollout does not end")

    def _is_done(self) -> bool:
        (web,) = self.world.store.range("/registry/deployments/default/web").kvs
        status, replicas = web.value["status"], web.value["spec"]["replicas"]
        keys = ("replicas", "updatedReplicas", "availableReplicas")
        return (
            status.get("observedGeneration") == 2 and [status.get(key, 0) for key in keys] == [replicas] * 3
        )


@settings(max_examples=100)
@given(
    replicas=st.integers(1, 8),
    surge=st.integers(0, 4),
    unavailable=st.integers(0, 4),
    seed=st.integers(0, 99),
)
def test_the_bounds_hold_at_every_instant(replicas: int, surge: int, unavailable: int, seed: int) -> None:
    if surge == unavailable == 0:
        return
    world = World(seed=seed)
    delays = world.sim.rng("readiness")
    world.hollow._ready_after = lambda: delays.choice([0.1, 0.5, 2.0, 7.0])
    strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    world.client.create(deployment(replicas, strategy=strategy))
    world.run(20)
    bounds = Bounds(world, replicas + surge, replicas - min(unavailable, replicas))
    change_image(world)
    bounds.watch_until_done()


@pytest.mark.parametrize("kills", [(0.05,), (0.2, 0.3), (0.1, 0.25, 0.4, 0.8, 1.6)])
def test_the_manager_may_die_at_any_instant(kills: tuple[float, ...]) -> None:
    world = world_with(4)
    change_image(world)
    for delay in kills:
        world.run(delay)
        world.kill_manager()
        world.run(1)
        world.start_manager()
    world.run(60)
    assert [(1, 0), (2, 4)] == world.sizes()
    assert 4 == len(world.list("pods"))


def test_a_manager_that_dies_at_each_step_of_a_rollout_leaves_the_same_end() -> None:
    world = world_with(2)
    change_image(world)
    for _ in range(150):
        world.sim.step()
        world.kill_manager()
        world.start_manager()
        world.run(0.02)
    world.run(60)
    assert [(1, 0), (2, 2)] == world.sizes()
    assert 2 == len(world.list("pods"))


def test_a_deployment_that_selects_everything_is_refused_or_ignored() -> None:
    world = World()
    try:
        world.client.create(deployment(1, selector={}))
    except StatusError:
        return
    world.run(5)
    assert [] == world.list("replicasets")


@pytest.mark.parametrize("outage", [2.0, 30.0, 120.0])
def test_a_rollout_survives_an_outage_of_the_api_server(outage: float) -> None:
    world = world_with(3)
    change_image(world)
    world.run(0.25)
    world.kill_server()
    world.run(outage)
    world.start_server()
    world.run(240)
    assert [(1, 0), (2, 3)] == world.sizes()
    assert 3 == world.get("deployments", "web")["status"]["availableReplicas"]
    assert 3 == len(world.list("pods"))
