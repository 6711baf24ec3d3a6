"""DynamicResources: claims on devices. Ours has no claims; what stays of it is its part of the messages.

Upstream: `pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go`.
"""

from __future__ import annotations

from collections.abc import Mapping

from k8scourse.api.values import Object

from ..framework import BasePlugin, CycleState, Rejection
from ..node_info import NodeInfo


class DynamicResources(BasePlugin):
    """Has nothing to deallocate, and finds all nodes equal."""

    name = "DynamicResources"

    def post_filter(
        self, state: CycleState, pod: Object, rejections: Mapping[str, Rejection], total: int
    ) -> str:
        """What it could not do."""
        return "no new claims to deallocate"

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """0 for every node."""
        return 0

    def normalize(self, scores: list[int]) -> list[int]:
        """They are 0 already."""
        return scores
