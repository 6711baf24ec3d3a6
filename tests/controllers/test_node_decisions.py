"""What a node's conditions and taints mean: for the node, for its zone, for the Pods on it, for daemons."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse.controllers.daemonset_nodes import pod_spec, verdict
from k8scourse.controllers.node_health import (
    FULL,
    NORMAL,
    PARTIAL,
    no_schedule_taints,
    silent_conditions,
    with_eviction_taint,
    with_schedule_taints,
    zone_state,
)
from k8scourse.controllers.nodeipam import lowest_free
from k8scourse.controllers.tainteviction import tolerated_seconds

Object = dict[str, Any]
UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}


def node(
    *conditions: tuple[str, str], taints: list[Object] | None = None, labels: Object | None = None
) -> Object:
    rows = [{"type": name, "status": status} for name, status in conditions]
    created = "2026-01-01T00:00:00Z"
    return {
        "metadata": {"name": "n1", "labels": labels or {}, "creationTimestamp": created},
        "spec": {"taints": taints or []},
        "status": {"conditions": rows},
    }


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((), []),
        ((("Ready", "True"),), []),
        ((("Ready", "False"),), ["not-ready"]),
        ((("Ready", "Unknown"),), ["unreachable"]),
        ((("Ready", "True"), ("MemoryPressure", "True"), ("DiskPressure", "False")), ["memory-pressure"]),
    ],
)
def test_conditions_call_for_taints(conditions: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    assert [f"node.kubernetes.io/{each}" for each in expected] == no_schedule_taints(node(*conditions))


def test_foreign_taints_are_left_alone() -> None:
    own = {"key": "own", "effect": "NoSchedule"}
    stale = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    assert [own] == with_schedule_taints(node(("Ready", "True"), taints=[own, stale]), "now")


def test_unreachable_takes_the_place_of_not_ready() -> None:
    before = [{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}]
    after = with_eviction_taint(node(taints=before), "node.kubernetes.io/unreachable", "now")
    assert [{**UNREACHABLE, "timeAdded": "now"}] == after


def test_a_silent_kubelet_makes_four_conditions_unknown() -> None:
    rows = silent_conditions(node(("MemoryPressure", "False"), ("Ready", "True"), ("Own", "True")), "now")
    by_type = {row["type"]: (row["status"], row.get("reason")) for row in rows}
    assert ("Unknown", "NodeStatusUnknown") == by_type["Ready"]
    assert ("Unknown", "NodeStatusUnknown") == by_type["MemoryPressure"]
    assert ("Unknown", "NodeStatusNeverUpdated") == by_type["PIDPressure"]
    assert ("True", None) == by_type["Own"]


@pytest.mark.parametrize(
    ("away", "total", "expected"),
    [
        (0, 3, NORMAL),
        (2, 3, NORMAL),
        (3, 3, FULL),
        (3, 5, PARTIAL),
        (5, 10, NORMAL),
        (1, 1, FULL),
        (0, 0, NORMAL),
    ],
)
def test_a_zone_is_as_its_nodes_are(away: int, total: int, expected: str) -> None:
    statuses = ["Unknown"] * away + ["True"] * (total - away)
    assert expected == zone_state(statuses, 0.55)


def _pod(*tolerations: Object) -> Object:
    return {"spec": {"tolerations": list(tolerations)}}


def test_tolerations_say_how_long_a_pod_may_stay() -> None:
    exists = {"key": UNREACHABLE["key"], "operator": "Exists"}
    assert 0 == tolerated_seconds(_pod(), [UNREACHABLE])
    assert tolerated_seconds(_pod(), []) is None
    assert tolerated_seconds(_pod(exists), [UNREACHABLE]) is None
    assert 300 == tolerated_seconds(_pod({**exists, "tolerationSeconds": 300}), [UNREACHABLE])
    other = {"key": "own", "effect": "NoExecute"}
    assert 0 == tolerated_seconds(_pod({**exists, "tolerationSeconds": 300}), [UNREACHABLE, other])


def _daemons(**spec: Any) -> Object:
    return {"spec": {"template": {"metadata": {}, "spec": {"containers": [], **spec}}}}


def test_daemons_stay_on_cordoned_nodes_but_not_on_foreign_taints() -> None:
    cordoned = node(taints=[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}])
    assert (True, True) == verdict(_daemons(), cordoned)
    control_plane = node(taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}])
    assert (False, True) == verdict(_daemons(), control_plane)
    assert (False, False) == verdict(_daemons(), node(taints=[{"key": "own", "effect": "NoExecute"}]))


def test_daemons_go_only_where_their_selector_points() -> None:
    selecting = _daemons(nodeSelector={"disk": "ssd"})
    assert (False, False) == verdict(selecting, node())
    assert (True, True) == verdict(selecting, node(labels={"disk": "ssd"}))


def test_a_daemon_is_bound_to_its_node_by_affinity() -> None:
    spec = pod_spec(_daemons(), "n1")
    required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    field = {"key": "metadata.name", "operator": "In", "values": ["n1"]}
    assert [{"matchFields": [field]}] == required["nodeSelectorTerms"]
    assert 6 == len(spec["tolerations"])


def test_nodes_get_the_lowest_free_range() -> None:
    assert "10.244.0.0/24" == lowest_free("10.244.0.0/16", [])
    assert "10.244.1.0/24" == lowest_free("10.244.0.0/16", ["10.244.0.0/24", "10.244.2.0/24"])
    assert lowest_free("10.244.0.0/24", ["10.244.0.0/24"]) is None
