"""How a Pod looks in a table: the STATUS column is a story told by its containers' states.

``status.phase`` has five values; what people see (CrashLoopBackOff, ContainerCreating, Init:0/1, Terminating)
is worked out from the containers by this code.  Upstream: ``printPod`` in ``printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8scourse.api import conditions, pods, times

Object = Mapping[str, Any]
Cell = str | int
_NONE = "<none>"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def duration(nanoseconds: int) -> str:
    """A length of time as ``kubectl`` prints it: ``45s``, ``5m3s``, ``3h``, ``12d``; never more than two units."""
    seconds = nanoseconds // times.SECOND if nanoseconds >= 0 else -(-nanoseconds // times.SECOND)
    if seconds < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    if seconds < 10 * _MINUTE:
        return _two(seconds, _MINUTE, "m", 1, "s")
    if seconds < 3 * _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < 8 * _HOUR:
        return _two(seconds, _HOUR, "h", _MINUTE, "m")
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR}h"
    if seconds < 8 * _DAY:
        return _two(seconds, _DAY, "d", _HOUR, "h")
    if seconds < 2 * 365 * _DAY:
        return f"{seconds // _DAY}d"
    if seconds < 8 * 365 * _DAY:
        return _two(seconds, 365 * _DAY, "y", _DAY, "d")
    return f"{seconds // (365 * _DAY)}y"


def _two(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large}{large_name}" + (f"{rest}{small_name}" if rest else "")


def age(timestamp: str | None, now_ns: int) -> str:
    """How long ago a timestamp was, ``<unknown>`` without one."""
    return duration(now_ns - times.parse_time(timestamp)) if timestamp else "<unknown>"


def age_of(obj: Object, now_ns: int) -> str:
    """The AGE column: time since creation."""
    return age(obj["metadata"].get("creationTimestamp"), now_ns)


@dataclass(slots=True)
class _Count:
    """What is added up over the containers."""

    ready: int = 0
    total: int = 0
    restarts: int = 0
    last_restart: str = ""

    def restarted(self, status: Object) -> None:
        self.restarts += status.get("restartCount", 0)
        terminated = (status.get("lastState") or {}).get("terminated") or {}
        self.last_restart = max(self.last_restart, terminated.get("finishedAt") or "")


def row(pod: Object, now_ns: int) -> list[Cell]:
    """The cells of a Pod."""
    reason, count = _story(pod)
    restarts = str(count.restarts)
    if count.restarts and count.last_restart:
        restarts = f"{count.restarts} ({age(count.last_restart, now_ns)} ago)"
    status, spec = pod.get("status") or {}, pod.get("spec") or {}
    ips = status.get("podIPs") or [{"ip": status.get("podIP") or _NONE}]
    return [
        str(pod["metadata"].get("name", "")),
        f"{count.ready}/{count.total}",
        reason,
        restarts,
        age_of(pod, now_ns),
        ips[0].get("ip", _NONE),
        spec.get("nodeName") or _NONE,
        status.get("nominatedNodeName") or _NONE,
        _gates(pod),
    ]


def status_word(pod: Object) -> str:
    """The STATUS column: ``Running``, ``CrashLoopBackOff``, ``Init:0/2``, ``Terminating`` …"""
    return _story(pod)[0]


def _gates(pod: Object) -> str:
    gates = (pod.get("spec") or {}).get("readinessGates") or ()
    if not gates:
        return _NONE
    true = sum(conditions.is_true(pod, gate.get("conditionType", "")) for gate in gates)
    return f"{true}/{len(gates)}"


def _story(pod: Object) -> tuple[str, _Count]:
    status = pod.get("status") or {}
    reason = status.get("reason") or status.get("phase", "")
    scheduled = conditions.get(pod, "PodScheduled")
    if scheduled and scheduled.get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    count = _Count(total=len((pod.get("spec") or {}).get("containers") or ()))
    init_reason, sidecars = _initializing(pod, count)
    if init_reason:
        reason = init_reason
    if not init_reason or conditions.is_true(pod, "Initialized"):
        count.restarts, count.last_restart = sidecars.restarts, sidecars.last_restart
        reason = _main(pod, count, reason)
    if "deletionTimestamp" in pod["metadata"]:
        if status.get("reason") == "NodeLost":
            reason = "Unknown"
        elif not pods.is_terminal(pod):
            reason = "Terminating"
    return reason, count


def _initializing(pod: Object, count: _Count) -> tuple[str, _Count]:
    """The reason while init containers run, empty afterwards; and the restarts of the sidecars alone."""
    listed = (pod.get("spec") or {}).get("initContainers") or ()
    sidecar_names = [container.get("name") for container in listed if pods.is_sidecar(container)]
    count.total += len(sidecar_names)
    sidecars = _Count()
    for index, status in enumerate((pod.get("status") or {}).get("initContainerStatuses") or ()):
        count.restarted(status)
        is_sidecar = status.get("name") in sidecar_names
        if is_sidecar:
            sidecars.restarted(status)
        state = status.get("state") or {}
        terminated, waiting = state.get("terminated"), state.get("waiting") or {}
        if terminated and terminated.get("exitCode", 0) == 0:
            continue
        if is_sidecar and status.get("started"):
            count.ready += bool(status.get("ready"))
            continue
        if terminated:
            return f"Init:{_ended(terminated)}", sidecars
        if waiting.get("reason") and waiting["reason"] != "PodInitializing":
            return f"Init:{waiting['reason']}", sidecars
        return f"Init:{index}/{len(listed)}", sidecars
    return "", sidecars


def _ended(terminated: Object) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _main(pod: Object, count: _Count, reason: str) -> str:
    """The reason as the main containers tell it; the first container has the last word."""
    running = False
    for status in reversed((pod.get("status") or {}).get("containerStatuses") or ()):
        count.restarted(status)
        state = status.get("state") or {}
        waiting = state.get("waiting") or {}
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif state.get("terminated"):
            reason = _ended(state["terminated"])
        elif status.get("ready") and "running" in state:
            running = True
            count.ready += 1
    if reason == "Completed" and running:
        return "Running" if conditions.is_true(pod, "Ready") else "NotReady"
    return reason
