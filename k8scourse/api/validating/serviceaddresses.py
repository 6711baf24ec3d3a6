"""Cluster IPs and IP families of Services, in a cluster that has IPv4 only.

Upstream: ``ValidateServiceClusterIPsRelatedFields`` in ``pkg/apis/core/validation/validation.go`` and
``initIPFamilyFields`` in ``pkg/registry/core/service/storage/alloc.go``, which asks it before anything else is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, invalid, not_supported, required

Object = dict[str, Any]
_FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_ADDRESSES, _POLICY = "spec.clusterIPs", "spec.ipFamilyPolicy"
_CONFIGURED = ("IPv4",)


def problems(spec: Object) -> Iterator[Cause]:
    """The causes against the addresses and families that a Service asks for."""
    if spec.get("type") == "ExternalName":
        return
    related = list(_related(spec)) or list(_policy_fits(spec)) or list(_configured(spec))
    yield from related


def _related(spec: Object) -> Iterator[Cause]:
    addresses, families, policy = (
        spec.get("clusterIPs") or [],
        spec.get("ipFamilies") or [],
        spec.get("ipFamilyPolicy"),
    )
    yield from _in_step(spec.get("clusterIP", ""), addresses)
    for index, family in enumerate(families):
        if family not in _FAMILIES:
            yield not_supported(f"spec.ipFamilies[{index}]", family, _FAMILIES)
        if family in families[:index]:
            yield duplicate(f"spec.ipFamilies[{index}]", family)
    if policy is not None and policy not in _POLICIES:
        yield not_supported(_POLICY, policy, _POLICIES)
    unusable = list(_unusable(addresses))
    yield from unusable
    if len(addresses) > 2:
        yield invalid(_ADDRESSES, addresses, "may only hold up to 2 values")
    if unusable:
        return
    kinds = [names.is_ipv4(address) for address in addresses]
    if len(kinds) > 1 and len(set(kinds)) != len(kinds):
        yield invalid(_ADDRESSES, addresses, "may specify no more than one IP for each IP family")
    if addresses and addresses[0] != "None":
        for index, (address, family) in enumerate(zip(addresses, families, strict=False)):
            if family in _FAMILIES and names.is_ipv4(address) is not (family == "IPv4"):
                detail = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
                yield invalid(f"{_ADDRESSES}[{index}]", address, detail)


def _in_step(address: str, addresses: list[str]) -> Iterator[Cause]:
    """``clusterIP`` is the first of ``clusterIPs``."""
    if address and not addresses:
        yield required(_ADDRESSES)
    elif address and addresses[0] != address:
        yield invalid(_ADDRESSES, addresses, "first value must match `clusterIP`")
    elif addresses and not address:
        yield invalid(_ADDRESSES, addresses, "must be empty when `clusterIP` is not specified")


def _unusable(addresses: list[str]) -> Iterator[Cause]:
    for index, address in enumerate(addresses):
        if index == 0 and address == "None":
            if len(addresses) > 1:
                yield invalid(_ADDRESSES, addresses, "'None' must be the first and only value")
            continue
        yield from each_invalid(f"{_ADDRESSES}[{index}]", address, names.ip_problems(address))


def _policy_fits(spec: Object) -> Iterator[Cause]:
    addresses, families = spec.get("clusterIPs") or [], spec.get("ipFamilies") or []
    policy = spec.get("ipFamilyPolicy")
    if policy == "SingleStack":
        for count, what in ((len(addresses), "cluster IPs"), (len(families), "IP families")):
            if count == 2:
                detail = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
                yield invalid(_POLICY, policy, detail)
    for index, address in enumerate(addresses[len(families) :], len(families)):
        if address != "None" and not names.is_ipv4(address):
            yield invalid(f"{_ADDRESSES}[{index}]", addresses, "IPv6 is not configured on this cluster")


def _configured(spec: Object) -> Iterator[Cause]:
    if spec.get("clusterIP") == "None" and not spec.get("selector"):
        return
    if spec.get("ipFamilyPolicy") == "RequireDualStack":
        yield invalid(_POLICY, "RequireDualStack", "this cluster is not configured for dual-stack services")
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in _CONFIGURED:
            yield invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")


def changes(new: Object, old: Object) -> Iterator[Cause]:
    """The first address and the first family stay, unless the Service becomes or was one without."""
    headless = new.get("clusterIP") == "None", old.get("clusterIP") == "None"
    if "ExternalName" in (new.get("type"), old.get("type")) or all(headless):
        return
    yield from _changed(_ADDRESSES, "clusterIP", new.get("clusterIPs") or [], old.get("clusterIPs") or [])
    if not any(headless):
        yield from _changed(
            "spec.ipFamilies", "ipFamily", new.get("ipFamilies") or [], old.get("ipFamilies") or []
        )


def _changed(path: str, what: str, new: list[str], old: list[str]) -> Iterator[Cause]:
    if old and not new:
        yield invalid(f"{path}[0]", new, f"primary {what} can not be unset")
    elif old and new[0] != old[0]:
        yield invalid(f"{path}[0]", new, "may not change once set")
