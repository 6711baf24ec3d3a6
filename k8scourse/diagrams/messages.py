"""The messages of one step: which numbered dots travel along which lines, read from the trace.

A step is one record, but the records between two steps belong to its story: what the caller had been told
(a watch delivery), what it then asked, what was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from k8scourse.sim import Record

STAGES = ("authenticate", "authorize", "admit", "validate", "store")
CLIENTS = ("kubectl", "you")


class Flow(NamedTuple):
    """One dot: from part to part, `kind` is request, write, watch or call. A refused one turns back at the bar."""

    number: int
    source: str
    target: str
    kind: str


def flows(record: Record | None, records: Sequence[Record]) -> list[Flow]:
    """The dots of the step that `record` is, in the order in which they happened."""
    if record is None:
        return []
    if record.kind == "request":
        return _request(record, records)
    if record.kind == "container":
        return [Flow(1, record.source, record.target, "call")]
    if record.kind in ("watch", "commit"):
        return [Flow(1, record.source, record.target, "watch" if record.kind == "watch" else "write")]
    if record.kind in ("decision", "rules"):
        heard = _heard(record, records)
        return [Flow(1, heard.source, heard.target, "watch")] if heard else []
    return []


def _request(record: Record, records: Sequence[Record]) -> list[Flow]:
    found: list[tuple[str, str, str]] = []
    heard = _heard(record, records)
    if heard:
        found.append((heard.source, heard.target, "watch"))
    writes = record.detail.get("verb") not in ("get", "list", "watch")
    found.append((record.source, record.target, "write" if writes else "request"))
    commit = _last(records, "commit")
    if commit is not None and record.detail.get("changed"):
        found.append((record.target, commit.target, "write"))
    return [Flow(number, *flow) for number, flow in enumerate(found, 1)]


def _heard(record: Record, records: Sequence[Record]) -> Record | None:
    """What the doer of this step had been told since the step before."""
    for earlier in records[::-1]:
        if earlier.kind == "watch" and earlier.target == record.source and record.source not in CLIENTS:
            return earlier
    return None


def _last(records: Sequence[Record], kind: str) -> Record | None:
    return next((record for record in reversed(records) if record.kind == kind), None)


def stages(record: Record | None) -> list[tuple[str, str]]:
    """What the API server's stages said in this step: (stage, ok | refused); empty when nobody asked."""
    if record is None or record.kind != "request":
        return []
    return [(stage, outcome) for stage, outcome in record.detail.get("stages", ()) if stage in STAGES]


def number_of(record: Record, found: Sequence[Flow]) -> int:
    """The number of the dot that the step's sentence is about."""
    for flow in found:
        if (flow.source, flow.target) == (record.source, record.target):
            return flow.number
    return found[-1].number if found else 1


def active_parts(record: Record | None) -> list[str]:
    """The ids that the step is about: who acted, and on which Pod or node."""
    if record is None:
        return []
    found = [record.source] if record.source not in CLIENTS[1:] else [record.target]
    kind, _, name = record.subject.partition("/")
    if kind == "pods":
        found.append(record.subject)
    elif kind == "nodes":
        found.append(name.lstrip("/"))
    elif record.kind in ("decision", "exit", "container") and record.subject:
        found.append(record.subject if kind == "pods" else f"pods/{record.subject}")
    return found
