"""Which records of the trace are steps: things worth a sentence and a stop.

Heartbeats, reads, events and the deliveries of watches happen between the steps. They are in the trace, and a
diagram may show them, but nobody wants to press "next" for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sim import Record

_BOOKKEEPING = ("leases", "events", "serviceaccounts")
_CALLS = ("PullImage", "StartContainer", "StopContainer")


def is_step(record: Record) -> bool:
    """Whether the record is a step that a learner stops at."""
    if record.kind == "request":
        return _is_step_request(record.detail)
    if record.kind == "container":
        return record.detail.get("call") in _CALLS
    if record.kind == "rules":
        return bool(record.detail.get("changed"))
    return record.kind in ("decision", "exit", "fault")


def _is_step_request(detail: Mapping[str, Any]) -> bool:
    """A request that changed something, or that a person sent and that was refused."""
    if detail["resource"] in _BOOKKEEPING:
        return False
    if detail["code"] >= 400:
        return detail["agent"] == "kubectl" and detail["verb"] not in ("get", "list", "watch")
    return bool(detail["changed"]) and not _is_heartbeat(detail)


def _is_heartbeat(detail: Mapping[str, Any]) -> bool:
    """A kubelet's report in which nothing but the time of a heartbeat is new."""
    if detail["resource"] != "nodes" or detail["subresource"] != "status":
        return False
    before, after = detail.get("before"), detail.get("object")
    return bool(before) and bool(after) and _conditions(before) == _conditions(after)


def _conditions(node: Any) -> list[tuple[str, str]]:
    found = node.get("status", {}).get("conditions", [])
    return [(condition["type"], condition["status"]) for condition in found]
