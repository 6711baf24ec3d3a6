"""The Deployment controller: one ReplicaSet per revision of the template, and the way from the old to the new.

Upstream: `pkg/controller/deployment/{deployment_controller,sync,rolling,recreate,progress}.go`. The decisions
are pure functions in `deployment_rolling`, `deployment_revisions` and `deployment_status`; here they are carried
out. One step per look: scale something or write the status; the change comes back through the watch, and the
next look takes the next step. So a controller that dies between two steps loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.selectors import Selector, from_label_selector
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.sim import SECOND

from . import deployment_status as status_of
from .base import Context, Controller, join
from .claims import Claim, index_by_controller, owned_or_orphans
from .deployment_revisions import DESIRED_REPLICAS, active, number_in, to_clean_up
from .deployment_rolling import desired_replicas, is_rolling
from .deployment_rollout import Rollout


class DeploymentController(Controller):
    """Moves each Deployment one step nearer to its template and its number of replicas."""

    NAME = "deployment-controller"
    KIND = "deployments"
    WATCHES = ("replicasets", "pods")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._replica_sets = context.informers.get("replicasets")
        index_by_controller(self._replica_sets)

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A ReplicaSet concerns its Deployment; an orphan all that select it; Pods only when they go."""
        if resource == "pods":
            return ()
        if resource == self.KIND or metadata.controller_of(obj) is not None:
            return super().keys(resource, obj)
        candidates = self.lister(self.KIND).list(metadata.namespace(obj)) if metadata.labels(obj) else []
        return [metadata.key(each) for each in candidates if _selector(each).matches(metadata.labels(obj))]

    def on_deleted(self, resource: str, obj: Object) -> None:
        """Recreate waits for the last old Pod: its end must be noticed."""
        super().on_deleted(resource, obj)
        if resource == "pods" and (deployment := self._deployment_of(obj)) and not is_rolling(deployment):
            self.queue.add(metadata.key(deployment))

    def _deployment_of(self, pod: Object) -> Object | None:
        owner = metadata.controller_of(pod)
        namespace = metadata.namespace(pod)
        replica_set = self._replica_sets.lister.get(join(namespace, owner["name"])) if owner else None
        above = metadata.controller_of(replica_set) if replica_set else None
        return self.lister(self.KIND).get(join(namespace, above["name"])) if above else None

    def reconcile(self, key: str) -> int | None:
        """One step of the rollout, of a scaling, or of the status; nanoseconds to the progress deadline."""
        deployment = self.lister(self.KIND).get(key)
        if deployment is None:
            return None
        if _selector(deployment).empty:
            self._refuse_to_select_all(deployment)
            return None
        mine = Claim(self.client, deployment, _selector(deployment)).take(
            owned_or_orphans(self._replica_sets, deployment)
        )
        if metadata.is_terminating(deployment):
            self._rollout(deployment, mine).write_counts()
            return None
        deployment = self._with_pause(deployment)
        rollout = self._rollout(deployment, mine)
        if get_in(deployment, "spec.paused", False) or is_scaling(deployment, mine):
            self._scale(rollout)
            return None
        return self._roll(rollout) if is_rolling(deployment) else self._recreate(rollout)

    def _rollout(self, deployment: Object, replica_sets: list[Object]) -> Rollout:
        return Rollout(self.client, self.recorder, self.process.now, deployment, replica_sets)

    def _refuse_to_select_all(self, deployment: Object) -> None:
        message = "This deployment is selecting all pods. A non-empty selector is required."
        self.recorder.event(deployment, "Warning", "SelectingAll", message)
        generation = get_in(deployment, "metadata.generation", 0)
        if get_in(deployment, "status.observedGeneration", 0) < generation:
            self.client.update_status(evolve(deployment, "status.observedGeneration", generation))

    def _with_pause(self, deployment: Object) -> Object:
        changed = status_of.with_pause(deployment, self.process.now)
        return deployment if changed is deployment else self.client.update_status(changed)

    def _scale(self, rollout: Rollout) -> None:
        """The number of replicas changed, or the Deployment is paused: sizes follow, templates wait."""
        rollout.find(create=False)
        rollout.scale()
        if get_in(rollout.deployment, "spec.paused", False):
            self._clean_up(rollout)
        rollout.write_counts()

    def _roll(self, rollout: Rollout) -> int | None:
        """RollingUpdate: grow the new, or shrink the old, within maxSurge and maxUnavailable."""
        rollout.find(create=True)
        if not rollout.scale_new_up() and not rollout.scale_old_down():
            self._finish(rollout)
        return self._write_status(rollout)

    def _recreate(self, rollout: Rollout) -> int | None:
        """Recreate: all old Pods must be gone before the first new one is made."""
        rollout.find(create=False)
        if not rollout.scale_old_to_zero() and not self._old_pods_remain(rollout):
            rollout.find(create=True)
            rollout.scale_new_to_desired()
            self._finish(rollout)
        return self._write_status(rollout)

    def _old_pods_remain(self, rollout: Rollout) -> bool:
        """Whether a Pod of another revision has not ended; one that is being deleted still counts."""
        if status_of.count(rollout.old, "replicas"):
            return True
        new_uid = metadata.uid(rollout.new) if rollout.new else ""
        old_uids = {metadata.uid(each) for each in rollout.replica_sets} - {new_uid}
        namespace = metadata.namespace(rollout.deployment)
        for pod in self.lister("pods").list(namespace, _selector(rollout.deployment)):
            owner = metadata.controller_of(pod)
            ended = get_in(pod, "status.phase") in ("Succeeded", "Failed")
            if owner is not None and owner["uid"] in old_uids and not ended:
                return True
        return False

    def _finish(self, rollout: Rollout) -> None:
        """A complete rollout forgets the revisions beyond its history limit."""
        if status_of.is_complete(rollout.deployment, rollout.deployment.get("status") or {}):
            self._clean_up(rollout)

    def _clean_up(self, rollout: Rollout) -> None:
        limit = get_in(rollout.deployment, "spec.revisionHistoryLimit")
        for each in to_clean_up(rollout.old, limit):
            self.client.delete(
                "replicasets", metadata.name(each), metadata.namespace(each), uid=metadata.uid(each)
            )

    def _write_status(self, rollout: Rollout) -> int | None:
        """Write the status with all conditions; when nothing changed, come back at the progress deadline."""
        if rollout.write_progress():
            return None
        deployment = rollout.deployment
        current = status_of.condition(deployment, "Progressing")
        if not status_of.has_deadline(deployment) or current is None:
            return None
        if (
            status_of.is_complete(deployment, deployment["status"])
            or current["reason"] == status_of.TIMED_OUT
        ):
            return None
        return max(status_of.deadline_ns(deployment, current) - self.process.now, 0) + SECOND


def is_scaling(deployment: Object, replica_sets: Iterable[Object]) -> bool:
    """Whether an active ReplicaSet was last sized for another number of replicas than is wanted now."""
    desired = desired_replicas(deployment)
    noted = [number_in(each, DESIRED_REPLICAS) for each in active(replica_sets)]
    return any(number is not None and number != desired for number in noted)


def _selector(deployment: Object) -> Selector:
    return from_label_selector(deployment["spec"]["selector"])
