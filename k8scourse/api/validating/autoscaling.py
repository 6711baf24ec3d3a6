"""HorizontalPodAutoscaler and PodDisruptionBudget: two ways to bound a number of Pods.

Upstream: ``pkg/apis/autoscaling/validation/validation.go``, ``pkg/apis/policy/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid, non_negative, not_supported, required
from k8scourse.api.validating import resources, workloads
from k8scourse.api.validating.rbac import path_segment_problems
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
_SOURCES = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "External": "external",
}
#: In which order upstream looks for the source of a metric.
_ORDER = ("object", "external", "pods", "resource", "containerResource")
_NO_VALUE = {
    "object": "must set either a target value or averageValue",
    "external": "must set either a target value for metric or a per-pod target",
}
_TYPES = ("ContainerResource", "External", "Object", "Pods", "Resource")
_LONGEST_WINDOW, _LONGEST_PERIOD = 3600, 1800


def autoscaler(obj: Object) -> Iterator[Cause]:
    """A HorizontalPodAutoscaler."""
    spec = obj.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield required("spec.maxReplicas", "must be set and greater than 0")
    if least is not None and most < least:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    yield from _target_reference(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
    yield from _metrics(spec.get("metrics") or (), least)
    if spec.get("behavior") is not None:
        for field in ("scaleUp", "scaleDown"):
            yield from _rules(spec["behavior"].get(field), f"spec.behavior.{field}")


def _target_reference(reference: Object, path: str) -> Iterator[Cause]:
    for field in ("kind", "name"):
        value = reference.get(field, "")
        if not value:
            yield required(f"{path}.{field}")
        else:
            yield from each_invalid(f"{path}.{field}", value, path_segment_problems(value))
    version = reference.get("apiVersion", "")
    if version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    elif "/" not in version and version != "v1":
        yield invalid(f"{path}.apiVersion", version, "apiVersion must specify API group")


def _metrics(metrics: Any, least: int | None) -> Iterator[Cause]:
    for index, metric in enumerate(metrics):
        yield from _metric(metric, f"spec.metrics[{index}]")
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        yield forbidden(
            "spec.metrics",
            "must specify at least one Object or External metric to support scaling to zero replicas",
        )


def _metric(metric: Object, path: str) -> Iterator[Cause]:
    kind = metric.get("type", "")
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in _SOURCES:
        yield not_supported(f"{path}.type", kind, _TYPES)
    given = [field for field in _ORDER if metric.get(field) is not None]
    if given:  # upstream looks into the first only
        yield from _source(given[0], metric[given[0]], f"{path}.{given[0]}")
    wanted = _SOURCES.get(kind)
    if wanted is None:
        yield not_supported(f"{path}.type", kind, _TYPES)
    elif wanted not in given:
        yield required(f"{path}.{wanted}", "must populate information for the given metric source")
    if len(given) > 1:
        for field in given:
            if field != wanted:
                yield forbidden(f"{path}.{field}", "must populate the given metric source only")


def _source(field: str, source: Object, path: str) -> Iterator[Cause]:
    if field == "object":
        yield from _target_reference(source.get("describedObject") or {}, f"{path}.describedObject")
    if field in ("object", "pods", "external"):
        yield from _identifier(source.get("metric") or {}, f"{path}.metric")
    if field in ("resource", "containerResource"):
        yield from _resource(field, source, path)
    target = source.get("target") or {}
    yield from _target(target, f"{path}.target")
    yield from _target_fits(field, target, f"{path}.target")


def _resource(field: str, source: Object, path: str) -> Iterator[Cause]:
    name, container = source.get("name", ""), source.get("container", "")
    if not name:
        yield required(f"{path}.name", "must specify a resource name")
    elif field == "containerResource":
        yield from resources.container_name(name, f"{path}.name")
    if field == "containerResource" and not container:
        yield required(f"{path}.container", "must specify a container")
    elif field == "containerResource":
        yield from each_invalid(f"{path}.container", container, names.dns_label_problems(container))


def _identifier(metric: Object, path: str) -> Iterator[Cause]:
    name = metric.get("name", "")
    if not name:
        yield required(f"{path}.name", "must specify a metric name")
    else:
        yield from each_invalid(f"{path}.name", name, path_segment_problems(name))


def _target(target: Object, path: str) -> Iterator[Cause]:
    kind = target.get("type", "")
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in ("Utilization", "Value", "AverageValue"):
        yield invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for field in ("value", "averageValue"):
        amount = target.get(field)
        if amount is not None and quantities.parse(amount) <= 0:
            yield invalid(f"{path}.{field}", str(amount), "must be positive")
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        yield invalid(f"{path}.averageUtilization", percent, "must be greater than 0")


def _target_fits(field: str, target: Object, path: str) -> Iterator[Cause]:
    value, average, percent = (
        target.get(name) is not None for name in ("value", "averageValue", "averageUtilization")
    )
    if field in ("resource", "containerResource"):
        if percent and average:
            detail = "may not set both a target raw value and a target utilization"
            yield forbidden(f"{path}.averageValue", detail)
        elif not percent and not average:
            detail = "must set either a target raw value or a target utilization"
            yield required(f"{path}.averageUtilization", detail)
    elif field == "pods":
        if not average:
            yield required(f"{path}.averageValue", "must specify a positive target averageValue")
    elif not value and not average:
        yield required(f"{path}.averageValue", _NO_VALUE[field])
    elif field == "external" and value and average:
        detail = "may not set both a target value for metric and a per-pod target"
        yield forbidden(f"{path}.value", detail)


def _rules(rules: Object | None, path: str) -> Iterator[Cause]:
    if rules is None:
        return
    window, chosen = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    if window is not None and window < 0:
        yield invalid(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window is not None and window > _LONGEST_WINDOW:
        yield invalid(
            f"{path}.stabilizationWindowSeconds", window, f"must be less than or equal to {_LONGEST_WINDOW}"
        )
    if chosen is not None and chosen not in ("Disabled", "Max", "Min"):
        yield not_supported(f"{path}.selectPolicy", chosen, ("Disabled", "Max", "Min"))
    if not rules.get("policies"):
        yield required(f"{path}.policies", "must specify at least one Policy")
    for index, policy in enumerate(rules.get("policies") or ()):
        yield from _policy(policy, f"{path}.policies[{index}]")


def _policy(policy: Object, path: str) -> Iterator[Cause]:
    kind, value, period = policy.get("type", ""), policy.get("value", 0), policy.get("periodSeconds", 0)
    if kind not in ("Pods", "Percent"):
        yield not_supported(f"{path}.type", kind, ("Percent", "Pods"))
    if value <= 0:
        yield invalid(f"{path}.value", value, "must be greater than zero")
    if period <= 0:
        yield invalid(f"{path}.periodSeconds", period, "must be greater than zero")
    elif period > _LONGEST_PERIOD:
        yield invalid(f"{path}.periodSeconds", period, f"must be less than or equal to {_LONGEST_PERIOD}")


def autoscaler_status(new: Object, old: Object) -> Iterator[Cause]:
    """The counters of an autoscaler."""
    counted = new.get("status") or {}
    for field in ("currentReplicas", "desiredReplicas"):
        yield from non_negative(f"status.{field}", counted.get(field))


# ------------------------------------------------------------------------------------- disruption budgets


def disruption_budget(obj: Object) -> Iterator[Cause]:
    """A PodDisruptionBudget: one bound, not two."""
    spec = obj.get("spec") or {}
    policy = spec.get("unhealthyPodEvictionPolicy")
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": _internal_selector(spec.get("selector")),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": policy,
        }
        yield invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for field, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            yield from workloads.count_or_percent(value, f"spec.{field}")
            yield from workloads.at_most_all(value, f"spec.{field}")
    if spec.get("selector") is not None:
        yield from label_selector(spec["selector"], "spec.selector")
    if policy is not None and policy not in ("AlwaysAllow", "IfHealthyBudget"):
        yield not_supported("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))


def _internal_selector(selector: Object | None) -> Object | None:
    """Label selectors keep their wire names inside the server too."""
    return selector


def disruption_budget_status(new: Object, old: Object) -> Iterator[Cause]:
    """The counters of a budget."""
    counted = new.get("status") or {}
    for field in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        yield from non_negative(f"status.{field}", counted.get(field))
