"""Conditions: the rows of ``status.conditions``.

A condition's ``lastTransitionTime`` moves only when its ``status`` changes; reason and message may
change freely.  Upstream: ``staging/src/k8s.io/apimachinery/pkg/api/meta/conditions.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.times import format_time


def get(obj: Mapping[str, Any], condition_type: str) -> dict[str, Any] | None:
    """The condition of this type, or None."""
    for condition in obj.get("status", {}).get("conditions") or ():
        if condition["type"] == condition_type:
            found: dict[str, Any] = condition
            return found
    return None


def status(obj: Mapping[str, Any], condition_type: str) -> str:
    """``True``, ``False`` or ``Unknown``; ``Unknown`` also when the condition is absent."""
    condition = get(obj, condition_type)
    return condition["status"] if condition else "Unknown"


def is_true(obj: Mapping[str, Any], condition_type: str) -> bool:
    """Whether the condition exists and its status is ``True``."""
    condition = get(obj, condition_type)
    return condition is not None and condition["status"] == "True"


def with_condition(obj: Mapping[str, Any], condition: Mapping[str, Any], now_ns: int) -> dict[str, Any]:
    """``obj`` with the condition set, in place or appended; ``obj`` itself when nothing changes.

    ``condition`` holds type, status and optionally reason, message and any further fields.  The
    transition time is ``now_ns`` when the status is new, else what it was; an explicit
    ``lastTransitionTime`` is kept.
    """
    existing = get(obj, condition["type"])
    fresh = dict(condition)
    if "lastTransitionTime" not in fresh:
        moved = existing is None or existing["status"] != fresh["status"]
        fresh["lastTransitionTime"] = (
            format_time(now_ns)
            if moved or existing is None
            else existing.get("lastTransitionTime") or format_time(now_ns)
        )
    if existing == fresh:
        return obj  # type: ignore[return-value]
    status_part = obj.get("status") or {}
    rows = list(status_part.get("conditions") or ())
    if existing is None:
        rows.append(fresh)
    else:
        rows = [fresh if row["type"] == fresh["type"] else row for row in rows]
    return {**obj, "status": {**status_part, "conditions": rows}}


def without_condition(obj: Mapping[str, Any], condition_type: str) -> dict[str, Any]:
    """``obj`` without the condition of this type; ``obj`` itself when it has none."""
    if get(obj, condition_type) is None:
        return obj  # type: ignore[return-value]
    rows = [row for row in obj["status"]["conditions"] if row["type"] != condition_type]
    return {**obj, "status": {**obj["status"], "conditions": rows}}
