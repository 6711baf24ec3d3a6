"""Audit records: who asked what of the server, when, and what came of it.

An event of audit.k8s.io/v1 for each request that the policy wants, at the level that the first fitting rule says:
None, Metadata, Request (with the body that was sent) or RequestResponse (with the answer too). Requests are
recorded when they are complete, watches when they have begun; the stage RequestReceived is left out. The log keeps
the last ten thousand events; a webhook to send them to, the end of a watch and truncation are left out.

Upstream: ``apiserver/pkg/endpoints/filters/audit.go``, ``apiserver/pkg/audit/{request,policy/checker}.go``.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.times import format_micro_time
from k8scourse.api.values import get_in
from k8scourse.apiserver.body import value_of
from k8scourse.apiserver.call import Call, user_agent
from k8scourse.apiserver.request import Response, Watch

if TYPE_CHECKING:
    import random

LEVELS = ("None", "Metadata", "Request", "RequestResponse")
KEPT = 10_000
HEADER = "Audit-Id"
Event = dict[str, Any]
Rule = Mapping[str, Any]


class AuditLog:
    """The events of all API servers that write into it. `rules` are those of an audit Policy, the first one counts.

    `address_of` tells a caller's IP address from its part id.
    """

    def __init__(self, rng: random.Random, rules: Sequence[Rule], address_of: Callable[[str], str]) -> None:
        self.rules: list[Rule] = list(rules)
        self.events: deque[Event] = deque(maxlen=KEPT)
        self._rng, self._address_of = rng, address_of

    def note(self, call: Call, answer: Response | Watch, received: int, now: int) -> None:
        """Record a request that has been answered, if the policy wants it; the answer gets its Audit-Id."""
        level = self._level(call)
        if level == "None":
            return
        event = self._event(call, answer, level, received, now)
        self.events.append(event)
        if isinstance(answer, Response):
            answer.headers[HEADER] = event["auditID"]

    def _level(self, call: Call) -> str:
        return next((str(rule.get("level", "None")) for rule in self.rules if fits(rule, call)), "None")

    def _event(self, call: Call, answer: Response | Watch, level: str, received: int, now: int) -> Event:
        asked = call.asker or call.user
        event: Event = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": level,
            "auditID": self._new_id(),
            "stage": "ResponseStarted" if isinstance(answer, Watch) else "ResponseComplete",
            "requestURI": _uri(call),
            "verb": _verb(call),
            "user": asked.to_wire() if _is_known(call) else {},
            **({"impersonatedUser": call.user.to_wire()} if call.asker else {}),
            "sourceIPs": [self._address_of(str(call.request.source))],
            "userAgent": user_agent(call.request),
            **_object_ref(call),
            "responseStatus": _status(answer),
            **(_objects(call, answer, level) if call.route.kind is not None else {}),
            "requestReceivedTimestamp": format_micro_time(received),
            "stageTimestamp": format_micro_time(now),
        }
        annotations = {**_decision(call), **call.annotations}
        return {**event, "annotations": annotations} if annotations else event

    def _new_id(self) -> str:
        text = f"{self._rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


# -- the policy ---------------------------------------------------------------------------------------


def fits(rule: Rule, call: Call) -> bool:
    """Whether a rule of the policy is about a request: everything that it names must be so."""
    return (
        _named(rule, "users", (call.user.name,))
        and _named(rule, "userGroups", call.user.groups)
        and _named(rule, "verbs", (_verb(call),))
        and _fits_target(rule, call)
    )


def _named(rule: Rule, field: str, values: Sequence[str]) -> bool:
    wanted = rule.get(field) or ()
    return not wanted or any(value in wanted for value in values)


def _fits_target(rule: Rule, call: Call) -> bool:
    kind, resources, paths = call.route.kind, rule.get("resources") or (), rule.get("nonResourceURLs") or ()
    if kind is None:
        return (
            not resources
            and not rule.get("namespaces")
            and (not paths or any(_fits_path(path, call.route.path) for path in paths))
        )
    if paths or not _named(rule, "namespaces", (call.route.namespace,)):
        return False
    return not resources or any(_fits_resource(each, kind, call) for each in resources)


def _fits_path(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _fits_resource(group: Mapping[str, Any], kind: Kind, call: Call) -> bool:
    if group.get("group", "") != kind.group:
        return False
    names, part = group.get("resources") or (), call.route.subresource
    if not names:
        return True
    if group.get("resourceNames") and call.route.name not in group["resourceNames"]:
        return False
    fitting = {"*", call.route.resource, f"{kind.plural}/*" if part else "", f"*/{part}" if part else ""}
    return any(name in fitting for name in names if name)


# -- the event ----------------------------------------------------------------------------------------


def _is_known(call: Call) -> bool:
    return bool(call.stages) and call.stages[0][1] == "ok"


def _verb(call: Call) -> str:
    """The verb of the API; the method where there is none, whatever that is."""
    return call.verb or str(call.request.method).lower()


def _uri(call: Call) -> str:
    query = "&".join(f"{key}={value}" for key, value in call.query.items())
    return f"{call.request.path}?{query}" if query else str(call.request.path)


def _object_ref(call: Call) -> dict[str, Any]:
    route, kind = call.route, call.route.kind
    if kind is None:
        return {}
    written = call.object if call.before is not None and isinstance(call.object, dict) else None
    name = route.name or (get_in(call.object, "metadata.name", "") if call.verb == "create" else "")
    found = {
        "resource": kind.plural,
        "namespace": route.namespace,
        "name": name,
        "uid": get_in(written, "metadata.uid", "") if written else "",
        "apiGroup": kind.group,
        "apiVersion": kind.version,
        "resourceVersion": get_in(written, "metadata.resourceVersion", "") if written else "",
        "subresource": route.subresource,
    }
    return {"objectRef": {key: value for key, value in found.items() if value}}


def _status(answer: Response | Watch) -> dict[str, Any]:
    body = answer.body if isinstance(answer, Response) and answer.code >= 400 else None
    if not isinstance(body, dict):
        return {"metadata": {}, "code": answer.code}
    kept = ("status", "message", "reason", "details", "code")
    return {"metadata": {}, **{key: body[key] for key in kept if body.get(key)}}


def _objects(call: Call, answer: Response | Watch, level: str) -> dict[str, Any]:
    """The bodies, at the levels that want them; one that cannot be read is left out, as upstream does."""
    found: dict[str, Any] = {}
    if level in ("Request", "RequestResponse") and call.request.body not in (None, b"", ""):
        with contextlib.suppress(StatusError):
            found["requestObject"] = value_of(call.request)
    if level == "RequestResponse" and isinstance(answer, Response) and isinstance(answer.body, dict):
        found["responseObject"] = answer.body
    return found


def _decision(call: Call) -> dict[str, str]:
    """What authorization said, as annotations of the event."""
    if call.decision is None:
        return {}
    allowed, reason = call.decision
    return {
        "authorization.k8s.io/decision": "allow" if allowed else "forbid",
        "authorization.k8s.io/reason": reason,
    }
