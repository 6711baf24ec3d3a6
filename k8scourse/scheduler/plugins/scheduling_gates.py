"""SchedulingGates: a Pod with gates does not enter the queue until somebody has removed them all.

The API server itself sets the condition SchedulingGated when such a Pod is created; there is no Event.
Upstream: `pkg/scheduler/framework/plugins/schedulinggates/scheduling_gates.go`.
"""

from __future__ import annotations

from k8scourse.api.values import Object

from ..framework import BasePlugin, Rejection, unresolvable


class SchedulingGates(BasePlugin):
    """Keeps gated Pods out."""

    name = "SchedulingGates"
    events = ("Pod/UpdateGates",)

    def pre_enqueue(self, pod: Object) -> Rejection | None:
        """Why the Pod must wait outside, or None."""
        gates = pod["spec"].get("schedulingGates") or ()
        if not gates:
            return None
        names = " ".join(gate["name"] for gate in gates)
        return unresolvable(f"waiting for scheduling gates: [{names}]")
