"""Job and CronJob.

Upstream: ``pkg/apis/batch/validation/validation.go``; the schedule is robfig/cron's, which upstream uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import cron, internal_form, names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    immutable,
    invalid,
    non_negative,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import pods, workloads
from k8scourse.api.validating.scheduling import label_selector

Object = dict[str, Any]
_MISMATCH = "`selector` does not match template `labels`"
_LARGEST_INDEXED = 100_000
_MODES = ("Indexed", "NonIndexed")
_REPLACEMENT = ("Failed", "TerminatingOrFailed")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_CRON_NAME = 52
UID_LABEL = "batch.kubernetes.io/controller-uid"


def job(obj: Object) -> Iterator[Cause]:
    """A Job: its selector is the server's, unless it is said to be one's own."""
    spec, own = obj.get("spec") or {}, obj.get("metadata") or {}
    yield from _generated_selector(obj, spec, own)
    yield from _whole_spec(spec)
    if spec.get("completionMode") == "Indexed" and spec.get("completions"):
        name = f"{own.get('name', '')}-{spec['completions'] - 1}"
        if own.get("name") and len(name) > 63:
            yield invalid(
                "metadata.name", own["name"], f"will not able to create pod with invalid DNS name: {name}"
            )


def _whole_spec(spec: Object) -> Iterator[Cause]:
    yield from _job_spec(spec, "spec")
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector")
        return
    yield from label_selector(selector, "spec.selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    matcher = workloads.matcher(selector)
    if matcher is not None and not matcher.matches(labels or {}):
        yield invalid("spec.template.metadata.labels", labels, _MISMATCH)


def _generated_selector(obj: Object, spec: Object, own: Object) -> Iterator[Cause]:
    """Upstream lets a Job that was generated keep its selector as it was made."""
    if spec.get("manualSelector") or "uid" not in own or spec.get("selector") is None:
        return
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    for key, value in ((UID_LABEL, own["uid"]), ("batch.kubernetes.io/job-name", own.get("name", ""))):
        if key not in labels:
            yield required(f"spec.template.metadata.labels[{key}]", f"must be '{value}'")
        elif labels[key] != value:
            yield invalid(f"spec.template.metadata.labels[{key}]", labels, f"must be '{value}'")
    wanted = {"matchLabels": {UID_LABEL: own["uid"]}}
    if spec["selector"] != wanted:
        yield invalid("spec.selector", spec["selector"], "`selector` not auto-generated")


def _job_spec(spec: Object, path: str) -> Iterator[Cause]:
    for field in (
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ):
        yield from non_negative(f"{path}.{field}", spec.get(field))
    yield from _per_index(spec, path)
    yield from _managed_by(spec, path)
    mode = spec.get("completionMode")
    if mode is not None:
        if mode not in _MODES:
            yield not_supported(f"{path}.completionMode", mode, _MODES)
        if mode == "Indexed":
            yield from _indexed(spec, path)
    if spec.get("podFailurePolicy") is not None:
        yield from _failure_policy(spec, f"{path}.podFailurePolicy")
    if spec.get("successPolicy") is not None:
        yield from _success_policy(spec, f"{path}.successPolicy")
    yield from _replacement(spec, path)
    yield from _template(spec.get("template") or {}, f"{path}.template", spec)


def _per_index(spec: Object, path: str) -> Iterator[Cause]:
    limit = spec.get("backoffLimitPerIndex")
    if limit is not None and spec.get("completionMode") != "Indexed":
        yield invalid(f"{path}.backoffLimitPerIndex", limit, "requires indexed completion mode")
    failed, completions = spec.get("maxFailedIndexes"), spec.get("completions")
    if failed is not None:
        if completions is not None and failed > completions:
            yield invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
        if limit is None:
            yield required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")


def _managed_by(spec: Object, path: str) -> Iterator[Cause]:
    manager = spec.get("managedBy")
    if manager is None:
        return
    if "/" not in manager:
        yield invalid(f"{path}.managedBy", manager, 'must be a domain-prefixed path (such as "acme.io/foo")')
    if len(manager) > 63:
        yield too_long(f"{path}.managedBy", 63)


def _indexed(spec: Object, path: str) -> Iterator[Cause]:
    completions = spec.get("completions")
    if completions is None:
        yield required(f"{path}.completions", "when completion mode is Indexed")
        return
    parallel = spec.get("parallelism")
    if parallel is not None and parallel > _LARGEST_INDEXED:
        yield invalid(
            f"{path}.parallelism",
            parallel,
            f"must be less than or equal to {_LARGEST_INDEXED} when completion mode is Indexed",
        )


def _failure_policy(spec: Object, path: str) -> Iterator[Cause]:
    containers = [
        one.get("name")
        for field in ("containers", "initContainers")
        for one in ((spec.get("template") or {}).get("spec") or {}).get(field) or ()
    ]
    for index, rule in enumerate(spec["podFailurePolicy"].get("rules") or ()):
        yield from _failure_rule(rule, f"{path}.rules[{index}]", spec, containers)


def _failure_rule(rule: Object, path: str, spec: Object, containers: list[Any]) -> Iterator[Cause]:
    action, codes, patterns = (
        rule.get("action", ""),
        rule.get("onExitCodes"),
        rule.get("onPodConditions") or (),
    )
    if action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set")
    if not action:
        yield required(f"{path}.action", f"valid values: [{' '.join(shown for shown in _ACTIONS)}]")
    elif action not in _ACTIONS:
        yield not_supported(f"{path}.action", action, _ACTIONS)
    if codes is not None:
        yield from _exit_codes(codes, f"{path}.onExitCodes", containers)
    for index, pattern in enumerate(patterns):
        where = f"{path}.onPodConditions[{index}]"
        yield from each_invalid(
            f"{where}.type", pattern.get("type", ""), names.qualified_name_problems(pattern.get("type", ""))
        )
        if pattern.get("status") not in ("False", "True", "Unknown"):
            yield not_supported(f"{where}.status", pattern.get("status", ""), ("False", "True", "Unknown"))
    if codes is not None and patterns:
        yield invalid(path, "", "specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not patterns:
        yield invalid(path, "", "specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(codes: Object, path: str, containers: list[Any]) -> Iterator[Cause]:
    operator, values, name = codes.get("operator", ""), codes.get("values") or (), codes.get("containerName")
    if not operator:
        yield required(f"{path}.operator", "valid values: [In NotIn]")
    elif operator not in ("In", "NotIn"):
        yield not_supported(f"{path}.operator", operator, ("In", "NotIn"))
    if name is not None and name not in containers:
        yield invalid(
            f"{path}.containerName",
            name,
            "must be one of the container or initContainer names in the pod template",
        )
    if not values:
        yield invalid(f"{path}.values", [], "at least one value is required")
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid(f"{path}.values[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield duplicate(f"{path}.values[{index}]", value)
    if list(values) != sorted(values):
        yield invalid(f"{path}.values", list(values), "must be ordered")


def _success_policy(spec: Object, path: str) -> Iterator[Cause]:
    rules = spec["successPolicy"].get("rules") or ()
    if spec.get("completionMode") != "Indexed":
        yield invalid(path, spec["successPolicy"], "requires indexed completion mode")
    if not rules:
        yield required(
            f"{path}.rules", "at least one rules must be specified when the successPolicy is specified"
        )
    for index, rule in enumerate(rules):
        if rule.get("succeededCount") is None and rule.get("succeededIndexes") is None:
            yield required(
                f"{path}.rules[{index}]",
                "at least one of succeededCount or succeededIndexes must be specified",
            )
        yield from non_negative(f"{path}.rules[{index}].succeededCount", rule.get("succeededCount"))


def _replacement(spec: Object, path: str) -> Iterator[Cause]:
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return
    allowed = _REPLACEMENT if spec.get("podFailurePolicy") is None else ("Failed",)
    if policy not in allowed:
        yield not_supported(f"{path}.podReplacementPolicy", policy, allowed)


def _template(template: Object, path: str, spec: Object) -> Iterator[Cause]:
    inner = template.get("spec") or {}
    yield from pods.template(template, path)
    policy = inner.get("restartPolicy", "")
    if policy in ("", "Always"):
        yield required(f"{path}.spec.restartPolicy", 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        yield not_supported(f"{path}.spec.restartPolicy", policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        yield invalid(
            f"{path}.spec.restartPolicy",
            policy,
            'only "Never" is supported when podFailurePolicy is specified',
        )


def job_update(new: Object, old: Object) -> Iterator[Cause]:
    """What a Job is made of never changes; how fast it goes may.  Upstream judges the new spec once more here."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    yield from _whole_spec(after)
    if not (
        after.get("completionMode") == "Indexed" and after.get("completions") == after.get("parallelism")
    ):
        yield from immutable("spec.completions", after.get("completions"), before.get("completions"))
    yield from immutable("spec.selector", after.get("selector"), before.get("selector"))
    yield from _template_update(after, before, old)
    for field in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        yield from immutable(f"spec.{field}", after.get(field), before.get(field))


_SCHEDULING_FIELDS = ("affinity", "nodeSelector", "tolerations", "schedulingGates")


def _template_update(after: Object, before: Object, old: Object) -> Iterator[Cause]:
    """While a Job is suspended and has not begun, where its Pods go may still change."""
    new, kept = (spec.get("template") or {} for spec in (after, before))
    started = (old.get("status") or {}).get("startTime") is not None
    if before.get("suspend") and not started:
        new = _with_fields_of(new, kept)
    new_spec, old_spec = new.get("spec") or {}, kept.get("spec") or {}
    if new_spec != old_spec:
        yield invalid("spec.template.spec", internal_form.pod_spec(new_spec), "field is immutable")
    elif new != kept:
        yield invalid("spec.template", internal_form.pod_template(new), "field is immutable")


def _with_fields_of(template: Object, kept: Object) -> Object:
    def copied(target: Object, source: Object, fields: tuple[str, ...]) -> Object:
        rest = {key: value for key, value in target.items() if key not in fields}
        return {**rest, **{key: source[key] for key in fields if key in source}}

    spec = copied(template.get("spec") or {}, kept.get("spec") or {}, _SCHEDULING_FIELDS)
    own = copied(template.get("metadata") or {}, kept.get("metadata") or {}, ("labels", "annotations"))
    return {**template, "metadata": own, "spec": spec}


def job_status(new: Object, old: Object) -> Iterator[Cause]:
    """The counters of a Job."""
    counted = new.get("status") or {}
    for name in ("active", "succeeded", "failed", "terminating", "ready"):
        yield from non_negative(f"status.{name}", counted.get(name))


# ------------------------------------------------------------------------------------------ cron jobs


def cron_job(obj: Object) -> Iterator[Cause]:
    """A CronJob."""
    spec = obj.get("spec") or {}
    yield from _schedule(spec)
    yield from non_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if spec.get("timeZone") is not None:
        yield from _time_zone(spec["timeZone"])
    policy, policies = spec.get("concurrencyPolicy", ""), ("Allow", "Forbid", "Replace")
    if not policy:
        yield required("spec.concurrencyPolicy")
    elif policy not in policies:
        yield not_supported("spec.concurrencyPolicy", policy, policies)
    made = spec.get("jobTemplate") or {}
    yield from _made_jobs(made.get("spec") or {})
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from non_negative(f"spec.{field}", spec.get(field))
    name = (obj.get("metadata") or {}).get("name", "")
    if len(name) > _CRON_NAME:
        yield invalid("metadata.name", name, f"must be no more than {_CRON_NAME} characters")


def _made_jobs(spec: Object) -> Iterator[Cause]:
    """The spec of the Jobs to be made: a selector is the server's business."""
    path = "spec.jobTemplate.spec"
    yield from _job_spec(spec, path)
    if spec.get("selector") is not None:
        yield invalid(f"{path}.selector", spec["selector"], "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield not_supported(f"{path}.manualSelector", True, ("nil", "false"))


def _schedule(spec: Object) -> Iterator[Cause]:
    schedule = spec.get("schedule", "")
    if not schedule:
        yield required("spec.schedule")
        return
    problem = cron.problem(schedule)
    if problem:
        yield invalid("spec.schedule", schedule, problem)
    if "TZ" in schedule:
        yield invalid(
            "spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        )


def _time_zone(zone: str) -> Iterator[Cause]:
    if not zone:
        yield invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")
    elif zone.lower() == "local":
        yield invalid(
            "spec.timeZone",
            zone,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        )
    elif not cron.is_zone(zone):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")
