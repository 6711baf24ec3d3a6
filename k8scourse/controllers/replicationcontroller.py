"""The ReplicationController: what there was before ReplicaSets, by the same loop.

Upstream: `pkg/controller/replication/{replication_controller,conversion}.go`, which also lets the ReplicaSet
controller work on them, in disguise.
"""

from __future__ import annotations

from k8scourse.api.values import Object

from .replicaset import ReplicaSetController, new_status


class ReplicationControllerController(ReplicaSetController):
    """Creates the Pods that are missing and deletes those too many, for ReplicationControllers."""

    NAME = "replicationcontroller-controller"
    COMPONENT = "replication-controller"
    KIND = "replicationcontrollers"
    LATE = True

    def _new_status(
        self, replica_set: Object, active: list[Object], terminating: int, failure: Exception | None
    ) -> Object:
        """The same status without the Pods on their way out, for which the old kind has no field."""
        return new_status(replica_set, active, self.process.now, failure)
