"""Whatever arrives at the port: an answer or a clean end of the connection, and the cluster goes on."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from k8scourse import Cluster
from k8scourse.server import Served
from k8scourse.server.connection import Limits

from .wire import Wire, ask

STRICT = Limits(
    head_seconds=0.3,
    body_seconds=0.3,
    idle_seconds=0.5,
    head_bytes=4096,
    headers=20,
    body_bytes=2000,
    connections=5,
)


@pytest.fixture(scope="module")
def strict() -> Iterator[Served]:
    one = Served(Cluster(workers=0), limits=STRICT, speed=0)
    yield one
    one.stop()


def well(served: Served) -> bool:
    return ask(served, "GET", "/readyz")[0] == 200


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /api HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /api HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /api HTTP/9.9\r\nHost: x\r\n\r\n", 505),
        (b"GET /api HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
        (b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"GET /api HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 30 + b"\r\n", 431),
        (b"GET /api HTTP/1.1\r\nHost: x\r\nlong: " + b"y" * 9000 + b"\r\n\r\n", 431),
        (b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
)
def test_what_is_no_http_gets_an_answer_and_the_connection_ends(
    strict: Served, sent: bytes, code: int
) -> None:
    with Wire(strict) as wire:
        wire.send(sent)
        answer = wire.read()
        assert answer.status == code
        answer.read()
        assert b"%ff" in sent or wire.closed()
    assert well(strict)


def test_a_head_that_never_ends_is_not_waited_for(strict: Served) -> None:
    with Wire(strict) as wire:
        wire.send(b"GET /api HTTP/1.1\r\nHost: ")
        assert wire.closed()


def test_a_body_that_never_ends_is_not_waited_for(strict: Served) -> None:
    with Wire(strict) as wire:
        wire.send(b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert wire.closed()


def test_a_silent_connection_is_closed(strict: Served) -> None:
    with Wire(strict) as wire:
        assert wire.closed()


def test_one_connection_too_many_is_sent_away(strict: Served) -> None:
    wires = [Wire(strict) for _ in range(STRICT.connections)]
    try:
        with Wire(strict) as late:
            late.send(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert late.read().status == 503
    finally:
        for wire in wires:
            wire.__exit__()


def test_many_requests_share_a_connection(wire: Wire) -> None:
    for _ in range(3):
        wire.send(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = wire.read()
        assert (answer.status, b"v1.36.2" in answer.read()) == (200, True)


def test_requests_may_be_sent_ahead_of_their_answers(wire: Wire) -> None:
    wire.send(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    for _ in range(2):
        answer = wire.read()
        assert (answer.status, b"v1.36.2" in answer.read()) == (200, True)


def test_a_head_request_gets_no_body(wire: Wire) -> None:
    wire.send(b"HEAD /version HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n")
    head = wire.read()
    wire.socket.recv(0)
    assert head.status in (200, 405)


def test_a_client_that_goes_in_mid_watch_leaves_nothing_behind(served: Served) -> None:
    before = served.connections
    with Wire(served) as wire:
        wire.send(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read().status == 200
    assert well(served)
    assert served.connections <= before + 1


def test_a_server_that_stops_in_the_middle_of_watches_leaves_nothing_to_the_garbage_collector() -> None:
    one = Cluster(workers=0).serve()
    wires = [Wire(one) for _ in range(5)]
    for wire in wires:
        wire.send(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read().status == 200
    one.stop()
    for wire in wires:
        wire.__exit__()
    assert gc.collect() >= 0  # what was forgotten is told here, and a warning is an error


def test_a_long_answer_is_compressed_for_who_can_read_it(served: Served) -> None:
    _, _, plain = ask(served, "GET", "/openapi/v3/api/v1")
    _, _, packed = ask(served, "GET", "/openapi/v3/api/v1", headers={"Accept-Encoding": "gzip"})
    assert plain["Content-Encoding"] is None
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) < int(plain["Content-Length"]) / 3


@pytest.mark.parametrize(
    "body", [b"k8s\x00", b"k8s\x00\xff\xff", b"protobuf", b"k8s\x00\n\x0b\n\x02v1\x12\x05Thing"]
)
def test_protobuf_that_is_none_is_a_bad_request(served: Served, body: bytes) -> None:
    media = {"Content-Type": "application/vnd.kubernetes.protobuf"}
    code, status, _ = ask(served, "POST", "/api/v1/namespaces/default/configmaps", body, media)
    assert (code, status["kind"], status["reason"]) == (400, "Status", "BadRequest")
