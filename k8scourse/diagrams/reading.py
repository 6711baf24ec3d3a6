"""What an API object looks like to somebody who looks at it: its state, a short name, how full it is.

Pods and nodes are read as the API server knows them, which may be out of date; that is a thing to see.
The words of a container's trouble (`detail`) are Kubernetes' own, as `kubectl get pods` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from k8scourse.api import conditions, pods, times
from k8scourse.api.quantities import integer, milli
from k8scourse.api.values import get_in

Object = Mapping[str, Any]
LATE_NS = 15 * 1_000_000_000
TROUBLE = (
    "CrashLoopBackOff",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "CreateContainerError",
    "CreateContainerConfigError",
    "RunContainerError",
    "ErrImageNeverPull",
    "ContainerCannotRun",
)


class PodView(NamedTuple):
    """One Pod. `place` is user, system (a small pill) or component (a part that is drawn already)."""

    id: str
    name: str
    label: str
    sub: str
    node: str
    state: str
    detail: str
    meter: int
    place: str
    cpu: int
    memory: int


class NodeView(NamedTuple):
    """One node. Shares are percent of what it can allocate; `late` is seconds of silence, or 0."""

    name: str
    state: str
    cordoned: bool
    late: int
    cpu: int
    memory: int


def pod_view(pod: Object) -> PodView:
    """A Pod as it is drawn."""
    metadata = pod["metadata"]
    state, detail = pod_state(pod)
    label, sub = short_name(pod)
    asked = pods.requests(pod)
    return PodView(
        pod_id(pod), metadata["name"], label, sub, get_in(pod, "spec.nodeName", ""), state, detail,
        _meter(pod, state), _place(pod), asked.get("cpu", 0), asked.get("memory", 0),
    )  # fmt: skip


def pod_id(pod: Object) -> str:
    """`pods/namespace/name`, the same as in the trace."""
    return f"pods/{pod['metadata'].get('namespace', 'default')}/{pod['metadata']['name']}"


def pod_state(pod: Object) -> tuple[str, str]:
    """The state to draw, and the word that kubectl's STATUS column has for it."""
    phase = pods.phase(pod)
    if pod["metadata"].get("deletionTimestamp"):
        return "stopped", "Terminating"
    if phase == "Succeeded":
        return "done", "Completed"
    if phase == "Failed":
        return "failed", get_in(pod, "status.reason", "Error")
    trouble, waiting = _container_words(pod)
    if trouble:
        return "failed", trouble
    if pods.is_ready(pod):
        return "running", "Running"
    return "pending", waiting or phase or "Pending"


def _container_words(pod: Object) -> tuple[str, str]:
    """What is wrong with a container, if anything, and else what one is waiting for."""
    waiting = ""
    for status in get_in(pod, "status.containerStatuses", ()):
        reason = get_in(status, "state.waiting.reason", "")
        ended = get_in(status, "state.terminated")
        if reason in TROUBLE:
            return reason, ""
        if ended and ended.get("exitCode"):
            return ended.get("reason") or "Error", ""
        waiting = waiting or reason
    return "", waiting


def short_name(pod: Object) -> tuple[str, str]:
    """A Pod's name in two lines: whose it is, and which of them (`web`, `x2x9p`)."""
    name = str(pod["metadata"]["name"])
    owner = pods_owner(pod)
    if owner is None or not name.startswith(owner["name"] + "-"):
        return name, ""
    base, suffix = str(owner["name"]), name[len(owner["name"]) + 1 :]
    template_hash = get_in(pod, ("metadata", "labels", "pod-template-hash"), "")
    if owner["kind"] == "ReplicaSet" and template_hash and base.endswith(f"-{template_hash}"):
        base = base[: -len(template_hash) - 1]
    return base, suffix


def pods_owner(pod: Object) -> dict[str, Any] | None:
    """The owner reference of the Pod's controller, if it has one."""
    for reference in pod["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            found: dict[str, Any] = reference
            return found
    return None


def _place(pod: Object) -> str:
    if pod["metadata"].get("namespace") != "kube-system":
        return "user"
    owner = pods_owner(pod)
    mirror = "kubernetes.io/config.mirror" in (pod["metadata"].get("annotations") or {})
    daemon = owner is not None and owner["kind"] == "DaemonSet" and owner["name"] == "kube-proxy"
    return "component" if mirror or daemon or (owner is not None and owner["kind"] == "Node") else "system"


def _meter(pod: Object, state: str) -> int:
    """How far a Pod has come, in percent: written, bound, being made, started, ready."""
    if state in ("running", "done"):
        return 100
    if state == "failed":
        return 20
    statuses = get_in(pod, "status.containerStatuses", ())
    if any(get_in(status, "state.running") is not None for status in statuses):
        return 75
    if not get_in(pod, "spec.nodeName", ""):
        return 8
    return 50 if statuses else 30


def node_view(node: Object, renewed_ns: int | None, now_ns: int, on_it: list[PodView]) -> NodeView:
    """A node as it is drawn; `renewed_ns` is when its Lease was renewed last."""
    ready = conditions.get(node, "Ready")
    state = "pending" if ready is None else "running" if ready["status"] == "True" else "failed"
    age = now_ns - renewed_ns if renewed_ns is not None else 0
    room = get_in(node, "status.allocatable", {})
    cpu, memory = _room(room)
    return NodeView(
        node["metadata"]["name"],
        state,
        bool(get_in(node, "spec.unschedulable", False)),
        age // times.SECOND if age > LATE_NS else 0,
        _percent(sum(pod.cpu for pod in on_it), cpu),
        _percent(sum(pod.memory for pod in on_it), memory),
    )


def _room(allocatable: Mapping[str, Any]) -> tuple[int, int]:
    return milli(allocatable.get("cpu", 0)), integer(allocatable.get("memory", 0))


def _percent(part: int, whole: int) -> int:
    return min(100, part * 100 // whole) if whole else 0


class Reader:
    """Reads objects and remembers: objects are values, so the same object looks the same."""

    def __init__(self) -> None:
        self._pods: dict[int, tuple[Object, PodView]] = {}

    def pod(self, pod: Object) -> PodView:
        """The view of a Pod, from memory when it is the very same object."""
        known = self._pods.get(id(pod))
        if known is not None and known[0] is pod:
            return known[1]
        if len(self._pods) > 20_000:
            self._pods.clear()
        view = pod_view(pod)
        self._pods[id(pod)] = (pod, view)
        return view
