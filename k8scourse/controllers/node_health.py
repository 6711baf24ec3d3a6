"""What a node's conditions mean for its taints and for its zone: pure functions.

Upstream: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, `pkg/util/taints`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import conditions, metadata
from k8scourse.api.values import Object, get_in

_NODE = "node.kubernetes.io/"
NOT_READY = _NODE + "not-ready"
UNREACHABLE = _NODE + "unreachable"
UNSCHEDULABLE = _NODE + "unschedulable"
_BY_READY = {"False": NOT_READY, "Unknown": UNREACHABLE}
_BY_PRESSURE = {
    "MemoryPressure": _NODE + "memory-pressure",
    "DiskPressure": _NODE + "disk-pressure",
    "PIDPressure": _NODE + "pid-pressure",
    "NetworkUnavailable": _NODE + "network-unavailable",
}
_OURS = (NOT_READY, UNREACHABLE, *_BY_PRESSURE.values(), UNSCHEDULABLE)
_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")
KUBELET_CONDITIONS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")

NORMAL, PARTIAL, FULL = "Normal", "PartialDisruption", "FullDisruption"


def ready_status(node: Object) -> str | None:
    """`True`, `False` or `Unknown`; None when the kubelet has never said."""
    ready = conditions.get(node, "Ready")
    return ready["status"] if ready else None


def no_schedule_taints(node: Object) -> list[str]:
    """The keys of the NoSchedule taints that the conditions (and cordoning) call for."""
    found = []
    status = ready_status(node)
    if status in _BY_READY:
        found.append(_BY_READY[status])
    found += [key for name, key in _BY_PRESSURE.items() if conditions.is_true(node, name)]
    return [*found, UNSCHEDULABLE] if get_in(node, "spec.unschedulable", False) else found


def eviction_taint(status: str | None) -> str | None:
    """The key of the NoExecute taint for a Ready status; None when Pods may stay."""
    return _BY_READY.get(status or "True")


def with_taints(
    taints: Iterable[Object], wanted: list[str], effect: str, keys: Iterable[str], now: str
) -> list[Object]:
    """The taints with exactly `wanted` among `keys` of this effect; all others are left alone."""
    found, ours = list(taints), list(keys)
    present = [taint["key"] for taint in found if taint["effect"] == effect]
    kept = [
        taint
        for taint in found
        if taint["effect"] != effect or taint["key"] not in ours or taint["key"] in wanted
    ]
    fresh = [key for key in wanted if key not in present]
    return kept + [{"key": key, "effect": effect, "timeAdded": now} for key in fresh]


def with_schedule_taints(node: Object, now: str) -> list[Object]:
    """The node's taints after the NoSchedule ones were put right."""
    return with_taints(get_in(node, "spec.taints", []), no_schedule_taints(node), "NoSchedule", _OURS, now)


def with_eviction_taint(node: Object, key: str | None, now: str) -> list[Object]:
    """The node's taints with this NoExecute taint and without the other one."""
    wanted = [key] if key else []
    return with_taints(get_in(node, "spec.taints", []), wanted, "NoExecute", (NOT_READY, UNREACHABLE), now)


def silent_conditions(node: Object, now: str) -> list[Object]:
    """The conditions of a node whose kubelet has fallen silent: all that it reported become Unknown."""
    rows = list(get_in(node, "status.conditions", []))
    known = [row["type"] for row in rows]
    rows = [_unknown(row, now) if row["type"] in KUBELET_CONDITIONS else row for row in rows]
    created = get_in(node, "metadata.creationTimestamp")
    return rows + [_never(name, created, now) for name in KUBELET_CONDITIONS if name not in known]


def _unknown(row: Object, now: str) -> Object:
    if row["status"] == "Unknown":
        return row
    why = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
    return {**row, "status": "Unknown", "lastTransitionTime": now, **why}


def _never(name: str, created: str, now: str) -> Object:
    return {
        "type": name,
        "status": "Unknown",
        "lastHeartbeatTime": created,
        "lastTransitionTime": now,
        "reason": "NodeStatusNeverUpdated",
        "message": "Kubelet never posted node status.",
    }


def zone_of(node: Object) -> str:
    """Region and zone of a node in one word; empty when it has no such labels."""
    labels = metadata.labels(node)
    region, zone = (labels.get(key, "") for key in _LABELS)
    return f"{region}:\x00:{zone}" if region or zone else ""


def zone_state(statuses: Iterable[str | None], threshold: float) -> str:
    """How a zone fares: all nodes away, more than two and at least `threshold` of them away, or normal."""
    found = list(statuses)
    away = sum(status != "True" for status in found)
    if away and away == len(found):
        return FULL
    return PARTIAL if away > 2 and away / len(found) >= threshold else NORMAL
