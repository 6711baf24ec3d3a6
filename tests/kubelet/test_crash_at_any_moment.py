"""Kill the kubelet or the runtime at any moment of a Pod's birth and death: the end is the same."""

from __future__ import annotations

import pytest
from kubelet.cluster_of_one import ClusterOfOne, pod

MOMENTS = [0.0, 0.05, 0.1, 0.15, 0.5, 1.0, 2.0, 2.64, 2.7, 2.74, 2.78, 3.0, 4.0]
INITS = {"initContainers": [{"name": "init", "image": "busybox", "command": ["sleep", "1"]}]}


def crash(cluster: ClusterOfOne, part: str) -> None:
    for process in (cluster.kubelet.process, cluster.containerd.process):
        if part in (process.name, "both"):
            process.kill()
    cluster.run(1.3)
    if part in ("containerd", "both"):
        cluster.start_containerd()
    if part in ("kubelet", "both"):
        cluster.start_kubelet()


@pytest.mark.parametrize("part", ["kubelet", "containerd", "both"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_pod_comes_up_all_the_same(part: str, moment: float) -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod(spec=INITS))
    cluster.run(moment)
    crash(cluster, part)
    cluster.run(45)
    status = cluster.pod()["status"]
    assert (status["phase"], cluster.condition("Ready")["status"]) == ("Running", "True")
    assert cluster.container()["restartCount"] == 0
    assert len(cluster.containerd.list_pod_sandbox()) == 1
    assert [one.name for one in cluster.containerd.list_containers()] == ["init", "main"]
    assert status["podIP"] == cluster.containerd.list_pod_sandbox()[0].ip


@pytest.mark.parametrize("part", ["kubelet", "containerd", "both"])
@pytest.mark.parametrize("moment", [0.0, 0.0015, 0.05, 0.5, 1.0, 1.5, 2.0])
def test_a_pod_goes_all_the_same(part: str, moment: float) -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod("busybox", command=["sleep", "9999"], spec={"terminationGracePeriodSeconds": 2}))
    cluster.run(5)
    cluster.client.delete("pods", "web", "default")
    cluster.run(moment)
    crash(cluster, part)
    cluster.run(20)
    assert not cluster.exists()
    assert cluster.containerd.list_pod_sandbox() == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_power_cut_at_any_moment_ends_in_a_running_pod(moment: float) -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(moment)
    cluster.machine.power_off()
    cluster.run(5)
    cluster.machine.power_on()
    cluster.start_containerd()
    cluster.start_kubelet()
    cluster.run(30)
    assert cluster.condition("Ready")["status"] == "True"
    ready = [one for one in cluster.containerd.list_pod_sandbox() if one.ready]
    assert len(ready) == 1
