"""Virtual time on the wire.

The engine counts integer nanoseconds since the scenario began; the API speaks RFC 3339.  The
scenario begins at :data:`EPOCH`.  Times have whole seconds (``metav1.Time``) except in Leases and
Event series, which have microseconds (``metav1.MicroTime``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
#: The wall-clock instant of nanosecond 0.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_cache: dict[int, str] = {}


def begin_at(moment: datetime) -> None:
    """Let nanosecond 0 be another instant, in this process. Only for one that shows its cluster to programs of the
    real world, which compare times with their own clock; to be called before its first cluster is made."""
    global EPOCH
    EPOCH = moment.astimezone(UTC).replace(microsecond=0)
    _cache.clear()


def unix_nanoseconds(nanoseconds: int) -> int:
    """Nanoseconds since 1970 at an instant of the scenario."""
    return int(EPOCH.timestamp()) * SECOND + nanoseconds


def unix_seconds(nanoseconds: int) -> int:
    """Seconds since 1970 at an instant of the scenario."""
    return unix_nanoseconds(nanoseconds) // SECOND


def format_time(nanoseconds: int) -> str:
    """``31_000_000_000`` -> ``2026-01-01T00:00:31Z`` (fractions of a second are cut off)."""
    seconds = nanoseconds // SECOND
    text = _cache.get(seconds)
    if text is None:
        if len(_cache) > 10_000:
            _cache.clear()
        text = _cache[seconds] = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


def format_micro_time(nanoseconds: int) -> str:
    """``31_000_500_000`` -> ``2026-01-01T00:00:31.000500Z``."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return f"{format_time(seconds * SECOND)[:-1]}.{rest // 1000:06d}Z"


def parse_time(text: str) -> int:
    """RFC 3339 text to nanoseconds since :data:`EPOCH`.  ValueError when it is not a time with a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * 1000


_LAYOUT = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d(?:[.,]\d+)?"),
    ("Z07:00", r"Z|[+-]\d\d:\d\d"),
)


def canonical_time(text: str) -> str:
    """The spelling of a ``metav1.Time`` on the wire: UTC, whole seconds.  ValueError with Go's words."""
    moment = _go_time(text, "2006-01-02T15:04:05Z07:00").astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical_micro_time(text: str) -> str:
    """The spelling of a ``metav1.MicroTime`` on the wire: UTC, six decimals.  ValueError with Go's words."""
    moment = _go_time(text, "2006-01-02T15:04:05.000000Z07:00").astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _go_time(text: str, layout: str) -> datetime:
    rest = text
    for element, pattern in _LAYOUT:
        match = re.match(pattern, rest)
        if match is None:
            raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{element}"')
        rest = rest[match.end() :]
    if rest:
        raise ValueError(f'parsing time "{text}": extra text: "{rest}"')
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'parsing time "{text}": {_out_of_range(text)} out of range') from None


def _out_of_range(text: str) -> str:
    month, hour, minute = int(text[5:7]), int(text[11:13]), int(text[14:16])
    if not 1 <= month <= 12:
        return "month"
    if hour > 23:
        return "hour"
    if minute > 59:
        return "minute"
    return "second" if int(text[17:19]) > 59 else "day"
