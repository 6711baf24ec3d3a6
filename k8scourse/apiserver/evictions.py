"""POST pods/x/eviction: a deletion that asks the disruption budgets first.

A budget that has room gives one disruption away here, at once, and notes the Pod; the disruption controller
counts again afterwards.

Upstream: ``pkg/registry/core/pod/storage/eviction.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import conditions, kinds, pods, schema, selectors
from k8scourse.api.errors import BadRequest, InternalError, TooManyRequests, forbidden
from k8scourse.api.times import format_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver import admission
from k8scourse.apiserver.call import Call, check_write_options
from k8scourse.apiserver.deleteoptions import read_options
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.storage import Object
from k8scourse.apiserver.subresources import CREATED

MOST_DISRUPTED = 2000
RETRY_SECONDS = 10
_PLURAL = "poddisruptionbudgets"
_REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


def evict(registry: Registry, call: Call, body: Any) -> Object:
    """Delete a Pod unless its budget forbids it. Raises `TooManyRequests`, or what a deletion raises."""
    check_write_options(call, "CreateOptions")
    call.stage = "validate"
    eviction, _ = schema.decode(kinds.EVICTION, body, call.field_validation)
    if get_in(eviction, "metadata.name", "") not in ("", call.route.name):
        raise BadRequest("name in URL does not match name in Eviction object")
    options = read_options(eviction.get("deleteOptions") or {})
    if options.dry_run:
        call.query = {**call.query, "dryRun": "All"}
    call.stage = "admit"
    admission.admit_part(registry.plugins, call, kinds.EVICTION, eviction)
    pod = registry.must_get(call.kind, call.route.namespace, call.route.name)
    if not _is_free(pod):
        _ask(registry, call, pod)
    registry.deleter.delete(call, options)
    return CREATED


def _is_free(pod: Object) -> bool:
    """What does not run, or is on its way out, disturbs nobody."""
    return pods.phase(pod) in ("Pending", "Succeeded", "Failed") or "deletionTimestamp" in pod["metadata"]


def _ask(registry: Registry, call: Call, pod: Object) -> None:
    namespace = call.route.namespace
    labels = pod["metadata"].get("labels") or {}
    budgets = [each for each in registry.list(_PLURAL, namespace) if _selects(each, labels)]
    if not budgets:
        return
    if len(budgets) > 1:
        raise InternalError(_SEVERAL, reason="")
    if not _goes_unhealthy(pod, budgets[0]):
        taken = _taken(registry, budgets[0], pod)
        if not call.dry_run:
            registry.put_status(_PLURAL, taken)


def _selects(budget: Object, labels: dict[str, str]) -> bool:
    selector = get_in(budget, "spec.selector")
    return selector is not None and selectors.from_label_selector(selector).matches(labels)


def _goes_unhealthy(pod: Object, budget: Object) -> bool:
    """Whether a Pod that is not ready may go without being counted."""
    if pods.is_ready(pod):
        return False
    if get_in(budget, "spec.unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    wanted = get_in(budget, "status.desiredHealthy", 0)
    return bool(wanted > 0 and get_in(budget, "status.currentHealthy", 0) >= wanted)


def _taken(registry: Registry, budget: Object, pod: Object) -> Object:
    """The budget with one disruption less. Raises when it has none."""
    name, status = budget["metadata"]["name"], budget.get("status") or {}
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        raise _refused(f"The disruption budget {name} is still being processed by the server.", RETRY_SECONDS)
    noted = status.get("disruptedPods") or {}
    if len(noted) > MOST_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise forbidden("policy", _PLURAL, name, why)
    allowed = status.get("disruptionsAllowed", 0)
    if allowed < 1:
        wanted, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        raise _refused(
            f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
        )
    noted = {**noted, pod["metadata"]["name"]: format_time(registry.now)}
    new = evolve(budget, "status", {**status, "disruptionsAllowed": allowed - 1, "disruptedPods": noted})
    if allowed == 1:
        row = {"type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods", "message": ""}
        row["observedGeneration"] = budget["metadata"].get("generation", 0)
        new = conditions.with_condition(new, row, registry.now)
    return new


def _refused(why: str, retry_seconds: int = 0) -> TooManyRequests:
    details: Object = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    if retry_seconds:
        details["retryAfterSeconds"] = retry_seconds
    return TooManyRequests(_REFUSAL, details=details)
