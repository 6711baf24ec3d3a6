"""What `kubectl get` prints of FlowSchemas and priority levels.

Upstream: ``pkg/printers/internalversion/printers.go`` (printFlowSchema, printPriorityLevelConfiguration).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.pod_tables import Cell, age_of
from k8scourse.api.values import get_in

Object = Mapping[str, Any]
NONE = "<none>"


def flow_schema(obj: Object, now_ns: int) -> list[Cell]:
    """A FlowSchema: what it leads to, when it is looked at, and whether that level is missing."""
    missing = next(
        (
            each.get("status", "?")
            for each in get_in(obj, "status.conditions", ())
            if each.get("type") == "Dangling"
        ),
        "?",
    )
    return [
        obj["metadata"].get("name", ""),
        get_in(obj, "spec.priorityLevelConfiguration.name", ""),
        get_in(obj, "spec.matchingPrecedence", 0),
        get_in(obj, "spec.distinguisherMethod.type", NONE),
        age_of(obj, now_ns),
        missing,
    ]


def priority_level(obj: Object, now_ns: int) -> list[Cell]:
    """A priority level: its shares, and its queues where it has some."""
    shares = get_in(obj, "spec.limited.nominalConcurrencyShares", NONE)
    queuing = get_in(obj, "spec.limited.limitResponse.queuing", {})
    cells = [queuing.get(field, NONE) for field in ("queues", "handSize", "queueLengthLimit")]
    kind = get_in(obj, "spec.type", "")
    return [obj["metadata"].get("name", ""), kind, shares, *cells, age_of(obj, now_ns)]
