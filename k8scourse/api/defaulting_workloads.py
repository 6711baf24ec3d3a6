"""Defaults of the workloads beyond Deployments: stateful sets, jobs, the old controllers, and autoscalers.

Upstream: ``pkg/apis/apps/v1/defaults.go``, ``pkg/apis/batch/v1/defaults.go``, ``pkg/apis/core/v1/defaults.go``,
``pkg/apis/autoscaling/v2/defaults.go``.
"""

from __future__ import annotations

from k8scourse.api import defaulting_storage
from k8scourse.api.defaulting_pods import pod_spec
from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.values import FrozenDict, FrozenList, freeze

_EMPTY = FrozenDict()
_LARGEST = 2**31 - 1
_BACKOFF_LIMIT = 6


def template(spec: Object) -> Object:
    """A spec with a Pod template."""
    return change(spec, "template", lambda inner: change(inner, "spec", pod_spec))


# ---------------------------------------------------------------------------------------- stateful sets


def stateful_set(obj: Object) -> Object:
    """A StatefulSet: ordered, rolling, and keeping its claims."""
    return change(obj, "spec", _stateful_spec)


def _stateful_spec(spec: Object) -> Object:
    spec = fill(template(spec), podManagementPolicy="OrderedReady", replicas=1, revisionHistoryLimit=10)
    spec = change(spec, "updateStrategy", _stateful_strategy, _EMPTY)
    spec = change(
        spec,
        "persistentVolumeClaimRetentionPolicy",
        lambda policy: fill(policy, whenDeleted="Retain", whenScaled="Retain"),
        _EMPTY,
    )
    return each(spec, "volumeClaimTemplates", _claim_template)


def _stateful_strategy(strategy: Object) -> Object:
    strategy = fill(strategy, type="RollingUpdate")
    if strategy["type"] != "RollingUpdate":
        return strategy
    return change(strategy, "rollingUpdate", lambda rolling: fill(rolling, partition=0), _EMPTY)


def _claim_template(claim: Object) -> Object:
    """A template of claims is a whole PersistentVolumeClaim, with kind and status."""
    return defaulting_storage.claim(fill(claim, kind="PersistentVolumeClaim", apiVersion="v1"))


# --------------------------------------------------------------------------------- the old controllers


def replication_controller(obj: Object) -> Object:
    """A ReplicationController takes selector and labels from its template."""
    labels = (((obj.get("spec") or {}).get("template") or {}).get("metadata") or {}).get("labels")
    if labels:
        obj = change(obj, "metadata", lambda metadata: fill(metadata, labels=labels), _EMPTY)
        obj = change(obj, "spec", lambda spec: fill(spec, selector=labels))
    return change(obj, "spec", lambda spec: fill(template(spec), replicas=1))


def pod_template(obj: Object) -> Object:
    """A PodTemplate."""
    return template(obj)


# --------------------------------------------------------------------------------------- jobs, cron jobs


def job(obj: Object) -> Object:
    """A Job; without labels of its own it has those of its template."""
    labels = (((obj.get("spec") or {}).get("template") or {}).get("metadata") or {}).get("labels")
    if labels:
        obj = change(obj, "metadata", lambda metadata: fill(metadata, labels=labels), _EMPTY)
    return change(obj, "spec", _job_spec)


def _job_spec(spec: Object) -> Object:
    if "completions" not in spec and "parallelism" not in spec:
        spec = {**spec, "completions": 1, "parallelism": 1}
    replaced = "TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed"
    limit = _BACKOFF_LIMIT if spec.get("backoffLimitPerIndex") is None else _LARGEST
    spec = fill(
        spec,
        parallelism=1,
        backoffLimit=limit,
        completionMode="NonIndexed",
        suspend=False,
        manualSelector=False,
        podReplacementPolicy=replaced,
    )
    return _failure_policy(template(spec))


def _failure_policy(spec: Object) -> Object:
    def rule(one: Object) -> Object:
        return each(one, "onPodConditions", lambda pattern: fill(pattern, status="True"))

    return change(spec, "podFailurePolicy", lambda policy: each(policy, "rules", rule))


def cron_job(obj: Object) -> Object:
    """A CronJob; the Jobs it makes get their own defaults when they are made."""
    return change(obj, "spec", _cron_spec)


def _cron_spec(spec: Object) -> Object:
    spec = fill(
        spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1
    )
    return change(
        spec,
        "jobTemplate",
        lambda made: change(made, "spec", lambda job_spec: _failure_policy(template(job_spec))),
    )


# ------------------------------------------------------------------------------------------ autoscalers

_METRICS = FrozenList(
    [
        freeze(
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
            }
        )
    ]
)
_PERCENT = FrozenDict({"type": "Percent", "value": 100, "periodSeconds": 15})
_PODS = FrozenDict({"type": "Pods", "value": 4, "periodSeconds": 15})
_UP, _DOWN = FrozenList([_PODS, _PERCENT]), FrozenList([_PERCENT])


def autoscaler(obj: Object) -> Object:
    """A HorizontalPodAutoscaler: at least one replica, 80 % of the CPU that was asked for."""
    return change(obj, "spec", _autoscaler_spec)


def _autoscaler_spec(spec: Object) -> Object:
    return change(fill(spec, minReplicas=1, metrics=_METRICS), "behavior", _behavior)


def _behavior(behavior: Object) -> Object:
    behavior = change(
        behavior,
        "scaleUp",
        lambda rules: fill(rules, stabilizationWindowSeconds=0, selectPolicy="Max", policies=_UP),
        _EMPTY,
    )
    return change(
        behavior, "scaleDown", lambda rules: fill(rules, selectPolicy="Max", policies=_DOWN), _EMPTY
    )
