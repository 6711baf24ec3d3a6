"""From a verb to the code that does it, and from its result to an answer.

Upstream: ``apiserver/pkg/endpoints/installer.go`` and ``handlers/``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.errors import (
    BadRequest,
    Expired,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Timeout,
    details,
)
from k8scourse.api.kinds import Kind
from k8scourse.api.values import get_in
from k8scourse.apiserver import (
    componentstatus,
    connecting,
    evictions,
    listing,
    listoptions,
    patching,
    proxying,
    representation,
    subresources,
    token_request,
)
from k8scourse.apiserver.body import OPTIONS, value_of
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.connecting import KubeletConnector
from k8scourse.apiserver.deleteoptions import Options, options_of
from k8scourse.apiserver.deletion import caution
from k8scourse.apiserver.registry import Registry
from k8scourse.apiserver.request import Response
from k8scourse.apiserver.reviews import Reviews, is_review
from k8scourse.apiserver.routes import CONNECTIONS, Route, not_allowed
from k8scourse.apiserver.watchcache import WatchCache


class Handlers:
    """One method a verb. Each raises a `StatusError`, or an `EtcdError`, to refuse."""

    def __init__(
        self,
        registry: Registry,
        cache_of: Callable[[Kind], WatchCache],
        kubelets: KubeletConnector | None,
        reviews: Reviews,
    ) -> None:
        self._registry = registry
        self._cache_of = cache_of
        self._reviews = reviews
        self._kubelets = kubelets
        self._verbs: dict[str, Callable[[Call], Response]] = {
            "get": self.get,
            "list": self.list,
            "create": self.create,
            "update": self.update,
            "patch": self.patch,
            "delete": self.delete,
            "deletecollection": self.delete_collection,
        }

    def serve(self, call: Call) -> Response:
        """Do what the call asks, after it was let through."""
        if call.kind.deprecation:
            call.warnings.append(call.kind.deprecation)
        if call.route.subresource == "proxy":
            return proxying.proxy(self._registry, call, self._kubelets)
        return self._verbs[call.verb](call)

    # -- reading ---------------------------------------------------------------------------------

    def get(self, call: Call) -> Response:
        """GET of one object, its scale or its log."""
        route = call.route
        if call.kind is kinds.COMPONENT_STATUS:
            return self._answer(call, 200, componentstatus.one(self._registry.storage, route.name))
        if route.subresource == "log":
            return connecting.log(self._registry, call, self._kubelets)
        if route.subresource in CONNECTIONS:
            return connecting.connect(self._registry, call, self._kubelets)
        if route.subresource == "scale":
            return Response(200, self._scale(call))
        if version := call.query.get("resourceVersion"):
            _check_reached(self._registry, version)
        obj = self._registry.must_get(call.kind, route.namespace, route.name)
        return self._answer(call, 200, obj)

    def _scale(self, call: Call) -> Any:
        scale = subresources.get_scale(self._registry, call)
        is_table = representation.wanted(call.request.headers) == "Table"
        if is_table and not isinstance(call.kind, CustomKind):
            return representation.scale_table(scale, self._registry.process.now)
        return scale

    def list(self, call: Call) -> Response:
        """GET of a collection."""
        kind = call.kind
        form = representation.wanted(call.request.headers)
        options = listoptions.read_options(kind, call.query)
        if kind is kinds.COMPONENT_STATUS:
            items = componentstatus.every(self._registry.storage)
            shown = representation.of_list(form, kind, items, {}, self._registry.process.now)
            return Response(200, shown, warnings=call.warnings, items=items)
        # What a list shows and what a watch from it adds must join without a gap.
        self._cache_of(kind).ensure()
        found = self._found(call, options)
        include = representation.included(form, call.query)
        now = self._registry.process.now
        shown = representation.of_list(form, kind, found.items, found.metadata, now, include)
        return Response(200, shown, warnings=call.warnings, items=found.items)

    def _found(self, call: Call, options: listoptions.ListOptions) -> listing.Result:
        storage = self._registry.storage
        try:
            return listing.list_objects(storage, call.kind, call.route.namespace, options)
        except Expired:
            call.reason("store", "forgotten", oldest=storage.etcd().status().compact_revision)
            raise
        except Timeout:
            call.reason("store", "future", newest=storage.revision())
            raise

    # -- writing ---------------------------------------------------------------------------------

    def create(self, call: Call) -> Response:
        """POST: a new object, a binding or an eviction."""
        call.stage = "validate"
        kind, subresource = call.kind, call.route.subresource
        if subresource in CONNECTIONS:
            return connecting.connect(self._registry, call, self._kubelets)
        body = value_of(call.request, _wanted(call))
        if isinstance(kind, CustomKind) and kind.terminating:
            why = "create not allowed while custom resource definition is terminating"
            raise MethodNotAllowed(why, details=details("", kind.group, kind.plural))
        if is_review(kind):
            return self._answer(call, 201, self._reviews.answer(call, body, self._registry.now))
        if kind is kinds.BINDING:
            call.route = _pod_of_binding(call.route, body)
            return Response(201, subresources.bind(self._registry, call, body))
        if subresource == "binding":
            return self._answer(call, 201, subresources.bind(self._registry, call, body))
        if subresource == "eviction":
            return self._answer(call, 201, evictions.evict(self._registry, call, body))
        if subresource == "token":
            return self._answer(call, 201, token_request.create_token(self._registry, call, body))
        if subresource:
            raise not_allowed()
        return self._answer(call, 201, self._registry.create(call, body))

    def update(self, call: Call) -> Response:
        """PUT of an object, its status or its scale."""
        call.stage = "validate"
        body = value_of(call.request, _wanted(call))
        if call.route.subresource == "scale":
            return self._answer(call, 200, subresources.put_scale(self._registry, call, body))
        if call.route.subresource == "finalize":
            return self._answer(call, 200, subresources.finalize(self._registry, call, body))
        obj, created = self._registry.update(call, body)
        return self._answer(call, 201 if created else 200, obj)

    def patch(self, call: Call) -> Response:
        """PATCH of an object, its status or its scale."""
        if call.route.subresource == "scale":
            return self._answer(call, 200, subresources.patch_scale(self._registry, call))
        obj, created = patching.patch(self._registry, call)
        return self._answer(call, 201 if created else 200, obj)

    def delete(self, call: Call) -> Response:
        """DELETE of an object."""
        options = self._delete_options(call)
        done = self._registry.deleter.delete(call, options)
        # The older word for the policy keeps its older answer: not gone yet, but accepted (handlers/delete.go).
        accepted = options.orphan is False and not done.gone
        return self._answer(call, 202 if accepted else 200, done.answer)

    def delete_collection(self, call: Call) -> Response:
        """DELETE of a collection: each object by itself, as if somebody had called for it."""
        call.stage = "validate"
        chosen = listoptions.read_options(call.kind, call.query)
        options = self._delete_options(call)
        collection, found = call.route, self._found(call, chosen)
        for obj in found.items:
            call.route = collection._replace(name=obj["metadata"]["name"])
            try:
                self._registry.deleter.delete(call, options)
            except NotFound:
                continue
        call.route = collection
        form = representation.wanted(call.request.headers)
        now, include = self._registry.process.now, representation.included(form, call.query)
        shown = representation.of_list(form, call.kind, found.items, found.metadata, now, include)
        return Response(200, shown, warnings=call.warnings, changed=call.changed)

    def _delete_options(self, call: Call) -> Options:
        call.stage = "validate"
        options = options_of(call, _options_body(call))
        call.query = {**call.query, "dryRun": "All" if options.dry_run else ""}
        call.warnings += caution(call.kind, options)
        return options

    # -- answering -------------------------------------------------------------------------------

    def _answer(self, call: Call, code: int, obj: Any) -> Response:
        form = representation.wanted(call.request.headers)
        include = representation.included(form, call.query)
        if form:
            obj = representation.of_object(form, call.kind, obj, self._registry.process.now, include)
        return Response(code, obj, {}, call.warnings, [], call.before, call.object, call.changed)


def _check_reached(registry: Registry, version: str) -> None:
    """A GET that must not be older than a version. What is stored is shown, so that version must have happened."""
    try:
        listing.check_reached(registry.storage, listoptions.parse_version(version))
    except ValueError as error:
        raise InternalError(str(error), reason="") from None


def _wanted(call: Call) -> str:
    """The kind that the body of a write is read as."""
    return {"scale": "Scale", "binding": "Binding", "eviction": "Eviction"}.get(
        call.route.subresource, call.kind.kind
    )


def _options_body(call: Call) -> Any:
    """The body of a DELETE; none, or an empty one, means that the query has the options."""
    body = value_of(call.request, OPTIONS)
    return body or None if isinstance(body, (dict, str)) else body


def _pod_of_binding(route: Route, body: Any) -> Route:
    """POST …/bindings is the old way to bind: the Pod's name is in the body."""
    name = get_in(body, "metadata.name", "") if isinstance(body, dict) else ""
    if not isinstance(name, str) or not name:
        raise BadRequest("the name of the Pod to bind is required")
    return route._replace(kind=kinds.POD, name=name, subresource="binding")
