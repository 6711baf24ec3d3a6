"""The board with a second API server: its own bar, the load balancer below both, and the right one lit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from k8scourse import Cluster
from k8scourse.diagrams import export
from k8scourse.diagrams.history import recorder
from k8scourse.diagrams.packer import LAYOUTS, Packer

FIRST, SECOND = "kube-apiserver@control-plane-1", "kube-apiserver@control-plane-2"


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.kubectl("create deployment web --image=nginx:1.27 --replicas=3")
    cluster.run(until="deployment/web available")
    cluster.add_api_server()
    return cluster


def frame(cluster: Cluster, layout: str = "wide") -> dict[str, Any]:
    kept = recorder(cluster)
    return export.frame_of(kept.present(), Packer(layout), kept)


def box(shown: dict[str, Any], identity: str) -> dict[str, Any]:
    return next(each for each in shown["boxes"] if each["i"] == identity)


def changed_through(cluster: Cluster, server: str) -> dict[str, Any]:
    """The picture after a change that went to `server`."""
    for number in range(2):
        cluster.kubectl(f"annotate deployment web n={cluster.seconds}{number} --overwrite")
        if cluster.steps[-1].target == server:
            return frame(cluster)
        cluster.run(0.5)
    raise AssertionError(f"nothing went to {server}")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_both_bars_and_the_load_balancer_are_drawn_one_below_the_other(cluster: Cluster, layout: str) -> None:
    shown = frame(cluster, layout)
    first, second, balancer = (box(shown, each) for each in (FIRST, SECOND, "load-balancer"))
    assert first["y"] + first["h"] < second["y"]
    assert second["y"] + second["h"] < balancer["y"]
    assert all(0 <= each["x"] and each["x"] + each["w"] <= shown["w"] for each in shown["boxes"])
    identities = [each["i"] for each in shown["boxes"] if each["i"]]
    assert len(identities) == len(set(identities))
    lines = [each["i"] for each in shown["links"]]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_lines_are_upright_or_level_and_inside(cluster: Cluster, layout: str) -> None:
    shown = frame(cluster, layout)
    for way in [each["p"] for each in (*shown["links"], *shown["flows"])]:
        points = list(zip(way[::2], way[1::2], strict=True))
        assert all(x == u or y == v for (x, y), (u, v) in pairwise(points))
        assert all(0 <= x <= shown["w"] and 0 <= y <= shown["h"] for x, y in points)


def test_the_nodes_lines_end_at_the_load_balancer(cluster: Cluster) -> None:
    shown = frame(cluster)
    balancer = box(shown, "load-balancer")
    watch = next(each for each in shown["links"] if each["i"] == "kubelet@worker-1/watch")
    assert watch["p"][-1] + 1 == balancer["y"] + balancer["h"]


@pytest.mark.parametrize(
    ("server", "lit", "dark"), [(FIRST, "stage/", "stage-2/"), (SECOND, "stage-2/", "stage/")]
)
def test_the_server_that_was_asked_is_lit_and_reached(
    cluster: Cluster, server: str, lit: str, dark: str
) -> None:
    shown = changed_through(cluster, server)
    stages = {each["i"]: each.get("s", "") for each in shown["boxes"] if each["k"] == "stage"}
    assert {state for name, state in stages.items() if name.startswith(lit)} == {"ok"}
    assert {state for name, state in stages.items() if name.startswith(dark)} == {""}
    bar = box(shown, server)
    request, write = shown["flows"]
    assert request["p"][-1] + 1 == bar["y"] + bar["h"]
    assert bar["y"] <= write["p"][1] + 1 <= bar["y"] + bar["h"]


def test_a_server_that_is_down_is_marked_and_the_picture_says_so(cluster: Cluster) -> None:
    twin = cluster.fork()
    twin.stop(SECOND)
    twin.run(3)
    shown = frame(twin)
    assert box(shown, SECOND)["s"] == "failed"
    assert box(shown, FIRST)["s"] == "running"
    assert "API server" in shown["desc"]["en"]
