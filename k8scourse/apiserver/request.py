"""What goes in and what comes out: `Request`, `Response`, `Watch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from k8scourse.api.errors import StatusError
from k8scourse.api.sessions import Opener
from k8scourse.apiserver.certificates import Certificate

WatchEvent = Mapping[str, Any]
OnEvent = Callable[[Any], None]
OnClose = Callable[[], None]
Stages = list[list[str]]
Reaches = Callable[[int, str], tuple[int, str] | None]
"""The way to a Pod's ports: port and path in, code and text out; None when nobody listens."""
Reason = tuple[str, str, Mapping[str, Any]]
"""Why a stage answered as it did: the stage, the key of the sentence in words/*/reasons.toml, and its values."""


@dataclass(slots=True)
class Request:
    """One call, as HTTP would carry it.

    `path` is Kubernetes' own (a query may also hang on it after "?"), `body` a JSON value, or bytes or text that
    `Content-Type` explains (JSON when it is missing). `source` is the caller's part id, for the trace.
    `certificate` is the client certificate that the transport has seen (over HTTP: TLS has); no header can set it.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    source: str = "kubectl"
    certificate: Certificate | None = None


class RequestInfo(NamedTuple):
    """What a request was about: for those who look on (traces, audits)."""

    verb: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    user: str = ""
    path: str = ""


NOTHING = RequestInfo()


@dataclass(slots=True)
class Response:
    """One answer.

    `body` is a JSON value as it goes on the wire, or text (logs, health checks). `stages` says how far the
    request came. `before` and `object` are the stored object before and after, `changed` whether a new revision
    was stored. `items` are a list's objects as the store holds them (shared, frozen, each with its kind), which
    spares callers in the same process a copy; None when the answer is not a list. `reasons` say why each stage
    answered as it did.
    """

    code: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    stages: Stages = field(default_factory=list)
    before: Any = None
    object: Any = None
    changed: bool = False
    items: list[Any] | None = None
    info: RequestInfo = NOTHING
    opens: Opener | None = None
    reaches: Reaches | None = None
    more: Callable[[], tuple[str, bool]] | None = None
    reasons: list[Reason] = field(default_factory=list)


class EventStream(Protocol):
    """Whatever produces the events of a watch."""

    def start(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Begin: what happened already first, then what comes."""

    def stop(self) -> None:
        """The client has gone away."""


class Watch:
    """The answer to a watch: a stream of `{"type", "object"}` that begins when it is connected."""

    code = 200

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self.stages: Stages = []
        self.reasons: list[Reason] = []
        self.info = NOTHING

    def connect(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Begin to call `on_event`; `on_close` is called once, when the server ends the watch."""
        self._stream.start(on_event, on_close)

    def stop(self) -> None:
        """End the watch from the client's side; nothing is called afterwards."""
        self._stream.stop()


def success(**fields: Any) -> dict[str, Any]:
    """A Status that says that all went well."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", **fields}


def refusal(error: StatusError) -> Response:
    """The answer that carries a Status of failure."""
    headers = {"Content-Type": "application/json"}
    seconds = (error.details or {}).get("retryAfterSeconds")
    if seconds:
        headers["Retry-After"] = str(seconds)
    return Response(error.code, error.status, headers)
