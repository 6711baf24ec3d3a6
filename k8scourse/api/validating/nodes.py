"""Nodes: taints, Pod networks, amounts.

Upstream: ``ValidateNode`` and ``ValidateNodeUpdate`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, invalid
from k8scourse.api.validating import resources, scheduling

Object = dict[str, Any]
_NETWORK_STAYS = 'node updates may not change podCIDR except from "" to valid'


def node(obj: Object) -> Iterator[Cause]:
    """A Node; upstream files its taints under metadata."""
    spec = obj.get("spec") or {}
    if spec.get("taints"):
        yield from scheduling.taints(spec["taints"], "metadata.taints")
    yield from amounts(obj)
    yield from _networks(spec.get("podCIDRs") or [])


def _networks(networks: list[str]) -> Iterator[Cause]:
    wrong = False
    for index, network in enumerate(networks):
        problems = names.cidr_problems(network)
        wrong = wrong or bool(problems)
        yield from each_invalid(f"spec.podCIDRs[{index}]", network, problems)
    if wrong or len(networks) < 2:
        return
    families = [":" in network for network in networks]
    if len(networks) > 2 or families[0] == families[1]:
        yield invalid("spec.podCIDRs", networks, "may specify no more than one CIDR for each IP family")
    for index, network in enumerate(networks):
        if network in networks[:index]:
            yield duplicate(f"spec.podCIDRs[{index}]", network)


def amounts(obj: Object) -> Iterator[Cause]:
    """Capacity and allocatable."""
    for field in ("capacity", "allocatable"):
        for name, quantity in ((obj.get("status") or {}).get(field) or {}).items():
            yield from resources.amount(name, quantity, f"status.{field}.{name}")


def update(new: Object, old: Object) -> Iterator[Cause]:
    """A Node's Pod network and its cloud identity are set once; an address is listed once."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    yield from amounts(new)
    seen: list[tuple[str, str]] = []
    for index, address in enumerate((new.get("status") or {}).get("addresses") or ()):
        pair = (address.get("type", ""), address.get("address", ""))
        if pair in seen:
            yield duplicate(f"status.addresses[{index}]", {"Type": pair[0], "Address": pair[1]})
        seen.append(pair)
    networks, kept = after.get("podCIDRs") or [], before.get("podCIDRs") or []
    if kept and len(networks) != len(kept):
        yield forbidden("spec.podCIDRs", _NETWORK_STAYS)
    elif kept:
        for one, other in zip(networks, kept, strict=True):
            if one != other:
                yield forbidden("spec.podCIDRs", _NETWORK_STAYS)
    if before.get("providerID") and after.get("providerID") != before["providerID"]:
        yield forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')
    if after.get("taints"):
        yield from scheduling.taints(after["taints"], "spec.taints")
