"""The outcome of every bet of lesson 02 is what the cluster does, and its trace says so."""

from __future__ import annotations

import pytest
from lessons.answers_lesson02 import COOK, PODS, RECIPE, TRAY

from k8scourse.cluster import Cluster
from k8scourse.lessons import outcome
from k8scourse.lessons.lesson02 import evidence
from k8scourse.lessons.progress import forget


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    forget()


@pytest.fixture(scope="module")
def kitchen() -> Cluster:
    """Two workers and the cook with the recipe; nobody changes this cluster."""
    cluster = Cluster(workers=2)
    assert cluster.apply(COOK).ok
    cluster.run(until="pod/cook ready")
    return cluster


@pytest.mark.parametrize("bet", ["02-stolen", "02-frozen", "02-etcd", "02-second"])
def test_nothing_is_told_before_it_has_happened(bet: str) -> None:
    card = outcome(bet, Cluster(workers=1))
    assert "not_yet" == card.mistake
    assert 1 == len(card.lines)


def test_the_idle_minute_is_told_of_only_when_it_is_over(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    cluster.send("GET", PODS)
    cluster.run(seconds=30)
    assert "" == evidence.of_idle(cluster)


def test_while_nobody_orders_nobody_asks_and_the_heartbeats_go_on(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    cluster.run(seconds=120)  # in the first minute the garbage collector still opens its last watches
    text = evidence.of_idle(cluster)
    assert "asked 0 times" in text
    assert "Heartbeats of the nodes: 0" not in text


def test_only_the_kubelet_whose_pod_needs_the_secret_gets_it(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    assert 200 == cluster.send("GET", RECIPE, user="system:node:worker-2").code
    assert 403 == cluster.send("GET", RECIPE, user="system:node:worker-1").code
    text = evidence.of_stolen(cluster)
    assert "system:node:worker-2 got `recipe` (200)" in text
    assert "system:node:worker-1 was refused (403) at the stage *authorize*" in text


def test_a_pod_that_was_answered_201_has_no_node(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    assert 201 == cluster.send("POST", PODS, TRAY).code
    assert "Scheduled since: not yet" in evidence.of_frozen(cluster)
    cluster.run(until="pod/tray ready")
    assert "its first container started" in evidence.of_frozen(cluster)


def test_without_the_api_server_nothing_reaches_etcd(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    cluster.run(seconds=60)
    cluster.stop("kube-apiserver")
    assert "" == evidence.of_etcd(cluster)
    cluster.run(seconds=60)
    text = evidence.of_etcd(cluster)
    assert "every one by kube-apiserver@control-plane-1" in text
    assert "While it was down: 0 entries in 60 s" in text
    cluster.restart("kube-apiserver")
    cluster.run(seconds=30)
    assert text == evidence.of_etcd(cluster)


def test_a_second_api_server_goes_on_where_the_first_stopped(kitchen: Cluster) -> None:
    cluster = kitchen.fork()
    cluster.add_api_server()
    cluster.run(until="settled")
    cluster.stop("kube-apiserver@control-plane-1")
    assert "" == evidence.of_second(cluster)
    cluster.run(seconds=5)
    assert cluster.kubectl("create configmap after --from-literal=door=second").ok
    (order,) = [record for record in cluster.trace.records if record.subject == "configmaps/default/after"]
    assert "kube-apiserver@control-plane-2" == order.target
    text = evidence.of_second(cluster)
    assert "kube-apiserver@control-plane-2 answered" in text
    assert " 0 watches" not in text
