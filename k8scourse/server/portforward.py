"""kubectl port-forward: what a client sends to a port of its own machine reaches the program in a Pod.

The programs here speak HTTP and nothing else, so this end reads requests with h11 and writes the programs'
answers. kubectl puts SPDY frames into the WebSocket (a data and an error stream for each connection); other
clients send channels, two for each port.

Upstream: ``kubelet/pkg/cri/streaming/portforward`` (httpstream.go, websocket.go, constants.go).
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable

import h11

from .connection import Connection, phrase
from .engine import Engine
from .messages import HttpRequest
from .spdy import Data, Opened, Spdy, SpdyError
from .websocket import Closed, WebSocket

TUNNEL, CHANNELS = "SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io"
Reaches = Callable[[int, str], tuple[int, str] | None]


class Forwarded:
    """One connection to a port of a Pod: bytes in, bytes out, by way of the simulated program."""

    def __init__(self, engine: Engine, reaches: Reaches, port: int) -> None:
        self._engine, self._reaches, self._port = engine, reaches, port
        self._http = h11.Connection(h11.SERVER)
        self.ended = False
        self.problem = ""

    async def feed(self, data: bytes) -> bytes:
        """What comes back for these bytes; `problem` says why the port cannot be reached."""
        answer = b""
        try:
            self._http.receive_data(data)
            while not self.ended:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    break
                if isinstance(event, h11.Request):
                    self._asked = event
                elif isinstance(event, h11.EndOfMessage):
                    answer += await self._answer()
                elif isinstance(event, h11.ConnectionClosed):
                    self.ended = True
        except h11.RemoteProtocolError:  # no HTTP: a web server says so and hangs up
            self.ended = True
            return answer + b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        return answer

    async def _answer(self) -> bytes:
        path = self._asked.target.decode("latin-1")
        job = self._engine.submit(lambda: self._reaches(self._port, path))
        found = await asyncio.wrap_future(job)
        if found is None:
            self.ended = True
            self.problem = f"dial tcp4 127.0.0.1:{self._port}: connect: connection refused"
            return b""
        code, text = found
        body = b"" if self._asked.method == b"HEAD" else text.encode()
        headers = [("Content-Type", _media(text)), ("Content-Length", str(len(text.encode())))]
        parts = [self._http.send(h11.Response(status_code=code, headers=headers, reason=phrase(code)))]
        if body:
            parts.append(self._http.send(h11.Data(data=body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        else:
            self.ended = True
        return b"".join(part for part in parts if part)


class PortForward:
    """One `port-forward`, from its upgrade to its end. `place` is namespace/name of the Pod, for messages."""

    def __init__(
        self, engine: Engine, request: HttpRequest, reaches: Reaches, place: str, ports: list[int]
    ) -> None:
        self._engine, self._request, self._reaches = engine, request, reaches
        self._place, self._ports = place, ports

    async def run(self, connection: Connection) -> None:
        """Take the connection over. Ends with the client."""
        socket = WebSocket(connection, self._request)
        with contextlib.suppress(Closed, SpdyError, struct.error):
            await socket.accept((TUNNEL, CHANNELS))
            await (self._tunnel(socket) if socket.protocol == TUNNEL else self._channels(socket))

    def _forward(self, port: int) -> Forwarded:
        return Forwarded(self._engine, self._reaches, port)

    def _refused(self, forwarded: Forwarded, port: int) -> bytes:
        return f"error forwarding port {port} to pod {self._place}: {forwarded.problem}".encode()

    # --- kubectl: SPDY in a WebSocket -----------------------------------------------------------------------

    async def _tunnel(self, socket: WebSocket) -> None:
        spdy = Spdy()
        streams: dict[int, tuple[Forwarded, int]] = {}
        errors: dict[str, int] = {}
        requests: dict[int, str] = {}
        while True:
            message = await socket.receive()
            for event in spdy.receive(message.encode() if isinstance(message, str) else message):
                if isinstance(event, Opened):
                    spdy.accept(event.stream)
                    request, port = event.headers.get("requestid", ""), _port(event.headers.get("port", ""))
                    if event.headers.get("streamtype") == "error":
                        errors[request] = event.stream
                    else:
                        streams[event.stream] = (self._forward(port), port)
                        requests[event.stream] = request
                elif event.stream in streams:
                    forwarded, port = streams[event.stream]
                    if isinstance(event, Data):
                        spdy.send(event.stream, await forwarded.feed(event.data) if event.data else b"")
                        if forwarded.problem:
                            spdy.send(errors.get(requests[event.stream], 0), self._refused(forwarded, port))
                    if forwarded.ended or not isinstance(event, Data) or event.ended:
                        del streams[event.stream]
                        spdy.send(errors.pop(requests.pop(event.stream), 0), b"", ended=True)
                        spdy.send(event.stream, b"", ended=True)
            if spdy.outgoing:
                await socket.send(spdy.take())

    # --- others: two channels for each port -----------------------------------------------------------------

    async def _channels(self, socket: WebSocket) -> None:
        forwards = [self._forward(port) for port in self._ports]
        for number, port in enumerate(self._ports):
            for channel in (2 * number, 2 * number + 1):
                await socket.send(bytes([channel]) + struct.pack("<H", port))
        while True:
            message = await socket.receive()
            data = message.encode() if isinstance(message, str) else message
            number, is_error = divmod(data[0], 2) if data else (len(forwards), 0)
            if is_error or number >= len(forwards):
                continue
            forwarded = forwards[number]
            answer = await forwarded.feed(data[1:])
            if answer:
                await socket.send(bytes([2 * number]) + answer)
            if forwarded.problem:
                await socket.send(bytes([2 * number + 1]) + self._refused(forwarded, self._ports[number]))
            if forwarded.ended:
                await socket.close()
                return


def _port(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _media(text: str) -> str:
    return "text/html" if text.lstrip()[:1] == "<" else "text/plain"
