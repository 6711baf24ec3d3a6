"""The node lifecycle controller: a kubelet that falls silent, and what follows for its node and its Pods.

    every 5 s     has the kubelet given a sign (Lease or status) within the last 50 s?
    if not        all its conditions become Unknown, its Pods Ready=False (they may still run: nobody knows)
    by condition  taints NoSchedule at once; NoExecute through a limiter, one node in 10 s per zone

Who evicts is `tainteviction`. When every node of every zone is away, it is more likely that we are cut off than
that all have died: then nobody is evicted. Upstream: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from k8scourse.api import conditions, metadata, times
from k8scourse.api.errors import Conflict, NotFound, StatusError
from k8scourse.api.values import Object, evolve, get_in
from k8scourse.client import Unreachable
from k8scourse.sim import SECOND

from . import node_health as health
from .base import Context, Controller

_LEASES = "kube-node-lease"


class _Seen(NamedTuple):
    """The last sign of life of a node: what was seen, and when it was seen."""

    heartbeat: str | None
    renewed: str | None
    at_ns: int


class NodeLifecycleController(Controller):
    """Watches over nodes. Its only memory is when it last saw a sign of life; a restart waits 50 s again."""

    NAME = "node-lifecycle-controller"
    COMPONENT = "node-controller"
    KIND = "nodes"
    WATCHES = ("pods", "leases")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._seen: dict[str, _Seen] = {}
        self._zones: dict[str, str] = {}
        self._was_blind = False
        self._next_eviction_ns: dict[str, int] = {}
        context.informers.get("pods").add_index("node", _node_of)

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A node itself. Leases and Pods are read every 5 s."""
        return (metadata.name(obj),) if resource == "nodes" else ()

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Only what decides about taints is looked at at once."""
        if resource == "nodes" and _shape(old) != _shape(new):
            super().on_updated(resource, old, new)

    def begin(self) -> None:
        """Start the rounds as well as the queue."""
        super().begin()
        self.process.every(self.options.node_monitor_period_seconds * SECOND, self._monitor)

    def reconcile(self, key: str) -> int | None:
        """Put the NoSchedule taints of one node right."""
        node = self.lister("nodes").get(key)
        if node is None:
            self._seen.pop(key, None)
            return None
        self._write_taints(node, health.with_schedule_taints(node, self._now()))
        return None

    def _monitor(self) -> None:
        """One round over all nodes. One that cannot be written now is looked at again in the next round."""
        if self._is_blind():
            return
        nodes = [self._checked(node) for node in self.lister("nodes").list()]
        if self._follow_zones(nodes):
            return
        for node in nodes:
            try:
                self._taint_for_eviction(node)
            except (StatusError, Unreachable):
                continue

    def _is_blind(self) -> bool:
        """Whether we are the ones who hear nothing. Then nobody is judged, and afterwards all get their time anew.

        Upstream's process would have lost its leader lease after 10 s, ended, and begun like this."""
        blind = not all(self._informers.get(resource).watching for resource in ("nodes", "leases"))
        if self._was_blind and not blind:
            self._forgive()
        self._was_blind = blind
        return blind

    def _forgive(self) -> None:
        self._seen = {name: seen._replace(at_ns=self.process.now) for name, seen in self._seen.items()}

    def _checked(self, node: Object) -> Object:
        """The node as it is after this round's look at its signs of life."""
        try:
            fresh = self._check(node)
            if health.ready_status(fresh) == "Unknown":
                self._mark_pods_not_ready(fresh)
        except (StatusError, Unreachable):
            return node
        return fresh

    def _check(self, node: Object) -> Object:
        limit = self.options.node_monitor_grace_seconds
        if health.ready_status(node) is None:
            limit = self.options.node_startup_grace_seconds
        if self.process.now <= self._last_sign_ns(node) + limit * SECOND:
            return node
        rows = health.silent_conditions(node, self._now())
        if rows == get_in(node, "status.conditions", []):
            return node
        written = self.client.update_status(evolve(node, "status.conditions", rows))
        if health.ready_status(node) == "True":
            message = f"Node {metadata.name(node)} status is now: NodeNotReady"
            self.recorder.event(node, "Normal", "NodeNotReady", message)
        return written

    def _last_sign_ns(self, node: Object) -> int:
        """When a heartbeat or a renewed Lease was last *seen*: clocks of other machines are not trusted."""
        name = metadata.name(node)
        lease = self.lister("leases").get(f"{_LEASES}/{name}")
        renewed = get_in(lease, "spec.renewTime") if lease else None
        ready = conditions.get(node, "Ready") or {}
        heartbeat = None if ready.get("status") == "Unknown" else ready.get("lastHeartbeatTime")
        before = self._seen.get(name)
        if before is None:
            at_ns = self.process.now if ready else times.parse_time(node["metadata"]["creationTimestamp"])
            self._seen[name] = _Seen(heartbeat, renewed, at_ns)
        elif renewed != before.renewed or (heartbeat and heartbeat != before.heartbeat):
            self._seen[name] = _Seen(heartbeat or before.heartbeat, renewed, self.process.now)
        return self._seen[name].at_ns

    def _mark_pods_not_ready(self, node: Object) -> None:
        """Their endpoints are taken out of service. Daemons and all: whoever is on the node is in doubt."""
        for pod in self.lister("pods").by_index("node", metadata.name(node)):
            ready = conditions.get(pod, "Ready")
            if ready is None or ready["status"] != "True" or metadata.is_terminating(pod):
                continue
            self._mark(pod)

    def _mark(self, pod: Object) -> None:
        fresh = conditions.get(pod, "Ready") or {}
        row = {**fresh, "status": "False"}
        del row["lastTransitionTime"]
        changed = conditions.with_condition(pod, row, self.process.now)
        try:
            self.client.update_status(changed)
        except (NotFound, Conflict):
            return
        self.recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")

    def _taint_for_eviction(self, node: Object) -> None:
        """NoExecute: taken away at once, set when the zone's limiter lets this node pass."""
        key = health.eviction_taint(health.ready_status(node))
        wanted = health.with_eviction_taint(node, key, self._now())
        if wanted == get_in(node, "spec.taints", []):
            return
        has_any = len(wanted) <= len(get_in(node, "spec.taints", []))
        if key is None or has_any or self._may_evict(health.zone_of(node)):
            self._write_taints(node, wanted)

    def _may_evict(self, zone: str) -> bool:
        """Take a token of the zone's bucket of one."""
        size = sum(health.zone_of(node) == zone for node in self.lister("nodes").list())
        rate = self._rate(self._zones.get(zone, health.NORMAL), size)
        if not rate or self.process.now < self._next_eviction_ns.get(zone, 0):
            return False
        self._next_eviction_ns[zone] = self.process.now + round(SECOND / rate)
        return True

    def _rate(self, state: str, zone_size: int) -> float:
        """Nodes per second: a big zone in trouble is emptied slowly, a small one not at all."""
        if state != health.PARTIAL:
            return self.options.node_eviction_rate
        large = zone_size > self.options.large_cluster_size_threshold
        return self.options.secondary_node_eviction_rate if large else 0.0

    def _follow_zones(self, nodes: list[Object]) -> bool:
        """Update the state of each zone. True when all are away: then nothing is evicted, and taints go."""
        zones: dict[str, list[str | None]] = {}
        for node in nodes:
            zones.setdefault(health.zone_of(node), []).append(health.ready_status(node))
        threshold = self.options.unhealthy_zone_threshold
        states = {zone: health.zone_state(found, threshold) for zone, found in zones.items()}
        was_lost, is_lost = _all_full(self._zones), _all_full(states)
        self._zones = states
        if is_lost and not was_lost:
            self._spare(nodes)
        if was_lost and not is_lost:
            # The others get time to show that they live, too, before anybody counts them as lost.
            self._forgive()
        return is_lost

    def _spare(self, nodes: list[Object]) -> None:
        for node in nodes:
            try:
                self._write_taints(node, health.with_eviction_taint(node, None, self._now()))
            except (StatusError, Unreachable):
                continue

    def _write_taints(self, node: Object, taints: list[Object]) -> None:
        """Patch the taints of exactly this version of the node: nobody else's change may get lost."""
        if taints == get_in(node, "spec.taints", []):
            return
        version = node["metadata"]["resourceVersion"]
        change = {"metadata": {"resourceVersion": version}, "spec": {"taints": taints or None}}
        self.client.patch("nodes", metadata.name(node), change, patch_type="merge")

    def _now(self) -> str:
        return times.format_time(self.process.now)


def _all_full(states: dict[str, str]) -> bool:
    return bool(states) and all(state == health.FULL for state in states.values())


def _node_of(pod: Object) -> list[str]:
    return [get_in(pod, "spec.nodeName", "")]


def _shape(node: Object) -> tuple[object, ...]:
    rows = [(row["type"], row["status"]) for row in get_in(node, "status.conditions", [])]
    return rows, get_in(node, "spec.taints"), get_in(node, "spec.unschedulable")
