"""The outcome of every bet of lesson 00 is what the cluster does, and its trace says so."""

from __future__ import annotations

import pytest
from lessons.answers_lesson00 import WEB

from k8scourse.cluster import Cluster
from k8scourse.lessons import outcome
from k8scourse.lessons.lesson00 import evidence
from k8scourse.lessons.progress import forget


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


@pytest.fixture(scope="module")
def served() -> Cluster:
    cluster = Cluster(workers=3)
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    cluster.run(seconds=5)
    return cluster


@pytest.mark.parametrize("bet", ["00-created", "00-delete-pod", "00-cut-node", "00-traffic"])
def test_nothing_is_told_before_it_has_happened(bet: str) -> None:
    card = outcome(bet, Cluster(workers=1))
    assert "not_yet" == card.mistake
    assert 1 == len(card.lines)


def test_when_created_is_printed_no_pod_exists() -> None:
    cluster = Cluster(workers=3)
    cluster.apply(WEB)
    assert "with 0 Pods of it" in evidence.of_created(cluster)
    assert "no container has started since" in evidence.of_created(cluster)
    cluster.run(until="deployment/web available")
    assert "the first container started" in evidence.of_created(cluster)


def test_nobody_ever_sends_the_scheduler_a_request(served: Cluster) -> None:
    text = evidence.of_who_tells(served)
    assert ", 0 went to the scheduler" in text
    assert "watches on 0" not in text


def test_a_deleted_pod_is_replaced_by_a_new_one(served: Cluster) -> None:
    cluster = served.fork()
    victim = cluster.kubectl("get pods -l app=web -o name").splitlines()[0].removeprefix("pod/")
    cluster.kubectl(f"delete pod {victim}")
    cluster.run(seconds=10)
    names = {
        pod["metadata"]["name"]
        for pod in cluster.objects("pods")
        if pod["metadata"]["namespace"] == "default"
    }
    text = evidence.of_delete_pod(cluster)
    assert 3 == len(names)
    assert victim not in names
    assert f"`{victim}` was deleted" in text
    assert any(f"`{name}` was written in its place by kube-controller-manager" in text for name in names)


def test_the_pods_of_a_silent_node_are_replaced_after_almost_six_minutes(served: Cluster) -> None:
    cluster = served.fork()
    cut = cluster.seconds
    cluster.cut("worker-2")
    assert "" == evidence.of_cut_node(cluster)
    cluster.run(until="node/worker-2 notready")
    assert 45 <= cluster.seconds - cut <= 60
    assert "have not been deleted so far" in evidence.of_cut_node(cluster)
    cluster.run(
        until=lambda cluster: any("deletionTimestamp" in pod["metadata"] for pod in cluster.objects("pods"))
    )
    assert 340 <= cluster.seconds - cut <= 362
    assert "its Pods were deleted 3" in evidence.of_cut_node(cluster)


def test_traffic_goes_on_while_kube_proxy_is_down(served: Cluster) -> None:
    cluster = served.fork()
    assert cluster.walk("worker-1", "web", 80).delivered
    assert "" == evidence.of_traffic(cluster)
    for node in ("control-plane-1", "worker-1", "worker-2", "worker-3"):
        cluster.crash(f"kube-proxy@{node}")
    assert "" == evidence.of_traffic(cluster)
    assert cluster.walk("worker-1", "web", 80).delivered
    assert evidence.of_traffic(cluster).startswith("4 kube-proxies crashed at ")
    assert "a program takes the connection" in evidence.of_traffic(cluster)


def test_traffic_goes_on_without_any_kube_proxy_and_new_services_do_not_work(served: Cluster) -> None:
    cluster = served.fork()
    assert cluster.kubectl("delete daemonset kube-proxy --namespace=kube-system").ok
    cluster.run(seconds=60)
    assert cluster.walk("worker-1", "web", 80).delivered
    assert "the last kube-proxy Pod went at" in evidence.of_traffic(cluster)
    assert cluster.kubectl("expose deployment web --name=late --port=80").ok or cluster.apply(
        WEB[WEB.index("---") :].replace("name: web", "name: late")
    )
    cluster.run(seconds=10)
    assert not cluster.walk("worker-1", "late", 80).delivered
