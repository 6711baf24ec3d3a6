"""One seed, one history: the promise that everything else stands on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cluster.stories import WEB, settle, shape

from k8scourse.cluster import Cluster


def story(seed: int = 0, tie_break: int | None = None) -> Cluster:
    cluster = Cluster(seed=seed, tie_break=tie_break)
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    cluster.crash("kube-scheduler")
    cluster.kubectl("scale deployment web --replicas=5")
    cluster.run(seconds=20)
    return cluster


def test_the_same_seed_gives_the_same_trace_ten_times() -> None:
    assert 1 == len({story().trace.digest() for _ in range(10)})


def test_another_seed_gives_another_trace() -> None:
    assert story(seed=1).trace.digest() != story(seed=2).trace.digest()


def test_the_trace_does_not_depend_on_the_hash_seed() -> None:
    script = "from cluster.test_determinism import story; print(story().trace.digest())"
    digests = set()
    for seed in ("1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        digests.add(run.stdout.strip())
    assert 1 == len(digests)


@pytest.mark.parametrize("tie_break", range(6))
def test_the_final_state_does_not_depend_on_the_order_of_simultaneous_events(tie_break: int) -> None:
    plain, permuted = story(), story(tie_break=tie_break)
    settle(plain)
    settle(permuted)
    assert shape(plain) == shape(permuted)
