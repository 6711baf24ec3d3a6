"""WebSockets over a connection that began as HTTP. wsproto knows the grammar."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from .connection import Connection
from .messages import HttpRequest

MESSAGE_BYTES = 4 * 1024 * 1024
PING_SECONDS = 30.0


class Closed(Exception):
    """The other side has closed the socket, or is gone."""


def wants_websocket(request: HttpRequest) -> bool:
    """Whether the client asks to go on as a WebSocket."""
    return request.header("upgrade").lower() == "websocket"


class WebSocket:
    """The server's end of a WebSocket. `protocol` is the subprotocol that both speak, "" for none."""

    def __init__(self, connection: Connection, request: HttpRequest) -> None:
        self._connection = connection
        self._protocol = WSConnection(ConnectionType.SERVER)
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
        self._protocol.initiate_upgrade_connection(headers, request.target)
        self._waiting: deque[object] = deque()
        self._partial: list[str | bytes] = []
        self._partial_size = 0
        self.protocol = ""

    async def accept(self, protocols: Sequence[str] = ()) -> None:
        """Agree to go on, with the first of `protocols` that the client offers too. Raises Closed."""
        offered: list[str] = []
        for event in self._events():
            if isinstance(event, Request):
                offered = list(event.subprotocols)
        common = next((each for each in protocols if each in offered), None)
        if protocols and common is None:
            await self._send(RejectConnection(status_code=400))
            raise Closed
        self.protocol = common or ""
        await self._send(AcceptConnection(subprotocol=common))

    async def receive(self) -> str | bytes:
        """The next whole message. Raises Closed."""
        while True:
            self._waiting.extend(self._events())
            while self._waiting:
                message = await self._take(self._waiting.popleft())
                if message is not None:
                    return message
            try:
                data = await self._connection.reader.read(64 * 1024)
            except ConnectionError as error:
                raise Closed from error
            if not data:
                raise Closed
            try:
                self._protocol.receive_data(data)
            except ProtocolError as error:
                raise Closed from error

    async def _take(self, event: object) -> str | bytes | None:
        if isinstance(event, Ping):
            await self._send(event.response())
        elif isinstance(event, CloseConnection):
            await self._send(event.response())
            raise Closed
        elif isinstance(event, TextMessage | BytesMessage):
            data = event.data if isinstance(event.data, str) else bytes(event.data)
            self._partial.append(data)
            self._partial_size += len(data)
            if self._partial_size > MESSAGE_BYTES:
                await self.close(1009)
                raise Closed
            if event.message_finished:
                parts, self._partial, self._partial_size = self._partial, [], 0
                return "".join(parts) if isinstance(parts[0], str) else b"".join(parts)  # type: ignore[arg-type]
        return None

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises Closed."""
        if isinstance(message, str):
            await self._send(TextMessage(data=message))
        else:
            await self._send(BytesMessage(data=message))

    async def close(self, code: int = 1000) -> None:
        """Say goodbye; does nothing when the socket is closed already."""
        with contextlib.suppress(Closed):
            await self._send(CloseConnection(code=code))

    def _events(self) -> list[object]:
        try:
            return list(self._protocol.events())
        except ProtocolError as error:
            raise Closed from error

    async def _send(self, event: object) -> None:
        try:
            data = self._protocol.send(event)  # type: ignore[arg-type]
            self._connection.writer.write(data)
            async with asyncio.timeout(PING_SECONDS):
                await self._connection.writer.drain()
        except (ConnectionError, ProtocolError, TimeoutError, OSError) as error:
            raise Closed from error
