"""`Answer`: what came back for a request that a learner sent by hand, and how far it came on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import words
from ..client import Request, Response
from ..sim import Record
from .presenter import presenter
from .road import Road, Station, lines, road, stations, verdict


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
        told = self.body.strip() if isinstance(self.body, str) and self.code >= 400 else ""
        self.message = str(status.get("message", "")) or told or problem

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

    def road(self) -> Road | None:
        """All of it as a picture needs it; None when nobody answered."""
        if self.record is None:
            return None
        extra = [*(f"Warning: {warning}" for warning in self.warnings), *self.notes]
        return road(self.record, self.commits, self.line.partition(" ")[2], extra)._replace(
            method=self.method, message=self.message
        )

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
        return verdict(self.code, self.reason)

    def __repr__(self) -> str:
        extra = [*(f"Warning: {warning}" for warning in self.warnings), *self.notes]
        return "\n".join([self.line, *lines(self.stations()), self.verdict, *extra])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": repr(self), **presenter().road(self)}
