"""The StatefulSet controller: Pods with names that stay, one after the other.

Upstream: `pkg/controller/statefulset/{stateful_set,stateful_set_control}.go`. Left out: changing the volumes of a
Pod that somebody made under the set's name (upstream tries, the API server refuses).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from k8scourse.api import metadata, pods
from k8scourse.api.errors import Conflict, NotFound, StatusError
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable
from k8scourse.sim import SECOND

from .base import Context
from .claims import Claim, index_by_controller, owned_or_orphans
from .pod_owner import PodOwner, selector_of
from .replicaset import ready_since
from .revisions import RESOURCE, Revisions, template_of
from .statefulset_control import StatefulPodControl
from .statefulset_pods import (
    completed,
    count,
    first_ordinal,
    is_available,
    is_healthy,
    is_parallel,
    max_unavailable,
    new_pod,
    ordinal_of,
    ordinals,
    partition_of,
    replicas_of,
    revision_of,
    with_identity,
)

CLAIMS = "persistentvolumeclaims"
Failure = Exception | None


class StatefulSetController(PodOwner):
    """Makes Pods in the order of their ordinals, replaces and removes them in the opposite order."""

    NAME = "statefulset-controller"
    KIND = "statefulsets"
    WATCHES = ("pods", CLAIMS, RESOURCE)
    LATE = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        history = context.informers.get(RESOURCE)
        index_by_controller(history)
        self._revisions = Revisions(self.client, history)
        self._stateful = StatefulPodControl(self.client, self.recorder, self.lister(CLAIMS))

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """Claims and revisions are looked up; news of them concern nobody."""
        return () if resource in (CLAIMS, RESOURCE) else super().keys(resource, obj)

    def reconcile(self, key: str) -> int | None:
        """The next step of creation, of scaling or of an update; then the status; then the history."""
        stateful_set = self.lister(self.KIND).get(key)
        if stateful_set is None:
            return None
        found = self._claim(stateful_set)
        known = self._revisions.known_of(stateful_set)
        collisions = int(get_in(stateful_set, "status.collisionCount", 0))
        update, collisions = self._revisions.of_now(stateful_set, known, collisions)
        present = get_in(stateful_set, "status.currentRevision", "")
        current = next((each for each in known if metadata.name(each) == present), update)
        step = _Step(self._stateful, stateful_set, found, (current, update), self.process.now)
        failure = step.take()
        self._write_status(stateful_set, {**step.status(), "collisionCount": collisions})
        live = [metadata.name(current), metadata.name(update), *(revision_of(pod) for pod in found)]
        self._revisions.truncate(stateful_set, known, live)
        if failure is not None:
            raise failure
        return self._next_available_ns(stateful_set, found)

    def _claim(self, owner: Object) -> list[Object]:
        """Only Pods whose names are made from the set's are its own."""
        claim = Claim(self.client, owner, selector_of(owner))
        members = [pod for pod in owned_or_orphans(self._pods, owner) if ordinal_of(pod, owner) is not None]
        return claim.take(members)

    def _write_status(self, stateful_set: Object, status: Object) -> None:
        status = completed(stateful_set, status)
        if status == stateful_set.get("status"):
            return
        try:
            self.client.update_status({**stateful_set, "status": status})
        except NotFound:
            return
        except Conflict:
            name, namespace = metadata.name(stateful_set), metadata.namespace(stateful_set)
            fresh = self.client.get(self.KIND, name, namespace)
            if metadata.uid(fresh) == metadata.uid(stateful_set):
                self.client.update_status({**fresh, "status": status})

    def _next_available_ns(self, stateful_set: Object, found: list[Object]) -> int | None:
        """When the next Pod will have been ready for `minReadySeconds`."""
        least, now = get_in(stateful_set, "spec.minReadySeconds", 0), self.process.now
        young = [pod for pod in found if pods.is_ready(pod) and not is_available(pod, stateful_set, now)]
        waits = [ready_since(pod) + least * SECOND - now for pod in young]
        return max(min(waits), SECOND // 1000) if waits else None


class _Step:
    """One step of one StatefulSet: as much as may be done before its Pods have answered."""

    def __init__(
        self,
        control: StatefulPodControl,
        stateful_set: Object,
        found: list[Object],
        revisions: tuple[Object, Object],
        now_ns: int,
    ) -> None:
        self._control, self._set, self._found, self._now_ns = control, stateful_set, found, now_ns
        self._current, self._update = revisions
        self._ordered = not is_parallel(stateful_set)
        wanted = ordinals(stateful_set)
        by_ordinal = {ordinal_of(pod, stateful_set): pod for pod in found}
        self._replicas = {ordinal: by_ordinal.get(ordinal) for ordinal in wanted}
        ranked = sorted((ordinal, pod) for ordinal, pod in _pairs(by_ordinal) if ordinal not in wanted)
        self._condemned = ranked[::-1]
        self._replaced = 0

    def status(self) -> Object:
        """How things stand, as the cache has shown it."""
        current, update = metadata.name(self._current), metadata.name(self._update)
        counts = count(self._set, self._found, current, update, self._now_ns)
        counts["currentReplicas"] -= self._replaced
        return {
            "observedGeneration": get_in(self._set, "metadata.generation", 0),
            **counts,
            "currentRevision": current,
            "updateRevision": update,
        }

    def take(self) -> Failure:
        """Make what is missing, then remove what is too much, then replace what is old; the first error, if any."""
        if metadata.is_terminating(self._set):
            return None
        try:
            done = self._for_all(self._replicas, self._process)
            done = done and self._for_all([ordinal for ordinal, _ in self._condemned], self._fix_claims)
            if done and self._for_all(range(len(self._condemned)), self._remove):
                self._roll()
        except (StatusError, Unreachable) as error:
            return error
        return None

    def _for_all(self, items: Iterable[int], act: Callable[[int], bool]) -> bool:
        """Do something for each; an ordered set stops at the first that says to wait. Whether to go on."""
        if self._ordered:
            return all(act(item) for item in items)
        for item in items:
            act(item)
        return True

    def _process(self, ordinal: int) -> bool:
        """Bring one ordinal into being; whether the next one may be looked at."""
        pod = self._replicas[ordinal]
        if pod is None:
            self._make(ordinal)
            return False
        if pods.is_terminal(pod):
            if not metadata.is_terminating(pod):
                self._control.delete(self._set, pod)
            return False
        if pods.phase(pod) == "Pending":
            self._control.ensure_claims(self._set, pod, ordinal)
        if self._ordered and (metadata.is_terminating(pod) or not is_available(pod, self._set, self._now_ns)):
            return False
        named = with_identity(pod, ordinal)
        if metadata.labels(named) != metadata.labels(pod):
            self._control.update(self._set, named)
        self._control.fix_claims(self._set, pod, ordinal)
        return True

    def _make(self, ordinal: int) -> None:
        """A new Pod: of the old revision below the partition, else of the new one."""
        old = ordinal < first_ordinal(self._set) + self._kept()
        revision = self._current if old else self._update
        pod = new_pod(self._set, template_of(revision), metadata.name(revision), ordinal)
        if not self._control.has_stale_claim(self._set, pod, ordinal):
            self._control.create(self._set, pod, ordinal)

    def _kept(self) -> int:
        rolling = get_in(self._set, "spec.updateStrategy.type", "RollingUpdate") == "RollingUpdate"
        return partition_of(self._set) if rolling else 0

    def _fix_claims(self, ordinal: int) -> bool:
        pod = next(pod for each, pod in self._condemned if each == ordinal)
        self._control.fix_claims(self._set, pod, ordinal)
        return True

    def _remove(self, position: int) -> bool:
        """Delete one Pod too many: in an ordered set only when those before it are well, or it is the worst."""
        pod = self._condemned[position][1]
        if metadata.is_terminating(pod):
            return False
        well = is_available(pod, self._set, self._now_ns)
        if self._ordered and not well and metadata.uid(pod) != self._first_unhealthy():
            return False
        self._control.delete(self._set, pod)
        return False

    def _first_unhealthy(self) -> str:
        """The UID of the unhealthy Pod with the lowest ordinal."""
        unhealthy = [
            (ordinal_of(pod, self._set), metadata.uid(pod)) for pod in self._found if not is_healthy(pod)
        ]
        return min(unhealthy)[1] if unhealthy else ""

    def _roll(self) -> None:
        """Delete Pods of an old revision, from the highest ordinal down to the partition; they come back new."""
        if get_in(self._set, "spec.updateStrategy.type") == "OnDelete":
            return
        most = max_unavailable(self._set)
        downwards = list(self._replicas.values())[::-1]
        candidates = downwards[: max(0, replicas_of(self._set) - partition_of(self._set))]
        if most is not None:
            missing = sum(not is_healthy(pod) for pod in downwards)
            for pod in [each for each in candidates if self._is_old(each)][: max(0, most - missing)]:
                self._replace(pod)
            return
        for pod in candidates:
            if self._is_old(pod):
                self._replace(pod)
                return
            if not is_healthy(pod):
                return

    def _is_old(self, pod: Object | None) -> bool:
        old = pod is not None and revision_of(pod) != metadata.name(self._update)
        return old and pod is not None and not metadata.is_terminating(pod)

    def _replace(self, pod: Object | None) -> None:
        if pod is not None:
            self._control.delete(self._set, pod)
            self._replaced += revision_of(pod) == metadata.name(self._current)


def _pairs(by_ordinal: dict[int | None, Object]) -> list[tuple[int, Object]]:
    return [(ordinal, pod) for ordinal, pod in by_ordinal.items() if ordinal is not None]
