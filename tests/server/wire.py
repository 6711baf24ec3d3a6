"""A client that sends what it is told, byte for byte, and a polite one beside it."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
import ssl
import tempfile
from pathlib import Path
from typing import Any, Self

import yaml

from k8scourse.server import Served

PATIENCE = 20.0


def tls(kubeconfig: Path, *, certificate: bool = True) -> ssl.SSLContext:
    """What a client knows from a kubeconfig: whom to trust, and who it is."""
    content = yaml.safe_load(kubeconfig.read_text())
    authority = base64.b64decode(content["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    if certificate:
        user = content["users"][0]["user"]
        parts = [user["client-certificate-data"], user["client-key-data"]]
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(b"".join(base64.b64decode(part) for part in parts))
            file.flush()
            context.load_cert_chain(file.name)
    return context


class Wire:
    """A connection on which a test writes bytes."""

    def __init__(self, served: Served, *, secure: bool = True, certificate: bool = True) -> None:
        plain = socket.create_connection((served.host, served.port), timeout=PATIENCE)
        self.socket = plain
        if secure:
            context = tls(served.kubeconfig, certificate=certificate)
            self.socket = context.wrap_socket(plain, server_hostname=served.host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.socket.sendall(data)

    def read(self) -> http.client.HTTPResponse:
        """The next answer."""
        answer = http.client.HTTPResponse(self.socket)
        answer.begin()
        return answer

    def closed(self) -> bool:
        """Whether the server ends the connection."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True


def ask(
    served: Served,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    *,
    context: ssl.SSLContext | None = None,
) -> tuple[int, Any, http.client.HTTPMessage]:
    """One request over TLS; answers code, body (JSON where it is JSON) and headers."""
    context = context or tls(served.kubeconfig)
    connection = http.client.HTTPSConnection(served.host, served.port, context=context, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        if answer.headers["Content-Encoding"] == "gzip":
            data = gzip.decompress(data)
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            return answer.status, json.loads(data), answer.headers
        return answer.status, data.decode(), answer.headers
    finally:
        connection.close()
