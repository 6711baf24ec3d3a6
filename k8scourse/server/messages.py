"""What passes between the wire and the application: a request's head and body, and an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class HttpRequest:
    """One request. `headers` have lower-case names; `target` is path and query as they came."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""
    peer: Any = None
    secure: bool = False

    def header(self, name: str) -> str:
        """A header's value, its values joined when it came several times, "" when it is missing."""
        return ", ".join(value for key, value in self.headers if key == name)


@dataclass(slots=True)
class HttpAnswer:
    """One answer: a body, or `stream` to be sent chunk by chunk, or `upgrade`, which takes the connection over."""

    code: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    upgrade: Callable[[Any], Awaitable[None]] | None = None


Application = Callable[[HttpRequest], Awaitable[HttpAnswer]]


def text_answer(code: int, text: str, **headers: str) -> HttpAnswer:
    """A plain-text answer."""
    more = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return HttpAnswer(code, [("Content-Type", "text/plain; charset=utf-8"), *more], text.encode())
