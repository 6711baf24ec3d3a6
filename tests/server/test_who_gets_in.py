"""Who gets in through the port, and what they can reach."""

from __future__ import annotations

import os
import ssl
import stat

import pytest

from k8scourse import Cluster, LearnerError
from k8scourse.server import Served
from k8scourse.server.exchange import _headers_of
from k8scourse.server.messages import HttpRequest

from .wire import Wire, ask, tls

OPEN = ("/healthz", "/livez", "/readyz", "/version")


def test_the_port_is_on_loopback(served: Served) -> None:
    assert served.host == "127.0.0.1"
    assert served.url.startswith("https://127.0.0.1:")


def test_without_credentials_there_is_health_and_version_and_nothing_else(served: Served) -> None:
    nobody = tls(served.kubeconfig, certificate=False)
    for path in OPEN:
        assert ask(served, "GET", path, context=nobody)[0] == 200, path
    for path in (
        "/api/v1/pods",
        "/api",
        "/apis",
        "/openapi/v2",
        "/metrics",
        "/logs",
        "/api/v1/namespaces/default",
    ):
        code, status, _ = ask(served, "GET", path, context=nobody)
        assert (code, status["kind"]) in ((401, "Status"), (403, "Status")), path


def test_an_unknown_token_is_refused_everywhere(served: Served) -> None:
    nobody = tls(served.kubeconfig, certificate=False)
    for path in ("/api/v1/pods", "/version"):
        code, status, _ = ask(served, "GET", path, headers={"Authorization": "Bearer x"}, context=nobody)
        assert (code, status["reason"]) == (401, "Unauthorized")


def test_a_certificate_of_another_cluster_does_not_even_get_through_tls(served: Served) -> None:
    other = Cluster(workers=0).serve()
    try:
        stranger = tls(other.kubeconfig)
        stranger.load_verify_locations(cadata=served.authority.certificate.decode())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            ask(served, "GET", "/version", context=stranger)
    finally:
        other.stop()


def test_no_header_makes_anybody_an_administrator(served: Served) -> None:
    nobody = tls(served.kubeconfig, certificate=False)
    for name in ("X-Remote-User", "X-Peer", "Certificate", "X-Forwarded-User", "Ssl-Client-Subject-Dn"):
        code, _, _ = ask(served, "GET", "/api/v1/secrets", headers={name: "kubernetes-admin"}, context=nobody)
        assert code in (401, 403)


def test_plain_http_gets_what_go_says(served: Served) -> None:
    with Wire(served, secure=False) as wire:
        wire.send(b"GET /api HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = wire.read()
        assert (answer.status, answer.read()) == (400, b"Client sent an HTTP request to an HTTPS server.\n")


def test_the_board_is_shown_to_who_knows_its_address(served: Served) -> None:
    path = served.page.address if served.page else ""
    for target, code in (
        (path, 200),
        ("/board", 401),
        (path + "x", 401),
        ("/board/board.js", 200),
        ("/board/../x", 400),
    ):
        with Wire(served, secure=False) as wire:
            wire.send(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert wire.read().status == code, target


def test_a_page_of_another_site_cannot_open_the_boards_socket(served: Served) -> None:
    target = (served.page.address if served.page else "").replace("/board", "/board/socket")
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    with Wire(served, secure=False) as wire:
        wire.send(
            f"GET {target} HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n{upgrade}\r\n".encode()
        )
        assert wire.read().status == 403


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/../../etc/passwd", "/%2e%2e/etc/passwd", "/board/..%2f..%2fcli.py"]
)
def test_no_file_of_the_host_can_be_read(served: Served, path: str) -> None:
    code, body, _ = ask(served, "GET", path)
    assert code in (400, 403, 404)
    assert "root:" not in str(body)


def test_the_kubeconfig_is_for_its_owner_only_and_goes_away() -> None:
    one = Cluster(workers=0).serve()
    assert stat.S_IMODE(os.stat(one.kubeconfig).st_mode) == 0o600
    one.stop()
    assert not one.kubeconfig.exists()


def test_a_port_is_free_again_after_stop_and_two_clusters_stand_side_by_side() -> None:
    first, second = Cluster(workers=0).serve(), Cluster(workers=0).serve()
    assert first.port != second.port
    assert ask(first, "GET", "/readyz")[0] == ask(second, "GET", "/readyz")[0] == 200
    first.stop()
    again = Cluster(workers=0).serve(first.port)
    assert ask(again, "GET", "/readyz")[0] == 200
    again.stop()
    second.stop()
    second.stop()


def test_a_taken_port_and_wrong_numbers_are_told_in_a_sentence(served: Served) -> None:
    cluster = Cluster(workers=0)
    with pytest.raises(LearnerError, match=str(served.port)):
        cluster.serve(served.port)
    with pytest.raises(LearnerError, match="65535"):
        cluster.serve(99999)
    with pytest.raises(LearnerError, match="speed"):
        cluster.serve(speed=-1)


def test_nobody_is_answered_while_the_api_server_is_down() -> None:
    cluster = Cluster(workers=0)
    one = cluster.serve(speed=0)
    try:
        cluster.stop("kube-apiserver")
        with pytest.raises((ConnectionError, ssl.SSLError)):
            ask(one, "GET", "/version")
        cluster.restart("kube-apiserver")
        cluster.run(seconds=5)
        assert ask(one, "GET", "/readyz")[0] == 200
    finally:
        one.stop()


def test_the_groups_somebody_acts_as_add_up() -> None:
    headers = [("impersonate-user", "jane"), ("impersonate-group", "cooks"), ("impersonate-group", "waiters")]
    request = HttpRequest("GET", "/api", headers)
    assert _headers_of(request) == {"Impersonate-User": "jane", "Impersonate-Group": "cooks\nwaiters"}
