"""kubectl port-forward and the API server's proxy: the way to a port of a Pod."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .conftest import Kubectl


@pytest.fixture(scope="module", autouse=True)
def web(kubectl: Kubectl) -> None:
    """A web server behind a Service."""
    kubectl("run web --image=nginx:1.27 --port=80 --labels=app=web")
    kubectl("expose pod web --port=8080 --target-port=80")
    kubectl("wait pod web --for=condition=Ready --timeout=60s")


@contextmanager
def forwarded(kubectl: Kubectl, what: str) -> Iterator[http.client.HTTPConnection]:
    process = kubectl.popen(f"port-forward {what}")
    try:
        assert process.stdout is not None
        said = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert said is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(said.group(1)), timeout=30)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.communicate()


def asked(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_port_of_a_pod_is_reached_several_times_over_one_connection(kubectl: Kubectl) -> None:
    with forwarded(kubectl, "pod/web :80") as connection:
        for _ in range(2):
            code, text = asked(connection, "/")
            assert (code, "Welcome to nginx!" in text) == (200, True)
        assert asked(connection, "/nope")[0] == 404


def test_forwarding_to_a_service_picks_a_pod(kubectl: Kubectl) -> None:
    with forwarded(kubectl, "svc/web :8080") as connection:
        assert asked(connection, "/")[0] == 200


def test_a_port_on_which_nobody_listens_is_refused(kubectl: Kubectl) -> None:
    with (
        forwarded(kubectl, "pod/web :99") as connection,
        pytest.raises((http.client.RemoteDisconnected, ConnectionError)),
    ):
        asked(connection, "/")


@pytest.mark.parametrize("path", ["pods/web/proxy/", "pods/web:80/proxy/", "services/web:8080/proxy/"])
def test_the_api_server_is_a_proxy_to_pods_and_services(kubectl: Kubectl, path: str) -> None:
    assert "Welcome to nginx!" in kubectl(f"get --raw /api/v1/namespaces/default/{path}")


def test_a_proxy_that_reaches_nobody_says_so(kubectl: Kubectl) -> None:
    done = kubectl.run("get --raw /api/v1/namespaces/default/pods/web:99/proxy/")
    assert (done.returncode, "connection refused" in done.stderr) == (1, True)
    done = kubectl.run("get --raw /api/v1/namespaces/default/services/nobody:80/proxy/")
    assert 'services "nobody" not found' in done.stderr
