"""The one document that kubectl takes in protobuf only: OpenAPI v2, asked for when v3 does not know a kind.

It wants to know whether the kind is described there; then it is not, as v3 has everything that is served. So the
document names the API and describes nothing, and kubectl goes on to say "no matches for kind".

Upstream: ``kube-openapi/pkg/handler``; the message is ``openapi.v2.Document`` of google/gnostic-models.
"""

from __future__ import annotations

#: As the real server writes it: with the "@" of the request it would be no media type.
OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


def wants_old_openapi(target: str, accept: str) -> bool:
    """Whether this is a request for OpenAPI v2 in protobuf and nothing else."""
    return target.partition("?")[0] == "/openapi/v2" and "json" not in accept and "proto-openapi" in accept


def old_openapi() -> bytes:
    """The document: swagger (1) and info (2: title 1, version 2)."""
    info = _sized(1, b"Kubernetes") + _sized(2, b"v1.36.2")
    return _sized(1, b"2.0") + _sized(2, info)


def _sized(number: int, data: bytes) -> bytes:
    """A field of bytes, shorter than 128."""
    return bytes([number << 3 | 2, len(data)]) + data
