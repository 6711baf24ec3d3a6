"""Which records of the trace are steps: things worth a sentence and a stop.

Heartbeats, reads, events and the deliveries of watches happen between the steps. They are in the trace, and a
diagram may show them, but nobody wants to press "next" for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sim import Record

_BOOKKEEPING = ("leases", "events", "serviceaccounts")
_RIGHTS = ("clusterroles", "clusterrolebindings", "roles", "rolebindings")
_COUNTERS = ("deployments", "replicasets", "daemonsets")
_PEOPLE = ("kubectl", "curl")
_CALLS = ("PullImage", "StartContainer", "StopContainer")


def is_step(record: Record) -> bool:
    """Whether the record is a step that a learner stops at."""
    if record.kind == "request":
        return _is_step_request(record.detail)
    if record.kind == "container":
        return record.detail.get("call") in _CALLS
    if record.kind == "rules":
        return bool(record.detail.get("first"))
    return record.kind in ("decision", "exit", "fault")


def _is_step_request(detail: Mapping[str, Any]) -> bool:
    """A request that changed something, or that a person sent and that was refused."""
    if detail["resource"] in _BOOKKEEPING or (detail["resource"] in _RIGHTS and detail["agent"] == "kubeadm"):
        return False
    if detail["code"] >= 400:
        return detail["agent"].partition("/")[0] in _PEOPLE and detail["verb"] not in ("get", "list", "watch")
    if not detail["changed"]:
        return False
    before, after = detail.get("before"), detail.get("object")
    if detail["subresource"] == "status" and before and after:
        return _is_news(detail["resource"], before, after)
    if detail["resource"] == "endpointslices" and before and after:
        return _ready_endpoints(before) != _ready_endpoints(after)
    return True


def _is_news(resource: str, before: Any, after: Any) -> bool:
    """A status in which more than a counter or the time of a heartbeat is new."""
    if resource in _COUNTERS and _condition(before, "Available") == _condition(after, "Available"):
        return False
    return _state(before) != _state(after)


def _state(obj: Any) -> tuple[Any, ...]:
    """What of a status is worth telling: the phase, the main condition, what containers wait for."""
    status = obj.get("status", {})
    waiting = [
        each.get("state", {}).get("waiting", {}).get("reason") for each in status.get("containerStatuses", [])
    ]
    return status.get("phase"), _condition(obj, "Ready"), _condition(obj, "Available"), waiting


def _condition(obj: Any, name: str) -> str | None:
    found = obj.get("status", {}).get("conditions", [])
    return next((condition["status"] for condition in found if condition["type"] == name), None)


def _ready_endpoints(endpoint_slice: Any) -> list[str]:
    endpoints = endpoint_slice.get("endpoints") or ()
    return [each["addresses"][0] for each in endpoints if each.get("conditions", {}).get("ready")]
