"""ResourceQuota and LimitRange.

Upstream: ``ValidateResourceQuota`` and ``ValidateLimitRange`` in ``pkg/apis/core/validation/validation.go``,
``pkg/apis/core/helper/helpers.go`` (which resources a quota may count).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    immutable,
    invalid,
    required,
)
from k8scourse.api.validating import resources

Object = dict[str, Any]
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
#: Resources that a quota may count by these names, without a domain.
COUNTED = (
    *_COMPUTE,
    *(f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTE),
    "requests.storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
)
#: Those that count in whole numbers only.
_WHOLE = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
_STANDARD = (*COUNTED, "storage")
_POD_ONLY = ("pods", *_COMPUTE, *(f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTE))
SCOPES = (
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
)
#: What may be counted under a scope.
_UNDER = {
    "BestEffort": ("pods",),
    "Terminating": _POD_ONLY,
    "NotTerminating": _POD_ONLY,
    "NotBestEffort": _POD_ONLY,
    "PriorityClass": _POD_ONLY,
    "CrossNamespacePodAffinity": _POD_ONLY,
}
#: Scopes that a Pod has or has not: there are no values to choose among.
_EXISTING = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
_CONFLICTING = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_ONLY_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


# --------------------------------------------------------------------------------------------- quotas


def resource_quota(obj: Object) -> Iterator[Cause]:
    """A ResourceQuota's spec."""
    spec = obj.get("spec") or {}
    hard = spec.get("hard") or {}
    for name, amount in hard.items():
        yield from _name(name, f"spec.hard[{name}]")
        yield from _amount(name, amount, f"spec.hard[{name}]")
    if spec.get("scopes"):
        yield from _scopes(spec["scopes"], hard)
    if spec.get("scopeSelector") is not None:
        yield from _scope_selector(spec["scopeSelector"], hard)


def _name(name: str, path: str) -> Iterator[Cause]:
    problems = names.qualified_name_problems(name)
    yield from each_invalid(path, name, problems)
    if "/" in name or problems:
        return
    if name not in _STANDARD and not name.startswith(("hugepages-", "requests.hugepages-")):
        yield invalid(path, name, "must be a standard resource type or fully qualified")
    if name not in COUNTED and not name.startswith(("hugepages-", "requests.hugepages-")):
        yield invalid(path, name, "must be a standard resource for quota")


def _amount(name: str, amount: Any, path: str) -> Iterator[Cause]:
    value = quantities.parse(amount)
    if value < 0:
        yield invalid(path, str(amount), "must be greater than or equal to 0")
    if (name in _WHOLE or name.startswith("count/")) and value.denominator != 1:
        yield invalid(path, str(amount), "must be an integer")


def _scopes(scopes: list[str], hard: Object) -> Iterator[Cause]:
    seen = dict.fromkeys(scopes)
    for scope in scopes:
        if scope not in SCOPES:
            yield invalid("spec.scopes", list(scopes), "unsupported scope")
        for name in hard:
            if _is_bare(name) and scope in _UNDER and name not in _UNDER[scope]:
                yield invalid("spec.scopes", list(scopes), "unsupported scope applied to resource")
    for one, other in _CONFLICTING:
        if one in seen and other in seen:
            yield invalid("spec.scopes", list(scopes), "conflicting scopes")


def _is_bare(name: str) -> bool:
    """Whether a resource is one of the standard ones, to which scopes are bound."""
    return name in COUNTED


def _scope_selector(selector: Object, hard: Object) -> Iterator[Cause]:
    path, seen = "spec.scopeSelector.matchExpressions", []
    for requirement in selector.get("matchExpressions") or ():
        scope = requirement.get("scopeName", "")
        seen.append(scope)
        if scope not in SCOPES:
            yield invalid(f"{path}.scopeName", scope, "unsupported scope")
        for name in hard:
            if _is_bare(name) and scope in _UNDER and name not in _UNDER[scope]:
                yield invalid(path, _shown(selector), "unsupported scope applied to resource")
        yield from _requirement(requirement, path)
    for one, other in _CONFLICTING:
        if one in seen and other in seen:
            yield invalid(path, _shown(selector), "conflicting scopes")


def _requirement(requirement: Object, path: str) -> Iterator[Cause]:
    scope, operator = requirement.get("scopeName", ""), requirement.get("operator", "")
    values = requirement.get("values") or ()
    if scope in _EXISTING and operator != "Exists":
        yield invalid(f"{path}.operator", operator, _ONLY_EXISTS)
    if operator in ("In", "NotIn"):
        if not values:
            detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            yield required(f"{path}.values", detail)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            yield invalid(f"{path}.values", list(values), detail)
    else:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")


def _shown(selector: Object) -> Object:
    return {
        "MatchExpressions": [
            {
                "ScopeName": one.get("scopeName", ""),
                "Operator": one.get("operator", ""),
                "Values": one.get("values"),
            }
            for one in selector.get("matchExpressions") or ()
        ]
    }


def resource_quota_update(new: Object, old: Object) -> Iterator[Cause]:
    """Which Pods a quota is about never changes."""
    after, before = (list((obj.get("spec") or {}).get("scopes") or ()) for obj in (new, old))
    if sorted(after) != sorted(before):
        yield from immutable("spec.scopes", after, before)


def resource_quota_status(new: Object, old: Object) -> Iterator[Cause]:
    """What is allowed and what is used."""
    counted = new.get("status") or {}
    for field in ("hard", "used"):
        for name, amount in (counted.get(field) or {}).items():
            yield from _name(name, f"status.{field}[{name}]")
            yield from _amount(name, amount, f"status.{field}[{name}]")


# --------------------------------------------------------------------------------------------- limits


def limit_range(obj: Object) -> Iterator[Cause]:
    """A LimitRange: one item per type, its bounds in order."""
    seen: list[str] = []
    for index, item in enumerate((obj.get("spec") or {}).get("limits") or ()):
        path, kind = f"spec.limits[{index}]", item.get("type", "")
        problems = names.qualified_name_problems(kind)
        yield from each_invalid(f"{path}.type", kind, problems)
        if not problems and "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
            yield invalid(f"{path}.type", kind, "must be a standard limit type or fully qualified")
        if kind in seen:
            yield duplicate(f"{path}.type", kind)
        seen.append(kind)
        yield from _item(item, path)


def _item(item: Object, path: str) -> Iterator[Cause]:
    kind = item.get("type", "")
    bounds = {
        field: item.get(field) or {}
        for field in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
    }
    for field in ("max", "min"):
        for name in bounds[field]:
            yield from _limit_name(name, f"{path}.{field}[{name}]", kind)
    if kind == "Pod":
        for field in ("default", "defaultRequest"):
            if bounds[field]:
                yield forbidden(f"{path}.{field}", "may not be specified when `type` is 'Pod'")
    else:
        for field in ("default", "defaultRequest"):
            for name in bounds[field]:
                yield from _limit_name(name, f"{path}.{field}[{name}]", kind)
    if kind == "PersistentVolumeClaim" and "storage" not in bounds["min"] and "storage" not in bounds["max"]:
        detail = "either minimum or maximum storage value is required, but neither was provided"
        yield required(f"{path}.limits", detail)
    for name in bounds["maxLimitRequestRatio"]:
        yield from _limit_name(name, f"{path}.maxLimitRequestRatio[{name}]", kind)
    given = dict.fromkeys(
        name
        for field in (
            "max",
            "min",
            *(("default", "defaultRequest") if kind != "Pod" else ()),
            "maxLimitRequestRatio",
        )
        for name in bounds[field]
    )
    for name in given:
        yield from _order({field: bounds[field].get(name) for field in bounds}, name, path)


def _limit_name(name: str, path: str, kind: str) -> Iterator[Cause]:
    if kind in ("Pod", "Container"):
        yield from resources.container_name(name, path)
        return
    problems = names.qualified_name_problems(name)
    yield from each_invalid(path, name, problems)
    if (
        not problems
        and "/" not in name
        and name not in (*_COMPUTE, "storage")
        and not name.startswith("hugepages-")
    ):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def _order(bounds: dict[str, Any], name: str, path: str) -> Iterator[Cause]:
    """min <= defaultRequest <= default <= max; upstream shows now this, now that amount."""

    def greater(one: str, other: str) -> bool:
        return (
            bounds[one] is not None
            and bounds[other] is not None
            and quantities.parse(bounds[one]) > quantities.parse(bounds[other])
        )

    least, most, limit, request = (bounds[field] for field in ("min", "max", "default", "defaultRequest"))
    if greater("min", "max"):
        yield invalid(
            f"{path}.min[{name}]", str(least), f"min value {least} is greater than max value {most}"
        )
    if greater("min", "defaultRequest"):
        yield invalid(
            f"{path}.defaultRequest[{name}]",
            str(request),
            f"min value {least} is greater than default request value {request}",
        )
    if greater("defaultRequest", "max"):
        yield invalid(
            f"{path}.defaultRequest[{name}]",
            str(request),
            f"default request value {request} is greater than max value {most}",
        )
    if greater("defaultRequest", "default"):
        yield invalid(
            f"{path}.defaultRequest[{name}]",
            str(request),
            f"default request value {request} is greater than default limit value {limit}",
        )
    if greater("min", "default"):
        yield invalid(
            f"{path}.default[{name}]", str(least), f"min value {least} is greater than default value {limit}"
        )
    if greater("default", "max"):
        yield invalid(
            f"{path}.default[{name}]", str(most), f"default value {limit} is greater than max value {most}"
        )
    fixed = not resources.may_overcommit(name) and limit is not None and request is not None
    if fixed and quantities.parse(limit) != quantities.parse(request):
        detail = f"default value {limit} must equal to defaultRequest value {request} in {name}"
        yield invalid(f"{path}.defaultRequest[{name}]", str(request), detail)
    yield from _ratio(bounds, name, path)


def _ratio(bounds: dict[str, Any], name: str, path: str) -> Iterator[Cause]:
    ratio, least, most = (bounds[field] for field in ("maxLimitRequestRatio", "min", "max"))
    if ratio is None:
        return
    if quantities.parse(ratio) < 1:
        yield invalid(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), f"ratio {ratio} is less than 1")
    elif least is not None and most is not None and quantities.parse(least) > 0:
        largest = quantities.parse(most) / quantities.parse(least)
        if quantities.parse(ratio) > largest:
            yield invalid(
                f"{path}.maxLimitRequestRatio[{name}]",
                str(ratio),
                f"ratio {ratio} is greater than max/min = {float(largest):f}",
            )
