"""A request's road through the API server: station after station, each with what it said and why.

The road is read out of one record of the trace (and of the commits that follow it), so that any request has
one, a learner's own as well as a controller's. The words are those of the language in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .. import words
from ..api.values import get_in
from ..sim import Record

State = Literal["ok", "refused", "behind", "skipped"]
STATIONS = ("authenticate", "impersonate", "flow", "authorize", "read", "admit", "validate", "check", "store")
"""In the order of the server. "read" is the body taken apart, "check" the admission that only looks."""
ONLY_IF_SPOKEN = ("impersonate", "flow")
_WRITES = ("read", "admit", "validate", "check")
_READING = ("get", "list", "watch")
FIELDS_SHOWN = 4


class Station(NamedTuple):
    """One station: its name, what became of the request there, and why, as sentences."""

    stage: str
    state: State
    sentences: list[str]


def stations(record: Record, commits: Sequence[Record] = ()) -> list[Station]:
    """The stations of the request that `record` tells of; `commits` are the records of what it stored."""
    reasons = record.detail.get("reasons", {})
    states = _states(record.detail)
    return [
        Station(stage, states[stage], _sentences(stage, states[stage], record, commits))
        for stage in STATIONS
        if stage not in ONLY_IF_SPOKEN or reasons.get(stage) or states[stage] == "refused"
    ]


def _states(detail: Mapping[str, Any]) -> dict[str, State]:
    """What became of the request at each station, out of the server's own list of stages."""
    said: dict[str, State] = {}
    for stage, outcome in detail.get("stages", ()):
        said[_station_of(stage, outcome, said)] = "ok" if outcome == "ok" else "refused"
    if said.get("authorize") == "refused" and detail["code"] != 403:
        said |= {"authorize": "skipped", "read": "refused"}
    elif detail["code"] >= 400 and "refused" not in said.values():
        said["read"] = "refused"
    if "admit" in said:
        said.setdefault("read", "ok")
    if said.get("validate") == "ok" and "store" in said:
        said.setdefault("check", "ok")
    refused = next((place for place, stage in enumerate(STATIONS) if said.get(stage) == "refused"), None)
    return {
        stage: said.get(stage) or ("behind" if refused is not None and place > refused else "skipped")
        for place, stage in enumerate(STATIONS)
    }


def _station_of(stage: str, outcome: str, said: Mapping[str, State]) -> str:
    """The server names admission twice and reads the body as a part of validation; the road tells them apart."""
    if stage == "admit" and "admit" in said:
        return "check"
    if stage == "validate" and outcome != "ok" and "admit" not in said:
        return "read"
    return stage if stage in STATIONS else "store"


def _sentences(stage: str, state: State, record: Record, commits: Sequence[Record]) -> list[str]:
    told = [_reason(stage, key, values) for key, values in record.detail.get("reasons", {}).get(stage, ())]
    if state == "refused":
        return [*told, str(record.detail.get("message", "")) or words.text("road.no_page")]
    if state == "ok" and stage == "store":
        return [*told, *_stored(record, commits)]
    return told if told or state == "behind" else [_plain(stage, state, record)]


def _reason(stage: str, key: str, values: Mapping[str, Any]) -> str:
    if (stage, key) == ("admit", "changed"):
        fields = changed_fields(values["before"], values["after"])
        more = ["…"] if len(fields) > FIELDS_SHOWN else []
        values = {"plugin": values["plugin"], "fields": ", ".join(fields[:FIELDS_SHOWN] + more)}
    return words.text(f"reasons.{stage}.{key}", **values)


def _plain(stage: str, state: State, record: Record) -> str:
    """What there is to say where the server gave no reason of its own."""
    detail = record.detail
    if state == "skipped":
        reading = detail.get("verb") in _READING and stage in _WRITES
        return words.text("road.skipped.reading" if reading else "road.skipped.other")
    what = "/".join(part for part in (detail["resource"], detail["subresource"]) if part) or detail["path"]
    return words.text(f"road.plain.{stage}", user=detail["user"], verb=detail["verb"], what=what)


def _stored(record: Record, commits: Sequence[Record]) -> list[str]:
    detail = record.detail
    if commits:
        return [
            words.text(
                "road.store.deleted" if commit.detail["type"] == "DELETE" else "road.store.put",
                key=commit.subject,
                revision=commit.detail["revision"],
            )
            for commit in commits[:FIELDS_SHOWN]
        ]
    if detail.get("verb") in _READING:
        version = get_in(detail.get("object"), "metadata.resourceVersion", "")
        return [words.text(f"road.store.{detail['verb']}", version=version)]
    return [words.text("road.store.same" if detail.get("before") else "road.store.nothing")]


def changed_fields(before: Any, after: Any, path: str = "") -> list[str]:
    """The paths at which two objects differ, as deep as both are maps; a list counts as one value."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return [] if before == after else [path or "."]
    found: list[str] = []
    for key in (*before, *(key for key in after if key not in before)):
        if before.get(key) != after.get(key):
            found += changed_fields(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    return found
