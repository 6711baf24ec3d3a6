"""The Events at the end of every description.

Upstream: `DescribeEvents` and `translateMicroTimestampSince` in `kubectl/pkg/describe/describe.go`.
"""

from __future__ import annotations

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.tables import duration
from k8scourse.api.times import parse_time
from k8scourse.api.values import Object, get_in

from ..session import Session
from .writer import Writer


def of(session: Session, obj: Object, *, uid: str | None = None) -> list[Object]:
    """The Events about an object."""
    metadata = obj["metadata"]
    fields = [f"involvedObject.name={metadata['name']}", f"involvedObject.kind={obj['kind']}"]
    if metadata.get("namespace"):
        fields.append(f"involvedObject.namespace={metadata['namespace']}")
    fields.append(f"involvedObject.uid={metadata.get('uid', '') if uid is None else uid}")
    try:
        return session.list(kinds.EVENT, str(metadata.get("namespace", "")), fields=",".join(fields))
    except StatusError:
        return []


def describe(writer: Writer, session: Session, found: list[Object]) -> None:
    """The table of Events, the oldest first."""
    if not found:
        writer.line(0, "Events:\t<none>")
        return
    writer.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage")
    writer.line(1, "----\t------\t----\t----\t-------")
    for event in sorted(found, key=last_seen):
        source = get_in(event, "source.component") or event.get("reportingComponent", "")
        part = get_in(event, "involvedObject.fieldPath", "")
        message = (f"{part}: " if part else "") + str(event.get("message", "")).strip()
        head = f"{event.get('type', '')}\t{event.get('reason', '')}"
        writer.line(1, f"{head}\t{age(session, event)}\t{source}\t{message}")


def age(session: Session, event: Object) -> str:
    """`5m3s`, or `12s (x4 over 5m3s)` for what happened several times."""
    first = event.get("firstTimestamp") or event.get("eventTime")
    series = event.get("series")
    count = series["count"] if series else event.get("count", 1)
    if count and count > 1:
        last = (series or {}).get("lastObservedTime") or event.get("lastTimestamp")
        return f"{since(session, last)} (x{count} over {since(session, first)})"
    return since(session, first)


def since(session: Session, moment: str | None) -> str:
    """How long ago a moment was."""
    return duration(max(0, session.now - parse_time(moment))) if moment else "<unknown>"


def last_seen(event: Object) -> int:
    """When the Event happened last, in nanoseconds."""
    series = event.get("series") or {}
    moment = (
        series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
    )  # fmt: skip
    return parse_time(moment) if moment else 0
