"""CronJob: when its Jobs start, and what they are made of.

Upstream: ``validateCronJobSpec`` in ``pkg/apis/batch/validation/validation.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k8scourse.api import cron
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import invalid, non_negative, not_supported, required
from k8scourse.api.validating import batch

Object = dict[str, Any]
_LONGEST_NAME = 52
_POLICIES = ("Allow", "Forbid", "Replace")
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")
_ZONE_IN_SCHEDULE = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
_BOTH_ZONES = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
_NO_ZONE = "timeZone must be nil or non-empty string"
_LOCAL_ZONE = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"


def cron_job(obj: Object) -> Iterator[Cause]:
    """A new CronJob; its name leaves room for the minute that its Jobs' names end in."""
    yield from _spec(obj.get("spec") or {}, {})
    name = (obj.get("metadata") or {}).get("name", "")
    if len(name) > _LONGEST_NAME:
        yield invalid("metadata.name", name, f"must be no more than {_LONGEST_NAME} characters")


def update(new: Object, old: Object) -> Iterator[Cause]:
    """A CronJob that changes: what older servers let pass may stay."""
    yield from _spec(new.get("spec") or {}, old.get("spec") or {})


def _spec(spec: Object, old: Object) -> Iterator[Cause]:
    yield from _schedule(spec, old)
    yield from non_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if spec.get("timeZone") is not None and spec["timeZone"] != old.get("timeZone"):
        yield from _time_zone(spec["timeZone"])
    policy = spec.get("concurrencyPolicy", "")
    if not policy:
        yield required("spec.concurrencyPolicy")
    elif policy not in _POLICIES:
        yield not_supported("spec.concurrencyPolicy", policy, _POLICIES)
    yield from _made_jobs((spec.get("jobTemplate") or {}).get("spec") or {})
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from non_negative(f"spec.{field}", spec.get(field))


def _made_jobs(spec: Object) -> Iterator[Cause]:
    """The spec of the Jobs to be made: a selector is the server's business."""
    path = "spec.jobTemplate.spec"
    yield from batch.job_spec(spec, path)
    if spec.get("selector") is not None:
        yield invalid(f"{path}.selector", spec["selector"], "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield not_supported(f"{path}.manualSelector", True, ("nil", "false"))


def _schedule(spec: Object, old: Object) -> Iterator[Cause]:
    schedule = spec.get("schedule", "")
    if not schedule:
        yield required("spec.schedule")
        return
    problem = cron.problem(schedule)
    if problem:
        yield invalid("spec.schedule", schedule, problem)
    if "TZ" not in schedule:
        return
    if "TZ" not in old.get("schedule", ""):
        yield invalid("spec.schedule", schedule, _ZONE_IN_SCHEDULE)
    elif spec.get("timeZone") is not None:
        yield invalid("spec.schedule", schedule, _BOTH_ZONES)


def _time_zone(zone: str) -> Iterator[Cause]:
    if not zone:
        yield invalid("spec.timeZone", zone, _NO_ZONE)
        return
    if not all(
        _ZONE_PART.fullmatch(part) and part not in (".", "..") and not part.startswith("-")
        for part in zone.split("/")
    ):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")
        return
    if zone.lower() == "local":
        yield invalid("spec.timeZone", zone, _LOCAL_ZONE)
    if not cron.is_zone(zone):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")
