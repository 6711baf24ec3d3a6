"""The DaemonSet controller: one Pod on every node that should have one.

Upstream: `pkg/controller/daemon/{daemon_controller,update}.go`. Left out: ControllerRevisions (the label
`controller-revision-hash` carries the hash of the template itself, so there is no rollback), maxSurge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from k8scourse.api import metadata, pods
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.hashing import template_hash
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.client import Unreachable
from k8scourse.sim import MINUTE, SECOND

from .base import Context
from .daemonset_nodes import node_of, pod_spec, verdict
from .deployment_rolling import scaled_value
from .pod_control import is_namespace_terminating, pod_from_template, slow_start
from .pod_owner import PodOwner, selector_of

BURST_REPLICAS = 250
HASH_LABEL = "controller-revision-hash"
GENERATION_LABEL = "pod-template-generation"
GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"
FAILED_POD_BACKOFF_NS = SECOND
FAILED_POD_BACKOFF_MAX_NS = 15 * MINUTE

Daemons = Mapping[str, list[Object]]


class DaemonSetController(PodOwner):
    """Creates a Pod for each node without one, removes those from nodes that should not have one."""

    NAME = "daemonset-controller"
    KIND = "daemonsets"
    WATCHES = ("pods", "nodes")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._failures: dict[tuple[str, str], tuple[int, int]] = {}

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A node concerns every DaemonSet."""
        return self.lister(self.KIND).all_keys() if resource == "nodes" else super().keys(resource, obj)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Heartbeats change nodes all the time; only what decides about daemons counts."""
        if resource != "nodes" or _shape(old) != _shape(new):
            super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """First the right nodes, then the right template, then the status."""
        daemon_set = self.lister(self.KIND).get(key)
        if daemon_set is None:
            self._expectations.forget(key)
            return None
        if selector_of(daemon_set).empty:
            message = "This daemon set is selecting all pods. A non-empty selector is required."
            self.recorder.event(daemon_set, "Warning", "SelectingAll", message)
            return None
        if metadata.is_terminating(daemon_set):
            return None
        revision = template_hash(daemon_set["spec"]["template"], get_in(daemon_set, "status.collisionCount"))
        again = self._manage(key, daemon_set, revision) if self._expectations.satisfied(key) else None
        if self._expectations.satisfied(key) and _strategy(daemon_set) == "RollingUpdate":
            self._roll(key, daemon_set, revision)
        self._write_status(daemon_set, revision)
        return again

    def _daemons(self, daemon_set: Object) -> dict[str, list[Object]]:
        """The DaemonSet's Pods by node, as the cache has them."""
        found: dict[str, list[Object]] = {}
        for pod in self._claim(daemon_set):
            found.setdefault(node_of(pod), []).append(pod)
        return found

    def _manage(self, key: str, daemon_set: Object, revision: str) -> int | None:
        """Missing Pods are made, superfluous ones and those that failed are deleted."""
        daemons = self._daemons(daemon_set)
        nodes = self.lister("nodes").list()
        needy: list[str] = []
        surplus = _for_missing_nodes(daemons, nodes)
        again: int | None = None
        for node in nodes:
            here = daemons.get(metadata.name(node), [])
            run, stay = verdict(daemon_set, node)
            if not here:
                needy += [metadata.name(node)] if run else []
            elif not stay:
                surplus += [pod for pod in here if not metadata.is_terminating(pod)]
            else:
                ended, wait_ns = self._ended(daemon_set, here)
                again = min(filter(None, (again, wait_ns)), default=None)
                surplus += ended + _doubles(here)
        self._sync(key, daemon_set, needy, surplus, revision)
        return again

    def _ended(self, daemon_set: Object, here: list[Object]) -> tuple[list[Object], int | None]:
        """Daemons that have ended are deleted (and made anew): failed ones with a growing delay per node."""
        found: list[Object] = []
        wait_ns: int | None = None
        for pod in here:
            if metadata.is_terminating(pod) or not pods.is_terminal(pod):
                continue
            failed = pods.phase(pod) == "Failed"
            wait_ns = self._back_off(metadata.uid(daemon_set), node_of(pod)) if failed else None
            if wait_ns:
                continue
            self._say_ended(daemon_set, pod, failed)
            found.append(pod)
        return found, wait_ns

    def _back_off(self, uid: str, node: str) -> int | None:
        """Nanoseconds to wait before the next failed Pod on a node may be replaced; None when it may be now."""
        now = self.process.now
        delay_ns, since_ns = self._failures.get((uid, node), (0, 0))
        if delay_ns and now - since_ns < delay_ns:
            return delay_ns - (now - since_ns)
        if now - since_ns > 2 * FAILED_POD_BACKOFF_MAX_NS:
            delay_ns = 0
        self._failures[uid, node] = min(2 * delay_ns or FAILED_POD_BACKOFF_NS, FAILED_POD_BACKOFF_MAX_NS), now
        return None

    def _say_ended(self, daemon_set: Object, pod: Object, failed: bool) -> None:
        where = f"daemon pod {metadata.namespace(pod)}/{metadata.name(pod)} on node {node_of(pod)}"
        if failed:
            message = f"Found failed {where}, will try to kill it"
            self.recorder.event(daemon_set, "Warning", "FailedDaemonPod", message)
        else:
            message = f"Found succeeded {where}, will try to delete it"
            self.recorder.event(daemon_set, "Normal", "SucceededDaemonPod", message)

    def _roll(self, key: str, daemon_set: Object, revision: str) -> None:
        """RollingUpdate: old Pods that serve nobody go at once, others as maxUnavailable allows."""
        daemons = self._daemons(daemon_set)
        wanted = [
            metadata.name(node) for node in self.lister("nodes").list() if verdict(daemon_set, node).run
        ]
        least = get_in(daemon_set, "spec.minReadySeconds", 0)
        unavailable = 0
        broken: list[Object] = []
        whole: list[Object] = []
        for name in wanted:
            here = [pod for pod in daemons.get(name, []) if not metadata.is_terminating(pod)]
            old = [pod for pod in here if not is_updated(pod, revision)]
            available = [pod for pod in here if pods.is_available(pod, least, self.process.now)]
            unavailable += not available or len(old) not in (0, len(here))
            (whole if available else broken).extend(old if len(old) == len(here) else [])
        allowed = max(_max_unavailable(daemon_set, len(wanted)) - unavailable, 0)
        self._sync(key, daemon_set, [], broken + whole[:allowed], revision)

    def _sync(
        self, key: str, daemon_set: Object, needy: list[str], surplus: list[Object], revision: str
    ) -> None:
        """Create for `needy` nodes, delete `surplus` Pods, at most 250 of each in one go."""
        template = _labelled(daemon_set, revision)
        names = iter(needy[:BURST_REPLICAS])

        def create_one() -> None:
            made = {**pod_from_template(template, daemon_set), "spec": pod_spec(daemon_set, next(names))}
            self._expectations.expect_added(key, metadata.uid(self._control.create(made, daemon_set)))

        _, failure = slow_start(len(needy[:BURST_REPLICAS]), create_one)
        for pod in surplus[:BURST_REPLICAS]:
            failure = self._delete(key, daemon_set, pod) or failure
        if failure is not None and not is_namespace_terminating(failure):
            raise failure

    def _delete(self, key: str, daemon_set: Object, pod: Object) -> Exception | None:
        self._expectations.expect_gone(key, metadata.uid(pod))
        try:
            self._control.delete(pod, daemon_set)
        except (StatusError, Unreachable) as error:
            self._expectations.gone(metadata.uid(pod))
            return None if isinstance(error, NotFound) else error
        return None

    def _write_status(self, daemon_set: Object, revision: str) -> None:
        nodes = self.lister("nodes").list()
        status = new_status(daemon_set, nodes, self._daemons(daemon_set), revision, self.process.now)
        if status != daemon_set.get("status"):
            self.client.update_status({**daemon_set, "status": status})


def new_status(
    daemon_set: Object, nodes: Iterable[Object], daemons: Daemons, revision: str, now_ns: int
) -> Object:
    """Counts of nodes, not of Pods: wanted, served, served by mistake, ready, up to date, available."""
    least = get_in(daemon_set, "spec.minReadySeconds", 0)
    desired = current = misplaced = ready = updated = available = 0
    for node in nodes:
        here = _oldest_first(daemons.get(metadata.name(node), []))
        run = verdict(daemon_set, node).run
        desired += run
        misplaced += bool(here) and not run
        if not run or not here:
            continue
        current += 1
        ready += pods.is_ready(here[0])
        available += pods.is_available(here[0], least, now_ns)
        updated += is_updated(here[0], revision)
    status = {
        "currentNumberScheduled": current,
        "numberMisscheduled": misplaced,
        "desiredNumberScheduled": desired,
        "numberReady": ready,
        "observedGeneration": get_in(daemon_set, "metadata.generation", 0),
    }
    more = {
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
        "numberUnavailable": desired - available,
        "collisionCount": get_in(daemon_set, "status.collisionCount", 0),
    }
    return {**status, **{field: number for field, number in more.items() if number}}


def is_updated(pod: Object, revision: str) -> bool:
    """Whether a Pod was made from the present template."""
    return metadata.labels(pod).get(HASH_LABEL) == revision


def _labelled(daemon_set: Object, revision: str) -> Object:
    template = evolve(daemon_set["spec"]["template"], ("metadata", "labels", HASH_LABEL), revision)
    generation = metadata.annotations(daemon_set).get(GENERATION_ANNOTATION)
    if generation:
        template = evolve(template, ("metadata", "labels", GENERATION_LABEL), generation)
    labelled: Object = template
    return labelled


def _for_missing_nodes(daemons: Daemons, nodes: Iterable[Object]) -> list[Object]:
    """Pods that wait to be scheduled to a node that is gone. (Bound ones are the Pod garbage collector's.)"""
    existing = [metadata.name(node) for node in nodes]
    lost = [pod for name, here in daemons.items() if name not in existing for pod in here]
    return [pod for pod in lost if not get_in(pod, "spec.nodeName") and not metadata.is_terminating(pod)]


def _oldest_first(found: list[Object]) -> list[Object]:
    """Scheduled before unscheduled, then by age: the first one is the node's daemon."""
    return sorted(
        found,
        key=lambda pod: (
            not get_in(pod, "spec.nodeName"),
            pod["metadata"]["creationTimestamp"],
            metadata.name(pod),
        ),
    )


def _doubles(here: list[Object]) -> list[Object]:
    """All but the oldest of several living daemons on one node."""
    return _oldest_first([pod for pod in here if pods.is_active(pod)])[1:]


def _shape(node: Object) -> tuple[object, ...]:
    return metadata.labels(node), get_in(node, "spec.taints"), get_in(node, "spec.unschedulable")


def _strategy(daemon_set: Object) -> str:
    return str(get_in(daemon_set, "spec.updateStrategy.type", "RollingUpdate"))


def _max_unavailable(daemon_set: Object, desired: int) -> int:
    value = get_in(daemon_set, "spec.updateStrategy.rollingUpdate.maxUnavailable", 1)
    return scaled_value(value, desired, round_up=True)
