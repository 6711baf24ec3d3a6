"""One look at a Job: what its Pods tell, and what is concluded from it.

A Pod carries the finalizer `batch.kubernetes.io/job-tracking` until it is counted: so none can vanish uncounted.
Counting has two steps, because two objects cannot be written at once. First the UIDs of the ended Pods are noted in
`status.uncountedTerminatedPods`, then their finalizers are taken off, and only then the counters are raised.

Upstream: `pkg/controller/job/job_controller.go` (`syncJobCtx` and the functions around it).
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from k8scourse.api import metadata, pods, times
from k8scourse.api.values import Object, get_in, thaw

from . import job_indexes, job_policies
from .job_backoff import finished_ns
from .job_indexes import Intervals, all_failures_of, failures_of, index_of

FINALIZER = "batch.kubernetes.io/job-tracking"
MAX_UNCOUNTED = 500
SUCCESS = "SuccessCriteriaMet"
FAILURE = "FailureTarget"


class Round:
    """The Job, its Pods, and the status that is to be written; `verdict` is the condition that ends the Job."""

    def __init__(self, job: Object, found: list[Object], stripped: Container[str], now_ns: int) -> None:
        self.job, self.pods, self.now_ns = job, found, now_ns
        self._stripped = stripped
        self.status: dict[str, Any] = {"uncountedTerminatedPods": {}, **thaw(get_in(job, "status", {}))}
        self.active = [pod for pod in found if pods.is_active(pod)]
        self.ready = sum(pods.is_ready(pod) for pod in self.active)
        self.terminating = sum(metadata.is_terminating(pod) and not pods.is_terminal(pod) for pod in found)
        self.indexed = get_in(job, "spec.completionMode") == "Indexed"
        self.per_index: int | None = get_in(job, "spec.backoffLimitPerIndex")
        self.completions: int | None = get_in(job, "spec.completions")
        self.verdict: Object | None = None
        self.delayed: dict[int, Object] = {}
        self.had: Intervals = []
        self.done: Intervals = []
        self.failed_indexes: Intervals = []
        self._count()

    def _count(self) -> None:
        self.new_succeeded = self._new("succeeded", lambda pod: pods.phase(pod) == "Succeeded")
        self.new_failed = self._new("failed", self.is_failed)
        counting = [pod for pod in self.new_failed if job_policies.judge(self.job, pod).counts]
        self.succeeded = self._counted("succeeded") + len(self.new_succeeded)
        self.failed = self._counted("failed") + len(counting)
        if self.indexed:
            self._count_indexes()

    def _count_indexes(self) -> None:
        completions = self.completions or 0
        valid = [(index, pod) for pod in self.pods if (index := self.valid_index(pod)) is not None]
        self.had = job_indexes.parse(self.status.get("completedIndexes", ""), completions)
        new = [index for index, pod in valid if is_tracked(pod) and pods.phase(pod) == "Succeeded"]
        self.done = job_indexes.merge(self.had, job_indexes.of_indexes(new))
        self.succeeded = job_indexes.total(self.done)
        if self.per_index is None:
            return
        known = job_indexes.parse(self.status.get("failedIndexes", ""), completions)
        new = [index for index, pod in valid if is_tracked(pod) and self._fails_its_index(pod)]
        self.failed_indexes = job_indexes.merge(known, job_indexes.of_indexes(new))
        self.delayed = self._to_be_replaced()

    def _fails_its_index(self, pod: Object) -> bool:
        if not self.is_failed(pod):
            return False
        judged = job_policies.judge(self.job, pod)
        too_often = failures_of(pod) >= (self.per_index or 0)
        return judged.action == "FailIndex" or (judged.counts and too_often)

    def _to_be_replaced(self) -> dict[int, Object]:
        """The last failed Pod of each index that waits for its successor, who inherits the count of failures."""
        last: dict[int, Object] = {}
        taken = job_indexes.merge(self.done, self.failed_indexes, self._indexes(self.active))
        for pod in self._uncounted(()):
            index = index_of(pod)
            if index is None or not self.is_failed(pod) or job_indexes.has(taken, index):
                continue
            if index not in last or _age(last[index]) <= _age(pod):
                last[index] = pod
        return last

    def _indexes(self, found: list[Object]) -> Intervals:
        return job_indexes.of_indexes(index for pod in found if (index := index_of(pod)) is not None)

    def _new(self, list_name: str, ended: Callable[[Object], bool]) -> list[Object]:
        noted = self.status["uncountedTerminatedPods"].get(list_name) or ()
        return [pod for pod in self._uncounted(noted) if ended(pod)]

    def _uncounted(self, noted: Container[str]) -> list[Object]:
        """Pods of this Job (with an index, if it has such) that are neither counted nor noted."""
        return [
            pod
            for pod in self.pods
            if self.is_waiting(pod)
            and metadata.uid(pod) not in noted
            and (not self.indexed or self.valid_index(pod) is not None)
        ]

    def _counted(self, field: str) -> int:
        return int(self.status.get(field, 0)) + len(self.status["uncountedTerminatedPods"].get(field) or ())

    # -- questions ---------------------------------------------------------------------------------

    def is_waiting(self, pod: Object) -> bool:
        """Whether a Pod still has its finalizer, as far as we know."""
        return is_tracked(pod) and metadata.uid(pod) not in self._stripped

    def is_failed(self, pod: Object) -> bool:
        """Failed, or deleted before its end, unless only Pods that have really ended are replaced."""
        if pods.phase(pod) == "Failed":
            return True
        if self.replaces_only_failed:
            return False
        return metadata.is_terminating(pod) and pods.phase(pod) != "Succeeded"

    def valid_index(self, pod: Object) -> int | None:
        """A Pod's completion index, if the Job has such an index."""
        index = index_of(pod)
        return index if index is not None and index < (self.completions or 0) else None

    @property
    def replaces_only_failed(self) -> bool:
        """Whether a Pod on its way out still holds its place."""
        spec = self.job["spec"]
        return spec.get("podReplacementPolicy") == "Failed" or bool(spec.get("podFailurePolicy"))

    @property
    def suspended(self) -> bool:
        """Whether the Job is to have no Pods for now."""
        return bool(self.job["spec"].get("suspend"))

    @property
    def wanted(self) -> int:
        """How many Pods should be active now."""
        parallelism = int(self.job["spec"].get("parallelism", 1))
        if self.completions is None:
            return len(self.active) if self.succeeded else parallelism
        return max(0, min(parallelism, self.completions - self.succeeded))

    def missing_indexes(self, count: int) -> list[int]:
        """The first indexes that are neither done, nor failed for good, nor being worked on."""
        taken = [self.done, self.failed_indexes, self._indexes(self.active)]
        if self.replaces_only_failed:
            going = [
                each for each in self.pods if metadata.is_terminating(each) and not pods.is_terminal(each)
            ]
            taken.append(self._indexes(going))
        return job_indexes.first_missing(job_indexes.merge(*taken), count, self.completions or 0)

    # -- conclusions -------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Has the Job reached its end, for better or worse? What an earlier look concluded stays."""
        self.verdict = find(self.status, SUCCESS)
        if self.verdict is not None:
            return
        earlier = find(self.status, FAILURE)
        if earlier is not None:
            self.verdict = self.row("Failed", earlier["reason"], earlier["message"])
            return
        reason, message = self._failure()
        if reason:
            self.verdict = self.row(FAILURE, reason, message)
        elif self.indexed:
            met = job_policies.success(self.job, self.done)
            self.verdict = self.row(SUCCESS, "SuccessPolicy", met) if met else None

    def _failure(self) -> tuple[str, str]:
        for pod in self.pods:
            if self.is_failed(pod):
                judged = job_policies.judge(self.job, pod)
                if judged.action == "FailJob":
                    return "PodFailurePolicy", judged.message
        if self.failed > self.job["spec"]["backoffLimit"] or self._restarts_too_often():
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        left_ns = self.deadline_left_ns()
        if left_ns is not None and left_ns <= 0:
            return "DeadlineExceeded", "Job was active longer than specified deadline"
        return self._failed_by_indexes()

    def _failed_by_indexes(self) -> tuple[str, str]:
        failed = job_indexes.total(self.failed_indexes)
        most = self.job["spec"].get("maxFailedIndexes")
        if most is not None and failed > most:
            return (
                "MaxFailedIndexesExceeded",
                "Job has exceeded the specified maximal number of failed indexes",
            )
        if failed and failed + job_indexes.total(self.done) >= (self.completions or 0):
            return "FailedIndexes", "Job has failed indexes"
        return "", ""

    def _restarts_too_often(self) -> bool:
        """With restartPolicy OnFailure the kubelet restarts containers in their Pod: these count too."""
        if get_in(self.job, "spec.template.spec.restartPolicy") != "OnFailure":
            return False
        restarts = sum(
            row.get("restartCount", 0)
            for pod in self.pods
            if pods.phase(pod) in ("Running", "Pending")
            for field in ("initContainerStatuses", "containerStatuses")
            for row in get_in(pod, ("status", field), [])
        )
        return bool(restarts >= max(1, self.job["spec"]["backoffLimit"]))

    def deadline_left_ns(self) -> int | None:
        """Nanoseconds until `activeDeadlineSeconds` are over; None without that limit, or while suspended."""
        limit, since = self.job["spec"].get("activeDeadlineSeconds"), self.status.get("startTime")
        if limit is None or since is None or self.suspended:
            return None
        return int(times.parse_time(since) + limit * times.SECOND - self.now_ns)

    # -- the status --------------------------------------------------------------------------------

    def row(self, kind: str, reason: str, message: str, status: str = "True") -> Object:
        """A condition."""
        now = times.format_time(self.now_ns)
        row = {"type": kind, "status": status, "lastProbeTime": now, "lastTransitionTime": now}
        return {**row, "reason": reason, "message": message}

    def put_row(self, row: Object) -> bool:
        """Add or replace a condition; whether that says something new. What never was is not said to be False."""
        rows = self.status.setdefault("conditions", [])
        same = ("status", "reason", "message")
        for position, old in enumerate(rows):
            if old["type"] == row["type"]:
                if all(old.get(field) == row[field] for field in same):
                    return False
                rows[position] = row
                return True
        if row["status"] == "False":
            if not rows:
                del self.status["conditions"]
            return False
        rows.append(row)
        return True

    def set_counts(self, active: int) -> bool:
        """Write active, ready and terminating; whether any of them is new."""
        counts = {"active": active, "ready": self.ready, "terminating": self.terminating}
        before = {field: self.status.get(field) for field in counts}
        self.status |= counts
        if not active:
            del self.status["active"]
        return before != {field: self.status.get(field) for field in counts}

    def count_released(self, waiting: Container[str]) -> bool:
        """Raise the counters by the noted Pods that have lost their finalizers; whether there were any."""
        changed = False
        noted = self.status["uncountedTerminatedPods"]
        for field in ("succeeded", "failed"):
            uids = noted.get(field) or []
            left = [uid for uid in uids if uid in waiting]
            if len(left) == len(uids):
                continue
            changed = True
            self.status[field] = int(self.status.get(field, 0)) + len(uids) - len(left)
            noted[field] = left
            if not left:
                del noted[field]
        return changed

    @property
    def noted(self) -> int:
        """How many Pods are noted and not yet counted."""
        return sum(len(uids) for uids in self.status["uncountedTerminatedPods"].values())


def _age(pod: Object) -> tuple[int, int]:
    return all_failures_of(pod), finished_ns(pod)


def is_tracked(pod: Object) -> bool:
    """Whether a Pod has the finalizer of Jobs."""
    return FINALIZER in (pod["metadata"].get("finalizers") or ())


def find(status: Object, kind: str) -> Object | None:
    """The condition of this type that is True."""
    rows = status.get("conditions") or ()
    return next((row for row in rows if row["type"] == kind and row["status"] == "True"), None)


def is_finished(job: Object) -> bool:
    """Whether the Job is Complete or Failed, for good."""
    status = get_in(job, "status", {})
    return find(status, "Complete") is not None or find(status, "Failed") is not None
