"""The status of a Job: counters that fit each other, conditions that end it only once.

Upstream: ``validateJobStatus`` in ``pkg/apis/batch/validation/validation.go``; its options leave alone what was wrong
before and does not change (here: a status that does not change at all).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, invalid, invalid_unshown, non_negative, required
from k8scourse.api.validating.jobpolicies import counted_indexes

Object = dict[str, Any]
_CONDITIONS = "status.conditions"
#: Conditions that exclude each other, and those that need another beside them.
_EXCLUDED = (
    ("Complete", "Failed", "cannot set Complete=True and Failed=true conditions"),
    ("Complete", "FailureTarget", "cannot set Complete=True and FailureTarget=true conditions"),
)
_NEEDED = (
    ("Failed", "FailureTarget", "cannot set Failed=True condition without the FailureTarget=true condition"),
    (
        "Complete",
        "SuccessCriteriaMet",
        "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
    ),
)
_EXCLUDED_LATE = (
    ("SuccessCriteriaMet", "Failed", "cannot set SuccessCriteriaMet=True and Failed=true conditions"),
    (
        "SuccessCriteriaMet",
        "FailureTarget",
        "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions",
    ),
)


def job_status(new: Object, old: Object) -> Iterator[Cause]:
    """May this be the status of the Job, and may it follow the one before?"""
    spec, status, before = new.get("spec") or {}, new.get("status") or {}, old.get("status") or {}
    true = _true_conditions(status)
    for field in ("active", "succeeded", "failed", "ready", "terminating"):
        yield from non_negative(f"status.{field}", status.get(field))
    yield from _uncounted(status.get("uncountedTerminatedPods") or {})
    if status != before:
        yield from _pairs(_EXCLUDED, true, wanted=False)
        yield from _times(status, "Complete" in true)
        yield from _pairs(_NEEDED, true, wanted=True)
        if true & {"Complete", "Failed"}:
            yield from _finished(spec, status)
        yield from _indexes(spec, status)
        if true & {"Complete", "Failed"} and (status.get("terminating") or 0) > 0:
            yield invalid(
                "status.terminating", status["terminating"], "terminating>0 is invalid for finished job"
            )
        if (status.get("ready") or 0) > (status.get("active") or 0):
            yield invalid("status.ready", status["ready"], "cannot set more ready pods than active")
    yield from _pairs(_EXCLUDED_LATE, true, wanted=False)
    yield from _progress(spec, status, before)


def _true_conditions(status: Object) -> set[str]:
    return {one.get("type", "") for one in status.get("conditions") or () if one.get("status") == "True"}


def _pairs(rules: tuple[tuple[str, str, str], ...], true: set[str], *, wanted: bool) -> Iterator[Cause]:
    for one, other, detail in rules:
        if one in true and (other in true) is not wanted:
            yield invalid_unshown(_CONDITIONS, detail)


def _uncounted(pods: Object) -> Iterator[Cause]:
    seen: set[str] = set()
    for field in ("succeeded", "failed"):
        for index, uid in enumerate(pods.get(field) or ()):
            path = f"status.uncountedTerminatedPods.{field}[{index}]"
            if not uid:
                yield invalid(path, uid, "must not be empty")
            elif uid in seen:
                yield duplicate(path, uid)
            seen.add(uid)


def _times(status: Object, complete: bool) -> Iterator[Cause]:
    path, start, end = "status.completionTime", status.get("startTime"), status.get("completionTime")
    if end is not None and not complete:
        yield invalid(path, end, "cannot set completionTime when there is no Complete=True condition")
    if end is None and complete:
        yield required(path, "completionTime is required for Complete jobs")
    if start is not None and end is not None and end < start:
        yield invalid(path, end, "must be equal to or after `startTime`")


def _finished(spec: Object, status: Object) -> Iterator[Cause]:
    if (status.get("active") or 0) > 0:
        yield invalid("status.active", status["active"], "active>0 is invalid for finished job")
    if status.get("startTime") is None and not (spec.get("suspend") and spec.get("completions") == 0):
        yield required("status.startTime", "startTime is required for finished job")
    uncounted = status.get("uncountedTerminatedPods") or {}
    if uncounted.get("succeeded") or uncounted.get("failed"):
        shown = {"Succeeded": uncounted.get("succeeded"), "Failed": uncounted.get("failed")}
        yield invalid("status.uncountedTerminatedPods", shown, "must be empty for finished job")


def _indexes(spec: Object, status: Object) -> Iterator[Cause]:
    completions, done, failed = (
        spec.get("completions"),
        status.get("completedIndexes", ""),
        status.get("failedIndexes"),
    )
    for field, value in (("completedIndexes", done), ("failedIndexes", failed)):
        if (
            completions is None
            or not value
            or (field == "failedIndexes" and spec.get("backoffLimitPerIndex") is None)
        ):
            continue
        problem = counted_indexes(value, completions)[1]
        if problem:
            yield invalid(f"status.{field}", value, f"error parsing {field}: {problem}")
    if done and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield invalid("status.completedIndexes", done, detail)
    if failed is not None and spec.get("backoffLimitPerIndex") is None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield invalid("status.failedIndexes", failed, detail)


def _progress(spec: Object, status: Object, before: Object) -> Iterator[Cause]:
    """Nothing is taken back."""
    true, was = _true_conditions(status), _true_conditions(before)
    for condition in ("Failed", "Complete", "FailureTarget"):
        if condition in was - true:
            yield invalid_unshown(_CONDITIONS, f"cannot disable the terminal {condition}=True condition")
    scaled = spec.get("completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")
    for field in ("failed", "succeeded"):
        count = status.get(field) or 0
        if count < (before.get(field) or 0) and not (field == "succeeded" and scaled):
            yield invalid(f"status.{field}", count, f"cannot decrease the {field} counter")
    end, ended = status.get("completionTime"), before.get("completionTime")
    if end is not None and ended is not None and end != ended:
        yield invalid("status.completionTime", end, "field is immutable")
    start, started = status.get("startTime"), before.get("startTime")
    if started is not None and start != started and not spec.get("suspend"):
        yield required("status.startTime", "startTime cannot be removed for unsuspended job")
    if "SuccessCriteriaMet" in was - true:
        yield invalid_unshown(_CONDITIONS, "cannot disable the SuccessCriteriaMet=True condition")
    if "Complete" in was and "SuccessCriteriaMet" in true - was:
        detail = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        yield invalid_unshown(_CONDITIONS, detail)
