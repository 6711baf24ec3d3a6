"""One scheduling cycle: from a Pod to a decision. It reads the cache and changes nothing.

Upstream: `pkg/scheduler/schedule_one.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.metadata import key as key_of
from k8scourse.api.values import Object

from .cache import Cache
from .decision import NO_NODES, Decision, fit_message
from .framework import CycleState, Rejection, unresolvable
from .node_info import NodeInfo
from .runtime import Framework

MIN_FEASIBLE_NODES = 100
MIN_PERCENTAGE = 5


@dataclass(slots=True)
class Outcome:
    """What came of a cycle: the decision, and which plugins rejected the Pod (empty when it was no plugin)."""

    decision: Decision
    rejected_by: list[str] = field(default_factory=list)


def num_feasible_nodes_to_find(number_of_nodes: int, percentage: int = 0) -> int:
    """After how many feasible nodes the search may stop. In small clusters: never before all were seen.

    `percentage` 0 adapts: 50 % of 125 nodes and fewer as the cluster grows, never below 5 %.
    """
    if number_of_nodes < MIN_FEASIBLE_NODES:
        return number_of_nodes
    if percentage == 0:
        percentage = max(50 - number_of_nodes // 125, MIN_PERCENTAGE)
    return max(number_of_nodes * percentage // 100, MIN_FEASIBLE_NODES)


class Cycle:
    """The algorithm, and the one number that it keeps between cycles: where to begin looking."""

    def __init__(self, framework: Framework, cache: Cache) -> None:
        self._framework, self._cache = framework, cache
        self._start = 0

    def run(self, pod: Object) -> Outcome:
        """Decide about one Pod."""
        state = CycleState()
        nodes = self._cache.nodes()
        if not nodes:
            return Outcome(Decision(key_of(pod), "", NO_NODES))
        rejection, names, narrowed_by = self._framework.pre_filter(state, pod)
        if rejection is not None:
            message = fit_message(len(nodes), (), "not found", before=", ".join(rejection.reasons))
            rows = {node.name: {"filtered": ", ".join(rejection.reasons)} for node in nodes}
            return Outcome(Decision(key_of(pod), "", message, rows), [rejection.plugin])
        feasible, rejections = self._find(state, pod, nodes, names, narrowed_by)
        if not feasible:
            return self._nothing_fits(state, pod, nodes, rejections, narrowed_by)
        return self._choose(state, pod, feasible, rejections)

    def _find(
        self,
        state: CycleState,
        pod: Object,
        nodes: Sequence[NodeInfo],
        names: list[str] | None,
        narrowed_by: list[str],
    ) -> tuple[list[NodeInfo], dict[str, Rejection]]:
        """The feasible nodes, and why the others are not. Begins where the last cycle stopped."""
        rejections: dict[str, Rejection] = {}
        if names is not None:
            outside = unresolvable(f"node(s) didn't satisfy plugin(s) [{' '.join(narrowed_by)}]")
            rejections = {node.name: outside for node in nodes if node.name not in names}
            nodes = [node for node in nodes if node.name in names]
        wanted = num_feasible_nodes_to_find(len(nodes))
        feasible: list[NodeInfo] = []
        processed = 0
        for index in range(len(nodes)):
            node = nodes[(self._start + index) % len(nodes)]
            processed += 1
            rejection = self._framework.filter(state, pod, node)
            if rejection is not None:
                rejections[node.name] = rejection
                continue
            feasible.append(node)
            if len(feasible) == wanted:
                break
        if nodes:
            self._start = (self._start + processed) % len(nodes)
        return feasible, rejections

    def _nothing_fits(
        self,
        state: CycleState,
        pod: Object,
        nodes: Sequence[NodeInfo],
        rejections: dict[str, Rejection],
        narrowed_by: list[str],
    ) -> Outcome:
        after = self._framework.post_filter(state, pod, rejections, len(nodes))
        reasons = [reason for rejection in rejections.values() for reason in rejection.reasons]
        message = fit_message(len(nodes), reasons, after)
        plugins = [rejection.plugin for rejection in rejections.values() if rejection.plugin]
        decision = Decision(key_of(pod), "", message, _filtered_rows(rejections))
        return Outcome(decision, list(dict.fromkeys([*plugins, *narrowed_by])))

    def _choose(
        self, state: CycleState, pod: Object, feasible: Sequence[NodeInfo], rejections: dict[str, Rejection]
    ) -> Outcome:
        """One feasible node is taken without scoring; of several the best."""
        table: dict[str, dict[str, int]] = {feasible[0].name: {}}
        if len(feasible) > 1:
            table = self._framework.score(state, pod, feasible)
        totals = {name: sum(scores.values()) for name, scores in table.items()}
        winner = select_host(list(totals.items()))
        rows = _filtered_rows(rejections)
        rows |= {name: {"scores": scores, "total": totals[name]} for name, scores in table.items()}
        message = f"Successfully assigned {key_of(pod)} to {winner}"
        return Outcome(Decision(key_of(pod), winner, message, rows))


def _filtered_rows(rejections: dict[str, Rejection]) -> dict[str, dict[str, Any]]:
    return {name: {"filtered": ", ".join(rejection.reasons)} for name, rejection in rejections.items()}


def select_host(totals: Sequence[tuple[str, int]]) -> str:
    """The node with the highest total. Among equals: the root of Go's `container/heap` over the list.

    Upstream gives equal nodes no random rank unless an extender is asked (`schedule_one.go`,
    prioritizeNodes), so the winner of a tie follows from the order of the list alone, yet is not always the
    first of them.
    """
    heap = list(totals)
    for start in range(len(heap) // 2 - 1, -1, -1):
        _sift_down(heap, start, lambda one, other: one[1] > other[1])
    return heap[0][0]


def _sift_down(
    heap: list[tuple[str, int]], parent: int, better: Callable[[tuple[str, int], tuple[str, int]], bool]
) -> None:
    while (child := 2 * parent + 1) < len(heap):
        right = child + 1
        if right < len(heap) and better(heap[right], heap[child]):
            child = right
        if not better(heap[child], heap[parent]):
            return
        heap[parent], heap[child] = heap[child], heap[parent]
        parent = child
