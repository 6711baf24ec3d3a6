"""One look at one Deployment: the hands of the controller, which find, create and size its ReplicaSets.

Upstream: `pkg/controller/deployment/sync.go` (getAllReplicaSetsAndSyncRevision, getNewReplicaSet, scale).
"""

from __future__ import annotations

from k8scourse.api import metadata
from k8scourse.api.errors import AlreadyExists, StatusError
from k8scourse.api.hashing import template_hash
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.client import Client, EventRecorder

from . import deployment_revisions as revisions
from . import deployment_status as status_of
from .deployment_rolling import (
    Size,
    desired_replicas,
    is_rolling,
    max_surge,
    max_unavailable,
    new_replica_count,
    proportional,
    reconcile_old,
)
from .pod_control import is_namespace_terminating


class Rollout:
    """The Deployment and its ReplicaSets as this look knows them; each write replaces the value it wrote.

    `new` is the ReplicaSet of the present template (None until `find`), `old` are all others, oldest first.
    """

    def __init__(
        self,
        client: Client,
        recorder: EventRecorder,
        now_ns: int,
        deployment: Object,
        replica_sets: list[Object],
    ) -> None:
        self._client, self._recorder, self._now = client, recorder, now_ns
        self.deployment = deployment
        self.new = revisions.find_new(deployment, replica_sets)
        self.old = [each for each in revisions.by_age(replica_sets) if each is not self.new]

    @property
    def replica_sets(self) -> list[Object]:
        """All of them, the new one last."""
        return [*self.old, *([self.new] if self.new else [])]

    @property
    def _desired(self) -> int:
        return desired_replicas(self.deployment)

    def find(self, *, create: bool) -> None:
        """Bring the new ReplicaSet's annotations and the Deployment's revision up to date, or create it."""
        number = revisions.next_revision(self.old)
        if self.new is not None:
            self._refresh(self.new, number)
        elif create:
            self._create(number)

    def _refresh(self, new: Object, number: int) -> None:
        wanted = revisions.annotated(new, self.deployment, number, exists=True)
        least = get_in(self.deployment, "spec.minReadySeconds", 0)
        if get_in(wanted, "spec.minReadySeconds", 0) != least:
            wanted = evolve(wanted, "spec.minReadySeconds", least)
        if wanted is not new:
            self.new = self._client.update(wanted)
            return
        changed = self._with_revision(self.deployment, new)
        if status_of.has_deadline(changed) and status_of.condition(changed, "Progressing") is None:
            message = f'Found new replica set "{metadata.name(new)}"'
            row = status_of.progressing("True", "FoundNewReplicaSet", message)
            changed = status_of.with_condition(changed, row, self._now)
        self._write(changed)

    def _create(self, number: int) -> None:
        template = self.deployment["spec"]["template"]
        made = revisions.build(
            self.deployment, template_hash(template, get_in(self.deployment, "status.collisionCount"))
        )
        made = revisions.annotated(made, self.deployment, number, exists=False)
        made = evolve(made, "spec.replicas", self._new_count(0))
        try:
            self.new = self._client.create(made)
        except AlreadyExists:
            self._take_or_rehash(made)
            return
        except StatusError as error:
            self._say_creation_failed(made, error)
            raise
        if revisions.replicas_of(made):
            self._say_scaled(made, 0, revisions.replicas_of(made))
        changed = self._with_revision(self.deployment, self.new)
        if status_of.has_deadline(changed):
            message = f'Created new replica set "{metadata.name(made)}"'
            row = status_of.progressing("True", "NewReplicaSetCreated", message)
            changed = status_of.with_condition(changed, row, self._now)
        self._write(changed)

    def _take_or_rehash(self, made: Object) -> None:
        """The name is taken: by our own ReplicaSet that the cache does not show yet, or by a foreign one with
        the same hash. The latter makes the next look use another hash (collisionCount)."""
        found = self._client.get("replicasets", metadata.name(made), metadata.namespace(made))
        template = self.deployment["spec"]["template"]
        ours = metadata.is_controlled_by(found, self.deployment)
        if ours and revisions.same_template(found["spec"]["template"], template):
            self.new = found
            self._write(self._with_revision(self.deployment, found))
            return
        collisions = get_in(self.deployment, "status.collisionCount", 0) + 1
        self._write(evolve(self.deployment, "status.collisionCount", collisions))
        raise AlreadyExists(f'replicasets.apps "{metadata.name(made)}" already exists')

    def _say_creation_failed(self, made: Object, error: StatusError) -> None:
        if is_namespace_terminating(error):
            return
        message = f'Failed to create new replica set "{metadata.name(made)}": {error}'
        if status_of.has_deadline(self.deployment):
            row = status_of.progressing("False", "ReplicaSetCreateError", message)
            self._write(status_of.with_condition(self.deployment, row, self._now))
        self._recorder.event(self.deployment, "Warning", "ReplicaSetCreateError", message)

    def _with_revision(self, deployment: Object, new: Object) -> Object:
        number = metadata.annotations(new).get(revisions.REVISION)
        if metadata.annotations(deployment).get(revisions.REVISION) == number:
            return deployment
        changed: Object = evolve(deployment, ("metadata", "annotations", revisions.REVISION), number)
        return changed

    def _new_count(self, now: int) -> int:
        """How big the new ReplicaSet may be at this moment."""
        if not is_rolling(self.deployment):
            return self._desired
        total = revisions.total_replicas(self.old) + now
        return new_replica_count(self._desired, max_surge(self.deployment), total, now)

    def scale_new_up(self) -> bool:
        """Grow the new ReplicaSet as far as maxSurge allows (or shrink it to what is wanted)."""
        assert self.new is not None, "find(create=True) comes first"
        now = revisions.replicas_of(self.new)
        if now == self._desired:
            return False
        wanted = self._desired if now > self._desired else self._new_count(now)
        return wanted != now and self._resize(self.new, wanted)

    def scale_new_to_desired(self) -> None:
        """Recreate: all at once."""
        assert self.new is not None, "find(create=True) comes first"
        if revisions.replicas_of(self.new) != self._desired:
            self._resize(self.new, self._desired)

    def scale_old_down(self) -> bool:
        """Shrink old ReplicaSets as far as maxUnavailable allows, unhealthy Pods first."""
        assert self.new is not None, "find(create=True) comes first"
        before = revisions.active(self.old)
        steps = reconcile_old(
            [_size(each) for each in before], _size(self.new), self._desired, max_unavailable(self.deployment)
        )
        for index, replicas in steps:
            current = next(each for each in self.old if metadata.uid(each) == metadata.uid(before[index]))
            self._resize(current, replicas)
        return bool(steps)

    def scale_old_to_zero(self) -> bool:
        """Recreate: all old Pods go first."""
        scaled = [self._resize(each, 0) for each in revisions.active(self.old)]
        return any(scaled)

    def scale(self) -> None:
        """The Deployment was scaled: in the middle of a rollout each ReplicaSet gets its share.

        A single active one (or, with none, the newest) simply takes the new size; when the new one has its
        full size already, the old ones have nothing more to do.
        """
        single = self._active_or_latest()
        if single is not None:
            if revisions.replicas_of(single) != self._desired:
                self._resize(single, self._desired)
        elif self._is_saturated():
            self.scale_old_to_zero()
        elif is_rolling(self.deployment):
            self._scale_proportionally()

    def _active_or_latest(self) -> Object | None:
        found = revisions.active(self.replica_sets)
        if len(found) > 1:
            return None
        return found[0] if found else self.new or (self.old[-1] if self.old else None)

    def _is_saturated(self) -> bool:
        if self.new is None:
            return False
        available = get_in(self.new, "status.availableReplicas", 0)
        noted = revisions.number_in(self.new, revisions.DESIRED_REPLICAS)
        return {revisions.replicas_of(self.new), available, noted} == {self._desired}

    def _scale_proportionally(self) -> None:
        surge = max_surge(self.deployment)
        found = revisions.active(self.replica_sets)
        grows = (self._desired + surge if self._desired else 0) > revisions.total_replicas(found)
        aged = revisions.by_age(found)
        aged = list(reversed(aged)) if grows else aged
        biggest_first = sorted(aged, key=revisions.replicas_of, reverse=True)
        status_replicas = get_in(self.deployment, "status.replicas", 0)
        sizes = proportional([_size(each) for each in biggest_first], self._desired, surge, status_replicas)
        for each, replicas in zip(biggest_first, sizes, strict=True):
            self._resize(each, replicas)

    def _resize(self, replica_set: Object, replicas: int) -> bool:
        """Write a ReplicaSet's size and size annotations; whether its size changed."""
        before = revisions.replicas_of(replica_set)
        wanted = revisions.resized(replica_set, self.deployment, replicas)
        if wanted is replica_set:
            return False
        self._replace(self._client.update(wanted))
        if before != replicas:
            self._say_scaled(replica_set, before, replicas)
        return before != replicas

    def _replace(self, written: Object) -> None:
        uid = metadata.uid(written)
        if self.new is not None and metadata.uid(self.new) == uid:
            self.new = written
        self.old = [written if metadata.uid(each) == uid else each for each in self.old]

    def _say_scaled(self, replica_set: Object, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        message = f"Scaled {way} replica set {metadata.name(replica_set)} from {before} to {after}"
        self._recorder.event(self.deployment, "Normal", "ScalingReplicaSet", message)

    def write_counts(self) -> bool:
        """Write the counts and Available; whether anything changed."""
        return self._write(status_of.with_counts(self.deployment, self.new, self.replica_sets, self._now))

    def write_progress(self) -> bool:
        """Write the whole status; whether anything changed."""
        every = self.replica_sets
        counted = status_of.with_counts(self.deployment, self.new, every, self._now)
        counted = status_of.with_progress(self.deployment, counted, self.new, self._now)
        return self._write(status_of.with_failure(counted, self.new, every, self._now))

    def _write(self, changed: Object) -> bool:
        before = self.deployment
        if changed.get("status") == before.get("status") and changed["metadata"] == before["metadata"]:
            return False
        self.deployment = self._client.update_status(changed)
        return True


def _size(replica_set: Object) -> Size:
    """A status that lags behind a scale-down counts Pods that are about to go. They are not available any more:
    upstream counts them until the ReplicaSet says so, and may then briefly go below its own minimum."""
    replicas = revisions.replicas_of(replica_set)
    return Size(
        replicas,
        min(get_in(replica_set, "status.availableReplicas", 0), replicas),
        revisions.number_in(replica_set, revisions.MAX_REPLICAS) or 0,
    )
