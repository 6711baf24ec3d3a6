"""Questions about a Pod that several components ask: what it asks for, whether it is ready, what it tolerates.

Amounts are integers: CPU in thousandths of a core, memory and storage in bytes, everything else counted.
Upstream: ``staging/src/k8s.io/component-helpers/resource/helpers.go`` (requests), ``pkg/api/v1/pod/util.go``
(readiness), ``pkg/apis/core/v1/helper/qos`` (QoS), ``component-helpers/scheduling/corev1`` (tolerations).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from k8scourse.api import conditions, quantities, times

Resources = dict[str, int]
Object = Mapping[str, Any]
QOS_RESOURCES = ("cpu", "memory")


def amount(resource: str, quantity: str | int) -> int:
    """A quantity as an integer in the resource's unit: milli for ``cpu``, whole numbers else."""
    return quantities.milli(quantity) if resource == "cpu" else quantities.integer(quantity)


def _amounts(container: Object, what: str) -> Resources:
    listed = (container.get("resources") or {}).get(what) or {}
    return {resource: amount(resource, quantity) for resource, quantity in listed.items()}


def container_requests(container: Object) -> Resources:
    """What one container asks for."""
    return _amounts(container, "requests")


def container_limits(container: Object) -> Resources:
    """What one container may use at most."""
    return _amounts(container, "limits")


def is_sidecar(container: Object) -> bool:
    """Whether an init container keeps running beside the others (``restartPolicy: Always``)."""
    return container.get("restartPolicy") == "Always"


def _add(total: Resources, more: Resources) -> None:
    for resource, value in more.items():
        total[resource] = total.get(resource, 0) + value


def _raise_to(total: Resources, floor: Resources) -> None:
    for resource, value in floor.items():
        if value > total.get(resource, 0):
            total[resource] = value


def _aggregate(pod: Object, what: str) -> Resources:
    """Sum of the containers and sidecars, or the greatest moment of the init sequence if that is more."""
    spec = pod["spec"]
    total: Resources = {}
    for container in spec.get("containers") or ():
        _add(total, _amounts(container, what))
    sidecars: Resources = {}
    peak: Resources = {}
    for container in spec.get("initContainers") or ():
        moment = dict(sidecars)
        _add(moment, _amounts(container, what))
        if is_sidecar(container):
            sidecars = moment
        _raise_to(peak, moment)
    _add(total, sidecars)
    _raise_to(total, peak)
    return total


def _with_pod_level(total: Resources, pod: Object, what: str) -> Resources:
    total.update(_amounts(pod["spec"], what))
    return total


def container_total(pod: Object) -> Resources:
    """What the containers ask for together, whatever the Pod as a whole says."""
    return _aggregate(pod, "requests")


def requests(pod: Object) -> Resources:
    """What the whole Pod asks for, overhead included: ``{"cpu": 250, "memory": 67108864}``."""
    total = _with_pod_level(_aggregate(pod, "requests"), pod, "requests")
    for resource, quantity in (pod["spec"].get("overhead") or {}).items():
        _add(total, {resource: amount(resource, quantity)})
    return total


def limits(pod: Object) -> Resources:
    """What the whole Pod may use; overhead counts for the resources that have a limit."""
    total = _with_pod_level(_aggregate(pod, "limits"), pod, "limits")
    for resource, quantity in (pod["spec"].get("overhead") or {}).items():
        if resource in total:
            _add(total, {resource: amount(resource, quantity)})
    return total


def as_quantities(amounts: Resources) -> dict[str, str]:
    """Amounts as the wire spells them: ``{"cpu": 250, "memory": 1024}`` is ``{"cpu": "250m", "memory": "1Ki"}``."""
    return {
        name: quantities.canonical(f"{value}m") if name == "cpu" else quantities.format_binary(value)
        for name, value in amounts.items()
    }


def is_ready(pod: Object) -> bool:
    """Whether the condition Ready is True."""
    return conditions.is_true(pod, "Ready")


def is_available(pod: Object, min_ready_seconds: int, now_ns: int) -> bool:
    """Ready, and for at least ``min_ready_seconds``."""
    ready = conditions.get(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return False
    if not min_ready_seconds:
        return True
    since = ready.get("lastTransitionTime")
    return since is not None and times.parse_time(since) + min_ready_seconds * times.SECOND <= now_ns


def phase(pod: Object) -> str:
    """``status.phase``, or the empty string."""
    return str((pod.get("status") or {}).get("phase", ""))


def is_terminal(pod: Object) -> bool:
    """Whether the Pod has ended: phase Succeeded or Failed."""
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Neither ended nor being deleted: what controllers count as a living replica."""
    return not is_terminal(pod) and "deletionTimestamp" not in pod["metadata"]


def qos_class(pod: Object) -> str:
    """``Guaranteed`` (limits equal requests everywhere), ``BestEffort`` (nothing said) or ``Burstable``."""
    spec = pod["spec"]
    if spec.get("resources"):
        parts = [spec]
    else:
        parts = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    asked = [_compute(_amounts(part, "requests")) for part in parts]
    allowed = [_compute(_amounts(part, "limits")) for part in parts]
    if not any(asked) and not any(allowed):
        return "BestEffort"
    if all(len(limit) == len(QOS_RESOURCES) for limit in allowed) and _totals(asked) == _totals(allowed):
        return "Guaranteed"
    return "Burstable"


def _compute(amounts: Resources) -> Resources:
    """CPU and memory above zero; the other resources do not count for QoS."""
    return {resource: amounts[resource] for resource in QOS_RESOURCES if amounts.get(resource, 0) > 0}


def _totals(rows: Iterable[Resources]) -> Resources:
    total: Resources = {}
    for row in rows:
        _add(total, row)
    return total


def tolerates(tolerations: Iterable[Object], taint: Object) -> bool:
    """Whether any toleration tolerates the taint."""
    return any(toleration_matches(toleration, taint) for toleration in tolerations)


def toleration_matches(toleration: Object, taint: Object) -> bool:
    """One toleration against one taint; an empty effect or (with Exists) an empty key matches all."""
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("key") and toleration["key"] != taint.get("key"):
        return False
    if toleration.get("operator") == "Exists":
        return True
    if not toleration.get("key"):
        return False
    return bool(toleration.get("value", "") == taint.get("value", ""))


def untolerated(
    tolerations: Iterable[Object], taints: Iterable[Object], effects: Iterable[str]
) -> Object | None:
    """The first taint with one of these effects that no toleration tolerates, or None."""
    tolerated_by = list(tolerations)
    wanted = tuple(effects)
    for taint in taints:
        if taint.get("effect") in wanted and not tolerates(tolerated_by, taint):
            return taint
    return None
