"""A request's road through the API server: station after station, each with what it said and why.

The road is read out of one record of the trace (and of the commits that follow it), so that any request has
one, a learner's own as well as a controller's. The words are those of the language in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from .. import words
from ..api.values import get_in
from ..sim import Record
from .presenter import width_of, wrapped

State = Literal["ok", "refused", "behind", "skipped"]
STATIONS = ("authenticate", "impersonate", "flow", "authorize", "read", "admit", "validate", "check", "store")
"""In the order of the server. "read" is the body taken apart, "check" the admission that only looks."""
ONLY_IF_SPOKEN = ("impersonate", "flow")
_WRITES = ("read", "admit", "validate", "check")
_WITH_BODY = ("create", "update")
_READING = ("get", "list", "watch")
FIELDS_SHOWN = 4
MARKS = {"ok": "✓", "refused": "✕", "behind": "·", "skipped": "–"}
COLUMNS = 96
_SPOKEN = ("ok", "refused")


class Road(NamedTuple):
    """All that a picture shows of one request."""

    method: str
    path: str
    user: str
    agent: str
    server: str
    code: int
    verdict: str
    message: str
    stations: list[Station]
    stored: list[tuple[str, int]]
    extra: list[str]


class Station(NamedTuple):
    """One station: its name, what became of the request there, and why, as sentences."""

    stage: str
    state: State
    sentences: list[str]


METHODS = {"get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH",
           "delete": "DELETE", "deletecollection": "DELETE"}  # fmt: skip
PHRASES = {200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
           409: "Conflict", 410: "Gone", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
           422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip
"""RFC 9110's words for the codes that this server answers with."""


def road(record: Record, commits: Sequence[Record] = (), path: str = "", extra: Sequence[str] = ()) -> Road:
    """The road of the request that `record` tells of; `path` may have its query, `extra` are warnings and notes."""
    detail = record.detail
    return Road(
        METHODS.get(str(detail["verb"]), str(detail["verb"]).upper()),
        path or str(detail["path"]),
        str(detail["user"]),
        str(detail["agent"]).partition("/")[0],
        record.target,
        int(detail["code"]),
        verdict(int(detail["code"]), str(detail["reason"])),
        str(detail["message"]),
        stations(record, commits),
        [(commit.subject, int(commit.detail["revision"])) for commit in commits],
        list(extra),
    )


def verdict(code: int, reason: str) -> str:
    """The code with its phrase, and the reason where it says more: "409 Conflict · AlreadyExists"."""
    phrase = PHRASES.get(code, "")
    more = f" · {reason}" if reason and reason != phrase.replace(" ", "") else ""
    return f"{code} {phrase}{more}".strip()


def commits_of(records: Sequence[Record], record: Record) -> list[Record]:
    """The records of what a request stored: they follow its own at once."""
    found: list[Record] = []
    for each in records[record.sequence + 1 :]:
        if each.kind != "commit" or each.source != record.target or each.time != record.time:
            break
        found.append(each)
    return found


def stations(record: Record, commits: Sequence[Record] = ()) -> list[Station]:
    """The stations of the request that `record` tells of; `commits` are the records of what it stored."""
    reasons = record.detail.get("reasons", {})
    states = _states(record.detail)
    return [
        Station(stage, states[stage], _sentences(stage, states[stage], record, commits))
        for stage in STATIONS
        if stage not in ONLY_IF_SPOKEN or reasons.get(stage) or states[stage] == "refused"
    ]


def lines(stations: Sequence[Station]) -> list[str]:
    """The road as text, a line a station; neighbours that were not asked share one."""
    names = {station.stage: words.text(f"road.station.{station.stage}") for station in stations}
    width = max((width_of(names[each.stage]) for each in stations if each.state in _SPOKEN), default=0)
    found: list[str] = []
    for state, group in groupby(stations, key=lambda station: station.state):
        if state not in _SPOKEN:
            listed = words.text("road.comma").join(names[station.stage] for station in group)
            together = words.text("road.together", state=words.text(f"road.state.{state}"), stations=listed)
            found.append(f"  {MARKS[state]} {together}")
            continue
        for station in group:
            name = names[station.stage]
            head = f"  {MARKS[state]} {name}{' ' * (width - width_of(name))}  "
            told = wrapped(" · ".join(station.sentences), COLUMNS - width - 6)
            found.append(head + f"\n{' ' * (width + 6)}".join(told))
    return found


def _states(detail: Mapping[str, Any]) -> dict[str, State]:
    """What became of the request at each station, out of the server's own list of stages."""
    said: dict[str, State] = {}
    for stage, outcome in detail.get("stages", ()):
        said[_station_of(stage, outcome, said)] = "ok" if outcome == "ok" else "refused"
    if said.get("authorize") == "refused" and detail["code"] != 403:
        said |= {"authorize": "skipped", "read": "refused"}
    elif detail["code"] >= 400 and "refused" not in said.values():
        said["read"] = "refused"
    if "admit" in said or (said.get("store") == "refused" and detail.get("verb") in _WITH_BODY):
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
        message = str(record.detail.get("message", ""))
        return [*told, *([message] if message else [])] or [words.text("road.no_page")]
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
