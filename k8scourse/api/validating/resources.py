"""What containers and Pods ask for: names of resources, amounts, requests within limits, claims.

Upstream: ``validateResourceRequirements`` in ``pkg/apis/core/validation/validation.go``,
``pkg/apis/core/helper/helpers.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from k8scourse.api import names, pods, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, invalid, not_supported, required

Object = dict[str, Any]
NameCheck = Callable[[str, str], Iterator[Cause]]
_COMPUTE = ("cpu", "memory")
#: Everything that may be counted without a domain of its own, in a quota or in a Pod.
_STANDARD = (
    "cpu",
    "memory",
    "ephemeral-storage",
    "storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "requests.storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
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


def is_huge_page(name: str) -> bool:
    """``hugepages-2Mi`` and its like."""
    return name.startswith("hugepages-")


def is_native(name: str) -> bool:
    """A resource that Kubernetes itself knows: without a domain, or in its own."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """A resource of somebody else, such as ``example.com/gpu``: counted whole, never overcommitted."""
    return (
        not is_native(name)
        and not name.startswith("requests.")
        and not names.qualified_name_problems(f"requests.{name}")
    )


def may_overcommit(name: str) -> bool:
    """Whether a request may be lower than its limit."""
    return is_native(name) and not is_huge_page(name)


def standard_name(name: str, path: str) -> Iterator[Cause]:
    """The name of some resource."""
    problems = names.qualified_name_problems(name)
    yield from each_invalid(path, name, problems)
    if not problems and "/" not in name and name not in _STANDARD and not is_huge_page(name):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def container_name(name: str, path: str) -> Iterator[Cause]:
    """The name of a resource that a container may ask for."""
    yield from standard_name(name, path)
    if "/" not in name:
        if name not in (*_COMPUTE, "ephemeral-storage") and not is_huge_page(name):
            yield invalid(path, name, "must be a standard resource for containers")
    elif not is_native(name) and not is_extended(name):
        yield invalid(path, name, "doesn't follow extended resource name standard")


def _pod_name(name: str, path: str) -> Iterator[Cause]:
    problems = list(standard_name(name, path))
    yield from problems
    if not problems and name not in _COMPUTE and not is_huge_page(name):
        yield not_supported(path, name, _COMPUTE)


def amount(name: str, quantity: Any, path: str) -> Iterator[Cause]:
    """An amount of zero or more, and a whole one of what cannot be divided."""
    value = quantities.parse(quantity)
    if value < 0:
        yield invalid(path, str(quantity), "must be greater than or equal to 0")
    if (name in _WHOLE or is_extended(name)) and value.denominator != 1:
        yield invalid(path, str(quantity), "must be an integer")


def of_container(asked: Object, path: str, claims: Sequence[str]) -> Iterator[Cause]:
    """The resources of one container; ``claims`` are the names of the Pod's resource claims."""
    yield from _requirements(asked, path, container_name)
    yield from _claims(asked.get("claims") or (), f"{path}.claims", claims)


def overhead(amounts: Object, path: str) -> Iterator[Cause]:
    """What a Pod costs beyond its containers; upstream judges it as if it were limits."""
    yield from _requirements({"limits": amounts}, path, container_name)


def _requirements(asked: Object, path: str, name_check: NameCheck) -> Iterator[Cause]:
    limits, requests = asked.get("limits") or {}, asked.get("requests") or {}
    for name, quantity in limits.items():
        yield from _one(name, quantity, f"{path}.limits[{name}]", name_check)
        yield from _divisible(name, quantity, f"{path}.limits[{name}]")
    for name, quantity in requests.items():
        yield from _one(name, quantity, f"{path}.requests[{name}]", name_check)
        if name in limits:
            yield from _within_limit(name, quantity, limits[name], f"{path}.requests")
        elif not may_overcommit(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        yield from _divisible(name, quantity, f"{path}.requests[{name}]")
    named = (*limits, *requests)
    if any(map(is_huge_page, named)) and not any(name in _COMPUTE for name in named):
        yield forbidden(path, "HugePages require cpu or memory")


def _one(name: str, quantity: Any, path: str, name_check: NameCheck) -> Iterator[Cause]:
    yield from name_check(name, path)
    yield from amount(name, quantity, path)


def _divisible(name: str, quantity: Any, path: str) -> Iterator[Cause]:
    """Huge pages come in whole pages."""
    if not is_huge_page(name):
        return
    try:
        page = quantities.parse(name.removeprefix("hugepages-"))
    except ValueError:
        page = quantities.parse(0)
    if page <= 0 or quantities.parse(quantity) % page != 0:
        yield invalid(path, str(quantity), f"{quantity} is not positive integer multiple of {name}")


def _within_limit(name: str, request: Any, limit: Any, path: str) -> Iterator[Cause]:
    asked, allowed = quantities.parse(request), quantities.parse(limit)
    if not may_overcommit(name) and asked != allowed:
        yield invalid(path, str(request), f"must be equal to {name} limit of {limit}")
    elif asked > allowed:
        yield invalid(path, str(request), f"must be less than or equal to {name} limit of {limit}")


def _claims(listed: Sequence[Object], path: str, claims: Sequence[str]) -> Iterator[Cause]:
    seen: list[str] = []
    for index, claim in enumerate(listed):
        where, name, request = f"{path}[{index}]", claim.get("name", ""), claim.get("request", "")
        if not name:
            yield required(where)
            continue
        if name in seen:
            yield duplicate(where, name)
        else:
            yield from _claim_request(name, request, where, seen)
        if name not in claims:
            known = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            yield Cause(
                where,
                "FieldValueNotFound",
                f'Not found: "{name}": must be one of the names in pod.spec.resourceClaims{known}',
            )


def _claim_request(name: str, request: str, path: str, seen: list[str]) -> Iterator[Cause]:
    key = f"{name}/{request}" if request else name
    if request:
        yield from each_invalid(f"{path}.request", request, names.dns_label_problems(request))
    if key in seen:
        yield duplicate(path, key)
    elif not request:
        for other in seen:
            if other.startswith(f"{name}/"):
                yield duplicate(path, name)
    seen.append(key)


# --------------------------------------------------------------------------------------- a whole Pod


def of_pod(spec: Object, path: str) -> Iterator[Cause]:
    """The resources of a Pod as a whole, which its containers share."""
    asked = spec.get("resources")
    if asked is None:
        return
    if asked.get("claims") is not None:
        yield forbidden(f"{path}.claims", "claims cannot be set for Resources at pod-level")
    yield from _requirements(asked, path, _pod_name)
    given = asked.get("requests") or {}
    total = pods.container_total({"spec": spec})
    for name, text in pods.as_quantities(total).items():
        if total[name] > pods.amount(name, given.get(name, 0)):
            yield invalid(
                f"{path}.requests[{name}]",
                str(given.get(name, "0")),
                f"must be greater than or equal to aggregate container requests of {text}",
            )
    yield from _container_limits(spec, path)


def _container_limits(spec: Object, path: str) -> Iterator[Cause]:
    allowed = spec["resources"].get("limits") or {}
    for index, container in enumerate(spec.get("containers") or ()):
        for name, limit in ((container.get("resources") or {}).get("limits") or {}).items():
            if name in allowed and quantities.parse(limit) > quantities.parse(allowed[name]):
                yield invalid(
                    f"{path}.containers[{index}][{name}].limits",
                    str(limit),
                    f"must be less than or equal to pod limits of {allowed[name]}",
                )
