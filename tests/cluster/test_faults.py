"""Every fault does what its name says, and every repair undoes it."""

from __future__ import annotations

from typing import Any

import pytest
from cluster.stories import WEB

from k8scourse.cluster import Cluster


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    cluster.run(seconds=5)
    return cluster


def web_pods(cluster: Cluster) -> list[dict[str, Any]]:
    return [pod for pod in cluster.objects("pods") if pod["metadata"].get("labels", {}).get("app") == "web"]


def state(cluster: Cluster, part: str) -> str:
    return next(each.state for each in cluster.parts() if each.id == part)


@pytest.mark.parametrize("component", ["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"])
def test_a_crashed_static_pod_is_started_again_by_its_kubelet(cluster: Cluster, component: str) -> None:
    part = f"{component}@control-plane-1"
    cluster.crash(component)
    assert "crashed" == state(cluster, part)
    cluster.run(seconds=30)
    assert "running" == state(cluster, part)


@pytest.mark.parametrize("service", ["kubelet", "containerd"])
def test_a_crashed_service_is_started_again_by_systemd(cluster: Cluster, service: str) -> None:
    part = f"{service}@worker-1"
    cluster.crash(part)
    assert "crashed" == state(cluster, part)
    cluster.run(seconds=11)
    assert "running" == state(cluster, part)


@pytest.mark.parametrize("part", ["kube-scheduler@control-plane-1", "kubelet@worker-2"])
def test_what_is_stopped_stays_down_until_it_is_restarted(cluster: Cluster, part: str) -> None:
    cluster.stop(part)
    cluster.run(seconds=120)
    assert "running" != state(cluster, part)
    cluster.restart(part)
    cluster.run(seconds=30)
    assert "running" == state(cluster, part)


def test_restart_brings_a_crashed_part_back_at_once(cluster: Cluster) -> None:
    cluster.crash("kubelet@worker-1")
    cluster.restart("kubelet@worker-1")
    assert "running" == state(cluster, "kubelet@worker-1")


def test_a_crashed_pod_restarts_in_place_with_the_same_uid(cluster: Cluster) -> None:
    pod = web_pods(cluster)[0]
    cluster.crash(pod["metadata"]["name"])
    cluster.run(seconds=30)
    again = cluster.find("pods", pod["metadata"]["name"])
    assert again is not None
    assert pod["metadata"]["uid"] == again["metadata"]["uid"]
    assert 1 == again["status"]["containerStatuses"][0]["restartCount"]
    assert "running" in again["status"]["containerStatuses"][0]["state"]


def test_a_cut_worker_is_noticed_after_50_seconds_and_its_pods_replaced_after_5_more_minutes(
    cluster: Cluster,
) -> None:
    node = web_pods(cluster)[0]["spec"]["nodeName"]
    start = cluster.seconds
    cluster.cut(node)
    cluster.run(until=f"node/{node} notready")
    assert 40 <= cluster.seconds - start <= 65
    cluster.run(seconds=250)
    assert 3 == len(web_pods(cluster))
    cluster.run(seconds=70)
    alive = [pod for pod in web_pods(cluster) if "deletionTimestamp" not in pod["metadata"]]
    assert 3 == len(alive)
    assert node not in [pod["spec"]["nodeName"] for pod in alive]


def test_healing_a_worker_makes_it_ready_again_and_ends_the_old_pods(cluster: Cluster) -> None:
    node = web_pods(cluster)[0]["spec"]["nodeName"]
    cluster.cut(node)
    cluster.run(seconds=420)
    cluster.heal(node)
    cluster.run(seconds=90)
    found = cluster.find("nodes", node)
    assert found is not None
    assert [] == found["spec"].get("taints", [])
    assert 3 == len(web_pods(cluster))


def test_a_machine_without_power_comes_back_with_new_containers(cluster: Cluster) -> None:
    pod = web_pods(cluster)[0]
    node, name = pod["spec"]["nodeName"], pod["metadata"]["name"]
    cluster.power_off(node)
    assert "off" == state(cluster, f"kubelet@{node}")
    cluster.run(seconds=20)
    cluster.power_on(node)
    cluster.run(seconds=60)
    again = cluster.find("pods", name)
    assert again is not None
    assert 1 == again["status"]["containerStatuses"][0]["restartCount"]


def test_the_whole_control_plane_can_lose_power_and_come_back(cluster: Cluster) -> None:
    before = sorted(pod["metadata"]["uid"] for pod in web_pods(cluster))
    cluster.power_off("control-plane-1")
    cluster.run(seconds=30)
    cluster.power_on("control-plane-1")
    cluster.run(seconds=120)
    assert before == sorted(pod["metadata"]["uid"] for pod in web_pods(cluster))
    assert cluster.kubectl("get nodes").count(" Ready ") == 4


def test_pods_keep_running_while_the_api_server_is_down(cluster: Cluster) -> None:
    cluster.stop("kube-apiserver")
    cluster.run(seconds=600)
    cluster.restart("kube-apiserver")
    cluster.run(seconds=60)
    assert {0} == {pod["status"]["containerStatuses"][0]["restartCount"] for pod in web_pods(cluster)}
    assert 3 == len(web_pods(cluster))


def test_draining_a_node_moves_its_pods_and_keeps_new_ones_away(cluster: Cluster) -> None:
    node = web_pods(cluster)[0]["spec"]["nodeName"]
    assert cluster.drain(node).ok
    cluster.run(seconds=60)
    assert node not in [pod["spec"]["nodeName"] for pod in web_pods(cluster)]
    assert 3 == len(web_pods(cluster))
    assert cluster.uncordon(node).ok


def test_a_component_that_was_stopped_twice_starts_again() -> None:
    cluster = Cluster(workers=0)
    for part in ("kube-scheduler", "kubelet@control-plane-1"):
        cluster.stop(part)
        cluster.run(seconds=5)
        cluster.stop(part)
        cluster.restart(part)
        cluster.run(seconds=30)
    assert ["running"] * 7 == [part.state for part in cluster.parts()]
