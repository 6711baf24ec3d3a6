"""A Pod's status from its spec and what the node knows: pure functions.

Upstream: `pkg/kubelet/kubelet_pods.go` (getPhase, generateAPIPodStatus) and `pkg/kubelet/status/generate.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..api import conditions, pods
from ..api.times import format_time
from ..runtime import ContainerState
from .config import Object, Pod
from .container_statuses import (
    RESOURCES,
    View,
    container_status,
    ephemeral_status,
    initialized,
    is_sidecar,
    resources_hash,
)

READY_TO_START = "PodReadyToStartContainers"
RESIZE_PENDING = "PodResizePending"
_NO_RESIZE = (
    "this kubelet does not resize containers that run; it takes the new resources when it starts them anew"
)
OWNED = (READY_TO_START, "Initialized", "Ready", "ContainersReady", "PodScheduled", RESIZE_PENDING)
Statuses = list[Object]


def pod_status(
    pod: Pod, view: View, old: Mapping[str, Any], *, override: Mapping[str, str] | None = None
) -> Object:
    """The whole status. `old` is the last one (conditions keep their times); `override` forces phase, reason
    and message, as a passed deadline does."""
    spec = pod["spec"]
    inits = [container_status(pod, one, view, init=True) for one in spec.get("initContainers") or ()]
    mains = [container_status(pod, one, view, init=False) for one in spec["containers"]]
    extra = [ephemeral_status(pod, one, view) for one in spec.get("ephemeralContainers") or ()]
    phase = (override or {}).get("phase") or pod_phase(pod, inits, mains)
    if old.get("phase") in ("Succeeded", "Failed"):
        phase = old["phase"]
    if phase in ("Succeeded", "Failed"):
        mains = [{**one, "ready": False} for one in mains]
    status: Object = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": phase,
        **{key: text for key, text in (override or {}).items() if key != "phase"},
        **{key: old[key] for key in ("reason", "message") if key in old and not override},
        "conditions": [row for row in old.get("conditions") or () if row["type"] != RESIZE_PENDING],
        "hostIP": view.host_ip,
        "hostIPs": [{"ip": view.host_ip}],
        **({"podIP": view.ip, "podIPs": [{"ip": view.ip}]} if view.ip else {}),
        "startTime": old.get("startTime") or format_time(view.now),
        **({"initContainerStatuses": inits} if inits else {}),
        "containerStatuses": mains,
        **({"ephemeralContainerStatuses": extra} if extra else {}),
        "qosClass": old.get("qosClass") or pods.qos_class(pod),
    }
    holder: Object = {"status": status}
    for condition in _conditions(pod, view, phase, inits, mains, old):
        holder = conditions.with_condition(holder, condition, view.now)
    found: Object = holder["status"]
    return found


def pod_phase(pod: Pod, inits: Statuses, mains: Statuses) -> str:
    """One word for the whole Pod (getPhase)."""
    policy = pod["spec"].get("restartPolicy", "Always")
    plain = {one["name"] for one in pod["spec"].get("initContainers") or () if not is_sidecar(one)}
    ran = any(_has_run(one) for one in mains)
    pending = [one for one in inits if one["name"] in plain and not _succeeded(one)]
    if not ran and any(_failed(one) for one in pending) and policy == "Never":
        return "Failed"
    if pending and not ran:
        return "Pending"
    running = [one for one in mains if "running" in one["state"]]
    stopped = [one for one in mains if _end(one) is not None and "running" not in one["state"]]
    waiting = len(mains) - len(running) - len(stopped)
    if waiting:
        return "Pending"
    if running or not stopped:
        return "Running" if running else "Pending"
    if policy == "Always":
        return "Running"
    if all((_end(one) or {}).get("exitCode") == 0 for one in stopped):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _end(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """How a container ended last, if it has."""
    state: Mapping[str, Any] = status["state"]
    found: Mapping[str, Any] | None = state.get("terminated")
    if found is None and "waiting" in state:
        found = (status.get("lastState") or {}).get("terminated")
    return found


def _has_run(status: Mapping[str, Any]) -> bool:
    return "running" in status["state"] or _end(status) is not None


def _succeeded(status: Mapping[str, Any]) -> bool:
    return (status["state"].get("terminated") or {}).get("exitCode") == 0


def _failed(status: Mapping[str, Any]) -> bool:
    end = _end(status)
    return end is not None and end["exitCode"] != 0


def _conditions(
    pod: Pod, view: View, phase: str, inits: Statuses, mains: Statuses, old: Mapping[str, Any]
) -> Iterable[Object]:
    """The kubelet's own five, in upstream's order; each with the generation that it speaks of."""
    generation = pod["metadata"].get("generation", 1)
    containers_ready = _containers_ready(phase, mains, inits, pod)
    rows: list[Object] = [
        {"type": READY_TO_START, "status": _truth(view.sandbox_ready)},
        _initialized(pod, view, phase, inits),
        {**_ready(pod, containers_ready, old), "type": "Ready"},
        {**containers_ready, "type": "ContainersReady"},
    ]
    scheduled = conditions.get({"status": old}, "PodScheduled") or {"type": "PodScheduled", "status": "True"}
    rows.append({"type": "PodScheduled", "status": scheduled["status"]})
    if _resize_pending(pod, view):
        rows.append({"type": RESIZE_PENDING, "status": "True", "reason": "Infeasible", "message": _NO_RESIZE})
    for row in rows:
        yield {"lastProbeTime": None, **row, "observedGeneration": generation}


def _resize_pending(pod: Pod, view: View) -> bool:
    """Whether a container runs with other resources than its Pod has been given since."""
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        latest = view.latest(container["name"])
        if latest is None or latest.state is not ContainerState.RUNNING:
            continue
        if latest.labels.get(RESOURCES, "") != resources_hash(container):
            return True
    return False


def _initialized(pod: Pod, view: View, phase: str, inits: Statuses) -> Object:
    if phase == "Succeeded":
        return {"type": "Initialized", "status": "True", "reason": "PodCompleted"}
    if initialized(pod, view):
        return {"type": "Initialized", "status": "True"}
    plain = {one["name"] for one in pod["spec"].get("initContainers") or () if not is_sidecar(one)}
    waiting = [one["name"] for one in inits if not (one["ready"] if one["name"] in plain else one["started"])]
    return {
        "type": "Initialized",
        "status": "False",
        "reason": "ContainersNotInitialized",
        "message": f"containers with incomplete status: [{' '.join(waiting)}]",
    }


def _containers_ready(phase: str, mains: Statuses, inits: Statuses, pod: Pod) -> Object:
    if phase in ("Succeeded", "Failed"):
        return {"status": "False", "reason": "PodCompleted" if phase == "Succeeded" else "PodFailed"}
    sidecars = {one["name"] for one in pod["spec"].get("initContainers") or () if is_sidecar(one)}
    everyone = [*(one for one in inits if one["name"] in sidecars), *mains]
    unready = [one["name"] for one in everyone if not one["ready"]]
    if not unready:
        return {"status": "True"}
    message = f"containers with unready status: [{' '.join(unready)}]"
    return {"status": "False", "reason": "ContainersNotReady", "message": message}


def _ready(pod: Pod, containers_ready: Object, old: Mapping[str, Any]) -> Object:
    if containers_ready["status"] == "False":
        return containers_ready
    problems: list[str] = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        condition = conditions.get({"status": old}, kind)
        if condition is None:
            problems.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif condition["status"] != "True":
            problems.append(
                f'the status of pod readiness gate "{kind}" is not "True", but {condition["status"]}'
            )
    if problems:
        return {"status": "False", "reason": "ReadinessGatesNotReady", "message": ", ".join(problems)}
    return {"status": "True"}


def _truth(value: bool) -> str:
    return "True" if value else "False"
