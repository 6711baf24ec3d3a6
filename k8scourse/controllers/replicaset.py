"""The ReplicaSet controller: exactly so many Pods of one template.

Upstream: `pkg/controller/replicaset/replica_set.go`, `replica_set_utils.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import metadata, pods, times
from k8scourse.api.errors import Conflict, NotFound, StatusError
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable
from k8scourse.client.workqueue import WORK_NS
from k8scourse.sim import SECOND

from .base import Context
from .claims import index_by_controller
from .pod_control import is_namespace_terminating, pod_from_template, slow_start
from .pod_owner import PodOwner
from .replicaset_ranking import node_ranks, pods_to_delete

BURST_REPLICAS = 500
"""No more creations or deletions than these in one go; the next look continues."""
FEW = 100
LOOK_NS = 10_000
"""Looking at a Pod costs a little; with very many of them, several changes are seen in one look."""


class ReplicaSetController(PodOwner):
    """Creates the Pods that are missing and deletes those too many."""

    NAME = "replicaset-controller"
    KIND = "replicasets"
    WATCHES = ("pods",)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._replica_sets = context.informers.get(self.KIND)
        index_by_controller(self._replica_sets)

    def reconcile(self, key: str) -> int | None:
        """Bring the number of Pods to `spec.replicas`, then say in the status how things stand."""
        replica_set = self.lister(self.KIND).get(key)
        if replica_set is None:
            self._expectations.forget(key)
            return None
        mine = self._claim(replica_set)
        self.worker.pace_ns = WORK_NS + LOOK_NS * max(0, len(mine) - FEW)
        active = [pod for pod in mine if pods.is_active(pod)]
        terminating = sum(metadata.is_terminating(pod) and not pods.is_terminal(pod) for pod in mine)
        failure = None
        if self._expectations.satisfied(key) and not metadata.is_terminating(replica_set):
            failure = self._manage(key, replica_set, active)
        status = self._new_status(replica_set, active, terminating, failure)
        self._write_status(replica_set, status)
        if failure is not None:
            raise failure
        return self._next_available_ns(replica_set, active)

    def _new_status(
        self, replica_set: Object, active: list[Object], terminating: int, failure: Exception | None
    ) -> Object:
        status = new_status(replica_set, active, self.process.now, failure)
        return {**status, "terminatingReplicas": terminating}

    def _manage(self, key: str, replica_set: Object, active: list[Object]) -> Exception | None:
        missing = _replicas(replica_set) - len(active)
        if missing > 0:
            return self._create(key, replica_set, min(missing, BURST_REPLICAS))
        if missing < 0:
            return self._delete(key, replica_set, active, min(-missing, BURST_REPLICAS))
        return None

    def _create(self, key: str, replica_set: Object, count: int) -> Exception | None:
        pod = pod_from_template(replica_set["spec"]["template"], replica_set)

        def create_one() -> None:
            self._expectations.expect_added(key, metadata.uid(self._control.create(pod, replica_set)))

        _, failure = slow_start(count, create_one)
        return None if failure is not None and is_namespace_terminating(failure) else failure

    def _delete(self, key: str, replica_set: Object, active: list[Object], count: int) -> Exception | None:
        ranks = node_ranks(self._related(replica_set))
        failure: Exception | None = None
        for pod in pods_to_delete(active, count, self.process.now, ranks):
            self._expectations.expect_gone(key, metadata.uid(pod))
            try:
                self._control.delete(pod, replica_set)
            except NotFound:
                self._expectations.gone(metadata.uid(pod))
            except (StatusError, Unreachable) as error:
                self._expectations.gone(metadata.uid(pod))
                failure = failure or error
        return failure

    def _related(self, replica_set: Object) -> list[Object]:
        """The active Pods of all ReplicaSets with the same controller; none for a bare ReplicaSet."""
        owner = metadata.controller_of(replica_set)
        if owner is None:
            return []
        siblings = self._replica_sets.lister.by_index("controller", owner["uid"])
        found = [
            pod for each in siblings for pod in self._pods.lister.by_index("controller", metadata.uid(each))
        ]
        return [pod for pod in found if pods.is_active(pod)]

    def _write_status(self, replica_set: Object, status: Object) -> None:
        if status == replica_set.get("status"):
            return
        try:
            self.client.update_status({**replica_set, "status": status})
        except NotFound:
            return
        except Conflict:
            # The spec has moved on. The next look will say more; what we saw is true all the same.
            fresh = self.client.get(self.KIND, metadata.name(replica_set), metadata.namespace(replica_set))
            if metadata.uid(fresh) == metadata.uid(replica_set):
                self.client.update_status({**fresh, "status": status})

    def _next_available_ns(self, replica_set: Object, active: list[Object]) -> int | None:
        """When the next Pod will have been ready for `minReadySeconds`."""
        least = get_in(replica_set, "spec.minReadySeconds", 0)
        now = self.process.now
        waits = [
            ready_since(pod) + least * SECOND - now
            for pod in active
            if least and pods.is_ready(pod) and not pods.is_available(pod, least, now)
        ]
        return max(min(waits), SECOND // 1000) if waits else None


def ready_since(pod: Object) -> int:
    """When a ready Pod became so, in nanoseconds."""
    rows = get_in(pod, "status.conditions", [])
    return next((times.parse_time(row["lastTransitionTime"]) for row in rows if row["type"] == "Ready"), 0)


def new_status(
    replica_set: Object, active: list[Object], now_ns: int, failure: Exception | None = None
) -> Object:
    """The status of a ReplicaSet with these Pods; counts of zero are left out, as on the wire."""
    wanted = metadata.labels(replica_set["spec"]["template"]).items()
    least = get_in(replica_set, "spec.minReadySeconds", 0)
    counts = {
        "fullyLabeledReplicas": sum(wanted <= metadata.labels(pod).items() for pod in active),
        "readyReplicas": sum(pods.is_ready(pod) for pod in active),
        "availableReplicas": sum(pods.is_available(pod, least, now_ns) for pod in active),
    }
    status: dict[str, Any] = {"replicas": len(active)}
    status |= {field: count for field, count in counts.items() if count}
    status["observedGeneration"] = get_in(replica_set, "metadata.generation", 0)
    rows = _conditions(replica_set, len(active), now_ns, failure)
    return {**status, "conditions": rows} if rows else status


def _conditions(replica_set: Object, have: int, now_ns: int, failure: Exception | None) -> list[Object]:
    rows = get_in(replica_set, "status.conditions", [])
    others = [row for row in rows if row["type"] != "ReplicaFailure"]
    if failure is None:
        return others
    if len(others) != len(rows):
        return list(rows)
    reason = "FailedCreate" if have < _replicas(replica_set) else "FailedDelete"
    row = {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": times.format_time(now_ns)}
    return [*others, {**row, "reason": reason, "message": str(failure)}]


def _replicas(replica_set: Object) -> int:
    return int(get_in(replica_set, "spec.replicas", 1))
