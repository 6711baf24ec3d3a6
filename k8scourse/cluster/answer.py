"""`Answer`: what came back for a request that a learner sent by hand, and how far it came on its way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from .. import words
from ..client import Request, Response
from ..sim import Record
from .presenter import presenter, width_of, wrapped
from .road import Station, stations

MARKS = {"ok": "✓", "refused": "✕", "behind": "·", "skipped": "–"}
COLUMNS = 96
_SPOKEN = ("ok", "refused")
PHRASES = {200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
           409: "Conflict", 410: "Gone", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
           422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip
"""RFC 9110's words for the codes that this server answers with."""


class Answer:
    """One request and what came of it.

    `code` is HTTP's (0 when nobody answered at all), `body` what came back, `reason` and `message` those of the
    Status when it is one, `warnings` the texts of the Warning headers. `stages` are the stages that it passed,
    the last one perhaps "refused"; `record` is its record in the trace, None when nobody answered. `notes` are
    sentences about functions of the learner's that failed on the way.
    """

    def __init__(
        self,
        request: Request,
        response: Response | None,
        record: Record | None = None,
        commits: Sequence[Record] = (),
        problem: str = "",
    ) -> None:
        self.method, self.path, self.query = request.method, request.path, dict(request.query)
        self.record, self.commits = record, list(commits)
        self.code = response.code if response is not None else 0
        self.body: Any = response.body if response is not None else None
        self.headers = dict(response.headers) if response is not None else {}
        self.warnings = list(response.warnings) if response is not None else []
        self.stages = [list(stage) for stage in response.stages] if response is not None else []
        status = self.body if isinstance(self.body, dict) and self.body.get("kind") == "Status" else {}
        self.notes: list[str] = []
        self.reason = str(status.get("reason", ""))
        self.message = str(status.get("message", "")) or problem

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.code < 300

    @property
    def user(self) -> str:
        """Who the server took the caller for; "" when it did not come to that."""
        return str(self.record.detail["user"]) if self.record is not None else ""

    @property
    def refused_at(self) -> str:
        """The station that refused: authenticate, authorize, read, admit, validate, check, store or ""."""
        return next((station.stage for station in self.stations() if station.state == "refused"), "")

    def stations(self) -> list[Station]:
        """The road through the server, in the language in use."""
        return stations(self.record, self.commits) if self.record is not None else []

    @property
    def line(self) -> str:
        """The request line, with its query."""
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        return f"{self.method} {self.path}{'?' if query else ''}{query}"

    @property
    def verdict(self) -> str:
        """The code with its phrase, and the reason where there is one: "403 Forbidden"."""
        if not self.code:
            return words.text("road.no_answer", message=self.message)
        phrase = PHRASES.get(self.code, "")
        more = f" · {self.reason}" if self.reason and self.reason != phrase.replace(" ", "") else ""
        return f"{self.code} {phrase}{more}".strip()

    def __repr__(self) -> str:
        lines = [self.line, *self._road()]
        return "\n".join(
            [*lines, self.verdict, *(f"Warning: {warning}" for warning in self.warnings), *self.notes]
        )

    def _road(self) -> list[str]:
        """A line a station; neighbours that were not asked share one."""
        road = self.stations()
        names = {station.stage: words.text(f"road.station.{station.stage}") for station in road}
        width = max((width_of(names[each.stage]) for each in road if each.state in _SPOKEN), default=0)
        lines: list[str] = []
        for state, group in groupby(road, key=lambda station: station.state):
            if state not in _SPOKEN:
                listed = ", ".join(names[station.stage] for station in group)
                lines.append(f"  {MARKS[state]} {words.text(f'road.state.{state}')}: {listed}")
                continue
            for station in group:
                name = names[station.stage]
                head = f"  {MARKS[state]} {name}{' ' * (width - width_of(name))}  "
                told = wrapped(" · ".join(station.sentences), COLUMNS - width - 6)
                lines.append(head + f"\n{' ' * (width + 6)}".join(told))
        return lines

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": repr(self), **presenter().road(self)}
