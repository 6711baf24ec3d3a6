"""When a schedule comes round: `*/5 * * * *`, `@hourly`, `@every 90s`, in a time zone.

    every_hour = parse("0 * * * *")
    every_hour.after(0)                       one hour later, in nanoseconds
    parse("0 9 * * *", "Asia/Taipei").after(0)    at 01:00 UTC

Upstream: `github.com/robfig/cron/v3` (`parser.go`, `spec.go`, `constantdelay.go`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from k8scourse.api import cron
from k8scourse.api.times import EPOCH
from k8scourse.sim import SECOND

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS = {
    "ns": 1,
    "us": 1000,
    "µs": 1000,
    "ms": SECOND // 1000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}


class Schedule(Protocol):
    """Something that comes round."""

    def after(self, now_ns: int) -> int | None:
        """The next time later than `now_ns`; None when there is none any more."""


class _Fields(NamedTuple):
    """Five fields, read in a zone."""

    expression: str
    zone: tzinfo

    def after(self, now_ns: int) -> int | None:
        """See `Schedule`."""
        moment = (EPOCH + timedelta(seconds=now_ns // SECOND)).astimezone(self.zone)
        try:
            found = next(CronSim(self.expression, moment))
        except (CronSimError, StopIteration):
            return None
        return _nanoseconds(found)


class _Every(NamedTuple):
    """A fixed time after the last."""

    delay_ns: int

    def after(self, now_ns: int) -> int | None:
        """See `Schedule`."""
        return (now_ns // SECOND) * SECOND + self.delay_ns


def zone(name: str) -> tzinfo:
    """The zone of an IANA name, UTC for none. ValueError with Go's words when nobody knows it."""
    if name in ("", "UTC", "Etc/UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name}") from None


def parse(written: str, time_zone: str = "") -> Schedule:
    """A schedule. ValueError says what is wrong with it, as the parser of the API server does."""
    wrong = cron.problem(written)
    if wrong:
        raise ValueError(wrong)
    if written.startswith(("TZ=", "CRON_TZ=")):
        prefix, _, written = written.partition(" ")
        time_zone = prefix.partition("=")[2]
    text = written.strip()
    if text.startswith("@every "):
        return _Every(max(SECOND, _duration(text.removeprefix("@every ")) // SECOND * SECOND))
    fields = _DESCRIPTORS.get(text, text).replace("?", "*")
    return _Fields(fields, zone(time_zone))


def unix_minutes(when_ns: int) -> int:
    """Minutes since 1970: what the name of a CronJob's Job ends in."""
    return int((EPOCH + timedelta(seconds=when_ns // SECOND)).timestamp()) // 60


def local_time(when_ns: int, time_zone: str) -> str:
    """RFC 3339 as a clock in that zone shows it."""
    moment = (EPOCH + timedelta(seconds=when_ns // SECOND)).astimezone(zone(time_zone))
    return moment.isoformat().replace("+00:00", "Z")


def long_time(when_ns: int) -> str:
    """A time as sentences have it: `Thu, 01 Jan 2026 00:01:00 UTC`."""
    return (EPOCH + timedelta(seconds=when_ns // SECOND)).strftime("%a, %d %b %Y %H:%M:%S UTC")


def _duration(text: str) -> int:
    """Go's spelling of a duration: `1h30m`, `1.5s`."""
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h)", text)
    return sum(int(float(number) * _UNITS[unit]) for number, unit in parts)


def _nanoseconds(moment: datetime) -> int:
    delta = moment.astimezone(UTC) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND
