"""Connections into containers over a WebSocket: exec and attach.

A message is binary, its first byte the channel: 0 standard input, 1 output, 2 error, 3 a Status at the end, 4 the
terminal's size; in v5 a message on 255 closes the channel that it names.

Upstream: ``apimachinery/pkg/util/remotecommand/constants.go``, ``kubelet/pkg/cri/streaming/remotecommand``.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
from typing import Any

from k8scourse.api.sessions import Ears, Opener, Session

from .connection import Connection
from .engine import Engine
from .messages import HttpRequest
from .websocket import Closed, WebSocket

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, STATUS, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
_CHANNELS = {"stdout": STDOUT, "stderr": STDERR}


class CommandStream:
    """One exec or attach, from its upgrade to its end."""

    def __init__(self, engine: Engine, request: HttpRequest, opener: Opener) -> None:
        self._engine, self._request, self._opener = engine, request, opener
        self._loop = asyncio.get_running_loop()
        self._outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._session: Session | None = None

    async def run(self, connection: Connection) -> None:
        """Take the connection over. Ends with the command, or with the client."""
        socket = WebSocket(connection, self._request)
        with contextlib.suppress(Closed):
            await socket.accept(PROTOCOLS)
            await socket.send(bytes([STDOUT]))  # an empty message: the way is open
            await self._do(self._begin)
            reading = asyncio.create_task(self._listen(socket))
            try:
                await self._speak(socket, reading)
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError, Closed):
                    await reading
        self._engine.submit(self._end)

    async def _do(self, job: Any) -> None:
        await asyncio.wrap_future(self._engine.submit(job))

    async def _speak(self, socket: WebSocket, reading: asyncio.Task[None]) -> None:
        while True:
            getting = asyncio.create_task(self._outgoing.get())
            await asyncio.wait((getting, reading), return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                getting.cancel()
                raise Closed
            message = getting.result()
            if message is None:
                await socket.close()
                return
            await socket.send(message)

    async def _listen(self, socket: WebSocket) -> None:
        while True:
            message = await socket.receive()
            data = message.encode() if isinstance(message, str) else message
            if not data:
                continue
            channel, rest = data[0], data[1:]
            if channel == STDIN:
                text = self._decoder.decode(rest)
                await self._do(lambda text=text: self._write(text))
            elif channel == CLOSE and rest[:1] == bytes([STDIN]):
                await self._do(self._close_input)

    # --- in the engine's thread -----------------------------------------------------------------------------

    def _begin(self) -> None:
        self._session = self._opener(Ears(self._output, self._exit))
        self._session.start()

    def _write(self, text: str) -> None:
        if self._session is not None:
            self._session.write(text)

    def _close_input(self) -> None:
        if self._session is not None:
            self._session.close_input()

    def _end(self) -> None:
        if self._session is not None:
            self._session.end()

    def _output(self, stream: str, text: str) -> None:
        self._put(bytes([_CHANNELS[stream]]) + text.encode("utf-8", "surrogateescape"))

    def _exit(self, code: int) -> None:
        self._put(bytes([STATUS]) + json.dumps(status_of(code)).encode())
        self._put(None)

    def _put(self, message: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._outgoing.put_nowait, message)


def status_of(code: int) -> dict[str, Any]:
    """The Status with which a command ends (kubelet/pkg/cri/streaming/remotecommand/exec.go)."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
