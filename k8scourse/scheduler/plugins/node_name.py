"""NodeName: a Pod that names its node fits on no other.

Such a Pod never reaches the scheduler (it has a node already); the rule serves others that ask the framework.
Upstream: `pkg/scheduler/framework/plugins/nodename/node_name.go`.
"""

from __future__ import annotations

from k8scourse.api.values import Object

from ..framework import BasePlugin, CycleState, Rejection, unresolvable
from ..node_info import NodeInfo


class NodeName(BasePlugin):
    """Compares `spec.nodeName`."""

    name = "NodeName"
    events = ("Node/Add",)

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """None, or why not."""
        wanted = pod["spec"].get("nodeName")
        if not wanted or wanted == node.name:
            return None
        return unresolvable("node(s) didn't match the requested node name")
