"""events.k8s.io/v1: the same Events under newer names.

There is one store of Events. What is asked in the newer group is translated, asked in the core group, and the
answer translated back. A patch, whose paths would need translating too, is refused.
Upstream: ``pkg/apis/events/v1/conversion.go``, ``pkg/registry/events/rest``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from k8scourse.api import kinds, schema
from k8scourse.api.values import FrozenDict, freeze
from k8scourse.apiserver import representation
from k8scourse.apiserver.body import value_of
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.request import EventStream, OnClose, OnEvent, Response, Watch
from k8scourse.apiserver.routes import NotBuilt

Object = dict[str, Any]
#: The newer name of a field, and the core group's.
_NAMES = {
    "note": "message", "regarding": "involvedObject", "reportingController": "reportingComponent",
    "deprecatedSource": "source", "deprecatedCount": "count", "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
}  # fmt: skip
_CORE_NAMES = {core: newer for newer, core in _NAMES.items()}


def to_core(event: Object) -> Object:
    """An Event of events.k8s.io as one of the core group."""
    return {_NAMES.get(key, key): value for key, value in event.items()} | {"apiVersion": "v1"}


def from_core(event: Object) -> Object:
    """An Event of the core group as one of events.k8s.io. Empty texts that only the core group writes are left out."""
    shown = {_CORE_NAMES.get(key, key): value for key, value in event.items() if value != ""}
    if "apiVersion" in event:
        shown["apiVersion"] = kinds.EVENT_VIEW.api_version
    return shown


def asked_of_core(call: Call) -> Call:
    """The same question about the core group's Events."""
    if call.verb == "patch":
        raise NotBuilt(
            "patches of events.k8s.io are not built into this API server; patch the core Event", details={}
        )
    if call.verb in ("create", "update"):
        call.stage = "validate"
        decoded, warnings = schema.decode(kinds.EVENT_VIEW, value_of(call.request), call.field_validation)
        call.warnings += warnings
        headers = {key: value for key, value in call.request.headers.items() if key.lower() != "content-type"}
        call.request = replace(call.request, body=to_core(decoded), headers=headers)
    if "fieldSelector" in call.query:
        call.query = {**call.query, "fieldSelector": _selector(call.query["fieldSelector"])}
    call.route = call.route._replace(kind=kinds.EVENT)
    return call


def _selector(text: str) -> str:
    """``regarding.name=p`` is ``involvedObject.name=p``."""
    terms = []
    for term in text.split(","):
        head, dot, rest = term.partition(".")
        terms.append(f"{_NAMES[head]}{dot}{rest}" if head == "regarding" else term)
    return ",".join(terms).replace("reportingController=", "reportingComponent=")


def answered(call: Call, serve: Callable[[Call], Response]) -> Response:
    """What the core group answers, in the newer form."""
    answer = serve(asked_of_core(call))
    body = answer.body
    if not isinstance(body, dict) or representation.wanted(call.request.headers):
        return answer
    if body.get("kind") == kinds.EVENT.kind:
        answer.body = from_core(body)
    elif body.get("kind") == kinds.EVENT.list_kind:
        items = [from_core(item) for item in body["items"]]
        answer.body = {**body, "apiVersion": kinds.EVENT_VIEW.api_version, "items": items}
    elif (body.get("details") or {}).get("kind") == kinds.EVENT.plural:
        answer.body = {**body, "details": {**body["details"], "group": kinds.EVENT_VIEW.group}}
    return answer


class _Stream:
    """A watch of the core group's Events, told in the newer form."""

    def __init__(self, stream: Watch) -> None:
        self._stream = stream

    def start(self, on_event: OnEvent, on_close: OnClose) -> None:
        """Begin; see `EventStream.start`."""
        self._stream.connect(lambda event: on_event(_told(event)), on_close)

    def stop(self) -> None:
        """The client has gone away."""
        self._stream.stop()


def _told(event: Any) -> Any:
    obj = event["object"]
    return (
        FrozenDict({**event, "object": freeze(from_core(obj))})
        if obj.get("kind") == kinds.EVENT.kind
        else event
    )


def watched(call: Call, watch: Callable[[Call], Watch]) -> Watch:
    """A watch in the newer form."""
    opened = watch(asked_of_core(call))
    if representation.wanted(call.request.headers):
        return opened
    stream: EventStream = _Stream(opened)
    return Watch(stream)
