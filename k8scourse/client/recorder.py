"""Telling people what happened: Event objects, without flooding the store.

Three filters stand between a component and the API server, as upstream:

    spam       per object: 25 Events at once, then one per 5 minutes
    aggregate  from the 10th different message of one reason within 10 minutes on, they become one Event
    count      the same Event again raises the count of the first

Upstream: `staging/src/k8s.io/client-go/tools/record/{event,events_cache}.go`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from k8scourse.api.errors import AlreadyExists, NotFound, StatusError
from k8scourse.api.times import format_time, unix_nanoseconds
from k8scourse.api.values import Object
from k8scourse.sim import MINUTE, SECOND, Process

from .client import Client
from .transport import Unreachable

SPAM_BURST = 25
SPAM_INTERVAL_NS = 5 * MINUTE
AGGREGATE_FROM = 10
AGGREGATE_WINDOW_NS = 10 * MINUTE
RETRY_NS = 10 * SECOND
TRIES = 12
BUFFER = 1000
REMEMBERED = 4096
COMBINED = "(combined from similar events): "


class _Group(NamedTuple):
    """What has been said about one object for one reason: the messages, and when the last one came."""

    messages: dict[str, None]
    last_ns: int


class _Sent(NamedTuple):
    """An Event that is in the store: its name and namespace, and how often it has happened."""

    name: str
    namespace: str
    times: int


class _Pending(NamedTuple):
    """An Event on its way to the store."""

    key: tuple[str, ...]
    event: Object
    tries: int


class EventRecorder:
    """Records Events in the name of `component`, and never raises: an Event is news, not state.

    While the API server cannot be reached up to a thousand Events wait and are tried again every 10 s, twelve
    times. A refusal drops the Event.
    """

    def __init__(self, process: Process, client: Client, component: str) -> None:
        self._process, self._client, self._component = process, client, component
        self._buckets: dict[tuple[str, ...], _SpamFilter] = {}
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._sent: dict[tuple[str, ...], _Sent] = {}
        self._pending: deque[_Pending] = deque()
        self._retrying = False
        self._last_stamp = 0

    def event(
        self, obj: Mapping[str, Any], event_type: str, reason: str, message: str, *, field_path: str = ""
    ) -> None:
        """Record that something happened to `obj`. `event_type` is "Normal" or "Warning", `reason` CamelCase.

        `field_path` names a part of the object, such as `spec.containers{web}`.
        """
        about = _reference(obj, field_path)
        target = (about["apiVersion"], about["kind"], about["namespace"], about["name"], about["uid"])
        if not self._buckets.setdefault(target, _SpamFilter(self._process)).admits():
            return
        _trim(self._buckets)
        message, key = self._aggregate((*target, event_type, reason), message, field_path)
        self._pending.append(_Pending(key, self._new_event(about, event_type, reason, message), 0))
        while len(self._pending) > BUFFER:
            self._pending.popleft()
        if not self._retrying:
            self._flush()

    def _aggregate(
        self, group: tuple[str, ...], message: str, field_path: str
    ) -> tuple[str, tuple[str, ...]]:
        """The message to record, and the key under which equal Events are counted."""
        now = self._process.now
        known = self._groups.get(group)
        messages = {} if known is None or now - known.last_ns > AGGREGATE_WINDOW_NS else known.messages
        messages[message] = None
        self._groups[group] = _Group(messages, now)
        _trim(self._groups)
        if len(messages) < AGGREGATE_FROM:
            return message, (*group, field_path, message)
        del messages[next(iter(messages))]
        return COMBINED + message, group

    def _flush(self) -> None:
        """Send what waits, in order, until the API server does not answer."""
        self._retrying = False
        while self._pending:
            pending = self._pending.popleft()
            try:
                self._send(pending)
            except Unreachable:
                self._retry(pending)
                return
            except StatusError as error:
                if error.code >= 500:
                    self._retry(pending)
                    return

    def _retry(self, pending: _Pending) -> None:
        if pending.tries + 1 < TRIES:
            self._pending.appendleft(pending._replace(tries=pending.tries + 1))
        self._retrying = True
        self._process.after(RETRY_NS, self._flush)

    def _send(self, pending: _Pending) -> None:
        sent = self._sent.get(pending.key)
        if sent is not None:
            try:
                self._count_up(pending, sent)
                return
            except NotFound:  # it has lived its hour; begin anew
                del self._sent[pending.key]
        event = pending.event
        try:
            event = self._client.create(event)
        except AlreadyExists:  # another recorder named one for the same object in this very nanosecond
            event = self._client.create(self._renamed(event))
        metadata = event["metadata"]
        self._sent[pending.key] = _Sent(metadata["name"], metadata["namespace"], 1)
        _trim(self._sent)

    def _count_up(self, pending: _Pending, sent: _Sent) -> None:
        times = sent.times + 1
        event = pending.event
        patch = {"count": times, "lastTimestamp": event["lastTimestamp"], "message": event["message"]}
        self._client.patch("events", sent.name, patch, sent.namespace)
        self._sent[pending.key] = sent._replace(times=times)

    def _new_event(self, about: Object, event_type: str, reason: str, message: str) -> Object:
        now = format_time(self._process.now)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{about['name']}.{self._stamp():x}",
                "namespace": about["namespace"] or "default",
            },
            "involvedObject": {field: text for field, text in about.items() if text},
            "reason": reason,
            "message": message,
            "type": event_type,
            "source": self._source(),
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "reportingComponent": self._component,
            "reportingInstance": self._process.host if self._component == "kubelet" else "",
        }

    def _source(self) -> dict[str, str]:
        """Components of a node say which node."""
        if self._component in ("kubelet", "kube-proxy"):
            return {"component": self._component, "host": self._process.host}
        return {"component": self._component}

    def _stamp(self) -> int:
        """Unix nanoseconds, never the same twice from one recorder: an Event's name ends in them, in hexadecimal."""
        self._last_stamp = max(self._last_stamp + 1, unix_nanoseconds(self._process.now))
        return self._last_stamp

    def _renamed(self, event: Object) -> Object:
        name = f"{event['involvedObject']['name']}.{self._stamp() + self._process.rng.randrange(1, 1000):x}"
        return {**event, "metadata": {**event["metadata"], "name": name}}


class _SpamFilter:
    """The bucket of one object: 25 Events, filled by one per 5 minutes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._tokens, self._since_ns = SPAM_BURST, process.now

    def admits(self) -> bool:
        """Take a token if there is one."""
        filled = (self._process.now - self._since_ns) // SPAM_INTERVAL_NS
        self._since_ns += filled * SPAM_INTERVAL_NS
        self._tokens = min(SPAM_BURST, self._tokens + filled)
        if self._tokens == 0:
            return False
        self._tokens -= 1
        return True


def _trim(memory: dict[tuple[str, ...], Any]) -> None:
    """Forget the oldest when more than `REMEMBERED` are known."""
    while len(memory) > REMEMBERED:
        del memory[next(iter(memory))]


def _reference(obj: Mapping[str, Any], field_path: str) -> dict[str, str]:
    """An object reference; a component may pass one that it made itself (the kubelet, for its node)."""
    metadata = obj["metadata"]
    return {
        "kind": obj["kind"],
        "namespace": metadata.get("namespace", ""),
        "name": metadata["name"],
        "uid": metadata.get("uid", ""),
        "apiVersion": obj["apiVersion"],
        "resourceVersion": metadata.get("resourceVersion", ""),
        "fieldPath": field_path,
    }
