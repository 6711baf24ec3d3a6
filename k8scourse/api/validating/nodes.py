"""Nodes: taints, Pod networks, amounts.

Upstream: ``ValidateNode`` and ``ValidateNodeUpdate`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid
from k8scourse.api.validating import scheduling

Object = dict[str, Any]


def node(obj: Object) -> Iterator[Cause]:
    """A Node; upstream files its taints under metadata."""
    spec = obj.get("spec") or {}
    if spec.get("taints"):
        yield from scheduling.taints(spec["taints"], "metadata.taints")
    yield from amounts(obj)
    for index, network in enumerate(spec.get("podCIDRs") or ()):
        yield from each_invalid(f"spec.podCIDRs[{index}]", network, names.cidr_problems(network))


def amounts(obj: Object) -> Iterator[Cause]:
    """Capacity and allocatable."""
    for field in ("capacity", "allocatable"):
        for name, quantity in ((obj.get("status") or {}).get(field) or {}).items():
            if quantities.parse(quantity) < 0:
                yield invalid(f"status.{field}.{name}", str(quantity), "must be greater than or equal to 0")


def update(new: Object, old: Object) -> Iterator[Cause]:
    """A Node's Pod network and its cloud identity are set once."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    if before.get("podCIDRs") and after.get("podCIDRs") != before["podCIDRs"]:
        yield forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')
    if before.get("providerID") and after.get("providerID") != before["providerID"]:
        yield forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')
