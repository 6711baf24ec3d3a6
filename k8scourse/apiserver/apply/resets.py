"""Fields that a write cannot own because the server puts them back: the status by the object, the rest by /status.

Upstream: ``GetResetFields`` of the strategies in ``pkg/registry/<group>/<kind>/strategy.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.kinds import Kind
from k8scourse.apiserver.apply.fieldset import EMPTY, LEAF, FieldSet

_STATUS_DEEPER: dict[str, FieldSet] = {
    "Deployment": {"f:metadata": {"f:labels": LEAF}},
    "Pod": {"f:metadata": {"f:deletionTimestamp": LEAF, "f:ownerReferences": LEAF}},
}


def fields(kind: Kind, subresource: str) -> tuple[str, ...]:
    """Whole top-level fields that a write to the object or to its subresource does not change."""
    if subresource == "status":
        return ("spec",)
    return ("status",) if subresource in ("", "finalize") and kind.has_subresource("status") else ()


def deeper(kind: Kind, subresource: str) -> FieldSet:
    """Fields further down of the same sort."""
    return _STATUS_DEEPER.get(kind.kind, EMPTY) if subresource == "status" else EMPTY


def unasked(kind: Kind, asked: dict[str, Any]) -> FieldSet:
    """Fields that our defaulting has filled in where upstream allocates them later: nobody asked for them."""
    if kind.kind != "Service":
        return EMPTY
    spec = asked.get("spec") or {}
    left = {f"f:{field}": LEAF for field in ("ipFamilies", "ipFamilyPolicy") if field not in spec}
    return {"f:spec": left} if left else EMPTY


def all_fields(kind: Kind, subresource: str) -> FieldSet:
    """Both together as one set."""
    return {**{f"f:{field}": LEAF for field in fields(kind, subresource)}, **deeper(kind, subresource)}
