"""Moments and lengths of time in expressions. Upstream: ``cel-go/common/types/{timestamp,duration}.go``.

Time zones are UTC or an offset such as "+02:00"; names of zones are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from k8scourse.api.cel.library import Implementation
from k8scourse.api.cel.values import SECOND, CelError, Duration, Timestamp, as_duration, as_timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_UNITS = {
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000,
    "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND,
}  # fmt: skip
_LENGTH = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+")
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")


def timestamp_of_text(text: str) -> Timestamp:
    """timestamp("2026-01-01T00:00:00Z")."""
    match = _MOMENT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, clock, fraction, zone = match.groups()
        moment = datetime.fromisoformat(f"{day}T{clock}{zone.upper()}")
    except ValueError:
        raise CelError("type conversion error from 'string' to 'google.protobuf.Timestamp'") from None
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    return as_timestamp(seconds * SECOND + int(f"{(fraction or '')[:9]:0<9}"))


def timestamp_text(moment: Timestamp) -> str:
    """RFC 3339 in UTC, with as many decimals as are needed."""
    seconds, rest = divmod(moment.nanoseconds, SECOND)
    found = _EPOCH + timedelta(seconds=seconds)
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{found.year:04d}-{found:%m-%dT%H:%M:%S}{decimals}Z"


def duration_of_text(text: str) -> Duration:
    """duration("1h30m"), duration("-1.5s")."""
    if text in ("0", "+0", "-0"):
        return Duration(0)
    if not _LENGTH.fullmatch(text):
        raise CelError("type conversion error from 'string' to 'google.protobuf.Duration'")
    total = 0
    for whole, fraction, unit in _PART.findall(text.lstrip("+-")):
        total += int(whole or 0) * _UNITS[unit]
        if fraction:
            total += int(fraction) * _UNITS[unit] // 10 ** len(fraction)
    return as_duration(-total if text.startswith("-") else total)


def duration_text(length: Duration) -> str:
    """Seconds, as string(duration) writes them: "5400s"."""
    sign = "-" if length.nanoseconds < 0 else ""
    seconds, rest = divmod(abs(length.nanoseconds), SECOND)
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{sign}{seconds}{decimals}s"


def _in_zone(moment: Timestamp, zone: str) -> datetime:
    return (_EPOCH + timedelta(seconds=moment.nanoseconds // SECOND)).astimezone(_zone(zone))


def _zone(name: str) -> timezone:
    if name in ("", "UTC", "Z"):
        return UTC
    match = re.fullmatch(r"([+-]?)(\d\d?):(\d\d)", name)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise CelError(f"unknown time zone {name}")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


_FIELDS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda moment: moment.year,
    "getMonth": lambda moment: moment.month - 1,
    "getDayOfYear": lambda moment: moment.timetuple().tm_yday - 1,
    "getDayOfMonth": lambda moment: moment.day - 1,
    "getDate": lambda moment: moment.day,
    "getDayOfWeek": lambda moment: moment.isoweekday() % 7,
    "getHours": lambda moment: moment.hour,
    "getMinutes": lambda moment: moment.minute,
    "getSeconds": lambda moment: moment.second,
}
_LENGTHS = {
    "getHours": 3600 * SECOND,
    "getMinutes": 60 * SECOND,
    "getSeconds": SECOND,
    "getMilliseconds": 1_000_000,
}


def _field(read: Callable[[datetime], int]) -> tuple[Implementation, Implementation]:
    return lambda moment: read(_in_zone(moment, "")), lambda moment, zone: read(_in_zone(moment, zone))


def _cut(unit: int) -> Implementation:
    """The whole units of a length, towards zero."""

    def cut(length: Duration) -> int:
        found = abs(length.nanoseconds) // unit
        return found if length.nanoseconds >= 0 else -found

    return cut


def _milliseconds(moment: Timestamp) -> int:
    return moment.nanoseconds % SECOND // 1_000_000


def _rows() -> list[tuple[str, str, Implementation]]:
    rows: list[tuple[str, str, Implementation]] = []
    for name, read in _FIELDS.items():
        plain, zoned = _field(read)
        rows += [(name, ".timestamp: int", plain), (name, ".timestamp, string: int", zoned)]
    rows.append(("getMilliseconds", ".timestamp: int", _milliseconds))
    rows.append(("getMilliseconds", ".timestamp, string: int", lambda moment, zone: _milliseconds(moment)))
    rows += [(name, ".duration: int", _cut(unit)) for name, unit in _LENGTHS.items()]
    return rows


ROWS = _rows()
