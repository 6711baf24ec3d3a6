"""A crowded cluster is not looked at after every step, and every step can still be looked at."""

from __future__ import annotations

import pytest

from k8scourse.cluster import Cluster
from k8scourse.diagrams import history
from k8scourse.diagrams.history import Recorder

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 12,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27"}]},
        },
    },
}


def test_a_step_that_was_passed_over_is_lived_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CROWD", 12)
    monkeypatch.setattr(history, "EVERY", 7)
    cluster = Cluster(workers=1)
    sparse = Recorder(cluster)
    monkeypatch.setattr(history, "CROWD", 300)
    full = Recorder(cluster.fork())
    monkeypatch.setattr(history, "CROWD", 12)
    cluster.apply(WEB)
    cluster.run(seconds=3)
    monkeypatch.setattr(history, "CROWD", 300)
    full.cluster.apply(WEB)
    full.cluster.run(seconds=3)
    assert full.steps == sparse.steps
    assert any(kept.stale for kept in sparse._kept)
    for step in (0, 3, 20, full.steps - 2, full.steps):
        one, other = full.at(step), sparse.at(step)
        assert (one.pods, one.now, one.record) == (other.pods, other.now, other.record)
