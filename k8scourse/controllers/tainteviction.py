"""The taint eviction controller: NoExecute taints send Pods away, some at once, some after a while.

A Pod that does not tolerate a taint goes at once; one that tolerates it for `tolerationSeconds` goes then,
unless the taint is gone by then. The API server gives every Pod 300 s for not-ready and unreachable.
Upstream: `pkg/controller/tainteviction/taint_eviction.go`, `timed_workers.go`. The delays live in memory: a
controller that restarts counts from then on, as upstream.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import conditions, metadata, pods
from k8scourse.api.errors import NotFound
from k8scourse.api.values import Object, get_in
from k8scourse.sim import SECOND

from .base import Context, Controller


class TaintEvictionController(Controller):
    """Its keys are Pods; each look decides anew whether and when the Pod must go."""

    NAME = "taint-eviction-controller"
    KIND = "pods"
    WATCHES = ("nodes",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._since_ns: dict[str, tuple[str, int]] = {}
        self._pods = context.informers.get("pods")
        self._pods.add_index("node", lambda pod: [get_in(pod, "spec.nodeName", "")])

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A node's change concerns the Pods on it."""
        if resource == self.KIND:
            return (metadata.key(obj),) if get_in(obj, "spec.nodeName") else ()
        return [metadata.key(pod) for pod in self._pods.lister.by_index("node", metadata.name(obj))]

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Taints and tolerations count, heartbeats and statuses do not."""
        field = "spec.taints" if resource == "nodes" else "spec"
        if get_in(old, field) != get_in(new, field):
            super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """Evict, or say when to look again, or forget."""
        pod = self.lister(self.KIND).get(key)
        if pod is None or metadata.is_terminating(pod):
            self._since_ns.pop(key, None)
            return None
        node = self.lister("nodes").get(get_in(pod, "spec.nodeName", ""))
        limit = tolerated_seconds(pod, get_in(node, "spec.taints", []) if node else [])
        uid, since_ns = self._since_ns.get(key, ("", 0))
        waiting = uid == metadata.uid(pod)
        if limit is None:
            if waiting:
                self._cancel(key, pod)
            return None
        if not waiting:
            since_ns = self.process.now
            self._since_ns[key] = metadata.uid(pod), since_ns
        remaining_ns = since_ns + limit * SECOND - self.process.now
        if remaining_ns > 0:
            return remaining_ns
        self._evict(key, pod)
        return None

    def _cancel(self, key: str, pod: Object) -> None:
        del self._since_ns[key]
        self.recorder.event(pod, "Normal", "TaintManagerEviction", f"Cancelling deletion of Pod {key}")

    def _evict(self, key: str, pod: Object) -> None:
        self.recorder.event(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key}")
        try:
            self._mark(pod)
            self.client.delete("pods", metadata.name(pod), metadata.namespace(pod), uid=metadata.uid(pod))
        except NotFound:
            pass
        self._since_ns.pop(key, None)

    def _mark(self, pod: Object) -> None:
        """Say in the Pod's status why it is being deleted, for Job policies and for people."""
        row = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
        if not conditions.is_true(pod, "DisruptionTarget"):
            self.client.update_status(conditions.with_condition(pod, row, self.process.now))


def tolerated_seconds(pod: Object, taints: Iterable[Object]) -> int | None:
    """How long a Pod may stay with these taints: 0 not at all, None for ever."""
    found = [taint for taint in taints if taint.get("effect") == "NoExecute"]
    tolerations = get_in(pod, "spec.tolerations", [])
    if any(not pods.tolerates(tolerations, taint) for taint in found):
        return 0
    used = [each for each in tolerations if any(pods.toleration_matches(each, taint) for taint in found)]
    limits = [each["tolerationSeconds"] for each in used if each.get("tolerationSeconds") is not None]
    return max(min(limits), 0) if limits else None
