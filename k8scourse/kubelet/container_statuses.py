"""Container statuses from what the runtime has: pure functions.

Upstream: `pkg/kubelet/kubelet_pods.go` convertToAPIContainerStatuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..api.times import format_time
from ..runtime import ContainerState, ContainerStatus
from .config import Object, Pod

RESOURCES = "io.kubernetes.container.resources"
CREATING = "ContainerCreating"
INITIALIZING = "PodInitializing"
Waiting = tuple[str, str]
"""Reason and message."""


@dataclass(frozen=True)
class View:
    """What a worker knows of its Pod at one moment.

    `containers` holds the runtime's records per container name, oldest first; `reasons` why a container does
    not start; `ready` and `started` what the probes say per container id; `before` the statuses reported last.
    """

    now: int
    ip: str = ""
    host_ip: str = ""
    sandbox_ready: bool = False
    containers: Mapping[str, Sequence[ContainerStatus]] = field(default_factory=dict)
    reasons: Mapping[str, Waiting] = field(default_factory=dict)
    ready: Mapping[str, bool] = field(default_factory=dict)
    started: Mapping[str, bool] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    terminating: bool = False

    def latest(self, name: str) -> ContainerStatus | None:
        """The newest record of a container."""
        records = self.containers.get(name)
        return records[-1] if records else None


def resources_hash(container: Mapping[str, Any]) -> str:
    """A container's resources in short, "" for none; what it was started with stays in its labels."""
    resources = container.get("resources")
    if not resources:
        return ""
    return hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:8]


def container_id(status: ContainerStatus) -> str:
    """A container's id as the API writes it."""
    return f"containerd://{status.id}"


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """An init container that keeps running."""
    return container.get("restartPolicy") == "Always"


def restarts(pod: Pod, container: Mapping[str, Any], status: ContainerStatus) -> bool:
    """Whether an exited container is started again (ShouldContainerBeRestarted)."""
    policy = container.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always")
    if is_sidecar(container):
        return True
    return policy == "Always" or (policy == "OnFailure" and status.exit_code != 0)


def wants_to_run(pod: Pod, containers: Mapping[str, Sequence[ContainerStatus]]) -> bool:
    """Whether any main container still has to run in a new sandbox; `containers` are the records per name."""
    for container in pod["spec"]["containers"]:
        history = containers.get(container["name"])
        if not history or history[-1].state is not ContainerState.EXITED:
            return True
        if restarts(pod, container, history[-1]):
            return True
    return False


def initialized(pod: Pod, view: View) -> bool:
    """Whether all init containers have done their work; also true of a Pod whose main containers have run."""
    inits = pod["spec"].get("initContainers") or ()
    if any(view.containers.get(one["name"]) for one in pod["spec"]["containers"]):
        return True
    return all(init_done(one, view) for one in inits)


def init_done(container: Mapping[str, Any], view: View) -> bool:
    """Whether an init container lets the next one begin."""
    status = view.latest(container["name"])
    if status is None:
        return False
    if is_sidecar(container):
        return status.state is ContainerState.RUNNING and view.started.get(status.id, True)
    return status.state is ContainerState.EXITED and status.exit_code == 0


def terminated(status: ContainerStatus) -> Object:
    """The `terminated` state."""
    found: Object = {
        "exitCode": status.exit_code,
        "reason": status.reason,
        "startedAt": format_time(status.started_at or status.created_at),
        "finishedAt": format_time(status.finished_at),
        "containerID": container_id(status),
    }
    return found | ({"message": status.message} if status.message else {})


def container_status(pod: Pod, container: Mapping[str, Any], view: View, *, init: bool) -> Object:
    """One entry of `containerStatuses` or `initContainerStatuses`."""
    name = container["name"]
    records = view.containers.get(name) or ()
    before = view.before.get(name) or {}
    if not records:
        return _never_started(pod, container, view, before)
    latest, previous = records[-1], records[-2] if len(records) > 1 else None
    state, last = _states(pod, container, view, latest, previous)
    if not last and before.get("lastState") and latest.attempt == before.get("restartCount"):
        last = dict(before["lastState"])
    running = "running" in state
    started = running and view.started.get(latest.id, True)
    ready = started and view.ready.get(latest.id, True)
    if init and not is_sidecar(container):
        ready = latest.state is ContainerState.EXITED and latest.exit_code == 0
        started = False if not running else started
    return {
        "name": name,
        "state": state,
        "lastState": last,
        "ready": ready,
        "restartCount": latest.attempt,
        "image": latest.image,
        "imageID": latest.image_ref,
        "containerID": container_id(latest),
        "started": started,
    }


def ephemeral_status(pod: Pod, container: Mapping[str, Any], view: View) -> Object:
    """One entry of `ephemeralContainerStatuses`: nobody waits for such a container, so it is never ready."""
    found = container_status(pod, container, view, init=False)
    return {key: value for key, value in found.items() if key != "started"} | {"ready": False}


def _states(
    pod: Pod,
    container: Mapping[str, Any],
    view: View,
    latest: ContainerStatus,
    previous: ContainerStatus | None,
) -> tuple[Object, Object]:
    """(state, lastState)."""
    last = {"terminated": terminated(previous)} if previous is not None and previous.finished_at else {}
    if latest.state is ContainerState.RUNNING:
        return {"running": {"startedAt": format_time(latest.started_at)}}, last
    reason = view.reasons.get(container["name"])
    if latest.state is ContainerState.CREATED:
        return {"waiting": {"reason": _default_reason(pod)}}, last
    if reason is not None and not view.terminating and restarts(pod, container, latest):
        return {"waiting": _waiting(reason)}, {"terminated": terminated(latest)}
    return {"terminated": terminated(latest)}, last


def _never_started(pod: Pod, container: Mapping[str, Any], view: View, before: Mapping[str, Any]) -> Object:
    """A container without a record here: it waits, or its records went with an old sandbox."""
    reason = view.reasons.get(container["name"]) or (_default_reason(pod), "")
    last = dict(before.get("lastState") or {})
    if "terminated" in (before.get("state") or {}):
        last = dict(before["state"])
    return {
        "name": container["name"],
        "state": {"waiting": _waiting(reason)},
        "lastState": last,
        "ready": False,
        "restartCount": before.get("restartCount", 0),
        "image": container["image"],
        "imageID": "",
        "started": False,
    }


def waiting_reason(status: Mapping[str, Any], name: str) -> str:
    """Why a container of a Pod's status waits; ContainerCreating before anything was reported of it."""
    rows = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    found = next((row["state"].get("waiting") for row in rows if row["name"] == name), None)
    return str((found or {}).get("reason", CREATING))


def _default_reason(pod: Pod) -> str:
    return INITIALIZING if pod["spec"].get("initContainers") else CREATING


def _waiting(reason: Waiting) -> Object:
    return {"reason": reason[0], **({"message": reason[1]} if reason[1] else {})}
