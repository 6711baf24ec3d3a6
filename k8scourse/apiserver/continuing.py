"""Continue tokens: opaque to clients, in truth a revision and the key after which the next page begins.

The key is kept relative to what the request may see, the kind or its objects in one namespace. So a token of one
namespace shows nothing of it when it is sent to another.

Upstream: ``apiserver/pkg/storage/continue.go``.
"""

from __future__ import annotations

import base64
import json
import posixpath
import string
from typing import Any

from k8scourse.api.errors import BadRequest

NEWEST = -1
"""The revision of a token that goes on with whatever is there now."""
_VERSION = "meta.k8s.io/v1"
_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")
_GO_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


def token(prefix: str, revision: int, last_key: str) -> str:
    """The token for what comes after `last_key`, which begins with `prefix`."""
    content = {"v": _VERSION, "rv": revision, "start": last_key.removeprefix(prefix) + "\0"}
    text = json.dumps(content, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(prefix: str, text: str) -> tuple[int, str]:
    """Revision (`NEWEST` for whatever is there) and the last key that was shown. Raises `BadRequest`."""
    content = _content(_bytes(text))
    version = content["v"]
    if version != _VERSION:
        raise _bad(f": server does not recognize this encoded version {version}")
    if not content["rv"]:
        raise _bad(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not content["start"]:
        raise _bad(": encoded start key empty (version meta.k8s.io/v1)")
    start = content["start"] if content["start"].startswith("/") else "/" + content["start"]
    if posixpath.normpath(start) != start or start.startswith("//"):
        raise _bad(f": {content['start']}")
    return content["rv"], prefix + start[1:].removesuffix("\0")


def _bytes(text: str) -> bytes:
    """Base64 for URLs, without padding, as Go's RawURLEncoding reads it."""
    clean = text.replace("\r", "").replace("\n", "")
    for place, letter in enumerate(clean):
        if letter not in _ALPHABET:
            raise _bad(f": illegal base64 data at input byte {place}")
    if len(clean) % 4 == 1:
        raise _bad(f": illegal base64 data at input byte {len(clean) - 1}")
    return base64.urlsafe_b64decode(clean + "=" * (-len(clean) % 4))


def _content(raw: bytes) -> dict[str, Any]:
    text = raw.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except ValueError:
        if not text.strip():
            raise _bad(": unexpected end of JSON input") from None
        first = raw.decode("latin-1").lstrip()[0]
        raise _bad(f": invalid character '{first}' looking for beginning of value") from None
    except RecursionError:
        raise _bad(": exceeded max depth") from None
    if content is not None and not isinstance(content, dict):
        raise _bad(
            f": json: cannot unmarshal {_GO_NAMES[type(content)]} into Go value of type storage.continueToken"
        )
    return {
        name: _field(content or {}, name, wanted)
        for name, wanted in (("v", str), ("rv", int), ("start", str))
    }


def _field(content: dict[str, Any], name: str, wanted: type) -> Any:
    value: Any = content.get(name)
    if value is None:
        return wanted()
    fits = isinstance(value, wanted) and not isinstance(value, bool)
    if fits and wanted is str:
        return value.encode("utf-8", "replace").decode()
    if fits and -(2**63) <= value < 2**63:
        return value
    given = f"number {value}" if wanted is int and type(value) in (int, float) else _GO_NAMES[type(value)]
    go_type = "int64" if wanted is int else "string"
    raise _bad(
        f": json: cannot unmarshal {given} into Go struct field continueToken.{name} of type {go_type}"
    )


def _bad(why: str) -> BadRequest:
    return BadRequest(f"invalid continue token: continue key is not valid{why}")
