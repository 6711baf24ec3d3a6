"""What is counted: disruptions that a budget allows, what a namespace uses, who still mounts a claim."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, bare_pod, condition_of, config_map, deployment

from k8scourse.api.errors import Forbidden, TooManyRequests
from k8scourse.controllers import Options


@pytest.fixture
def world() -> World:
    return World(options=Options(controllers=("*",)))


def named(kind: str, name: str, api_version: str = "v1", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        **fields,
    }


def test_a_budget_lets_go_as_many_as_it_can_spare(world: World) -> None:
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    world.client.create(named("PodDisruptionBudget", "b", "policy/v1", spec=spec))
    world.client.create(deployment(3))
    world.run(5)
    budget = world.get("poddisruptionbudgets", "b")
    assert budget["status"]["disruptionsAllowed"] == 1
    assert condition_of(budget, "DisruptionAllowed")[:2] == ("True", "SufficientPods")
    first, second, _ = (pod["metadata"]["name"] for pod in world.list("pods"))
    world.client.evict(first, "default")
    with pytest.raises(TooManyRequests, match="would violate the pod's disruption budget"):
        world.client.evict(second, "default")
    world.run(5)
    assert len(world.list("pods")) == 3
    assert world.get("poddisruptionbudgets", "b")["status"]["disruptionsAllowed"] == 1


def test_a_quota_counts_up_at_once_and_down_when_something_goes(world: World) -> None:
    world.client.create(named("ResourceQuota", "q", spec={"hard": {"count/configmaps": "2", "pods": "1"}}))
    world.run(1)
    before = world.get("resourcequotas", "q")["status"]["used"]
    assert before == {"count/configmaps": "1", "pods": "0"}, "kube-root-ca.crt is there already"
    world.client.create(config_map("a"))
    with pytest.raises(
        Forbidden, match="exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=2"
    ):
        world.client.create(config_map("b"))
    world.client.delete("configmaps", "a", "default")
    world.run(1)
    assert world.get("resourcequotas", "q")["status"]["used"]["count/configmaps"] == "1"
    world.client.create(config_map("b"))


def test_a_claim_stays_until_the_last_pod_that_mounts_it_has_ended(world: World) -> None:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.client.create(named("PersistentVolumeClaim", "data", spec=asked))
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    world.client.create(bare_pod("user", volumes=volumes))
    world.run(2)
    world.client.delete("persistentvolumeclaims", "data", "default")
    world.run(5)
    assert world.get("persistentvolumeclaims", "data")["metadata"]["deletionTimestamp"]
    world.client.delete("pods", "user", "default")
    world.run(5)
    assert world.find("persistentvolumeclaims", "data") is None
