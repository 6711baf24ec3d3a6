"""TaintToleration: no Pod on a node whose taint it does not tolerate; rather not where a taint says "prefer not".

Raw score: the number of PreferNoSchedule taints that the Pod does not tolerate; the fewer the better.
Upstream: `pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go`.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.api.pods import tolerates, untolerated
from k8scourse.api.values import Object

from ..framework import BasePlugin, ClusterEvent, CycleState, Rejection, Skip, unresolvable
from ..node_info import NodeInfo
from .normalize import default_normalize

FORBIDDING = ("NoSchedule", "NoExecute")
DISCOURAGING = "PreferNoSchedule"


class TaintToleration(BasePlugin):
    """Compares the node's taints with the Pod's tolerations."""

    name = "TaintToleration"
    events = ("Node/Add", "Node/UpdateTaint", "Pod/UpdateToleration")

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """None, or why not."""
        if untolerated(pod["spec"].get("tolerations") or (), node.taints, FORBIDDING) is None:
            return None
        return unresolvable("node(s) had untolerated taint(s)")

    def pre_score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> Skip | None:
        """Keep the tolerations that count here: those for PreferNoSchedule or for every effect."""
        tolerations = pod["spec"].get("tolerations") or ()
        state.data[self.name] = [one for one in tolerations if one.get("effect") in (None, "", DISCOURAGING)]
        return None

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """How many taints ask the Pod to stay away."""
        tolerations = state.data[self.name]
        return sum(
            taint.get("effect") == DISCOURAGING and not tolerates(tolerations, taint) for taint in node.taints
        )

    def normalize(self, scores: list[int]) -> list[int]:
        """The most discouraged node gets 0; all get 100 when none is."""
        return default_normalize(scores, reverse=True)

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """A node helps when the Pod tolerates what taints it now."""
        if not event.name.startswith("Node/") or event.new is None:
            return True
        taints = (event.new.get("spec") or {}).get("taints") or ()
        return untolerated(pod["spec"].get("tolerations") or (), taints, FORBIDDING) is None
