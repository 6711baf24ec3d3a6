"""The CronJob controller: a Job at every time of a schedule.

The name of the Job follows from the time, so the same time cannot make two. Of several missed times only the latest
is made up for. Upstream: `pkg/controller/cronjob/{cronjob_controllerv2,utils}.go`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from k8scourse.api import metadata, times
from k8scourse.api.errors import AlreadyExists, NotFound, StatusError
from k8scourse.api.values import Object, get_in, thaw
from k8scourse.client import Unreachable
from k8scourse.sim import MILLISECOND, SECOND

from . import cron_schedule
from .base import Context, Controller
from .claims import INDEX, index_by_controller
from .cron_schedule import Schedule
from .job_round import find, is_finished
from .pod_control import is_namespace_terminating

DELAY_NS = 100 * MILLISECOND
"""A little after the time, so that it has surely come."""
MANY = 100
ANNOTATION = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_TOO_MANY = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"


class Missed(NamedTuple):
    """Since when times count, the latest of them that has come (None for none), and about how many have."""

    since_ns: int
    latest_ns: int | None
    times: int


class CronJobController(Controller):
    """Starts Jobs by the clock, and keeps only the last few."""

    NAME = "cronjob-controller"
    KIND = "cronjobs"
    WATCHES = ("jobs",)
    LATE = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._jobs = context.informers.get("jobs")
        index_by_controller(self._jobs)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A new schedule begins with its next time: times before the change are not made up for."""
        if resource == self.KIND and _timing(old) != _timing(new):
            schedule = self._schedule(new)
            due_ns = None if schedule is None else schedule.after(self.process.now)
            if due_ns is not None:
                self.queue.add_after(metadata.key(new), due_ns + DELAY_NS - self.process.now)
                return
        super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """Note what has ended, start what is due, throw away what is old."""
        cron_job = self.lister(self.KIND).get(key)
        if cron_job is None:
            return None
        turn = _Turn(cron_job, self._jobs.lister.by_index(INDEX, metadata.uid(cron_job)), self.process.now)
        failure: Exception | None = None
        again: int | None = None
        try:
            again = self._sync(turn)
        except (StatusError, Unreachable) as error:
            failure = error
        self._clean(turn)
        if turn.status != get_in(cron_job, "status", {}):
            self.client.update_status({**turn.cron_job, "status": turn.status})
        if failure is not None:
            raise failure
        return again

    def _sync(self, turn: _Turn) -> int | None:
        for job in turn.jobs:
            self._look_at(turn, job)
        self._forget_missing(turn)
        cron_job = turn.cron_job
        if metadata.is_terminating(cron_job) or cron_job["spec"].get("suspend"):
            return None
        schedule = self._schedule(cron_job)
        if schedule is None:
            return None
        due_ns = self._due(turn, schedule)
        if due_ns is not None:
            self._start_unless_refused(turn, due_ns)
        return _wait_ns(turn, schedule)

    def _look_at(self, turn: _Turn, job: Object) -> None:
        listed, name = turn.is_active(job), metadata.name(job)
        if not listed and not is_finished(job):
            fresh = self.client.get(self.KIND, metadata.name(turn.cron_job), metadata.namespace(job))
            if _is_listed(get_in(fresh, "status.active", []), job):
                turn.adopt(fresh)
                return
            message = f"Saw a job that the controller did not create or forgot: {name}"
            self.recorder.event(turn.cron_job, "Warning", "UnexpectedJob", message)
            return
        ended = _ended(job)
        if listed and ended:
            turn.forget(metadata.uid(job))
            message = f"Saw completed job: {name}, condition: {ended}"
            self.recorder.event(turn.cron_job, "Normal", "SawCompletedJob", message)
        if ended == "Complete":
            done = get_in(job, "status.completionTime", "")
            turn.status["lastSuccessfulTime"] = max(turn.status.get("lastSuccessfulTime", ""), done)

    def _forget_missing(self, turn: _Turn) -> None:
        known = [metadata.uid(job) for job in turn.jobs]
        for reference in turn.active:
            if reference["uid"] in known:
                continue
            try:
                self.client.get("jobs", reference["name"], reference["namespace"])
            except NotFound:
                message = f"Active job went missing: {reference['name']}"
                self.recorder.event(turn.cron_job, "Normal", "MissingJob", message)
                turn.forget(reference["uid"])

    def _schedule(self, cron_job: Object) -> Schedule | None:
        spec = cron_job["spec"]
        time_zone = spec.get("timeZone") or ""
        try:
            cron_schedule.zone(time_zone)
        except ValueError as error:
            message = f'invalid timeZone: "{time_zone}": {error}'
            self.recorder.event(cron_job, "Warning", "UnknownTimeZone", message)
            return None
        try:
            return cron_schedule.parse(spec["schedule"], time_zone)
        except ValueError as error:
            message = f'unparseable schedule: "{spec["schedule"]}" : {error}'
            self.recorder.event(cron_job, "Warning", "UnparseableSchedule", message)
            return None

    def _due(self, turn: _Turn, schedule: Schedule) -> int | None:
        """The time for which a Job is to be started now."""
        cron_job = turn.cron_job
        missed = missed_times(cron_job, schedule, turn.now_ns, with_deadline=True)
        if missed.times > MANY:
            self.recorder.event(cron_job, "Warning", "TooManyMissedTimes", _TOO_MANY)
        due_ns = missed.latest_ns
        if due_ns is None:
            return None
        deadline = cron_job["spec"].get("startingDeadlineSeconds")
        if deadline is not None and due_ns + deadline * SECOND < turn.now_ns:
            message = f"Missed scheduled time to start a job: {cron_schedule.long_time(due_ns)}"
            self.recorder.event(cron_job, "Warning", "MissSchedule", message)
            return None
        done = turn.status.get("lastScheduleTime") == times.format_time(due_ns)
        name = job_name(cron_job, due_ns)
        return None if done or any(each["name"] == name for each in turn.active) else due_ns

    def _start_unless_refused(self, turn: _Turn, due_ns: int) -> None:
        policy = turn.cron_job["spec"].get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and turn.active:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.recorder.event(turn.cron_job, "Normal", "JobAlreadyActive", message)
            return
        if policy == "Replace":
            for reference in turn.active:
                self._delete(turn, reference["name"], reference["uid"])
        self._start(turn, due_ns)

    def _start(self, turn: _Turn, due_ns: int) -> None:
        cron_job = turn.cron_job
        wanted = new_job(cron_job, due_ns)
        try:
            job = self.client.create(wanted)
            message = f"Created job {metadata.name(job)}"
            self.recorder.event(cron_job, "Normal", "SuccessfulCreate", message)
        except AlreadyExists:
            job = self.client.get("jobs", metadata.name(wanted), metadata.namespace(wanted))
            if not metadata.is_controlled_by(job, cron_job) or turn.is_active(job):
                return
        except (StatusError, Unreachable) as error:
            if not is_namespace_terminating(error):
                message = f"Error creating job: {error}"
                self.recorder.event(cron_job, "Warning", "FailedCreate", message)
            raise
        turn.started(job, due_ns)

    def _clean(self, turn: _Turn) -> None:
        """Of the Jobs that have ended keep the youngest few."""
        spec = turn.cron_job["spec"]
        for kind, field in (
            ("Complete", "successfulJobsHistoryLimit"),
            ("Failed", "failedJobsHistoryLimit"),
        ):
            limit = spec.get(field)
            ended = sorted((job for job in turn.jobs if _ended(job) == kind), key=_start_order)
            for job in ended[: max(0, len(ended) - limit)] if limit is not None else ():
                if not metadata.is_terminating(job):
                    self._delete_old(turn, job)

    def _delete_old(self, turn: _Turn, job: Object) -> None:
        try:
            self._delete(turn, metadata.name(job), metadata.uid(job))
        except (StatusError, Unreachable):
            return  # said already; the next look tries again

    def _delete(self, turn: _Turn, name: str, uid: str) -> None:
        try:
            self.client.delete(
                "jobs", name, metadata.namespace(turn.cron_job), propagation_policy="Background"
            )
        except NotFound:
            turn.forget(uid)
            return
        except (StatusError, Unreachable) as error:
            self.recorder.event(turn.cron_job, "Warning", "FailedDelete", f"Deleted job: {error}")
            raise
        turn.forget(uid)
        self.recorder.event(turn.cron_job, "Normal", "SuccessfulDelete", f"Deleted job {name}")


class _Turn:
    """One look at a CronJob: its Jobs, and the status that is to be written."""

    def __init__(self, cron_job: Object, jobs: list[Object], now_ns: int) -> None:
        self.jobs, self.now_ns = jobs, now_ns
        self.adopt(cron_job)

    def adopt(self, cron_job: Object) -> None:
        """Go on with this version of the CronJob."""
        self.cron_job = cron_job
        self.status: dict[str, Any] = thaw(get_in(cron_job, "status", {}))

    @property
    def active(self) -> list[Object]:
        """References to the Jobs that run."""
        return list(self.status.get("active") or ())

    def is_active(self, job: Object) -> bool:
        """Whether a Job is among them."""
        return _is_listed(self.active, job)

    def forget(self, uid: str) -> None:
        """A Job runs no more."""
        left = [each for each in self.active if each["uid"] != uid]
        self.status |= {"active": left}
        if not left:
            del self.status["active"]

    def started(self, job: Object, due_ns: int) -> None:
        """A Job was started for that time."""
        about = job["metadata"]
        reference = {"apiVersion": "batch/v1", "kind": "Job"}
        reference |= {field: about[field] for field in ("name", "namespace", "uid", "resourceVersion")}
        self.status["active"] = [*self.active, reference]
        self.status["lastScheduleTime"] = times.format_time(due_ns)


def job_name(cron_job: Object, due_ns: int) -> str:
    """The name of the Job of one time."""
    return f"{metadata.name(cron_job)}-{cron_schedule.unix_minutes(due_ns)}"


def new_job(cron_job: Object, due_ns: int) -> Object:
    """The Job of one time, as the template wants it."""
    template = cron_job["spec"]["jobTemplate"]
    written = cron_schedule.local_time(due_ns, cron_job["spec"].get("timeZone") or "")
    about: Object = {
        "name": job_name(cron_job, due_ns),
        "namespace": metadata.namespace(cron_job),
        "annotations": {**metadata.annotations(template), ANNOTATION: written},
        "ownerReferences": [metadata.owner_reference(cron_job)],
    }
    if metadata.labels(template):
        about["labels"] = metadata.labels(template)
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": about, "spec": template["spec"]}


def missed_times(cron_job: Object, schedule: Schedule, now_ns: int, *, with_deadline: bool) -> Missed:
    """The latest time that has come since the last start (or since creation, or within the starting deadline)."""
    begun = get_in(cron_job, "status.lastScheduleTime") or cron_job["metadata"]["creationTimestamp"]
    since_ns = times.parse_time(begun)
    deadline = cron_job["spec"].get("startingDeadlineSeconds")
    if with_deadline and deadline is not None:
        since_ns = max(since_ns, now_ns - deadline * SECOND)
    first = schedule.after(since_ns)
    if first is None or first > now_ns:
        return Missed(since_ns, None, 0)
    second = schedule.after(first)
    if second is None or second > now_ns:
        return Missed(since_ns, first, 0)
    interval = max(SECOND, second - first)
    count = (now_ns - first) // interval + 1
    latest: int | None = None
    candidate = schedule.after(first + (count - 2) * interval)
    while candidate is not None and candidate <= now_ns:
        latest, candidate = candidate, schedule.after(candidate)
    return Missed(since_ns, latest, count)


def _wait_ns(turn: _Turn, schedule: Schedule) -> int | None:
    """Nanoseconds until the next time to look."""
    missed = missed_times(
        {**turn.cron_job, "status": turn.status}, schedule, turn.now_ns, with_deadline=False
    )
    base = missed.latest_ns
    if base is None:
        base = turn.now_ns if missed.times else missed.since_ns
    due_ns = schedule.after(base)
    return None if due_ns is None else max(due_ns + DELAY_NS - turn.now_ns, MILLISECOND)


def _timing(cron_job: Object) -> tuple[object, object]:
    return cron_job["spec"]["schedule"], cron_job["spec"].get("timeZone")


def _is_listed(active: list[Object], job: Object) -> bool:
    return any(each["uid"] == metadata.uid(job) for each in active)


def _ended(job: Object) -> str:
    """Complete, Failed, or empty for a Job that still runs."""
    status = get_in(job, "status", {})
    return next((kind for kind in ("Complete", "Failed") if find(status, kind)), "")


def _start_order(job: Object) -> tuple[str, str]:
    return get_in(job, "status.startTime", ""), metadata.name(job)
