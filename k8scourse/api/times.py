"""Virtual time on the wire.

The engine counts integer nanoseconds since the scenario began; the API speaks RFC 3339.  The
scenario begins at :data:`EPOCH`.  Times have whole seconds (``metav1.Time``) except in Leases and
Event series, which have microseconds (``metav1.MicroTime``).
"""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
#: The wall-clock instant of nanosecond 0.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_cache: dict[int, str] = {}


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
