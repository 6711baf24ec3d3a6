"""One connection of HTTP/1.1: requests one after the other, until a side has had enough. h11 knows the grammar.

Whatever comes in, the connection ends in a well-formed answer or is closed; nothing else of the server notices.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import h11

from .messages import Application, Headers, HttpAnswer, HttpRequest, text_answer

log = logging.getLogger("k8scourse.server")
CHUNK = 64 * 1024
GZIP_FROM = 128 * 1024
"""Shorter answers are not worth it (apiserver/pkg/endpoints/handlers/responsewriters: defaultGzipThresholdBytes)."""
LINGER_SECONDS = 5.0
SILENT_SECONDS = 0.5
_END = h11.EndOfMessage()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may ask for. Seconds and bytes."""

    head_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 120.0
    write_seconds: float = 30.0
    head_bytes: int = 64 * 1024
    headers: int = 128
    body_bytes: int = 3 * 1024 * 1024
    connections: int = 1000


class _Refused(Exception):
    """The request cannot be read to its end; `answer` says why."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer


class Connection:
    """Serves one client. `peer` is what TLS knows of it: the certificate's content, or None."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        application: Application,
        limits: Limits,
    ) -> None:
        self.reader, self.writer = reader, writer
        self._application, self._limits = application, limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
        tls = writer.get_extra_info("ssl_object")
        self._secure = tls is not None
        self._peer = tls.getpeercert() if tls is not None else None
        self.idle = True

    async def serve(self) -> None:
        """Answer requests until the connection ends. Does not raise."""
        try:
            while await self._one():
                pass
        except (ConnectionError, TimeoutError, h11.RemoteProtocolError, OSError) as error:
            log.info("connection closed: %s", str(error) or type(error).__name__)
        except asyncio.CancelledError:
            self.writer.transport.abort()
            raise
        except Exception:
            log.exception("connection closed")
        finally:
            with contextlib.suppress(Exception):
                self.writer.close()

    async def _one(self) -> bool:
        try:
            request = await self._request()
        except _Refused as refused:
            await self._send(refused.answer, "", last=True)
            if refused.answer.code == 413:
                await self._linger()
            return False
        if request is None:
            return False
        answer = await self._application(request)
        if answer.upgrade is not None:
            await answer.upgrade(self)
            return False
        await self._send(answer, request.header("accept-encoding"), head=request.method == "HEAD")
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    # --- reading --------------------------------------------------------------------------------------------

    async def _request(self) -> HttpRequest | None:
        """The next request, whole; None when the client has gone. Raises _Refused, TimeoutError."""
        self.idle = True
        head = self._http.next_event()
        if head is h11.NEED_DATA:
            if not await self._receive(self._limits.idle_seconds):
                return None
            head = await self._event(self._limits.head_seconds)
        self.idle = False
        if not isinstance(head, h11.Request):
            return None
        if head.http_version not in (b"1.0", b"1.1"):
            raise _Refused(text_answer(505, "505 HTTP Version Not Supported"))
        headers = [(name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers]
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > self._limits.headers or size > self._limits.head_bytes:
            raise _Refused(text_answer(431, "431 Request Header Fields Too Large"))
        request = HttpRequest(
            head.method.decode("ascii"), head.target.decode("latin-1"), headers, b"", self._peer, self._secure
        )
        async with asyncio.timeout(self._limits.body_seconds):
            request.body = await self._body(request)
        return request

    async def _body(self, request: HttpRequest) -> bytes:
        announced = request.header("content-length")
        if announced.isdigit() and int(announced) > self._limits.body_bytes:
            raise _Refused(self._too_large())
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        parts: list[bytes] = []
        size = 0
        while True:
            event = await self._event(None)
            if not isinstance(event, h11.Data):
                return b"".join(parts)
            size += len(event.data)
            if size > self._limits.body_bytes:
                raise _Refused(self._too_large())
            parts.append(bytes(event.data))

    async def _event(self, seconds: float | None) -> Any:
        """h11's next event, reading as long as it takes, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while (event := self._http.next_event()) is h11.NEED_DATA:
                    if not await self._receive(None):
                        continue
        except h11.RemoteProtocolError as error:
            code = error.error_status_hint or 400
            raise _Refused(text_answer(code, f"{code} Bad Request: {error}")) from error
        return event

    async def _receive(self, seconds: float | None) -> bool:
        """Read what there is; False when the client has closed its side, or has been silent for too long."""
        try:
            async with asyncio.timeout(seconds):
                data = await self.reader.read(CHUNK)
        except TimeoutError:
            if seconds is None:
                raise
            return False
        self._http.receive_data(data)
        return bool(data)

    async def _linger(self) -> None:
        """Throw away what is still coming: who is cut off while sending never reads the answer."""
        left = self._limits.body_bytes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while left > 0:
                    async with asyncio.timeout(SILENT_SECONDS):
                        data = await self.reader.read(CHUNK)
                    if not data:
                        return
                    left -= len(data)

    def _too_large(self) -> HttpAnswer:
        message = f"Request entity too large: limit is {self._limits.body_bytes}"
        status = (
            '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"'
            f'{message}","reason":"RequestEntityTooLarge","code":413}}\n'
        )
        return HttpAnswer(413, [("Content-Type", "application/json")], status.encode())

    # --- writing --------------------------------------------------------------------------------------------

    async def _send(
        self, answer: HttpAnswer, accepts: str, *, head: bool = False, last: bool = False
    ) -> None:
        headers: Headers = [("Date", formatdate(usegmt=True)), *answer.headers]
        if answer.stream is not None and not head:
            await self._stream(answer, headers)
            return
        body = answer.body
        if len(body) >= GZIP_FROM and "gzip" in accepts:
            body = await asyncio.to_thread(gzip.compress, body, 1)
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        if answer.code not in (204, 304):
            headers.append(("Content-Length", str(len(body))))
        if last:
            headers.append(("Connection", "close"))
        parts = [
            self._http.send(
                h11.Response(status_code=answer.code, headers=headers, reason=phrase(answer.code))
            )
        ]
        if body and not head:
            parts.append(self._http.send(h11.Data(data=body)))
        parts.append(self._http.send(_END))
        await self._flush(b"".join(part for part in parts if part))

    async def _stream(self, answer: HttpAnswer, headers: Headers) -> None:
        """Send chunk by chunk, until the stream ends or the client goes away."""
        stream = answer.stream
        assert stream is not None
        headers.append(("Transfer-Encoding", "chunked"))
        leaving = asyncio.create_task(self._until_they_leave())
        tasks: list[asyncio.Task[Any]] = [leaving]
        try:
            await self._write(
                h11.Response(status_code=answer.code, headers=headers, reason=phrase(answer.code))
            )
            while True:
                chunk = asyncio.create_task(_next_of(stream))
                tasks[1:] = [chunk]
                await asyncio.wait((chunk, leaving), return_when=asyncio.FIRST_COMPLETED)
                if not chunk.done():
                    raise ConnectionResetError("the client went away")
                data = chunk.result()
                if data is None:
                    break
                await self._write(h11.Data(data=data))
            await self._write(_END)
        finally:  # also when the server stops in the middle: no task and no generator is left behind
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await stream.aclose()  # type: ignore[attr-defined]

    async def _until_they_leave(self) -> None:
        """What arrives during a stream is kept for the next request; nothing more than a head's size."""
        kept = 0
        while kept < self._limits.head_bytes:
            data = await self.reader.read(CHUNK)
            if not data:
                return
            kept += len(data)
            self._http.receive_data(data)

    async def _write(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            await self._flush(data)

    async def _flush(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(self._limits.write_seconds):
            await self.writer.drain()


async def _next_of(stream: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk; None at the end."""
    return await anext(stream, None)


def phrase(code: int) -> bytes:
    """The words behind a status code, as HTTP has them."""
    try:
        return http.HTTPStatus(code).phrase.encode()
    except ValueError:
        return b""
