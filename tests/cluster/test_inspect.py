"""Every part can be looked into, and what it shows has words in both languages."""

from __future__ import annotations

import pytest
from cluster.stories import WEB

from k8scourse import words
from k8scourse.cluster import Cluster


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    return cluster


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_part_shows_something_and_every_row_has_a_name(cluster: Cluster, language: str) -> None:
    for part in cluster.parts():
        rows = cluster.inspect(part.id)
        assert rows, part.id
        for name in rows:
            assert words.text(f"fact.{name}", language)


def test_looking_leaves_no_trace(cluster: Cluster) -> None:
    before = cluster.trace.digest()
    for part in cluster.parts():
        cluster.inspect(part.id)
    assert before == cluster.trace.digest()


def test_a_part_that_is_down_shows_nothing() -> None:
    cluster = Cluster(workers=1)
    cluster.crash("kube-scheduler")
    assert {} == cluster.inspect("kube-scheduler@control-plane-1")


def test_the_kubelet_shows_its_pods_and_the_proxy_its_rules(cluster: Cluster) -> None:
    pods = [pod for pod in cluster.objects("pods") if pod["spec"].get("nodeName") == "worker-1"]
    assert len(pods) == len(cluster.inspect("kubelet@worker-1")["pods"])
    assert any("default/web" in line for line in cluster.inspect("kube-proxy@worker-1")["rules"])
