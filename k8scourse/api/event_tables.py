"""The tables of Events and Leases.

Upstream: ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.pod_tables import Cell, age, age_of
from k8scourse.api.values import get_in

Object = Mapping[str, Any]


def event(obj: Object, now_ns: int) -> list[Cell]:
    """An Event, with the times of its first and last occurrence."""
    series, involved = obj.get("series") or {}, obj.get("involvedObject") or {}
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or first
    source = obj.get("source") or {}
    origin = ", ".join(
        part
        for part in (
            source.get("component") or obj.get("reportingComponent"),
            source.get("host") or obj.get("reportingInstance"),
        )
        if part
    )
    target = involved.get("kind", "").lower()
    if involved.get("name"):
        target = f"{target}/{involved['name']}"
    return [
        age(last, now_ns),
        obj.get("type", ""),
        obj.get("reason", ""),
        target,
        involved.get("fieldPath", ""),
        origin,
        obj.get("message", "").strip(),
        age(first, now_ns),
        series.get("count") or obj.get("count") or 1,
        str(obj["metadata"].get("name", "")),
    ]


def lease(obj: Object, now_ns: int) -> list[Cell]:
    """A Lease and who holds it."""
    return [obj["metadata"]["name"], get_in(obj, "spec.holderIdentity", ""), age_of(obj, now_ns)]
