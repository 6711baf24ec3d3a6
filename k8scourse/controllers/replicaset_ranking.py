"""Which Pod of a ReplicaSet is deleted first.

Upstream: `pkg/controller/controller_utils.go`, ActivePodsWithRanks. In order: not yet on a node; Pending, then
Unknown, then Running; not ready; lower `controller.kubernetes.io/pod-deletion-cost`; on a node that holds more
Pods of the same Deployment; ready for a shorter time; more restarts; younger. Ages are compared by the power of
two they fall into, so that with many Pods of a similar age the choice is spread (by UID) and not always the last.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from k8scourse.api import conditions, pods, times
from k8scourse.api.values import Object, get_in

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


class Candidate(NamedTuple):
    """What the order looks at; `rank` is the number of related Pods on the same node."""

    assigned: bool
    phase: int
    ready: bool
    cost: int
    rank: int
    ready_since: int
    restarts: int
    created: int
    uid: str


def candidate(pod: Object, rank: int = 0) -> Candidate:
    """A Pod as the order sees it. Times are nanoseconds; an unparsable deletion cost counts as 0."""
    ready = conditions.get(pod, "Ready") or {}
    statuses = get_in(pod, "status.containerStatuses", [])
    return Candidate(
        assigned=bool(get_in(pod, "spec.nodeName", "")),
        phase=_PHASES.get(get_in(pod, "status.phase", "Pending"), 2),
        ready=pods.is_ready(pod),
        cost=_cost(get_in(pod, ("metadata", "annotations", DELETION_COST), "0")),
        rank=rank,
        ready_since=_time(ready.get("lastTransitionTime")),
        restarts=max((status.get("restartCount", 0) for status in statuses), default=0),
        created=_time(get_in(pod, "metadata.creationTimestamp")),
        uid=get_in(pod, "metadata.uid", ""),
    )


def node_ranks(related: Iterable[Object]) -> dict[str, int]:
    """How many of the related active Pods are on each node."""
    counts: dict[str, int] = {}
    for pod in related:
        node = get_in(pod, "spec.nodeName", "")
        counts[node] = counts.get(node, 0) + 1
    return counts


def pods_to_delete(
    active: Sequence[Object], count: int, now_ns: int, ranks: Mapping[str, int] | None = None
) -> list[Object]:
    """The `count` Pods that go first. `ranks` as of `node_ranks`; a bare ReplicaSet does not look at nodes."""
    if count >= len(active):
        return list(active)
    ranked = [(candidate(pod, (ranks or {}).get(get_in(pod, "spec.nodeName", ""), 0)), pod) for pod in active]

    def order(one: tuple[Candidate, Object], two: tuple[Candidate, Object]) -> int:
        return compare(one[0], two[0], now_ns)

    return [pod for _, pod in sorted(ranked, key=functools.cmp_to_key(order))[:count]]


def compare(one: Candidate, two: Candidate, now_ns: int) -> int:
    """Negative when `one` is to be deleted before `two`."""
    first = (one.assigned, one.phase, one.ready, one.cost, -one.rank)
    second = (two.assigned, two.phase, two.ready, two.cost, -two.rank)
    if first != second:
        return -1 if first < second else 1
    if one.ready and one.ready_since != two.ready_since:
        return _younger(one.ready_since, two.ready_since, now_ns) or _by_uid(one, two)
    if one.restarts != two.restarts:
        return two.restarts - one.restarts
    if one.created != two.created:
        return _younger(one.created, two.created, now_ns) or _by_uid(one, two)
    return 0


def _younger(one: int, two: int, now_ns: int) -> int:
    return _magnitude(now_ns - one) - _magnitude(now_ns - two)


def _magnitude(age_ns: int) -> int:
    """The power of two an age falls into; -1 for none at all."""
    return int(math.log2(age_ns)) if age_ns > 0 else -1


def _by_uid(one: Candidate, two: Candidate) -> int:
    return -1 if one.uid < two.uid else 1


def _cost(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def _time(text: str | None) -> int:
    return times.parse_time(text) if text else 0
