"""Autoscalers without metrics: they keep the bounds, and say what they do not know."""

from __future__ import annotations

from typing import Any

from controllers.harness import World, condition_of, deployment

Object = dict[str, Any]


def autoscaler(least: int, most: int, target: str = "web", kind: str = "Deployment") -> Object:
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    spec = {
        "minReplicas": least,
        "maxReplicas": most,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": target},
        "metrics": [{"type": "Resource", "resource": metric}],
    }
    about = {"name": "h", "namespace": "default"}
    kinds = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    return {**kinds, "metadata": about, "spec": spec}


def world_with(replicas: int, created: Object, seconds: float = 25) -> World:
    world = World()
    world.run(6)
    world.client.create(deployment(replicas))
    world.client.create(created)
    world.run(seconds)
    return world


def replicas(world: World) -> int:
    return int(world.get("deployments", "web")["spec"]["replicas"])


def test_the_first_look_is_after_fifteen_seconds() -> None:
    world = world_with(5, autoscaler(1, 3), seconds=14)
    assert 5 == replicas(world)
    world.run(2)
    assert 3 == replicas(world)


def test_too_many_are_lowered_and_too_few_raised() -> None:
    world = world_with(5, autoscaler(1, 3))
    assert 3 == replicas(world)
    why = "New size: 3; reason: Current number of replicas above Spec.MaxReplicas"
    assert ("SuccessfulRescale", why) in world.events("h")
    assert 4 == replicas(world_with(1, autoscaler(4, 6)))


def test_within_the_bounds_it_says_that_nobody_knows_what_pods_use() -> None:
    world = world_with(2, autoscaler(1, 5))
    assert 2 == replicas(world)
    status, reason, message = condition_of(world.get("horizontalpodautoscalers", "h"), "ScalingActive")
    assert ("False", "FailedGetResourceMetric") == (status, reason)
    assert message.endswith("the server could not find the requested resource (get pods.metrics.k8s.io)")


def test_what_stands_at_zero_is_left_alone() -> None:
    world = world_with(0, autoscaler(2, 5))
    assert 0 == replicas(world)
    found = world.get("horizontalpodautoscalers", "h")
    assert "ScalingDisabled" == condition_of(found, "ScalingActive")[1]


def test_a_target_that_is_missing_or_cannot_be_scaled_is_said() -> None:
    world = world_with(1, autoscaler(1, 5, target="ghost"))
    assert "FailedGetScale" == condition_of(world.get("horizontalpodautoscalers", "h"), "AbleToScale")[1]
    world = world_with(1, autoscaler(1, 5, kind="DaemonSet"))
    assert "FailedGetScale" == condition_of(world.get("horizontalpodautoscalers", "h"), "AbleToScale")[1]
