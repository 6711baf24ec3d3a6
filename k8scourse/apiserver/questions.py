"""What a request asks for, as authorization sees it: read off the method and the path alone.

Authorization comes before anybody looks whether the resource exists. So who may not list gizmos learns that they
may not, and not that there are none.

Upstream: ``apiserver/pkg/endpoints/request/requestinfo.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.routes import Route, truth, unquote

_VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_NAMESPACE_PARTS = ("status", "finalize")
_SELECTED = ("list", "watch", "deletecollection")


def of_route(verb: str, route: Route, method: str, query: Mapping[str, str]) -> Question:
    """The question behind a request whose resource is known."""
    kind = route.kind
    if kind is None:
        return Question(method.lower(), None, "", path=route.path)
    if verb in _SELECTED and query.get("fieldSelector"):
        fields = equalities(query["fieldSelector"])
        name = route.name or dict(fields).get("metadata.name", "")
        return Question(verb, kind.group, route.resource, route.namespace, name, "", fields)
    return Question(verb, kind.group, route.resource, route.namespace, route.name)


def of_path(method: str, path: str, query: Mapping[str, str]) -> Question:
    """The question behind a request whose resource nobody knows, or that it does not serve."""
    parts = [part for part in path.split("/") if part]
    needed = {"api": 2, "apis": 3}.get(parts[0], 0) if parts else 0
    if not needed or len(parts) <= needed:
        return Question(method.lower(), None, "", path=path)
    group = parts[1] if needed == 3 else ""
    rest = [unquote(part) for part in parts[needed:]]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _NAMESPACE_PARTS:
            rest = rest[2:]
    resource, name, subresource = (*rest, "", "")[:3]
    resource = f"{resource}/{subresource}" if subresource else resource
    fields = equalities(query.get("fieldSelector", ""))
    verb = _verb(method, name, query)
    if verb in _SELECTED and not name:
        name = dict(fields).get("metadata.name", "")
    return Question(verb, group, resource, namespace, name, "", fields)


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    verb = _VERBS.get(method, "")
    if verb == "get" and not name:
        return "watch" if truth(query, "watch") else "list"
    return "deletecollection" if verb == "delete" and not name else verb


def equalities(selector: str) -> tuple[tuple[str, str], ...]:
    """The fields that a field selector asks to have one value: ``spec.nodeName=worker-1`` and ``==``."""
    found = []
    for part in selector.split(","):
        field, sign, value = part.partition("=")
        if sign and field and not field.endswith("!"):
            found.append((field.strip(), value.removeprefix("=").strip()))
    return tuple(found)
