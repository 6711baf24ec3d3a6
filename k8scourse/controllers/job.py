"""The Job controller: Pods that shall end, and how often.

Upstream: `pkg/controller/job/job_controller.go`. Left out: PodGroups of gang-scheduled Jobs (an alpha feature).
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata, pods, times
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.values import Object
from k8scourse.client import QueueWorker, Unreachable, WorkQueue
from k8scourse.sim import MINUTE, SECOND

from . import job_indexes
from .base import Context
from .claims import Claim, owned_or_orphans
from .job_backoff import Backoff
from .job_indexes import index_of
from .job_pods import (
    counts_as_failed,
    is_ours,
    may_release,
    of_index,
    ready_indexes,
    set_indexes,
    to_remove,
    with_finalizer,
)
from .job_round import FAILURE, FINALIZER, MAX_UNCOUNTED, SUCCESS, Round, is_finished, is_tracked
from .pod_control import is_namespace_terminating, pod_from_template, slow_start
from .pod_owner import PodOwner, selector_of

BURST = 500
BATCH_NS = SECOND
"""News of Pods are gathered for a second: fifty ends are one write of the status."""
RETRY_MAX_NS = MINUTE
STRIP = {"metadata": {"$deleteFromPrimitiveList/finalizers": [FINALIZER]}}


class JobController(PodOwner):
    """Runs Pods until enough have succeeded, or too many have failed; counts every one exactly once."""

    NAME = "job-controller"
    KIND = "jobs"
    WATCHES = ("pods",)
    LATE = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.queue = WorkQueue(self.process, SECOND, RETRY_MAX_NS)
        self.worker = QueueWorker(self.process, self.queue, self.reconcile)
        self._orphans = WorkQueue(self.process, SECOND, RETRY_MAX_NS)
        self._orphan_worker = QueueWorker(self.process, self._orphans, self._release_orphan)
        self._backoffs: dict[str, Backoff] = {}
        self._stripped: dict[str, None] = {}

    def begin(self) -> None:
        """Two workers: one for Jobs, one for Pods whose Job is no more."""
        super().begin()
        self._orphan_worker.start()

    # -- what happens ------------------------------------------------------------------------------

    def on_added(self, resource: str, obj: Object) -> None:
        """A new Job is looked at now, news of a Pod a second later."""
        if resource == self.KIND:
            self.queue.add(metadata.key(obj))
            return
        self._observe(obj)
        self._news(obj, metadata.is_terminating(obj))

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A new spec is looked at now; a new status, like news of a Pod, a second later."""
        if resource != self.KIND:
            self._observe(new)
            self._news(new, metadata.is_terminating(new))
            if metadata.controller_of(old) != metadata.controller_of(new):
                self._news(old, False)
            return
        same_spec = old["metadata"].get("generation") == new["metadata"].get("generation")
        self.queue.add_after(metadata.key(new), BATCH_NS if same_spec else 0)
        if is_finished(new):
            self._release_all(new)

    def on_deleted(self, resource: str, obj: Object) -> None:
        """The Pods of a Job that is gone keep no finalizer."""
        if resource == self.KIND:
            self.queue.add(metadata.key(obj))
            self._release_all(obj)
            return
        self._expectations.gone(metadata.uid(obj))
        self._stripped.pop(metadata.uid(obj), None)
        self._news(obj, True)

    def _observe(self, pod: Object) -> None:
        super()._observe(pod)
        if not is_tracked(pod):
            self._stripped.pop(metadata.uid(pod), None)

    def _news(self, pod: Object, leaving: bool) -> None:
        job = self._job_of(pod)
        if is_tracked(pod) and (
            metadata.controller_of(pod) is None or (leaving and (job is None or is_finished(job)))
        ):
            self._orphans.add(metadata.key(pod))
        for key in self.keys("pods", pod):
            self.queue.add_after(key, BATCH_NS)

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """As for every owner of Pods, but by UID: a Job of the same name may be another."""
        if resource == "pods" and metadata.controller_of(obj) is not None:
            job = self._job_of(obj)
            return () if job is None else (metadata.key(job),)
        return super().keys(resource, obj)

    def _job_of(self, pod: Object) -> Object | None:
        owner = metadata.controller_of(pod)
        if owner is None or owner["kind"] != "Job":
            return None
        job = self.lister(self.KIND).get(f"{metadata.namespace(pod)}/{owner['name']}")
        return job if job is not None and metadata.uid(job) == owner["uid"] else None

    # -- Pods without a Job ------------------------------------------------------------------------

    def _release_all(self, job: Object) -> None:
        for pod in owned_or_orphans(self._pods, job):
            if metadata.is_controlled_by(pod, job) and is_tracked(pod):
                self._orphans.add(metadata.key(pod))

    def _release_orphan(self, key: str) -> int | None:
        """Take the finalizer off a Pod that no Job will count any more."""
        pod = self._pods.lister.get(key)
        if pod is None or not is_tracked(pod):
            return None
        owner = metadata.controller_of(pod)
        job = self._job_of(pod)
        if owner is not None and owner["kind"] != "Job":
            return None
        if job is None or (is_finished(job) and is_ours(job)):
            self._strip(pod)
        return None

    def _strip(self, pod: Object) -> None:
        """Take the finalizer off; a Pod that is gone has none."""
        try:
            self.client.patch("pods", metadata.name(pod), STRIP, metadata.namespace(pod))
        except NotFound:
            return

    # -- Jobs --------------------------------------------------------------------------------------

    def reconcile(self, key: str) -> int | None:
        """Count what has ended, make or delete Pods, and say how things stand."""
        job = self.lister(self.KIND).get(key)
        if job is None:
            self._expectations.forget(key)
        if job is None or is_finished(job):
            self._backoffs.pop(key, None)
            return None
        if not is_ours(job):
            return None
        satisfied = self._expectations.satisfied(key)
        look = Round(job, self._claim(job), self._stripped, self.process.now)
        if "startTime" not in look.status and not look.suspended:
            look.status["startTime"] = times.format_time(look.now_ns)
        backoff = self._backoffs.get(key, Backoff()).after(look.new_succeeded, look.new_failed)
        look.conclude()
        failure: Exception | None
        if look.verdict is not None:
            changed, failure = self._wind_up(look, satisfied)
        else:
            changed, failure = self._go_on(key, look, satisfied, backoff)
        self._track(key, look, changed, backoff)
        if failure is not None:
            raise failure
        return None

    def _claim(self, owner: Object) -> list[Object]:
        """The Job's Pods. An adopted one gets the finalizer together with the owner."""
        claim = Claim(self.client, owner, selector_of(owner), FINALIZER)
        found = claim.take(owned_or_orphans(self._pods, owner))
        return [pod if metadata.is_controlled_by(pod, owner) else with_finalizer(pod) for pod in found]

    def _wind_up(self, look: Round, satisfied: bool) -> tuple[bool, Exception | None]:
        """The end is decided: what still runs is deleted. The finalizers stay until it is counted."""
        deleted, failure = self._delete(look, look.active)
        if deleted != len(look.active) or not satisfied:
            look.verdict = None
        return look.set_counts(len(look.active) - deleted), failure

    def _go_on(
        self, key: str, look: Round, satisfied: bool, backoff: Backoff
    ) -> tuple[bool, Exception | None]:
        left_ns = look.deadline_left_ns()
        if left_ns is not None:
            self.queue.add_after(key, left_ns)
        active, failure = len(look.active), None
        manages = satisfied and not metadata.is_terminating(look.job)
        if manages:
            active, failure = self._manage(key, look, backoff)
        enough = 1 if look.completions is None else look.completions
        changed = False
        if look.succeeded >= enough and active == 0:
            message = "Reached expected number of succeeded pods"
            look.verdict = look.row(SUCCESS, "CompletionsReached", message)
        elif manages:
            changed = self._say_suspended(look)
        return look.set_counts(active) or changed, failure

    def _say_suspended(self, look: Round) -> bool:
        verb, status = ("Suspended", "True") if look.suspended else ("Resumed", "False")
        row = look.row("Suspended", f"Job{verb}", f"Job {verb.lower()}", status)
        if not look.put_row(row):
            return False
        self.recorder.event(look.job, "Normal", verb, row["message"])
        look.status["startTime"] = times.format_time(look.now_ns)
        if look.suspended:
            del look.status["startTime"]
        return True

    # -- making and deleting Pods ------------------------------------------------------------------

    def _manage(self, key: str, look: Round, backoff: Backoff) -> tuple[int, Exception | None]:
        """Bring the number of active Pods to what is wanted: delete or create, not both at once."""
        active = len(look.active)
        surplus = active if look.suspended else max(0, active - look.wanted)
        victims = to_remove(look, surplus)
        if look.suspended or victims:
            victims = victims if look.suspended else victims[:BURST]
            deleted, failure = self._delete(look, victims, key)
            return active - deleted, failure
        missing = look.wanted - active - (look.terminating if look.replaces_only_failed else 0)
        if missing <= 0:
            return active, None
        places: list[int | None] = [None] * min(missing, BURST)
        wait_ns = backoff.remaining_ns(look.now_ns) if look.per_index is None else 0
        if look.indexed:
            indexes, wait_ns = ready_indexes(look, min(missing, BURST), wait_ns)
            places = list(indexes)
        if wait_ns:
            self.queue.add_after(key, max(wait_ns, BATCH_NS))
            return active, None
        created, failure = self._create(key, look, places)
        return active + created, failure

    def _create(self, key: str, look: Round, places: list[int | None]) -> tuple[int, Exception | None]:
        """Pods for these indexes; None stands for a Pod without one."""
        base = with_finalizer(pod_from_template(look.job["spec"]["template"], look.job))
        if look.indexed:
            base = {**base, "spec": job_indexes.with_environment(base["spec"])}
        waiting = iter(places)

        def create_one() -> None:
            index = next(waiting)
            pod = base if index is None else of_index(base, look, index)
            self._expectations.expect_added(key, metadata.uid(self._control.create(pod, look.job)))

        created, failure = slow_start(len(places), create_one)
        return created, None if failure is not None and is_namespace_terminating(failure) else failure

    def _delete(
        self, look: Round, victims: list[Object], key: str | None = None
    ) -> tuple[int, Exception | None]:
        """Delete Pods; how many, and the first error. With a `key` they are not to be counted: stripped first."""
        deleted, failure = 0, None
        for pod in victims:
            if key is not None:
                self._expectations.expect_gone(key, metadata.uid(pod))
            try:
                if key is not None and is_tracked(pod):
                    self._strip(pod)
                self._control.delete(pod, look.job)
            except NotFound:
                self._expectations.gone(metadata.uid(pod))
            except (StatusError, Unreachable) as error:
                self._expectations.gone(metadata.uid(pod))
                failure = failure or error
                continue
            deleted += 1
            look.ready -= pods.is_ready(pod)
        look.terminating += deleted
        return deleted, failure

    # -- counting ----------------------------------------------------------------------------------

    def _track(self, key: str, look: Round, changed: bool, backoff: Backoff) -> None:
        """Note what has ended, release it, count it; and only when all is counted, say that the Job has ended."""
        waiting = {metadata.uid(pod): None for pod in look.pods if look.is_waiting(pod)}
        changed = look.count_released(waiting) or changed
        ended, changed, all_seen = self._note(look, changed)
        verdict = look.verdict
        if verdict is not None and verdict["type"] in (SUCCESS, FAILURE):
            changed = look.put_row(verdict) or changed
            kind = "Complete" if verdict["type"] == SUCCESS else "Failed"
            verdict = look.row(kind, verdict["reason"], verdict["message"])
        if changed:
            look.job = self._write(look)
            self._backoffs[key] = backoff
        failure = self._release(ended, waiting)
        changed = look.count_released(waiting)
        finished = failure is None and all_seen and verdict is not None and self._finish(look, verdict)
        if changed or finished:
            look.job = self._write(look)
        if finished and verdict is not None:
            self._say_finished(look, verdict)
        if failure is not None:
            raise failure

    def _note(self, look: Round, changed: bool) -> tuple[list[Object], bool, bool]:
        """Write down the Pods that have ended: those to release, whether the status is new, whether that was all."""
        ended: list[Object] = []
        indexes: list[int] = []
        noted = look.status["uncountedTerminatedPods"]
        for pod in sorted(look.pods, key=lambda each: index_of(each) or 0):
            if not look.is_waiting(pod) or not may_release(look, pod):
                continue
            ended.append(pod)
            index, uid = look.valid_index(pod), metadata.uid(pod)
            if pods.phase(pod) == "Succeeded" and uid not in noted.get("failed", ()):
                if look.indexed:
                    indexes += [] if index is None or job_indexes.has(look.had, index) else [index]
                elif uid not in noted.get("succeeded", ()):
                    noted.setdefault("succeeded", []).append(uid)
                    changed = True
            elif counts_as_failed(look, pod) and uid not in noted.get("failed", ()):
                noted.setdefault("failed", []).append(uid)
                changed = True
            if len(indexes) + look.noted >= MAX_UNCOUNTED:
                break
        all_seen = len(indexes) + look.noted < MAX_UNCOUNTED
        return ended, set_indexes(look, indexes) or changed, all_seen

    def _release(self, ended: list[Object], waiting: dict[str, None]) -> Exception | None:
        failure: Exception | None = None
        for pod in ended:
            uid = metadata.uid(pod)
            self._stripped[uid] = None
            try:
                self._strip(pod)
                waiting.pop(uid, None)
            except (StatusError, Unreachable) as error:
                self._stripped.pop(uid)
                failure = failure or error
        return failure

    def _finish(self, look: Round, verdict: Object) -> bool:
        """The last condition, unless Pods are still to be counted or still ending."""
        if look.noted or look.terminating > 0:
            return False
        look.put_row(verdict)
        if verdict["type"] == "Complete":
            look.status["completionTime"] = verdict["lastTransitionTime"]
        return True

    def _say_finished(self, look: Round, verdict: Object) -> None:
        if verdict["type"] != "Complete":
            self.recorder.event(look.job, "Warning", verdict["reason"], verdict["message"])
            return
        if look.completions is not None and look.status.get("succeeded", 0) > look.completions:
            message = "Too many succeeded pods running after completion count reached"
            self.recorder.event(look.job, "Warning", "TooManySucceededPods", message)
        self.recorder.event(look.job, "Normal", "Completed", "Job completed")

    def _write(self, look: Round) -> Object:
        return self.client.update_status({**look.job, "status": look.status})
