"""DefaultPreemption: could the Pod fit if less important ones had to go?

Ours gives the verdict for the case that nobody can be evicted, in upstream's words; it evicts nobody yet (a
later lesson does). Upstream: `pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go`.
"""

from __future__ import annotations

from collections.abc import Mapping

from k8scourse.api.values import Object

from ..decision import fit_message
from ..framework import BasePlugin, CycleState, Rejection

NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"


class DefaultPreemption(BasePlugin):
    """Says why nobody is evicted."""

    name = "DefaultPreemption"

    def post_filter(
        self, state: CycleState, pod: Object, rejections: Mapping[str, Rejection], total: int
    ) -> str:
        """The verdict per node, counted like the reasons."""
        if pod["spec"].get("preemptionPolicy") == "Never":
            return "preemption: not eligible due to preemptionPolicy=Never."
        verdicts = [NO_VICTIMS if rejection.resolvable else NOT_HELPFUL for rejection in rejections.values()]
        return f"preemption: {fit_message(total, verdicts, '')}"
