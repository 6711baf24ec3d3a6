"""From watch events to the cache and the queue.

A Pod with a node belongs to the cache, a Pod without one to the queue; every other change is an event that may
help a Pod that waits. Upstream: `pkg/scheduler/eventhandlers.go`, `pkg/scheduler/framework/events.go`.
"""

from __future__ import annotations

from k8scourse.api.metadata import key as key_of
from k8scourse.api.metadata import labels, uid
from k8scourse.api.values import Object, get_in
from k8scourse.client import InformerFactory

from .cache import Cache
from .framework import ClusterEvent
from .queue import SchedulingQueue

LIVING = "status.phase!=Failed,status.phase!=Succeeded"


class EventHandlers:
    """The handlers of the scheduler's two informers."""

    def __init__(self, cache: Cache, queue: SchedulingQueue, scheduler_name: str) -> None:
        self._cache, self._queue, self._name = cache, queue, scheduler_name

    def register(self, informers: InformerFactory) -> None:
        """Listen to nodes, and to the Pods that have not ended."""
        informers.get("nodes").on(
            added=self._node_added, updated=self._node_updated, deleted=self._node_deleted
        )
        informers.get("pods", field_selector=LIVING).on(
            added=self._pod_added, updated=self._pod_updated, deleted=self._pod_deleted
        )

    def _node_added(self, node: Object) -> None:
        self._cache.set_node(node)
        self._queue.move(ClusterEvent("Node/Add", None, node))

    def _node_updated(self, old: Object, new: Object) -> None:
        self._cache.set_node(new)
        for name in node_changes(old, new):
            self._queue.move(ClusterEvent(name, old, new))

    def _node_deleted(self, node: Object) -> None:
        self._cache.remove_node(node["metadata"]["name"])

    def _pod_added(self, pod: Object) -> None:
        if _is_assigned(pod):
            self._confirm(pod)
            self._queue.move(ClusterEvent("AssignedPod/Add", None, pod))
        elif pod["spec"].get("schedulerName", self._name) == self._name:
            self._queue.add(pod)

    def _pod_updated(self, old: Object, new: Object) -> None:
        if uid(old) != uid(new):  # deleted and made anew while nobody watched
            self._pod_deleted(old)
            self._pod_added(new)
        elif not _is_assigned(new):
            if new["spec"].get("schedulerName", self._name) == self._name:
                self._queue.update(new)
        elif not _is_assigned(old):
            self._pod_added(new)
        else:
            self._assigned_updated(old, new)

    def _assigned_updated(self, old: Object, new: Object) -> None:
        self._cache.set_pod(new)
        if old["spec"] != new["spec"]:
            self._queue.move(ClusterEvent("AssignedPod/UpdateRequests", old, new))
        if labels(old) != labels(new):
            self._queue.move(ClusterEvent("AssignedPod/UpdateLabel", old, new))

    def _pod_deleted(self, pod: Object) -> None:
        key = key_of(pod)
        held = _is_assigned(pod) or self._cache.is_assumed(key)
        self._queue.delete(key)
        self._cache.remove_pod(key)
        if held:
            self._queue.move(ClusterEvent("AssignedPod/Delete", pod, None))

    def _confirm(self, pod: Object) -> None:
        """The API says that the Pod has a node: it leaves the queue, and an assumption becomes a fact."""
        self._queue.delete(key_of(pod))
        self._cache.set_pod(pod)


def _is_assigned(pod: Object) -> bool:
    return bool(pod["spec"].get("nodeName"))


def node_changes(old: Object, new: Object) -> list[str]:
    """The events that a change of a node is. A heartbeat is none."""
    changes = []
    if get_in(old, "status.allocatable") != get_in(new, "status.allocatable"):
        changes.append("Node/UpdateAllocatable")
    if labels(old) != labels(new):
        changes.append("Node/UpdateLabel")
    if _scheduling_spec(old) != _scheduling_spec(new):
        changes.append("Node/UpdateTaint")
    return changes


def _scheduling_spec(node: Object) -> tuple[object, bool]:
    """What keeps Pods away: the taints, and the cordon, which upstream counts as one."""
    spec = node.get("spec") or {}
    return spec.get("taints") or [], bool(spec.get("unschedulable"))
