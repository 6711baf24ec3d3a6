"""kubectl describe for kinds without a description of their own: their fields, one on a line.

Upstream: `GenericDescriberFor`, `printUnstructuredContent`; ConfigMap and Secret have their own shapes.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object

from ..session import Session
from . import events
from .writer import Writer, annotation_lines, pairs

_SKIPPED = {"managedFields", "selfLink", "name", "namespace", "labels", "annotations"}


def describe(session: Session, obj: Object) -> str:
    """Any object."""
    writer = Writer()
    _head(writer, obj)
    _content(writer, 0, {"API Version": obj.get("apiVersion"), "Kind": obj.get("kind")})
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _SKIPPED}
    rest = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "metadata")}
    _content(writer, 0, {"metadata": metadata, **rest})
    _events(writer, session, obj)
    return writer.text()


def config_map(session: Session, obj: Object) -> str:
    """A ConfigMap with its data."""
    writer = Writer()
    _head(writer, obj)
    writer.line(0, "\nData\n====")
    for key in sorted(obj.get("data") or {}):
        writer.line(0, f"{key}:\n----\n{obj['data'][key]}\n")
    writer.line(0, "\nBinaryData\n====")
    for key in sorted(obj.get("binaryData") or {}):
        writer.line(0, f"{key}: {_size(obj['binaryData'][key])} bytes")
    writer.line(0, "")
    _events(writer, session, obj)
    return writer.text()


def secret(session: Session, obj: Object) -> str:
    """A Secret without what it hides."""
    writer = Writer()
    _head(writer, obj)
    writer.line(0, f"\nType:\t{obj.get('type', '')}")
    writer.line(0, "\nData\n====")
    for key in sorted(obj.get("data") or {}):
        writer.line(0, f"{key}:\t{_size(obj['data'][key])} bytes")
    return writer.text()


def service_account(session: Session, obj: Object) -> str:
    """A ServiceAccount."""
    writer = Writer()
    _head(writer, obj)
    writer.field("Image pull secrets", "<none>")
    writer.field("Mountable secrets", "<none>")
    writer.field("Tokens", "<none>")
    _events(writer, session, obj)
    return writer.text()


def _size(encoded: str) -> int:
    try:
        return len(base64.b64decode(encoded))
    except ValueError:
        return len(encoded)


def _head(writer: Writer, obj: Object) -> None:
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))


def _events(writer: Writer, session: Session, obj: Object) -> None:
    if session.flags["show-events"]:
        events.describe(writer, session, events.of(session, obj))


def _content(writer: Writer, level: int, content: dict[str, Any]) -> None:
    for key in sorted(content):
        value = content[key]
        title = _title(key)
        if isinstance(value, dict):
            writer.line(level, f"{title}:")
            _content(writer, level + 1, value)
        elif isinstance(value, list):
            writer.line(level, f"{title}:")
            for item in value:
                _content(writer, level + 1, item) if isinstance(item, dict) else writer.line(
                    level + 1, str(item)
                )
        else:
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else value
            writer.line(level, f"{title}:\t{text}")


def _title(key: str) -> str:
    """`resourceVersion` -> `Resource Version`, `uid` -> `UID`."""
    if key in ("uid", "api version", "API Version"):
        return {"uid": "UID"}.get(key, key)
    if not re.fullmatch(r"[a-zA-Z0-9]+", key):
        return key
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", key)
    return " ".join(word[0].upper() + word[1:] for word in words)
