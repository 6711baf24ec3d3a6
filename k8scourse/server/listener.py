"""The port: takes connections, tells TLS from plain HTTP by its first byte, and counts who is here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl

from .connection import Connection, Limits
from .messages import Application

log = logging.getLogger("k8scourse.server")
_TLS_HANDSHAKE = 0x16
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Listener:
    """Listens on `host` and `port` (0: any that is free) inside a running event loop."""

    def __init__(
        self, application: Application, context: ssl.SSLContext | None, limits: Limits | None = None
    ) -> None:
        self._application = application
        self._context = context
        self._limits = limits or Limits()
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def bind(self, host: str, port: int) -> int:
        """Take the port; returns its number. Raises OSError when it is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(256)
        except OSError:
            listening.close()
            raise
        listening.setblocking(False)
        self._socket = listening
        return int(listening.getsockname()[1])

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._tasks)

    async def serve(self) -> None:
        """Take connections until cancelled; then close all of them."""
        loop = asyncio.get_running_loop()
        assert self._socket is not None
        try:
            while True:
                try:
                    client, _ = await loop.sock_accept(self._socket)
                except OSError as error:  # too many open files, a client gone at once: others are waiting
                    log.warning("cannot take a connection: %s", error)
                    await asyncio.sleep(0.05)
                    continue
                task = loop.create_task(self._welcome(client))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._socket.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for _ in range(3):  # a transport says goodbye in the loop's next rounds
                await asyncio.sleep(0)

    async def _welcome(self, client: socket.socket) -> None:
        try:
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(self._limits.head_seconds):
                first = await _peek(client)
                if not first:
                    client.close()
                    return
                secure = self._context is not None and first[0] == _TLS_HANDSHAKE
                reader, writer = await self._streams(client, secure=secure)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            log.info("connection refused: %s", str(error) or type(error).__name__)
            client.close()
            return
        except asyncio.CancelledError:
            client.close()
            raise
        if len(self._tasks) > self._limits.connections:
            writer.write(_FULL)
            writer.close()
            return
        await Connection(reader, writer, self._application, self._limits).serve()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await writer.wait_closed()

    async def _streams(
        self, client: socket.socket, *, secure: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limits.head_bytes, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            client,
            ssl=self._context if secure else None,
            ssl_handshake_timeout=self._limits.head_seconds if secure else None,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _peek(client: socket.socket) -> bytes:
    """The first byte that a client sends, left where it is."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def arrived() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(client, arrived)
    try:
        await readable
    finally:
        loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)
