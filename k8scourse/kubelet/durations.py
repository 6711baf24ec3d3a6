"""Go's way to print a duration."""

from __future__ import annotations

MILLISECOND = 1_000_000


def go_duration(nanoseconds: int) -> str:
    """`2.044s`, `350ms`, `1m2.5s`, `5m0s`, `0s`: `time.Duration.String` after truncation to milliseconds."""
    milliseconds = nanoseconds // MILLISECOND
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if minutes == 0:
        return text
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
