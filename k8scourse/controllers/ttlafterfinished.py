"""TTL after finished: Jobs that have ended are deleted some seconds later, if they say so.

Upstream: `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`.
"""

from __future__ import annotations

from k8scourse.api import metadata, times
from k8scourse.api.errors import NotFound
from k8scourse.api.values import Object
from k8scourse.sim import SECOND

from .base import Controller
from .job_round import find


class TtlAfterFinishedController(Controller):
    """Deletes Jobs `ttlSecondsAfterFinished` after their end, their Pods included."""

    NAME = "ttl-after-finished-controller"
    KIND = "jobs"
    LATE = True

    def reconcile(self, key: str) -> int | None:
        """Delete the Job when its time is over, else look again then. The API server has the last word."""
        job = self.lister(self.KIND).get(key)
        left_ns = None if job is None else self._left_ns(job)
        if job is None or left_ns is None or left_ns > 0:
            return left_ns
        name, namespace = metadata.name(job), metadata.namespace(job)
        try:
            fresh = self.client.get(self.KIND, name, namespace)
            left_ns = self._left_ns(fresh)
            if left_ns is None or left_ns > 0:
                return left_ns
            uid = metadata.uid(fresh)
            self.client.delete(self.KIND, name, namespace, propagation_policy="Foreground", uid=uid)
        except NotFound:
            return None
        return None

    def _left_ns(self, job: Object) -> int | None:
        """Nanoseconds until the Job may go; None when it has not ended or may stay."""
        ttl = job["spec"].get("ttlSecondsAfterFinished")
        if ttl is None or metadata.is_terminating(job):
            return None
        status = job.get("status") or {}
        ended = find(status, "Complete") or find(status, "Failed")
        if ended is None:
            return None
        return times.parse_time(ended["lastTransitionTime"]) + int(ttl) * SECOND - self.process.now
