"""Which Pod goes first when a ReplicaSet shrinks."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse.api.times import format_time
from k8scourse.controllers.replicaset_ranking import node_ranks, pods_to_delete
from k8scourse.sim import SECOND

NOW_NS = 10_000 * SECOND


def pod(
    name: str,
    *,
    node: str = "n1",
    phase: str = "Running",
    ready_at: int | None = 100,
    created_at: int = 50,
    cost: str | None = None,
    restarts: int = 0,
) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "False" if ready_at is None else "True"}
    ready["lastTransitionTime"] = format_time((ready_at or 0) * SECOND)
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "creationTimestamp": format_time(created_at * SECOND),
            "annotations": {"controller.kubernetes.io/pod-deletion-cost": cost} if cost else {},
        },
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, "conditions": [ready], "containerStatuses": [{"restartCount": restarts}]},
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pod("unscheduled", node="", ready_at=None), pod("scheduled", ready_at=None)),
        (pod("pending", phase="Pending", ready_at=None), pod("running", ready_at=None)),
        (pod("not-ready", ready_at=None), pod("ready")),
        (pod("cheap", cost="-5"), pod("dear", cost="5")),
        (pod("nonsense-counts-as-zero", cost="many"), pod("dear", cost="5")),
        (pod("ready-lately", ready_at=9_990), pod("ready-long")),
        (pod("restarted", restarts=3), pod("steady", restarts=0)),
        (pod("young", created_at=9_000), pod("old", created_at=50)),
    ],
    ids=lambda each: each["metadata"]["name"],
)
def test_the_less_useful_pod_goes_first(first: dict[str, Any], second: dict[str, Any]) -> None:
    for pods in ([first, second], [second, first]):
        assert [first] == pods_to_delete(pods, 1, NOW_NS)


def test_ages_of_the_same_magnitude_are_decided_by_uid() -> None:
    one, two = pod("a", ready_at=5_000), pod("b", ready_at=5_100)
    assert [one] == pods_to_delete([two, one], 1, NOW_NS)


def test_the_fuller_node_loses_a_pod_when_nodes_count() -> None:
    crowd = [pod("a", node="n1"), pod("b", node="n2"), pod("c", node="n2")]
    assert "n2" == pods_to_delete(crowd, 1, NOW_NS, node_ranks(crowd))[0]["spec"]["nodeName"]
    assert "a" == pods_to_delete([*crowd[1:], {**crowd[0]}], 3, NOW_NS)[2]["metadata"]["name"]
