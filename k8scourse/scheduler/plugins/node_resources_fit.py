"""NodeResourcesFit: what the Pod requests must be free; then rather a node with more left (LeastAllocated).

Filters count requests, never use. Scores count 100m CPU and 200Mi memory for a container that requests nothing.
Upstream: `pkg/scheduler/framework/plugins/noderesources/{fit,least_allocated}.go`.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.api.pods import requests
from k8scourse.api.values import Object

from ..framework import (
    MAX_NODE_SCORE,
    BasePlugin,
    ClusterEvent,
    CycleState,
    PreFilterAnswer,
    Rejection,
    Skip,
    unresolvable,
    unschedulable,
)
from ..node_info import NodeInfo, non_zero_requests

SCORED = ("cpu", "memory")


class NodeResourcesFit(BasePlugin):
    """Compares the Pod's requests with what the node has left."""

    name = "NodeResourcesFit"
    events = (
        "Node/Add",
        "Node/UpdateAllocatable",
        "AssignedPod/Delete",
        "AssignedPod/UpdateRequests",
        "Pod/UpdateRequests",
    )

    def pre_filter(self, state: CycleState, pod: Object) -> PreFilterAnswer:
        """Add up the Pod's requests once."""
        state.data[self.name] = {resource: value for resource, value in requests(pod).items() if value > 0}
        return None

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """Every resource that does not suffice is a reason of its own."""
        reasons = []
        if len(node.pods) + 1 > node.allocatable.get("pods", 0):
            reasons.append("Too many pods")
        hopeless = False
        for resource, wanted in state.data[self.name].items():
            offered = node.allocatable.get(resource, 0)
            if wanted > offered - node.requested.get(resource, 0):
                reasons.append(f"Insufficient {resource}")
                hopeless = hopeless or wanted > offered
        if not reasons:
            return None
        return unresolvable(*reasons) if hopeless else unschedulable(*reasons)

    def pre_score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> Skip | None:
        """Add up the requests with defaults once."""
        state.data[f"{self.name}/score"] = non_zero_requests(pod)
        return None

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """The mean, over CPU and memory, of the share that would be left, in whole hundredths."""
        wanted = state.data[f"{self.name}/score"]
        shares = [
            least_allocated(node.non_zero.get(resource, 0) + wanted.get(resource, 0), offered)
            for resource in SCORED
            if (offered := node.allocatable.get(resource, 0))
        ]
        return sum(shares) // len(shares) if shares else 0

    def normalize(self, scores: list[int]) -> list[int]:
        """They are 0 to 100 already."""
        return scores

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """A node helps when it could hold the Pod if it were empty; anything that frees resources helps."""
        if not event.name.startswith("Node/") or event.new is None:
            return True
        empty = NodeInfo(event.new["metadata"]["name"])
        empty.set_node(event.new)
        return all(value <= empty.allocatable.get(resource, 0) for resource, value in requests(pod).items())


def least_allocated(requested: int, allocatable: int) -> int:
    """`(allocatable - requested) / allocatable` in whole hundredths; 0 when it is too much."""
    if requested > allocatable:
        return 0
    return (allocatable - requested) * MAX_NODE_SCORE // allocatable
