"""What an object counts for in a ResourceQuota, and which quotas look at it.

Amounts are exact: ``{"pods": Fraction(1), "requests.cpu": Fraction(1, 2)}``.
Upstream: ``pkg/quota/v1/evaluator/core``, ``staging/src/k8s.io/apiserver/pkg/quota/v1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from k8scourse.api import pods, quantities, times
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in

Object = Mapping[str, Any]
Usage = dict[str, Fraction]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_LIMITED = tuple(f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTE)
_POD_NAMES = frozenset(("pods", "count/pods", *_COMPUTE, *_LIMITED))
#: Which a container has to name when a quota counts them.
_MANDATORY = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
#: Kinds that also count under their bare plural.
_BY_PLURAL = ("configmaps", "replicationcontrollers", "resourcequotas", "secrets")
_CLASS_SUFFIX = ".storageclass.storage.k8s.io/"
_BINARY = ("memory", "storage", "ephemeral-storage", "hugepages-")


def usage(kind: Kind, obj: Object, now_ns: int = 0) -> Usage:
    """What one object uses. A Pod that has ended counts only under ``count/pods``."""
    used = {object_count_name(kind): Fraction(1)}
    if kind.kind == "Pod":
        return used if _is_over(obj, now_ns) else {**used, **_pod_usage(obj)}
    if kind.kind == "Service":
        return {**used, **_service_usage(obj)}
    if kind.kind == "PersistentVolumeClaim":
        return {**used, **_claim_usage(obj)}
    if not kind.group and kind.plural in _BY_PLURAL:
        used[kind.plural] = Fraction(1)
    return used


def object_count_name(kind: Kind) -> str:
    """``count/deployments.apps``."""
    return f"count/{kind.resource_name}"


def counts(kind: Kind, name: str) -> bool:
    """Whether a quota's resource of that name can be about objects of a kind."""
    if name == object_count_name(kind):
        return True
    if kind.kind == "Pod":
        return name in _POD_NAMES or (name.startswith(("requests.", "hugepages-")) and "storage" not in name)
    if kind.kind == "Service":
        return name in ("services", "services.nodeports", "services.loadbalancers")
    if kind.kind == "PersistentVolumeClaim":
        return name in ("persistentvolumeclaims", "requests.storage") or _CLASS_SUFFIX in name
    return not kind.group and kind.plural in _BY_PLURAL and name == kind.plural


def _is_over(pod: Object, now_ns: int) -> bool:
    metadata = pod["metadata"]
    if pods.is_terminal(pod):
        return True
    deleted, grace = metadata.get("deletionTimestamp"), metadata.get("deletionGracePeriodSeconds")
    if deleted is None or grace is None:
        return False
    return bool(now_ns > times.parse_time(deleted) + grace * times.SECOND)


def _pod_usage(pod: Object) -> Usage:
    used: Usage = {"pods": Fraction(1)}
    for name, value in pods.requests(pod).items():
        amount = Fraction(value, 1000) if name == "cpu" else Fraction(value)
        if name in _COMPUTE or name.startswith("hugepages-"):
            used[name] = amount
        used[f"requests.{name}"] = amount
    for name, value in pods.limits(pod).items():
        if name in _COMPUTE:
            used[f"limits.{name}"] = Fraction(value, 1000) if name == "cpu" else Fraction(value)
    return used


def _service_usage(service: Object) -> Usage:
    spec = service.get("spec") or {}
    ports = spec.get("ports") or ()
    used: Usage = {"services": Fraction(1)}
    if spec.get("type") == "NodePort":
        used["services.nodeports"] = Fraction(len(ports))
    elif spec.get("type") == "LoadBalancer":
        used["services.loadbalancers"] = Fraction(1)
        every = spec.get("allocateLoadBalancerNodePorts", True) is not False
        opened = [port for port in ports if every or port.get("nodePort")]
        used["services.nodeports"] = Fraction(len(opened))
    return used


def _claim_usage(claim: Object) -> Usage:
    used: Usage = {"persistentvolumeclaims": Fraction(1)}
    storage_class = get_in(claim, "spec.storageClassName", "")
    if storage_class:
        used[f"{storage_class}{_CLASS_SUFFIX}persistentvolumeclaims"] = Fraction(1)
    storage = get_in(claim, "spec.resources.requests.storage")
    if storage is not None:
        used["requests.storage"] = quantities.parse(storage)
        if storage_class:
            used[f"{storage_class}{_CLASS_SUFFIX}requests.storage"] = quantities.parse(storage)
    return used


# -- scopes -------------------------------------------------------------------------------------------


def in_scope(quota: Object, kind: Kind, obj: Object) -> bool:
    """Whether a quota's scopes take the object in. Only Pods have scopes."""
    spec = quota.get("spec") or {}
    wanted = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    wanted += (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    if kind.kind != "Pod":
        return not wanted
    return all(_fits(requirement, obj) for requirement in wanted)


def _fits(requirement: Object, pod: Object) -> bool:
    scope, spec = requirement["scopeName"], pod["spec"]
    if scope == "PriorityClass":
        return _priority_fits(requirement, spec.get("priorityClassName") or "")
    is_best_effort = pods.qos_class(pod) == "BestEffort"
    is_terminating = (spec.get("activeDeadlineSeconds") or -1) >= 0
    answers = {
        "Terminating": is_terminating,
        "NotTerminating": not is_terminating,
        "BestEffort": is_best_effort,
        "NotBestEffort": not is_best_effort,
        "CrossNamespacePodAffinity": _crosses_namespaces(spec),
    }
    return answers.get(scope, False)


def _priority_fits(requirement: Object, name: str) -> bool:
    values, operator = requirement.get("values") or (), requirement.get("operator")
    if operator in ("In", "NotIn"):
        return bool((name in values) == (operator == "In")) and (operator == "NotIn" or bool(name))
    return bool(name) == (operator == "Exists")


def _crosses_namespaces(spec: Object) -> bool:
    terms: list[Object] = []
    for field in ("podAffinity", "podAntiAffinity"):
        rules = (spec.get("affinity") or {}).get(field) or {}
        terms += rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [weighted["podAffinityTerm"] for weighted in preferred]
    return any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms)


# -- constraints and arithmetic -----------------------------------------------------------------------


def unnamed(names: Iterable[str], pod: Object) -> str:
    """Which resources the containers of a Pod must name and do not: ``requests.cpu for: a,b``, or nothing."""
    wanted = sorted(name for name in names if name in _MANDATORY)
    spec = pod["spec"]
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    found = []
    for name in wanted:
        missing = [container["name"] for container in containers if not _names(container, name)]
        if missing and not _names(spec, name):
            found.append(f"{name} for: {','.join(missing)}")
    return "; ".join(found)


def _names(container: Object, name: str) -> bool:
    side, _, resource = name.rpartition(".")
    return resource in ((container.get("resources") or {}).get(side or "requests") or {})


def parsed(listed: Mapping[str, Any] | None) -> Usage:
    """A ``hard`` or ``used`` of the wire as numbers."""
    return {name: quantities.parse(quantity) for name, quantity in (listed or {}).items()}


def text(name: str, amount: Fraction) -> str:
    """An amount as the wire spells it; bytes in binary notation."""
    if (
        amount.denominator == 1
        and any(part in name for part in _BINARY)
        and not name.endswith("persistentvolumeclaims")
    ):
        return quantities.format_binary(int(amount))
    return quantities.format_decimal(amount)


def texts(listed: Mapping[str, Fraction]) -> dict[str, str]:
    """Amounts as the wire spells them."""
    return {name: text(name, amount) for name, amount in sorted(listed.items())}
