"""What the scheduler decided about one Pod, and why: data to be drawn, told and asked.

Upstream says it in one line (`pkg/scheduler/framework/types.go`, FitError) and forgets the table behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NO_NODES = "no nodes available to schedule pods"


@dataclass(frozen=True, slots=True)
class Decision:
    """One attempt to place one Pod.

    `pod` is "namespace/name", `node` the winner or "", `message` what the Event will say. `nodes` has a row for
    each node that was looked at: `{"filtered": reason}`, or `{"scores": {plugin: weighted score}, "total": n}`.
    A single feasible node is taken without scoring: its scores are empty.
    """

    pod: str
    node: str
    message: str
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def fit_message(number_of_nodes: int, reasons: Iterable[str], after: str, *, before: str = "") -> str:
    """`0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu. …`.

    `reasons` has one entry per node and reason; they are counted and sorted as text. `before` is the verdict of
    a PreFilter plugin on all nodes at once, `after` what the PostFilter plugins could (not) do about it.
    """
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    parts = [f"0/{number_of_nodes} nodes are available:"]
    parts += [f"{text}." for text in (before, listed) if text]
    parts += [after] if after else []
    return " ".join(parts)
