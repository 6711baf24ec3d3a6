"""The same answer in other forms: a Table for people, PartialObjectMetadata for programs that need no more.

Upstream: ``apiserver/pkg/endpoints/handlers/response.go``, ``negotiation``;
https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from k8scourse.api import tables, typetable
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import BadRequest, NotAcceptable
from k8scourse.api.kinds import Kind
from k8scourse.api.pod_tables import age_of
from k8scourse.api.values import FrozenDict, get_in
from k8scourse.apiserver.request import EventStream, OnClose, OnEvent
from k8scourse.apiserver.storage import Object
from k8scourse.sim import Process

_AVAILABLE = (
    "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, "
    "application/vnd.kubernetes.protobuf;stream=watch"
)
_MEDIA_TYPES = ("application/json", "application/yaml", "application/*", "*/*")
_META = "meta.k8s.io/v1"


def wanted(headers: Mapping[str, str]) -> str:
    """What a client wants to see: "", "Table" or "PartialObjectMetadata". Raises `NotAcceptable`."""
    accept = headers.get("Accept") or headers.get("accept") or "*/*"
    for choice in accept.split(","):
        media_type, *parameters = [part.strip() for part in choice.split(";")]
        if media_type not in _MEDIA_TYPES:
            continue
        given = dict(part.partition("=")[::2] for part in parameters)
        form = given.get("as", "").removesuffix("List")
        if form in ("Table", "PartialObjectMetadata") and given.get("v", "v1") == "v1":
            return form
        if not form:
            return ""
    raise NotAcceptable(f"406: Not Acceptable\n\nAvailable representations: {_AVAILABLE}", details={})


def included(form: str, query: Mapping[str, str]) -> str:
    """What the rows of a Table shall carry besides their cells. Raises `BadRequest` for what no row can carry."""
    wish = query.get("includeObject", "")
    if form == "Table" and wish not in ("", "Metadata", "Object", "None"):
        why = f"Invalid value: {json.dumps(wish)}: must be 'Metadata', 'Object', 'None', or empty"
        raise BadRequest(f"Unable to convert to Table as requested: includeObject: {why}")
    return wish


def of_object(form: str, kind: Kind, obj: Object, now_ns: int, include: str = "") -> Any:
    """One object in the form wanted; what is not an object of that kind (a Status) stays as it is."""
    if not form or obj.get("kind") != kind.kind:
        return obj
    if form == "PartialObjectMetadata":
        return partial(obj)
    metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
    return table(kind, [obj], metadata, now_ns, include)


def of_list(
    form: str, kind: Kind, items: list[Object], metadata: Object, now_ns: int, include: str = ""
) -> Any:
    """A list in the form wanted. Items of a plain list carry no kind of their own: the list says it once."""
    if form == "Table":
        return table(kind, items, metadata, now_ns, include)
    if form == "PartialObjectMetadata":
        partials = [partial(item) for item in items]
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": _META,
            "metadata": metadata,
            "items": partials,
        }
    if isinstance(kind, CustomKind):
        shown = {"continue": "", **metadata}
        return {"kind": kind.list_kind, "apiVersion": kind.api_version, "metadata": shown, "items": items}
    untyped = [
        {key: part for key, part in item.items() if key not in ("kind", "apiVersion")} for item in items
    ]
    return {"kind": kind.list_kind, "apiVersion": kind.api_version, "metadata": metadata, "items": untyped}


def partial(obj: Object) -> Object:
    """An object reduced to its metadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj["metadata"]}


def table(
    kind: Kind, items: list[Object], metadata: Object, now_ns: int, include: str = "", columns: bool = True
) -> Object:
    """A Table; `include` says what rows carry besides their cells: Metadata (the default), Object or None."""
    rows = [
        {"cells": list(tables.row(kind, item, now_ns)), "object": _included(item, include)} for item in items
    ]
    definitions = [_definition(kind, column) for column in tables.columns(kind)] if columns else None
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    }


def _included(item: Object, include: str) -> Any:
    if include == "None":
        return None
    return item if include == "Object" else partial(item)


def _definition(kind: Kind, column: Any) -> Object:
    return {
        "name": column.name,
        "type": column.type,
        "format": getattr(column, "format", "name" if column.name == "Name" else ""),
        "description": _documentation(kind, column.name),
        "priority": column.priority,
    }


def _documentation(kind: Kind, column: str) -> str:
    """What a column shows: the documentation of its field, or that of the user's own column."""
    if isinstance(kind, CustomKind):
        for own in kind.columns:
            if own["name"] == column:
                path = own["jsonPath"]
                return (
                    own.get("description")
                    or f"Custom resource definition column (in JSONPath format): {path}"
                )
    return typetable.column_documentation(kind.kind, column)


def scale_table(scale: Object, now_ns: int) -> Object:
    """The Scale of a built-in kind as a Table; it has columns of its own (printers/internalversion, printScale)."""
    metadata = scale["metadata"]
    cells = [
        metadata["name"],
        get_in(scale, "spec.replicas", 0),
        get_in(scale, "status.replicas", 0),
        age_of(scale, now_ns),
    ]
    names = (("Name", "string"), ("Desired", "integer"), ("Available", "integer"), ("Age", "string"))
    columns = [
        {
            "name": name,
            "type": kind,
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": 0,
        }
        for name, kind in names
    ]
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": {"resourceVersion": metadata.get("resourceVersion", "")},
        "columnDefinitions": columns,
        "rows": [{"cells": cells, "object": partial(scale)}],
    }


class TableEvents:
    """Turns the events of a watch into the form wanted; columns are sent with the first one only."""

    def __init__(self, form: str, kind: Kind, include: str) -> None:
        self._form, self._kind, self._include = form, kind, include
        self._first = True

    def event(self, event: Mapping[str, Any], now_ns: int) -> Mapping[str, Any]:
        """The event with its object in the form wanted; errors and bookmarks' versions stay."""
        obj = event["object"]
        if event["type"] == "ERROR":
            return event
        if self._form == "PartialObjectMetadata":
            return FrozenDict({"type": event["type"], "object": partial(obj)})
        version = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        rows = [] if event["type"] == "BOOKMARK" else [obj]
        shown = table(self._kind, rows, version, now_ns, self._include, self._first)
        self._first = False
        return FrozenDict({"type": event["type"], "object": shown})


class FormedStream:
    """A watch whose events are shown in another form."""

    def __init__(self, stream: EventStream, form: str, kind: Kind, include: str, process: Process) -> None:
        self._stream = stream
        self._events = TableEvents(form, kind, include)
        self._process = process

    def start(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Begin; see `EventStream.start`."""
        self._stream.start(lambda event: on_event(self._events.event(event, self._process.now)), on_close)

    def stop(self) -> None:
        """The client has gone away."""
        self._stream.stop()
