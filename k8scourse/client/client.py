"""The verbs of the API, typed by the plural of the resource: what a component calls.

Every method raises a `StatusError` (the API server refused, with its reason) or `Unreachable` (it could not be
asked). Objects that come back may be shared with the server's store: they are values, build new ones with
`evolve`. Upstream: `staging/src/k8s.io/client-go/kubernetes/typed`, `.../dynamic`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from k8scourse.api import kinds
from k8scourse.api.kinds import Kind
from k8scourse.api.values import JSON, Object, freeze

from .transport import Request, Response, Stream, Transport, WatchEvent, error_of

Objects = list[Object]
Resource = str | Kind

PATCH_TYPES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}


class Client:
    """A client of the API server.

    `resource` is a plural ("pods"), with its group where it is ambiguous, or a `Kind` that users defined.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def get(self, resource: Resource, name: str, namespace: str = "") -> Object:
        """One object; raises `NotFound`."""
        return self._object("GET", path_of(_kind(resource), namespace, name))

    def list(
        self, resource: Resource, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> Objects:
        """The objects of a namespace, or of all namespaces, in the order of their keys."""
        return self.list_with_version(
            resource, namespace, label_selector=label_selector, field_selector=field_selector
        )[0]

    def list_with_version(
        self, resource: Resource, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> tuple[Objects, str]:
        """The objects, and the resourceVersion from which a watch continues the list."""
        kind = _kind(resource)
        query = _selectors(label_selector, field_selector)
        response = self.send("GET", path_of(kind, namespace), query)
        items = response.items
        if items is None:
            items = [_with_type(kind, item) for item in response.body.get("items") or ()]
        return items, response.body["metadata"]["resourceVersion"]

    def watch(
        self,
        resource: Resource,
        on_event: Callable[[WatchEvent], None],
        on_close: Callable[[], None],
        namespace: str = "",
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
    ) -> Stream:
        """Every change after `resource_version`; see `Transport.watch`."""
        query = _selectors(label_selector, field_selector)
        query |= {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": resource_version}
        path = path_of(_kind(resource), namespace)
        return self.transport.watch(Request("GET", path, query), on_event, on_close)

    def create(self, obj: Object, *, field_manager: str = "") -> Object:
        """Store a new object; raises `AlreadyExists`, `Invalid`, `Forbidden`."""
        path = path_of(_kind_of(obj), _namespace(obj))
        return self._object("POST", path, _manager(field_manager), obj)

    def create_token(self, account: str, namespace: str, spec: Object) -> Object:
        """Ask for a token of a ServiceAccount: the TokenRequest with its status; raises `NotFound`, `Forbidden`."""
        body: Object = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return self._object("POST", path_of(kinds.SERVICE_ACCOUNT, namespace, account, "token"), None, body)

    def update(self, obj: Object, *, field_manager: str = "") -> Object:
        """Replace an object; raises `Conflict` when its resourceVersion is not the newest."""
        return self._put(obj, "", field_manager)

    def update_status(self, obj: Object, *, field_manager: str = "") -> Object:
        """Replace an object's status and nothing else."""
        return self._put(obj, "status", field_manager)

    def patch(
        self,
        resource: Resource,
        name: str,
        patch: JSON,
        namespace: str = "",
        *,
        patch_type: str = "strategic",
        subresource: str = "",
        field_manager: str = "",
        query: Mapping[str, str] | None = None,
    ) -> Object:
        """Change part of an object. `patch_type` is one of `PATCH_TYPES`."""
        path = path_of(_kind(resource), namespace, name, subresource)
        headers = {"Content-Type": PATCH_TYPES[patch_type]}
        return self._object("PATCH", path, {**_manager(field_manager), **(query or {})}, patch, headers)

    def delete(
        self,
        resource: Resource,
        name: str,
        namespace: str = "",
        *,
        grace_period_seconds: int | None = None,
        propagation_policy: str | None = None,
        uid: str | None = None,
    ) -> Object:
        """Delete an object. The answer is the object when it stays for a while, else a Status."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        if propagation_policy is not None:
            options["propagationPolicy"] = propagation_policy
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        return self._object("DELETE", path_of(_kind(resource), namespace, name), None, options)

    def bind(self, pod: Object, node_name: str) -> Object:
        """Assign a Pod to a node, for good: the scheduler's only write that counts."""
        metadata = {
            key: pod["metadata"][key] for key in ("name", "namespace", "uid") if key in pod["metadata"]
        }
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": metadata,
            "target": {"kind": "Node", "name": node_name},
        }
        path = path_of(kinds.POD, _namespace(pod), metadata["name"], "binding")
        return self._object("POST", path, None, binding)

    def scale(self, resource: str, name: str, replicas: int, namespace: str = "") -> Object:
        """Set the number of replicas through the scale subresource; the answer is a Scale."""
        patch = {"spec": {"replicas": replicas}}
        return self.patch(resource, name, patch, namespace, patch_type="merge", subresource="scale")

    def evict(self, name: str, namespace: str, *, grace_period_seconds: int | None = None) -> Object:
        """Ask for a Pod to be deleted with respect to disruption budgets."""
        eviction: Object = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
        }
        if grace_period_seconds is not None:
            eviction["deleteOptions"] = {"gracePeriodSeconds": grace_period_seconds}
        return self._object("POST", path_of(kinds.POD, namespace, name, "eviction"), None, eviction)

    def pod_log(
        self,
        name: str,
        namespace: str,
        *,
        container: str = "",
        previous: bool = False,
        tail_lines: int | None = None,
        timestamps: bool = False,
    ) -> str:
        """What a container wrote, as text. The API server asks the node's kubelet for it."""
        query = {"container": container} if container else {}
        if previous:
            query["previous"] = "true"
        if timestamps:
            query["timestamps"] = "true"
        if tail_lines is not None:
            query["tailLines"] = str(tail_lines)
        body = self.send("GET", path_of(kinds.POD, namespace, name, "log"), query).body
        return body.decode() if isinstance(body, bytes) else str(body)

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: JSON = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Any request, for callers that want the whole answer (warnings, Tables); raises on a refusal."""
        request = Request(method, path, dict(query or {}), dict(headers or {}), body)
        response = self.transport.request(request)
        if response.code >= 400:
            raise error_of(response)
        return response

    def _put(self, obj: Object, subresource: str, field_manager: str) -> Object:
        path = path_of(_kind_of(obj), _namespace(obj), obj["metadata"]["name"], subresource)
        return self._object("PUT", path, _manager(field_manager), obj)

    def _object(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: JSON = None,
        headers: Mapping[str, str] | None = None,
    ) -> Object:
        return cast(Object, self.send(method, path, query, body, headers).body)


def path_of(kind: Kind, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """The URL path of a collection, an object or a subresource, exactly as Kubernetes spells it."""
    parts = ["apis" if kind.group else "api", kind.api_version]
    if kind.namespaced and namespace:
        parts += ["namespaces", namespace]
    return "/" + "/".join([*parts, kind.plural, *(part for part in (name, subresource) if part)])


def _kind(resource: Resource) -> Kind:
    return resource if isinstance(resource, Kind) else kinds.resource(resource)


def _kind_of(obj: Object) -> Kind:
    return kinds.of(obj)


def _namespace(obj: Object) -> str:
    """The namespace to send an object to; a namespaced object that names none goes to `default`."""
    named = str(obj["metadata"].get("namespace", ""))
    return named or ("default" if _kind_of(obj).namespaced else "")


def _with_type(kind: Kind, item: Object) -> Object:
    """An item of a list with its kind: lists say it once for all items, caches want it on each."""
    if "kind" in item:
        return item
    return cast(Object, freeze({"apiVersion": kind.api_version, "kind": kind.kind, **item}))


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    query = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {key: text for key, text in query.items() if text}


def _manager(field_manager: str) -> dict[str, str]:
    return {"fieldManager": field_manager} if field_manager else {}
