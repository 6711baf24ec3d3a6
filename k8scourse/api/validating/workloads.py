"""ReplicaSet, Deployment and DaemonSet: selectors, templates, update strategies, status counters.

Upstream: ``pkg/apis/apps/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, selectors
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    each_invalid,
    forbidden,
    immutable,
    invalid,
    non_negative,
    not_supported,
    required,
)
from k8scourse.api.validating import pods
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
_MISMATCH = "`selector` does not match template `labels`"


def replica_set(obj: Object) -> Iterator[Cause]:
    """A ReplicaSet's spec."""
    spec = obj.get("spec") or {}
    yield from non_negative("spec.replicas", spec.get("replicas"))
    yield from non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _selector_and_template(spec, "deployment")


def deployment(obj: Object) -> Iterator[Cause]:
    """A Deployment's spec."""
    spec = obj.get("spec") or {}
    yield from non_negative("spec.replicas", spec.get("replicas"))
    yield from _selector_and_template(spec, "deployment")
    yield from _deployment_strategy(spec.get("strategy") or {})
    yield from non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from non_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    yield from non_negative("spec.progressDeadlineSeconds", deadline)
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _selector_and_template(spec: Object, kind: str) -> Iterator[Cause]:
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector")
    else:
        yield from label_selector(selector, "spec.selector")
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            yield invalid("spec.selector", selector, f"empty selector is invalid for {kind}")
    matching = matcher(selector)
    if matching is None:
        yield invalid("spec.selector", selector, "invalid label selector")
        return
    template = spec.get("template") or {}
    if not matching.empty and not matching.matches(_labels(template)):
        yield invalid("spec.template.metadata.labels", _labels(template), _MISMATCH)
    yield from pod_template(template, "ReplicaSet")


def _labels(template: Object) -> dict[str, str] | None:
    return (template.get("metadata") or {}).get("labels")


def matcher(selector: Object | None) -> selectors.Selector | None:
    """The selector, or None when it cannot be built."""
    for expression in (selector or {}).get("matchExpressions") or ():
        if expression.get("operator") in ("In", "NotIn") and not expression.get("values"):
            return None
    try:
        return selectors.from_label_selector(selector)
    except ValueError:
        return None


def pod_template(template: Object, kind: str) -> Iterator[Cause]:
    """A Pod template whose Pods run for ever."""
    path = "spec.template"
    yield from pods.template(template, path)
    yield from runs_for_ever(template.get("spec") or {}, kind)


def runs_for_ever(spec: Object, kind: str) -> Iterator[Cause]:
    """The spec of a template's Pods, which are always started again."""
    path = "spec.template.spec"
    if spec.get("restartPolicy") != "Always" and "restartPolicy" in spec:
        yield not_supported(f"{path}.restartPolicy", spec["restartPolicy"], ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        yield forbidden(f"{path}.activeDeadlineSeconds", f"activeDeadlineSeconds in {kind} is not Supported")


def _strategy_shown(strategy: Object) -> Object:
    """A strategy as upstream's internal type prints it."""
    return {"Type": strategy.get("type", ""), "RollingUpdate": None}


def _deployment_strategy(strategy: Object) -> Iterator[Cause]:
    path = "spec.strategy"
    rolling = strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "Recreate":
            if rolling is not None:
                yield forbidden(
                    f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"
                )
        case "RollingUpdate":
            if rolling is None:
                yield required(f"{path}.rollingUpdate", "this should be defaulted and never be nil")
                return
            yield from _counts(rolling, f"{path}.rollingUpdate")
            if _number(rolling.get("maxUnavailable")) == 0 and _number(rolling.get("maxSurge")) == 0:
                yield invalid(
                    f"{path}.rollingUpdate.maxUnavailable",
                    rolling.get("maxUnavailable"),
                    "may not be 0 when `maxSurge` is 0",
                )
            yield from at_most_all(rolling.get("maxUnavailable"), f"{path}.rollingUpdate.maxUnavailable")
        case _:
            yield not_supported(path, _strategy_shown(strategy), ("Recreate", "RollingUpdate"))


def _counts(rolling: Object, path: str) -> Iterator[Cause]:
    for field in ("maxUnavailable", "maxSurge"):
        yield from count_or_percent(rolling.get(field), f"{path}.{field}")


def count_or_percent(value: Any, path: str) -> Iterator[Cause]:
    """A number of zero or more, or a percentage."""
    if isinstance(value, str):
        yield from each_invalid(path, value, names.percent_problems(value))
    elif value is not None:
        yield from non_negative(path, value)


def at_most_all(value: Any, path: str) -> Iterator[Cause]:
    """A percentage of 100 or less."""
    if isinstance(value, str) and not names.percent_problems(value) and int(value[:-1]) > 100:
        yield invalid(path, value, "must not be greater than 100%")


def _number(value: Any) -> int:
    """The digits of a count or a percentage; 0 when the text is neither, as upstream reads it."""
    if isinstance(value, str):
        return int(value[:-1]) if not names.percent_problems(value) else _leading_number(value)
    return int(value or 0)


def _leading_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def daemon_set(obj: Object) -> Iterator[Cause]:
    """A DaemonSet's spec."""
    spec = obj.get("spec") or {}
    selector, template = spec.get("selector"), spec.get("template") or {}
    if selector is not None:
        yield from label_selector(selector, "spec.selector")
    matching = matcher(selector)
    if matching is not None and not matching.matches(_labels(template)):
        yield invalid("spec.template.metadata.labels", _labels(template), _MISMATCH)
    if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    yield from pod_template(template, "DaemonSet")
    yield from non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from _daemon_set_strategy(spec.get("updateStrategy") or {})
    yield from non_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _daemon_set_strategy(strategy: Object) -> Iterator[Cause]:
    path = "spec.updateStrategy"
    if strategy.get("type") == "OnDelete":
        return
    if strategy.get("type") != "RollingUpdate":
        yield not_supported(path, _strategy_shown(strategy), ("RollingUpdate", "OnDelete"))
        return
    rolling = strategy.get("rollingUpdate") or {}
    yield from _counts(rolling, f"{path}.rollingUpdate")
    for field in ("maxUnavailable", "maxSurge"):
        yield from at_most_all(rolling.get(field), f"{path}.rollingUpdate.{field}")
    unavailable, surge = _number(rolling.get("maxUnavailable")), _number(rolling.get("maxSurge"))
    if unavailable != 0 and surge != 0:
        yield invalid(
            f"{path}.rollingUpdate.maxSurge",
            rolling.get("maxSurge"),
            "may not be set when maxUnavailable is non-zero",
        )
    elif unavailable == 0 and surge == 0:
        yield required(f"{path}.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0")


def selector_update(new: Object, old: Object) -> Iterator[Cause]:
    """The selector of a workload never changes."""
    yield from immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


_COUNTERS = {
    "Deployment": (
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        "collisionCount",
    ),
    "ReplicaSet": (
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "terminatingReplicas",
        "observedGeneration",
    ),
    "DaemonSet": (
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount",
    ),
}
_PARTS = {
    "Deployment": ("updatedReplicas", "readyReplicas", "availableReplicas"),
    "ReplicaSet": ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    "DaemonSet": (),
}


def status(new: Object, old: Object) -> Iterator[Cause]:
    """Counters of a workload's status: none below zero, no part above the whole."""
    counted = new.get("status") or {}
    for name in _COUNTERS[new["kind"]]:
        yield from non_negative(f"status.{name}", counted.get(name))
    for name in _PARTS[new["kind"]]:
        if counted.get(name, 0) > counted.get("replicas", 0):
            yield invalid(f"status.{name}", counted.get(name, 0), "cannot be greater than status.replicas")
    available = counted.get("availableReplicas", 0)
    if _PARTS[new["kind"]] and available > counted.get("readyReplicas", 0):
        yield invalid("status.availableReplicas", available, "cannot be greater than readyReplicas")
    yield from collisions(counted, old.get("status") or {})


def collisions(new: Object, old: Object) -> Iterator[Cause]:
    """The count of names that were taken only grows."""
    before = old.get("collisionCount")
    if before is not None and new.get("collisionCount", 0) < before:
        yield invalid("status.collisionCount", new.get("collisionCount", 0), "cannot be decremented")
