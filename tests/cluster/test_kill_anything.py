"""Kill any component at any step of the lesson's run: the cluster comes to the same end.

The run is played once; at each step the process forks (the operating system's fork: a copy of everything for
free), and each child kills one component, lets the cluster settle and compares.
"""

from __future__ import annotations

import json
import os
import traceback

import pytest
from cluster.stories import WEB, settle, shape

from k8scourse.cluster import Cluster

COMPONENTS = [
    "coredns",
    "etcd",
    "kube-apiserver",
    "kube-scheduler",
    "kube-controller-manager",
    "kubelet@control-plane-1",
    "containerd@control-plane-1",
    "kube-proxy@control-plane-1",
    *(f"{name}@worker-{number}" for number in (1, 2, 3) for name in ("kubelet", "containerd", "kube-proxy")),
]
CHUNKS = 4


def start() -> Cluster:
    cluster = Cluster()
    cluster.apply(WEB)
    return cluster


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_any_component_may_die_at_any_step(chunk: int) -> None:
    reference = start()
    settle(reference)
    expected = shape(reference)
    cluster, step, failures = start(), 0, list[str]()
    while len(cluster.steps) <= len(reference.steps):
        if step % CHUNKS == chunk:
            for component in COMPONENTS:
                failures += _in_a_child(cluster, component, step, expected)
        if len(cluster.steps) == len(reference.steps):
            break
        cluster.step()
        step += 1
    assert step > 20
    assert [] == failures


def _in_a_child(cluster: Cluster, component: str, step: int, expected: object) -> list[str]:
    """Kill `component` in a copy of this process; what went wrong, as lines."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(_kill_and_compare(cluster, component, expected), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    problem = json.loads(text or '"the child died"')
    return [f"step {step} ({cluster.seconds:.3f} s), {component}: {problem}"] if problem else []


def _kill_and_compare(cluster: Cluster, component: str, expected: object) -> str:
    try:
        cluster.crash(_dns_pod(cluster) if component == "coredns" else component)
        settle(cluster)
        cluster.run(seconds=60)
        found = shape(cluster)
    except BaseException:
        return traceback.format_exc()
    if found == expected:
        return ""
    different = [key for key in found if found[key] != expected[key]]  # type: ignore[index]
    return (
        f"{ {key: found[key] for key in different} } instead of { {key: expected[key] for key in different} }"  # type: ignore[index]
    )


def _dns_pod(cluster: Cluster) -> str:
    """One of the two Pods of cluster DNS."""
    names = [str(pod["metadata"]["name"]) for pod in cluster.objects("pods")]
    return next(name for name in names if name.startswith("coredns-"))
