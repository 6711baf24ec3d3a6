"""Who is next: the Pods that have no node.

    active         ready to be tried, by priority and then by age
    backoff        to be tried again soon: 1, 2, 4, 8, 10 s after the last attempt
    unschedulable  no node fits; waits for an event that may help, at most five minutes
    gated          may not enter yet (spec.schedulingGates)
    in flight      somebody is deciding or binding it now

Upstream: `pkg/scheduler/backend/queue/{scheduling_queue,backoff_queue,active_queue}.go`.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from k8scourse.api.metadata import key as key_of
from k8scourse.api.metadata import uid
from k8scourse.api.values import Object
from k8scourse.sim import MINUTE, SECOND, Process

from .framework import ClusterEvent, Rejection

INITIAL_BACKOFF_NS = 1 * SECOND
MAX_BACKOFF_NS = 10 * SECOND
UNSCHEDULABLE_MAX_NS = 5 * MINUTE
UNSCHEDULABLE_CHECK_NS = 30 * SECOND

ACTIVE, BACKOFF, UNSCHEDULABLE, GATED, IN_FLIGHT = "active", "backoff", "unschedulable", "gated", "in flight"


@dataclass(slots=True)
class QueuedPod:
    """A Pod and its history in the queue. `timestamp_ns` is when it last entered, or last failed."""

    pod: Object
    timestamp_ns: int
    place: str = ACTIVE
    attempts: int = 0
    unschedulable_count: int = 0
    errors: int = 0
    rejected_by: list[str] = field(default_factory=list)
    ticket: int = 0
    """Changes with every move: what a heap or a timer still holds under an older number is void."""

    @property
    def key(self) -> str:
        """The Pod's "namespace/name"."""
        return key_of(self.pod)

    @property
    def backoff_ends_ns(self) -> int:
        """When it may be tried again, cut to the whole second as upstream's ordering window does."""
        count = self.errors or self.unschedulable_count
        delay_ns = min(INITIAL_BACKOFF_NS << min(count - 1, 10), MAX_BACKOFF_NS) if count else 0
        return (self.timestamp_ns + delay_ns) // SECOND * SECOND


class Rules(Protocol):
    """What the queue asks the plugins."""

    def gate(self, pod: Object) -> Rejection | None:
        """Why the Pod must stay outside, or None."""

    def sort_key(self, queued: QueuedPod) -> tuple[int, ...]:
        """The smaller comes first."""

    def helps(self, event: ClusterEvent, queued: QueuedPod) -> bool:
        """Whether an event makes a rejected Pod worth another try."""


class SchedulingQueue:
    """All Pods without a node, each in one place. `on_ready` is called when there may be one to pop."""

    def __init__(self, process: Process, rules: Rules, on_ready: Callable[[], object]) -> None:
        self._process, self._rules, self._on_ready = process, rules, on_ready
        self._pods: dict[str, QueuedPod] = {}
        self._active: list[tuple[tuple[int, ...], int, str]] = []
        self._tickets = itertools.count(1)
        self._checking = False

    def add(self, pod: Object) -> None:
        """A Pod without a node has appeared."""
        queued = QueuedPod(pod, self._process.now)
        self._pods[queued.key] = queued
        self._enter(queued)

    def update(self, pod: Object) -> None:
        """A Pod without a node has changed; the change itself may be what it waited for."""
        queued = self._pods.get(key_of(pod))
        if queued is None or uid(queued.pod) != uid(pod):
            self.add(pod)
            return
        old, queued.pod = queued.pod, pod
        if queued.place == GATED:
            self._enter(queued)
        elif queued.place == UNSCHEDULABLE:
            events = pod_changes(old, pod)
            if any(self._rules.helps(ClusterEvent(name, old, pod), queued) for name in events):
                self._requeue(queued)

    def delete(self, key: str) -> None:
        """The Pod is gone, or has a node now; unknown ones are fine."""
        self._pods.pop(key, None)

    def get(self, key: str) -> QueuedPod | None:
        """The Pod's entry, wherever in the queue it is."""
        return self._pods.get(key)

    def pop(self) -> QueuedPod | None:
        """The next Pod to try, now in flight. When no Pod is active, one that backs off is tried early."""
        while self._active:
            _, ticket, key = heapq.heappop(self._active)
            queued = self._pods.get(key)
            if queued is not None and queued.ticket == ticket:
                return self._take(queued)
        resting = [queued for queued in self._pods.values() if queued.place == BACKOFF and not queued.errors]
        if not resting:
            return None
        return self._take(
            min(resting, key=lambda entry: (entry.backoff_ends_ns, self._rules.sort_key(entry), entry.ticket))
        )

    def retry(self, queued: QueuedPod, rejected_by: list[str]) -> None:
        """The attempt failed: no node fits because of these plugins, or (none given) something went wrong."""
        if self._pods.get(queued.key) is not queued:
            return  # deleted, replaced or bound meanwhile
        queued.timestamp_ns = self._process.now
        queued.rejected_by = rejected_by
        if not rejected_by:
            queued.errors += 1
            self._requeue(queued)
            return
        queued.errors = 0
        queued.unschedulable_count += 1
        self._place(queued, UNSCHEDULABLE)
        self._check_later()

    def move(self, event: ClusterEvent) -> None:
        """Something has changed: try those again whom it may help."""
        for queued in list(self._pods.values()):
            if queued.place == UNSCHEDULABLE and self._rules.helps(event, queued):
                self._requeue(queued)

    def places(self) -> dict[str, list[str]]:
        """The keys in each place: what a picture of the queue shows."""
        table: dict[str, list[str]] = {ACTIVE: [], BACKOFF: [], UNSCHEDULABLE: [], GATED: [], IN_FLIGHT: []}
        for key, queued in self._pods.items():
            table[queued.place].append(key)
        return table

    def _enter(self, queued: QueuedPod) -> None:
        if self._rules.gate(queued.pod) is not None:
            self._place(queued, GATED)
        else:
            self._activate(queued)

    def _activate(self, queued: QueuedPod) -> None:
        self._place(queued, ACTIVE)
        heapq.heappush(self._active, (self._rules.sort_key(queued), queued.ticket, queued.key))
        self._on_ready()

    def _requeue(self, queued: QueuedPod) -> None:
        """To the back-off while it lasts, else to the active ones."""
        wait_ns = queued.backoff_ends_ns - self._process.now
        if wait_ns <= 0:
            self._activate(queued)
            return
        self._place(queued, BACKOFF)
        self._process.after(wait_ns, self._backoff_over, queued, queued.ticket)
        if not queued.errors:
            self._on_ready()

    def _backoff_over(self, queued: QueuedPod, ticket: int) -> None:
        if queued.ticket == ticket and self._pods.get(queued.key) is queued:
            self._activate(queued)

    def _take(self, queued: QueuedPod) -> QueuedPod:
        queued.attempts += 1
        self._place(queued, IN_FLIGHT)
        return queued

    def _place(self, queued: QueuedPod, place: str) -> None:
        queued.place = place
        queued.ticket = next(self._tickets)

    def _check_later(self) -> None:
        """Look at the unschedulable Pods at the next half minute, and only while there are any."""
        if not self._checking:
            self._checking = True
            self._process.after(
                UNSCHEDULABLE_CHECK_NS - self._process.now % UNSCHEDULABLE_CHECK_NS, self._check
            )

    def _check(self) -> None:
        self._checking = False
        for queued in list(self._pods.values()):
            if queued.place == UNSCHEDULABLE:
                if self._process.now - queued.timestamp_ns > UNSCHEDULABLE_MAX_NS:
                    self._requeue(queued)
                else:
                    self._check_later()


def pod_changes(old: Object, new: Object) -> list[str]:
    """The events that a change of a waiting Pod is; none when only its status changed."""
    changes = []
    if old["spec"].get("tolerations") != new["spec"].get("tolerations"):
        changes.append("Pod/UpdateToleration")
    if old["spec"].get("schedulingGates") != new["spec"].get("schedulingGates"):
        changes.append("Pod/UpdateGates")
    if old["spec"].get("containers") != new["spec"].get("containers"):
        changes.append("Pod/UpdateRequests")
    if old["metadata"].get("labels") != new["metadata"].get("labels"):
        changes.append("Pod/UpdateLabel")
    return changes
