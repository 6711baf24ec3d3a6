"""SPDY inside a WebSocket: what kubectl port-forward speaks."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.server.spdy import DICTIONARY, Data, Opened, Reset, Spdy, SpdyError


class Client:
    """The other side, just enough of it."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def open(self, stream: int, **headers: str) -> bytes:
        pairs = b"".join(self._sized(name) + self._sized(value) for name, value in headers.items())
        block = self._deflate.compress(struct.pack(">I", len(headers)) + pairs)
        payload = struct.pack(">IIH", stream, 0, 0) + block + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return struct.pack(">HHI", 0x8003, 1, len(payload)) + payload

    def data(self, stream: int, data: bytes, *, ended: bool = False) -> bytes:
        return struct.pack(">II", stream, (1 << 24 if ended else 0) | len(data)) + data

    @staticmethod
    def _sized(text: str) -> bytes:
        return struct.pack(">I", len(text.encode())) + text.encode()


def test_the_dictionary_is_the_protocols() -> None:
    wanted = "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02"
    assert hashlib.sha256(DICTIONARY).hexdigest() == wanted


def test_streams_are_opened_used_and_given_up() -> None:
    spdy, client = Spdy(), Client()
    sent = client.open(1, streamtype="error", port="80", requestid="0")
    sent += client.open(3, streamtype="data", port="80", requestid="0") + client.data(3, b"GET", ended=True)
    sent += struct.pack(">HHIII", 0x8003, 3, 8, 1, 5)
    assert spdy.receive(sent) == [
        Opened(1, {"streamtype": "error", "port": "80", "requestid": "0"}),
        Opened(3, {"streamtype": "data", "port": "80", "requestid": "0"}),
        Data(3, b"GET", True),
        Reset(1),
    ]


@given(st.lists(st.integers(1, 40), max_size=30))
def test_bytes_may_arrive_in_any_pieces(sizes: list[int]) -> None:
    client = Client()
    sent = client.open(1, streamtype="data", port="80") + client.data(1, b"x" * 100) + client.open(3, a="b")
    spdy, events, place = Spdy(), [], 0
    for size in [*sizes, len(sent)]:
        events += spdy.receive(sent[place : place + size])
        place += size
    assert events == Spdy().receive(sent)


def test_a_ping_comes_back_and_an_accepted_stream_is_told() -> None:
    spdy = Spdy()
    ping = struct.pack(">HHII", 0x8003, 6, 4, 7)
    assert spdy.receive(ping) == []
    assert spdy.take() == ping
    spdy.accept(5)
    kind, _, stream = struct.unpack_from(">xxHII", spdy.take())
    assert (kind, stream) == (2, 5)


@pytest.mark.parametrize("sent", [struct.pack(">HHI", 0x8003, 1, 2) + b"ab", struct.pack(">II", 1, 0xFFFFFF)])
def test_what_is_no_spdy_ends_the_connection(sent: bytes) -> None:
    with pytest.raises(SpdyError):
        Spdy().receive(sent)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    spdy = Spdy()
    try:
        spdy.receive(data)
    except SpdyError:
        return
    assert isinstance(spdy.take(), bytes)
