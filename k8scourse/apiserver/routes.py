"""What a method and a path ask for: Kubernetes' URL space as one small parser.

    /api/v1/namespaces/default/pods/web/log   get, group "", resource pods, subresource log, name web
    /apis/apps/v1/deployments?watch=1         watch, group apps, all namespaces
    /healthz, /version, /api, /apis/apps      not about a resource: only the path counts

Upstream: ``staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from k8scourse.api import kinds
from k8scourse.api.errors import BadRequest, MethodNotAllowed, NotFound, StatusError
from k8scourse.api.kinds import Kind

_VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
# Which verbs a subresource answers to; the others are those of an object's parts, get, update and patch.
CONNECTIONS = ("attach", "exec", "portforward")
#: What stays open as long as somebody listens, besides watches.
LONG_RUNNING = (*CONNECTIONS, "log", "proxy")
_SUBRESOURCE_VERBS: dict[str, tuple[str, ...]] = {
    "binding": ("create",),
    "eviction": ("create",),
    "finalize": ("update",),
    "log": ("get",),
    "token": ("create",),
    **dict.fromkeys(CONNECTIONS, ("create", "get")),
    "proxy": ("create", "delete", "get", "patch", "update"),
}
GROUPS = list(dict.fromkeys(kind.group for kind in kinds.ALL if kind.group))
VERSIONS = list(dict.fromkeys((kind.group, kind.version) for kind in kinds.ALL))


class Route(NamedTuple):
    """Where a request goes. `kind` is None for paths that are not about a resource."""

    path: str
    kind: Kind | None = None
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> str:
        """ "pods" or "pods/log", as messages of refusal name it."""
        plural = self.kind.plural if self.kind else ""
        return f"{plural}/{self.subresource}" if self.subresource else plural


class PageNotFound(StatusError):
    """No such path: the real server says so in plain text, without a Status."""

    code, reason = 404, "NotFound"


def no_resource() -> NotFound:
    """The group exists, the resource (or its version, or subresource) does not."""
    return NotFound("the server could not find the requested resource", details={})


def not_allowed() -> MethodNotAllowed:
    """The resource exists, the verb does not."""
    return MethodNotAllowed("the server does not allow this method on the requested resource", details={})


class NotBuilt(StatusError):
    """Kubernetes has this part of a resource, this server has not."""

    code, reason = 501, "NotImplemented"


class Finder(Protocol):
    """Whoever knows kinds that are not built in."""

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """A kind by its names."""

    def serves(self, group: str, version: str = "") -> bool:
        """Whether a group, or a version of it, has kinds."""


def parse_custom(path: str, finder: Finder) -> Route | None:
    """The route of a path to custom kinds; None when its group has none."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] != "apis" or len(parts) < 2 or not finder.serves(parts[1]):
        return None
    group, version, rest = parts[1], parts[2] if len(parts) > 2 else "", [part for part in parts[3:] if part]
    if not rest and finder.serves(group, version):
        return Route(path)
    return _route(path, rest, lambda plural: finder.find(group, version, plural))


@lru_cache(maxsize=8192)
def parse(path: str) -> Route:
    """The route of a path without its query.

    Raises `PageNotFound` for an unknown path, `NotFound` for an unknown resource of a known group.
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) >= 2:
        return _parse_group(path, "", parts[1], parts[2:])
    if parts[0] == "apis" and len(parts) >= 3:
        return _parse_group(path, parts[1], parts[2], parts[3:])
    return Route(path)


def _parse_group(path: str, group: str, version: str, rest: list[str]) -> Route:
    if group and group not in GROUPS:
        raise PageNotFound("404 page not found\n")
    if not rest and (group, version) in VERSIONS:
        return Route(path)
    parts = [part for part in rest if part]
    return _route(path, parts, lambda plural: kinds.by_plural(group, version, plural))


def _route(path: str, parts: list[str], find: Callable[[str], Kind | None]) -> Route:
    namespace = ""
    # /namespaces/x/pods is about pods in x; /namespaces/x, /namespaces/x/status and /finalize about x itself.
    if len(parts) > 2 and parts[0] == "namespaces" and parts[2] not in kinds.NAMESPACE.subresources:
        namespace, parts = parts[1], parts[2:]
    kind = find(parts[0]) if parts else None
    if len(parts) > 3 and parts[2] == "proxy":
        parts = parts[:3]  # whatever follows is the path on the other side
    if kind is None or len(parts) > 3 or (namespace and not kind.namespaced):
        raise no_resource()
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if subresource and not kind.has_subresource(subresource):
        raise no_resource()
    if name and kind.namespaced and not namespace:
        raise no_resource()
    return Route(path, kind, namespace, name, subresource)


def verb_of(method: str, route: Route, query: Mapping[str, str]) -> str:
    """The API verb of a request. Raises `MethodNotAllowed` when the route does not know it."""
    verb = _VERBS.get(method)
    if verb is None:
        raise not_allowed()
    kind = route.kind
    if kind is None:
        return verb
    if not route.name:
        verb = _collection_verb(verb, query)
    elif verb == "get" and not route.subresource and truth(query, "watch"):
        verb = "watch"
    if route.subresource:
        allowed = _SUBRESOURCE_VERBS.get(route.subresource, ("get", "patch", "update"))
    else:
        allowed = kind.verbs
    on_item = verb in ("get", "update", "patch", "delete") or (verb == "create" and route.subresource)
    fits = verb == "watch" or bool(route.name) == bool(on_item)
    if verb not in allowed or not fits or (verb == "create" and kind.namespaced and not route.namespace):
        raise not_allowed()
    if verb == "deletecollection" and kind.namespaced and not route.namespace:
        raise not_allowed()
    return verb


def _collection_verb(verb: str, query: Mapping[str, str]) -> str:
    if verb == "get":
        return "watch" if truth(query, "watch") else "list"
    return {"delete": "deletecollection"}.get(verb, verb)


# -- queries ------------------------------------------------------------------------------------------


def truth(query: Mapping[str, str], name: str) -> bool:
    """A boolean of the query: what is there is true, unless it says "false" or "0" (runtime/conversion.go)."""
    return name in query and query[name].lower() not in ("false", "0")


def number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number of the query, None when it is not there. Raises `BadRequest` with Go's words."""
    text = query.get(name)
    if text is None:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,19}", text, re.ASCII) is None:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": value out of range')
    return value


def split_query(path: str) -> tuple[str, dict[str, str]]:
    """A path and the query that hangs on it; of a key given twice the first counts, as in Go."""
    path, _, text = path.partition("?")
    query: dict[str, str] = {}
    for key, value in query_pairs(text):
        query.setdefault(key, value)
    return path, query


def query_pairs(text: str) -> list[tuple[str, str]]:
    """What a query says, in order; a key may come several times."""
    pairs = (part.partition("=") for part in text.split("&"))
    return [(_plain(key), _plain(value)) for key, _, value in pairs if key]


def _plain(text: str) -> str:
    return unquote(text.replace("+", " "))


def unquote(text: str) -> str:
    """Undo percent-encoding; what is not valid UTF-8 becomes the replacement character."""
    if "%" not in text:
        return text
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", _unquote_run, text)


def _unquote_run(match: re.Match[str]) -> str:
    return bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "replace")
