"""Graceful termination of a Pod's containers: preStop, SIGTERM, the grace period, SIGKILL.

Upstream: `pkg/kubelet/kuberuntime/kuberuntime_container.go` killContainer, `pkg/kubelet/pod_workers.go`
calculateEffectiveGracePeriod.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..runtime import ContainerState, ContainerStatus
from ..sim import SECOND
from .config import Pod
from .container_start import run_hook
from .images import field_path
from .services import Records, Services

Event = Callable[[str, str, str, str], None]
MINIMUM_AFTER_HOOK_NS = 2 * SECOND


class Ending:
    """What has been asked of which container so far. `event(kind, reason, message, field path)`."""

    def __init__(self, shared: Services, event: Event) -> None:
        self._shared, self._event = shared, event
        self._deadlines: dict[str, int] = {}
        self._signals: dict[str, int] = {}
        self._asked: dict[str, int] = {}

    def advance(self, pod: Pod, records: Records) -> int | None:
        """Do what is due; nanoseconds until there is more to do, or None when nothing runs any more."""
        running = [one for one in records.everything() if one.state is ContainerState.RUNNING]
        if not running:
            return None
        now = self._shared.process.now
        for status in running:
            self._advance_one(pod, status, now + grace_seconds(pod) * SECOND)
        waits = [self._signals.get(one.id, 0) for one in running] + [
            self._deadlines[one.id] for one in running
        ]
        later = [time for time in waits if time > now]
        return min(later, default=now) - now + SECOND // 10

    def _advance_one(self, pod: Pod, status: ContainerStatus, latest_deadline: int) -> None:
        now = self._shared.process.now
        if status.id not in self._deadlines:
            self._deadlines[status.id] = latest_deadline
            self._begin(pod, status)
        deadline = self._deadlines[status.id]
        if latest_deadline < deadline:  # a second delete may shorten the grace, never lengthen it
            deadline = self._deadlines[status.id] = latest_deadline
        if now >= deadline and now >= self._signals[status.id]:
            self._shared.runtime.stop_container(status.id, 0)
        elif now >= self._signals[status.id] and self._asked.get(status.id) != deadline:
            self._asked[status.id] = deadline
            self._shared.runtime.stop_container(status.id, deadline - now)

    def _begin(self, pod: Pod, status: ContainerStatus) -> None:
        """Say so, end the probes that could restart it, run the preStop hook."""
        everyone = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
        container: Mapping[str, Any] = next(
            (one for one in everyone if one["name"] == status.name), {"name": status.name}
        )
        self._shared.probes.stop(status.id, "startup", "liveness")
        path = field_path(pod, container)
        self._event("Normal", "Killing", f"Stopping container {status.name}", path)
        now = self._shared.process.now
        hook = (container.get("lifecycle") or {}).get("preStop")
        took = 0
        if hook:
            problem, took = run_hook(self._shared, container, status.id, status.sandbox_id, hook)
            took = min(took, self._deadlines[status.id] - now)
            if problem:
                self._event("Warning", "FailedPreStopHook", "PreStopHook failed", path)
            least = now + took + MINIMUM_AFTER_HOOK_NS
            self._deadlines[status.id] = max(self._deadlines[status.id], least)
        self._signals[status.id] = now + took


def grace_seconds(pod: Pod) -> int:
    """How long a Pod may take to end; at least one second, whatever was asked."""
    metadata = pod["metadata"]
    if "deletionTimestamp" in metadata:
        seconds = metadata.get("deletionGracePeriodSeconds", 30)
    else:
        seconds = pod["spec"].get("terminationGracePeriodSeconds", 30)
    return max(1, int(seconds))
