"""NodeUnschedulable: nothing new on a cordoned node, except for Pods that tolerate it.

Upstream: `pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go`.
"""

from __future__ import annotations

from k8scourse.api.pods import tolerates
from k8scourse.api.values import Object

from ..framework import BasePlugin, ClusterEvent, CycleState, Rejection, unresolvable
from ..node_info import NodeInfo

CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


class NodeUnschedulable(BasePlugin):
    """Looks at `spec.unschedulable` of the node."""

    name = "NodeUnschedulable"
    events = ("Node/Add", "Node/UpdateTaint", "Pod/UpdateToleration")

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """None, or why not."""
        if not node.unschedulable or tolerates(pod["spec"].get("tolerations") or (), CORDON):
            return None
        return unresolvable("node(s) were unschedulable")

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """A node helps when it is not cordoned (any more)."""
        if not event.name.startswith("Node/") or event.new is None:
            return True
        return not (event.new.get("spec") or {}).get("unschedulable")
