"""NodeResourcesBalancedAllocation: rather a node that the Pod leaves with CPU and memory used in equal parts.

Since 1.36 the *change* of balance counts: 50 + (50 + balance with the Pod - balance without it) / 2, which is
75 when nothing changes. Pods that request nothing are not scored.
Upstream: `pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go`.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.api.pods import requests
from k8scourse.api.values import Object

from ..framework import MAX_NODE_SCORE, SKIP, BasePlugin, CycleState, Skip
from ..node_info import NodeInfo

WEIGHED = ("cpu", "memory")


class NodeResourcesBalancedAllocation(BasePlugin):
    """Compares how evenly CPU and memory are requested."""

    name = "NodeResourcesBalancedAllocation"

    def pre_score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> Skip | None:
        """Skip Pods that request neither CPU nor memory."""
        wanted = requests(pod)
        state.data[self.name] = wanted
        return None if any(wanted.get(resource) for resource in WEIGHED) else SKIP

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """Around 75: more when the Pod evens the node out, less when it tilts it."""
        wanted = state.data[self.name]
        with_pod, without_pod = balance(node, wanted), balance(node, {})
        half = MAX_NODE_SCORE // 2
        return half + int((half + with_pod - without_pod) / 2)

    def normalize(self, scores: list[int]) -> list[int]:
        """They are 0 to 100 already."""
        return scores


def balance(node: NodeInfo, more: dict[str, int]) -> int:
    """100 when the shares of CPU and memory that are requested are equal, less by their deviation."""
    shares = [
        min((node.requested.get(resource, 0) + more.get(resource, 0)) / offered, 1.0)
        for resource in WEIGHED
        if (offered := node.allocatable.get(resource, 0))
    ]
    deviation = abs(shares[0] - shares[1]) / 2 if len(shares) == 2 else 0.0
    return int((1 - deviation) * MAX_NODE_SCORE)
