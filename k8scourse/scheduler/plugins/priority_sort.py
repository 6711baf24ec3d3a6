"""PrioritySort: the more important Pod first, among equals the one that waits longer.

Upstream: `pkg/scheduler/framework/plugins/queuesort/priority_sort.go`.
"""

from __future__ import annotations

from ..framework import BasePlugin
from ..queue import QueuedPod


class PrioritySort(BasePlugin):
    """The default order of the queue."""

    name = "PrioritySort"

    def sort_key(self, queued: QueuedPod) -> tuple[int, ...]:
        """By priority, falling; then by the time at which the Pod entered."""
        return -int(queued.pod["spec"].get("priority") or 0), queued.timestamp_ns
