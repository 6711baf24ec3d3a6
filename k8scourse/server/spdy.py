"""SPDY/3.1 as far as kubectl port-forward needs it: streams in both directions inside one WebSocket.

A pure state machine: bytes in, events out; what is to be sent is collected in `outgoing`. There is no flow
control, as in the library that kubectl and the kubelet use.

Upstream: ``moby/spdystream``; https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 0x01
_VERSION = 0x8003
_LARGEST = 4 * 1024 * 1024
_NAMES = """
    options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow
    authorization cache-control connection content-base content-encoding content-language content-length
    content-location content-md5 content-range content-type date etag expect expires from host if-match
    if-modified-since
    if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate
    proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via
    warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin
"""
_CODES = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _sized(text: str) -> bytes:
    data = text.replace("_", " ").encode()
    return struct.pack(">I", len(data)) + data


#: What both sides' compression begins with; a constant of the protocol.
DICTIONARY = b"".join(map(_sized, _NAMES.split())) + _CODES.encode()


class SpdyError(ValueError):
    """The bytes are no SPDY."""


class Opened(NamedTuple):
    """The client has opened a stream."""

    stream: int
    headers: dict[str, str]


class Data(NamedTuple):
    """Bytes on a stream; `ended` when they are its last."""

    stream: int
    data: bytes
    ended: bool


class Reset(NamedTuple):
    """The client has given a stream up."""

    stream: int


class Spdy:
    """The server's side of a SPDY connection."""

    def __init__(self) -> None:
        self.outgoing = bytearray()
        self._incoming = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def receive(self, data: bytes) -> list[Opened | Data | Reset]:
        """What the bytes say, in order. Raises SpdyError."""
        self._incoming += data
        events: list[Opened | Data | Reset] = []
        while len(self._incoming) >= 8:
            first, flags_and_size = struct.unpack_from(">II", self._incoming)
            size = flags_and_size & 0xFFFFFF
            if size > _LARGEST:
                raise SpdyError("a frame is too large")
            if len(self._incoming) < 8 + size:
                break
            payload = bytes(self._incoming[8 : 8 + size])
            del self._incoming[: 8 + size]
            events += self._frame(first, flags_and_size >> 24, payload)
        return events

    def _frame(self, first: int, flags: int, payload: bytes) -> list[Opened | Data | Reset]:
        if not first >> 31:
            return [Data(first & 0x7FFFFFFF, payload, bool(flags & FIN))]
        kind = first & 0xFFFF
        try:
            if kind == SYN_STREAM:
                (stream,) = struct.unpack_from(">I", payload)
                return [Opened(stream & 0x7FFFFFFF, self._headers(payload[10:]))]
            if kind == RST_STREAM:
                return [Reset(struct.unpack_from(">I", payload)[0] & 0x7FFFFFFF)]
        except struct.error as error:
            raise SpdyError("a frame is too short") from error
        if kind == PING:
            self._control(PING, 0, payload)
        return []

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, 64 * 1024)
        except zlib.error as error:
            raise SpdyError("headers cannot be decompressed") from error
        (count,), place, headers = struct.unpack_from(">I", plain), 4, {}
        for _ in range(min(count, 100)):
            name, place = _text(plain, place)
            value, place = _text(plain, place)
            headers[name.lower()] = value
        return headers

    # --- sending --------------------------------------------------------------------------------------------

    def accept(self, stream: int) -> None:
        """Agree to a stream that the client opened."""
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._control(SYN_REPLY, 0, struct.pack(">I", stream) + block)

    def send(self, stream: int, data: bytes, *, ended: bool = False) -> None:
        """Bytes for a stream."""
        self.outgoing += struct.pack(">II", stream, (FIN if ended else 0) << 24 | len(data)) + data

    def take(self) -> bytes:
        """What is to be sent now."""
        data = bytes(self.outgoing)
        self.outgoing.clear()
        return data

    def _control(self, kind: int, flags: int, payload: bytes) -> None:
        self.outgoing += struct.pack(">HHI", _VERSION, kind, flags << 24 | len(payload)) + payload


def _text(data: bytes, place: int) -> tuple[str, int]:
    (size,) = struct.unpack_from(">I", data, place)
    end = place + 4 + size
    if end > len(data):
        raise SpdyError("a header is too short")
    return data[place + 4 : end].decode("utf-8", "replace"), end
