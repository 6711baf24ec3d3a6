"""The one way to the API server: calls that answer at once, and watches that travel over the network.

A call takes no virtual time, so reconcile functions read as plain Python. It fails as a real one would when no
process listens (`ConnectionRefused`) or when nothing comes back (`TimedOut`). A watch is a connection of the
simulated network: its events arrive later, in order, wait while the network is cut, and end when a side dies.

This is the only file of the client that knows `k8scourse.apiserver`, and only four types of it.
Upstream: `staging/src/k8s.io/client-go/rest/request.go`; the words of the errors are those of Go's `net`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Protocol

from k8scourse.api.errors import StatusError, status_error
from k8scourse.apiserver import Certificate, Request, Response, Watch
from k8scourse.sim import Connection, Network, Process

__all__ = [
    "ConnectionRefused",
    "Request",
    "Response",
    "Stream",
    "TimedOut",
    "Transport",
    "Unreachable",
    "error_of",
]

DEFAULT_ADDRESS = "10.0.0.10:6443"
_END = object()

WatchEvent = dict[str, Any]


class Server(Protocol):
    """What the transport needs of an API server."""

    def handle(self, request: Request) -> Response | Watch:
        """Answer a request, or open a watch."""


class Unreachable(Exception):
    """No answer at all. `message` is what Go's `net` package says, `address` the `host:port` that was tried."""

    def __init__(self, address: str, message: str) -> None:
        super().__init__(message)
        self.address = address
        self.message = message


class ConnectionRefused(Unreachable):
    """The machine answers, but no process listens on the port."""

    def __init__(self, address: str) -> None:
        super().__init__(address, f"dial tcp {address}: connect: connection refused")


class TimedOut(Unreachable):
    """Nothing answers: the way is cut, or the machine has no power."""

    def __init__(self, address: str) -> None:
        super().__init__(address, f"dial tcp {address}: i/o timeout")


class Transport:
    """One client's way to the API server.

    `process` is who calls (a stand-in for kubectl outside the cluster). `find_server` gives the process and the
    server behind the address now, or None when nothing listens there; it is asked anew for every call, so a
    restarted server is found without any code here. `address` (or a function that knows it) is what errors name.
    `certificate` is the client certificate that TLS shows the server, `token` becomes the bearer token (a function
    is asked for it at each request, as a token in a file is read again); with neither the caller is anonymous.
    """

    def __init__(
        self,
        process: Process,
        find_server: Callable[[], tuple[Process, Server] | None],
        network: Network,
        *,
        token: str | Callable[[], str] = "",
        certificate: Certificate | None = None,
        user_agent: str = "",
        address: str | Callable[[], str] = DEFAULT_ADDRESS,
    ) -> None:
        self.process = process
        self._address = address
        self._find_server = find_server
        self._network = network
        self._headers = {"User-Agent": user_agent or process.name}
        self._token = token
        self._certificate = certificate
        self._last_seen: Process | None = None

    @property
    def address(self) -> str:
        """The `host:port` that is dialled now."""
        return self._address if isinstance(self._address, str) else self._address()

    def with_headers(self, headers: Mapping[str, str]) -> Transport:
        """The same way, with more headers on each request; several values of one are joined by line ends."""
        other = copy(self)
        other._headers = {**self._headers, **headers}
        return other

    def request(self, request: Request) -> Response:
        """Send a request and return the answer, whatever its code. Raises `Unreachable`."""
        _, server = self._dial()
        answer = server.handle(self._signed(request))
        assert isinstance(answer, Response), f"{request.method} {request.path} opened a watch"
        return answer

    def watch(
        self,
        request: Request,
        on_event: Callable[[WatchEvent], None],
        on_close: Callable[[], None],
    ) -> Stream:
        """Open a watch: `on_event` gets each event of the wire, `on_close` is called once if the stream breaks.

        Raises `Unreachable`, or the `StatusError` with which the server refused.
        """
        answer = self.open(request, on_event, on_close)
        if isinstance(answer, Response):
            raise error_of(answer)
        return answer

    def open(
        self,
        request: Request,
        on_event: Callable[[WatchEvent], None],
        on_close: Callable[[], None],
    ) -> Stream | Response:
        """As `watch`, but an answer that is no stream comes back as it is. Raises `Unreachable`."""
        server_process, server = self._dial()
        answer = server.handle(self._signed(request))
        if isinstance(answer, Response):
            return answer
        stream = Stream(self, server_process, resource_of(request.path), on_event, on_close)
        stream._open(self._network, answer)
        return stream

    def _signed(self, request: Request) -> Request:
        headers = {**self._headers, **request.headers}
        token = self._token() if callable(self._token) else self._token
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        certificate = request.certificate or self._certificate
        return replace(request, headers=headers, source=self.process.id, certificate=certificate)

    def _dial(self) -> tuple[Process, Server]:
        """The server's process and itself, or the error that a dial gives."""
        found = self._find_server()
        if found is not None:
            self._last_seen = found[0]
            if self._network.reachable(self.process, found[0]):
                return found
        last = self._last_seen
        if last is not None and (last.silent or self._network.is_cut(self.process, last)):
            raise TimedOut(self.address)
        raise ConnectionRefused(self.address)


class Stream:
    """An open watch, seen from the client."""

    def __init__(
        self,
        transport: Transport,
        server: Process,
        resource: str,
        on_event: Callable[[WatchEvent], None],
        on_close: Callable[[], None],
    ) -> None:
        self._client, self._server = transport.process, server
        self._resource = resource
        self._on_event, self._on_close = on_event, on_close
        self._connection: Connection | None = None

    @property
    def open(self) -> bool:
        """Whether events can still arrive."""
        return self._connection is not None and self._connection.open

    def stop(self) -> None:
        """End the watch quietly: no event and no `on_close` after this."""
        if self._connection is not None:
            self._connection.close()

    def _open(self, network: Network, watch: Watch) -> None:
        connection = network.connect(
            server=self._server, client=self._client, on_message=self._deliver, on_close=self._on_close
        )
        connection.on_server_close = watch.stop
        self._connection = connection
        # The end of the stream is a message too: it arrives after everything that was sent before it.
        watch.connect(connection.send, lambda *_: connection.send(_END))

    def _deliver(self, message: Any) -> None:
        if message is _END:
            self.stop()
            self._on_close()
            return
        self._record(message)
        self._on_event(message)

    def _record(self, event: WatchEvent) -> None:
        """The one place where the deliveries of watches enter the trace."""
        if event["type"] not in ("ADDED", "MODIFIED", "DELETED"):
            return
        metadata = event["object"]["metadata"]
        subject = f"{self._resource}/{metadata.get('namespace', '')}/{metadata['name']}"
        revision = metadata.get("resourceVersion", "")
        self._client.sim.trace.add(
            "watch", self._server.id, self._client.id, subject, type=event["type"], revision=revision
        )


def resource_of(path: str) -> str:
    """The plural in a request path: `/apis/apps/v1/namespaces/default/deployments` -> `deployments`."""
    parts = path.strip("/").split("/")
    rest = parts[2:] if parts[0] == "api" else parts[3:]
    return rest[2] if rest[0] == "namespaces" and len(rest) > 2 else rest[0]


def error_of(response: Response) -> StatusError:
    """The refusal that a response carries, as the exception to raise."""
    if isinstance(response.body, dict) and response.body.get("kind") == "Status":
        return status_error(response.body)
    text = response.body.decode() if isinstance(response.body, bytes) else str(response.body)
    reason, message = _WITHOUT_STATUS.get(response.code, ("", text.strip()))
    shown = message.replace("%q", json.dumps(text.strip(), ensure_ascii=False))
    return status_error({"code": response.code, "reason": reason, "message": shown})


#: What an answer that is no Status means (``apimachinery/pkg/api/errors``, NewGenericServerResponse).
_WITHOUT_STATUS = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    406: ("NotAcceptable", "the server was unable to respond with a content type that the client supports"),
    500: ("InternalError", "an error on the server (%q) has prevented the request from succeeding"),
}
