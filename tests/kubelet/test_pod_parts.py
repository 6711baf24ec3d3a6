"""What is added to a Pod that runs: containers to look into it, and other resources."""

from __future__ import annotations

import pytest
from kubelet.cluster_of_one import ClusterOfOne, Object, pod


@pytest.fixture
def cluster() -> ClusterOfOne:
    return ClusterOfOne()


def _add(cluster: ClusterOfOne, name: str, script: str) -> None:
    container = {"name": name, "image": "busybox:1.36", "command": ["sh", "-c", script]}
    patch = {"spec": {"ephemeralContainers": [container]}}
    cluster.client.patch("pods", "web", patch, "default", subresource="ephemeralcontainers")


def _statuses(cluster: ClusterOfOne) -> list[Object]:
    found: list[Object] = cluster.pod()["status"].get("ephemeralContainerStatuses", [])
    return found


def test_an_ephemeral_container_is_started_beside_the_others(cluster: ClusterOfOne) -> None:
    cluster.apply(pod())
    cluster.run(6)
    _add(cluster, "debug", "echo hello; sleep 3600")
    cluster.run(5)
    (status,) = _statuses(cluster)
    assert "running" in status["state"]
    assert (status["ready"], status["restartCount"], "started" in status) == (False, 0, False)
    assert cluster.container()["restartCount"] == 0
    assert cluster.pod()["status"]["phase"] == "Running"
    assert ("Started", "Started container debug") in cluster.events()
    assert cluster.log("debug") == ["hello"]


def test_an_ephemeral_container_that_ends_stays_ended(cluster: ClusterOfOne) -> None:
    cluster.apply(pod())
    cluster.run(6)
    _add(cluster, "debug", "exit 3")
    cluster.run(60)
    (status,) = _statuses(cluster)
    assert (status["state"]["terminated"]["exitCode"], status["restartCount"]) == (3, 0)
    conditions = {one["type"]: one["status"] for one in cluster.pod()["status"]["conditions"]}
    assert conditions["Ready"] == "True"
    cluster.kubelet.process.kill()
    cluster.start_kubelet()
    cluster.run(30)
    assert _statuses(cluster)[0]["restartCount"] == 0


def test_a_deletion_ends_it_too(cluster: ClusterOfOne) -> None:
    cluster.apply(pod())
    cluster.run(6)
    _add(cluster, "debug", "sleep 3600")
    cluster.run(5)
    cluster.client.delete("pods", "web", "default", grace_period_seconds=1)
    cluster.run(10)
    assert cluster.client.list("pods", "default") == []


def _resize(cluster: ClusterOfOne, cpu: str) -> None:
    patch = {"spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": cpu}}}]}}
    cluster.client.patch("pods", "web", patch, "default", subresource="resize")


def _pending(cluster: ClusterOfOne) -> list[str]:
    rows = cluster.pod()["status"]["conditions"]
    return [row["reason"] for row in rows if row["type"] == "PodResizePending"]


def test_a_resize_is_said_to_be_impossible_until_it_is_taken_back(cluster: ClusterOfOne) -> None:
    body = pod()
    body["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m"}}
    cluster.apply(body)
    cluster.run(6)
    assert _pending(cluster) == []
    _resize(cluster, "200m")
    cluster.run(2)
    assert _pending(cluster) == ["Infeasible"]
    assert cluster.container()["restartCount"] == 0
    _resize(cluster, "100m")
    cluster.run(2)
    assert _pending(cluster) == []
