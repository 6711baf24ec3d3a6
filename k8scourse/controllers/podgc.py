"""The Pod garbage collector: Pods that no kubelet will ever finish.

Every 20 s: Pods bound to a node that does not exist (it may come back: 40 s of quarantine) become Failed and are
deleted by force; so are terminating Pods that were never bound; and of ended Pods at most 12,500 are kept.
Upstream: `pkg/controller/podgc/gc_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import conditions, metadata, pods
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.client import Unreachable
from k8scourse.sim import SECOND

from .base import Context, Controller

PERIOD_NS = 20 * SECOND
QUARANTINE_NS = 40 * SECOND
TERMINATED_POD_THRESHOLD = 12_500


class PodGarbageCollector(Controller):
    """Works by the clock only; its queue stays empty."""

    NAME = "pod-garbage-collector-controller"
    KIND = "pods"
    WATCHES = ("nodes",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._missing_since_ns: dict[str, int] = {}

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """Nothing is urgent here."""
        return ()

    def begin(self) -> None:
        """Start the rounds."""
        self.process.every(PERIOD_NS, self._round)

    def _round(self) -> None:
        found = self.lister("pods").list()
        self._collect_ended([pod for pod in found if pods.is_terminal(pod)])
        lost = self._lost_nodes(found)
        for pod in found:
            if get_in(pod, "spec.nodeName", "") in lost:
                self._remove(pod, "PodGC: node no longer exists")
            elif metadata.is_terminating(pod) and not get_in(pod, "spec.nodeName"):
                self._remove(pod, "")

    def _collect_ended(self, ended: list[Object]) -> None:
        surplus = max(len(ended) - TERMINATED_POD_THRESHOLD, 0)
        oldest = sorted(ended, key=lambda pod: (pod["metadata"]["creationTimestamp"], metadata.key(pod)))
        for pod in oldest[:surplus]:
            self._remove(pod, "")

    def _lost_nodes(self, found: list[Object]) -> list[str]:
        """Nodes that Pods are bound to and that have been missing for the time of quarantine."""
        existing = self.lister("nodes").all_keys()
        named = dict.fromkeys(get_in(pod, "spec.nodeName", "") for pod in found)
        missing = [name for name in named if name and name not in existing]
        now = self.process.now
        self._missing_since_ns = {name: self._missing_since_ns.get(name, now) for name in missing}
        due = [name for name in missing if now - self._missing_since_ns[name] >= QUARANTINE_NS]
        return [name for name in due if self._is_gone(name)]

    def _is_gone(self, node: str) -> bool:
        """Ask the API server itself before anything is deleted by force."""
        try:
            self.client.get("nodes", node)
        except NotFound:
            return True
        except (StatusError, Unreachable):
            return False
        return False

    def _remove(self, pod: Object, why: str) -> None:
        name, namespace = metadata.name(pod), metadata.namespace(pod)
        try:
            if why and not pods.is_terminal(pod):
                self.client.update_status(self._failed(pod, why))
            self.client.delete("pods", name, namespace, grace_period_seconds=0, uid=metadata.uid(pod))
        except (StatusError, Unreachable):
            return  # the next round sees to it

    def _failed(self, pod: Object, why: str) -> Object:
        row = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC", "message": why}
        marked = conditions.with_condition(pod, row, self.process.now)
        failed: Object = evolve(marked, "status.phase", "Failed")
        return failed
