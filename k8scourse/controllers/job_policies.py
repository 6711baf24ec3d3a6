"""What a Job's policies say: of a Pod that failed, and of the indexes that succeeded.

Upstream: `pkg/controller/job/{pod_failure_policy,success_policy}.go`.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.api import metadata
from k8scourse.api.values import Object, get_in

from . import job_indexes
from .job_indexes import Intervals


class Failure(NamedTuple):
    """What a failed Pod means: the action of the rule that it matched (empty without one), for FailJob why."""

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts towards the limits."""
        return self.action != "Ignore"


def judge(job: Object, pod: Object) -> Failure:
    """The first rule of `spec.podFailurePolicy` that a failed Pod matches."""
    for position, rule in enumerate(get_in(job, "spec.podFailurePolicy.rules", [])):
        why = _exit_code(rule.get("onExitCodes"), pod) or _condition(rule.get("onPodConditions"), pod)
        if why:
            return Failure(rule["action"], f"{why} matching {rule['action']} rule at index {position}")
    return Failure()


def _exit_code(wanted: Object | None, pod: Object) -> str:
    if wanted is None:
        return ""
    for field in ("containerStatuses", "initContainerStatuses"):
        for row in get_in(pod, ("status", field), []):
            code = get_in(row, "state.terminated.exitCode", 0)
            named = wanted.get("containerName") in (None, row["name"])
            if code and named and (code in wanted["values"]) == (wanted["operator"] == "In"):
                return f"Container {row['name']} for pod {metadata.key(pod)} failed with exit code {code}"
    return ""


def _condition(patterns: list[Object] | None, pod: Object) -> str:
    wanted = [(pattern["type"], pattern.get("status", "True")) for pattern in patterns or ()]
    for row in get_in(pod, "status.conditions", []):
        if (row["type"], row["status"]) in wanted:
            return f"Pod {metadata.key(pod)} has condition {row['type']}"
    return ""


def success(job: Object, succeeded: Intervals) -> str:
    """Which rule of `spec.successPolicy` is met by these indexes, as a sentence; empty when none is."""
    completions = int(get_in(job, "spec.completions", 0))
    for position, rule in enumerate(get_in(job, "spec.successPolicy.rules", []) if succeeded else ()):
        if _is_met(rule, succeeded, completions):
            return f"Matched rules at index {position}"
    return ""


def _is_met(rule: Object, succeeded: Intervals, completions: int) -> bool:
    count = rule.get("succeededCount")
    if rule.get("succeededIndexes") is None:
        return count is not None and job_indexes.total(succeeded) >= count
    wanted = job_indexes.parse(rule["succeededIndexes"], completions)
    if not wanted:
        return False
    reached = job_indexes.overlap(wanted, succeeded)
    return reached == job_indexes.total(wanted) or (count is not None and reached >= count)
