"""Which Pods a Job makes, deletes and counts, as functions of one look at it.

Upstream: `pkg/controller/job/{job_controller,indexed_job_utils}.go`.
"""

from __future__ import annotations

from k8scourse.api import metadata, pods
from k8scourse.api.values import Object, evolve, get_in

from . import job_indexes, job_policies
from .job_backoff import remaining_of_index_ns
from .job_indexes import FAILURES, IGNORED_FAILURES, index_of
from .job_round import FINALIZER, SUCCESS, Round, is_tracked
from .replicaset_ranking import pods_to_delete

CONTROLLER = "kubernetes.io/job-controller"


def is_ours(job: Object) -> bool:
    """Whether this loop looks after the Job, and not one that `spec.managedBy` names."""
    return bool(get_in(job, "spec.managedBy", CONTROLLER) == CONTROLLER)


def with_finalizer(pod: Object) -> Object:
    """The Pod with the finalizer of Jobs."""
    if is_tracked(pod):
        return pod
    return evolve(pod, "metadata.finalizers", [*get_in(pod, "metadata.finalizers", []), FINALIZER])


def of_index(pod: Object, look: Round, index: int) -> Object:
    """A Pod that is to be made, as the one of this index; it inherits how often its predecessors failed."""
    pod = job_indexes.with_index(pod, look.job, index)
    if look.per_index is None:
        return pod
    failures = ignored = 0
    before = look.delayed.get(index)
    if before is not None:
        failures = job_indexes.failures_of(before)
        ignored = job_indexes.all_failures_of(before) - failures
        counts = job_policies.judge(look.job, before).counts
        failures, ignored = failures + counts, ignored + (not counts)
    pod = evolve(pod, ("metadata", "annotations", FAILURES), str(failures))
    return evolve(pod, ("metadata", "annotations", IGNORED_FAILURES), str(ignored)) if ignored else pod


def ready_indexes(look: Round, count: int, wait_ns: int) -> tuple[list[int], int]:
    """The indexes to make Pods for, and how long to wait first; with a limit per index each waits for itself."""
    missing = look.missing_indexes(count)
    if look.per_index is None:
        return missing, wait_ns
    waits = {index: remaining_of_index_ns(look.delayed.get(index), look.now_ns) for index in missing}
    now = [index for index in missing if not waits[index]]
    return now, 0 if now else min(waits.values(), default=0)


def to_remove(look: Round, at_least: int) -> list[Object]:
    """Pods of one index too many or of none, and as many more as needed, the least useful first."""
    removed, left = _doubles(look) if look.indexed else ([], look.active)
    more = at_least - len(removed)
    return removed + (pods_to_delete(left, more, look.now_ns) if more > 0 else [])


def _doubles(look: Round) -> tuple[list[Object], list[Object]]:
    by_index: dict[int | None, list[Object]] = {}
    for pod in look.active:
        by_index.setdefault(look.valid_index(pod), []).append(pod)
    removed = by_index.pop(None, [])
    left: list[Object] = []
    for same in by_index.values():
        surplus = pods_to_delete(same, len(same) - 1, look.now_ns)
        gone = [metadata.uid(pod) for pod in surplus]
        removed = removed + surplus
        left += [pod for pod in same if metadata.uid(pod) not in gone]
    return removed, left


def may_release(look: Round, pod: Object) -> bool:
    """Whether a Pod may lose its finalizer; one whose count of failures its successor needs may not yet."""
    if metadata.is_terminating(look.job) or look.verdict is not None or pods.phase(pod) == "Succeeded":
        return True
    if not look.is_failed(pod):
        return False
    awaited = look.delayed.get(index_of(pod) or 0) if index_of(pod) is not None else None
    return awaited is None or metadata.uid(awaited) != metadata.uid(pod)


def counts_as_failed(look: Round, pod: Object) -> bool:
    """Whether a Pod that is released has failed; when the Job has failed, all that still ran have."""
    lost = look.verdict is not None and look.verdict["type"] != SUCCESS
    if not look.is_failed(pod) and not lost:
        return False
    if look.indexed and look.valid_index(pod) is None:
        return False
    return job_policies.judge(look.job, pod).counts


def set_indexes(look: Round, new: list[int]) -> bool:
    """Write the indexes that are done and those that failed for good; whether the status is new by that."""
    if not look.indexed:
        return False
    before = {field: look.status.get(field) for field in ("completedIndexes", "failedIndexes", "succeeded")}
    look.done = job_indexes.merge(look.had, job_indexes.of_indexes(new)) if new else look.done
    _put(look, "completedIndexes", job_indexes.text(look.done))
    _put(look, "succeeded", job_indexes.total(look.done))
    if look.per_index is not None:
        look.status["failedIndexes"] = job_indexes.text(look.failed_indexes)
    return before != {field: look.status.get(field) for field in before}


def _put(look: Round, field: str, value: str | int) -> None:
    look.status[field] = value
    if not value:
        del look.status[field]
