"""`Listener`: a watch that a learner opened by hand, and everything it has said so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import words
from ..api.values import get_in
from ..client import Request, Response, Stream, Transport, Unreachable
from ..sim import SECOND, Simulation

SHOWN = 24


class Listener:
    """An open watch, seen from outside the cluster.

    `events` are (seconds, type, object) in the order of arrival: ADDED, MODIFIED, DELETED, BOOKMARK, ERROR.
    `code` is that of the answer (200 while it streams, 0 when nobody answered), `message` what a refusal said,
    `open` whether events can still come.
    """

    def __init__(self, request: Request, sim: Simulation, hang_up: Callable[[Listener], None]) -> None:
        self.path = request.path
        self.events: list[tuple[float, str, dict[str, Any]]] = []
        self.code = 200
        self.message = ""
        self._request, self._sim, self._hang_up = request, sim, hang_up
        self._stream: Stream | None = None

    @property
    def open(self) -> bool:
        """Whether events can still arrive."""
        return self._stream is not None and self._stream.open

    def close(self) -> None:
        """Hang up. Nothing arrives after this; what has arrived stays."""
        if self.open:
            self._hang_up(self)

    def connect(self, transport: Transport) -> None:
        """Open the watch; a refusal is kept in `code` and `message`."""
        try:
            answer = transport.open(self._request, self._arrived, lambda: None)
        except Unreachable as error:
            self.code, self.message = 0, error.message
            return
        if isinstance(answer, Stream):
            self._stream = answer
        else:
            self._refused(answer)

    def stop(self) -> None:
        """End the stream, without a word to the history."""
        if self._stream is not None:
            self._stream.stop()

    def _refused(self, answer: Response) -> None:
        body = answer.body
        self.code = answer.code
        self.message = str(body.get("message", "")) if isinstance(body, dict) else str(body).strip()

    def _arrived(self, event: dict[str, Any]) -> None:
        self.events.append((self._sim.now / SECOND, str(event["type"]), event["object"]))

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        left = len(self.events) - SHOWN
        lines = [f"GET {self.path}?watch=1"]
        if left > 0:
            lines.append(words.text("listen.left_out", count=left))
        lines += [_line(*event) for event in self.events[-SHOWN:]]
        return "\n".join([*lines, self._state()])

    def _state(self) -> str:
        if self.open:
            return words.text("listen.open" if self.events else "listen.quiet")
        if self.code == 200:
            return words.text("listen.closed")
        return words.text("listen.refused", code=self.code or "–", message=self.message)


def _line(seconds: float, event: str, obj: dict[str, Any]) -> str:
    version = get_in(obj, "metadata.resourceVersion", "")
    if obj.get("kind") == "Status":
        return f"{seconds:9.3f} s  {event:8}  {obj.get('code', '')} {obj.get('message', '')}"
    name = "/".join(part for part in (str(obj.get("kind", "")), get_in(obj, "metadata.name", "")) if part)
    return f"{seconds:9.3f} s  {event:8}  {name}  {words.text('listen.revision', version=version)}"
