"""The EndpointSlice controller: which Pods are behind each Service, now.

Upstream: `pkg/controller/endpointslice/endpointslice_controller.go`. What is to be written is decided in
`endpointslice_plan`. Left out: topology hints, dual stack, the Endpoints objects of old.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.errors import NotFound
from k8scourse.api.selectors import Selector, from_set
from k8scourse.api.values import Object, get_in

from .base import Context, Controller, join
from .endpointslice_plan import MANAGED_BY, MANAGER, SERVICE_NAME, ZONE, plan

_BY_SERVICE = "service"


class EndpointSliceController(Controller):
    """Keeps the slices of each Service with a selector in step with the Pods it selects."""

    NAME = "endpointslice-controller"
    COMPONENT = "endpoint-slice-controller"
    KIND = "services"
    WATCHES = ("pods", "endpointslices", "nodes")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._slices = context.informers.get("endpointslices")
        self._slices.add_index(_BY_SERVICE, _service_of)
        self._written: dict[str, dict[str, int | None]] = {}

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A Pod concerns the Services that select it, a slice its Service, a node (its zone) every Service."""
        if resource == "pods":
            services = self.lister(self.KIND).list(metadata.namespace(obj))
            return [metadata.key(each) for each in services if _selects(each, obj)]
        if resource == "endpointslices":
            return _service_of(obj)
        if resource == "nodes":
            return self.lister(self.KIND).all_keys()
        return super().keys(resource, obj)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Heartbeats do not move a node; only its zone is written in a slice."""
        if resource == "nodes" and metadata.labels(old).get(ZONE) == metadata.labels(new).get(ZONE):
            return
        super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """Write what the Service's slices lack. A Service without selector is somebody else's business."""
        service = self.lister(self.KIND).get(key)
        if service is None:
            self._written.pop(key, None)
            return None
        selector = get_in(service, "spec.selector")
        if not selector or get_in(service, "spec.type") == "ExternalName" or metadata.is_terminating(service):
            return None
        slices = self._slices.lister.by_index(_BY_SERVICE, key)
        if self._is_stale(key, slices):
            return None
        selected = self.lister("pods").list(metadata.namespace(service), _selector(service))
        nodes = {metadata.name(node): node for node in self.lister("nodes").list()}
        changes = plan(
            service, selected, nodes, [each for each in slices if not metadata.is_terminating(each)]
        )
        self._write(key, changes.create, changes.update, changes.delete)
        return None

    def _write(self, key: str, create: list[Object], update: list[Object], delete: list[Object]) -> None:
        for each in create:
            self._note(key, self.client.create(each))
        for each in update:
            self._note(key, self.client.update(each))
        for each in delete:
            try:
                self.client.delete("endpointslices", metadata.name(each), metadata.namespace(each))
            except NotFound:
                continue
            self._written.setdefault(key, {})[metadata.uid(each)] = None

    def _note(self, key: str, written: Object) -> None:
        self._written.setdefault(key, {})[metadata.uid(written)] = _version(written)

    def _is_stale(self, key: str, slices: list[Object]) -> bool:
        """Whether the cache is behind our own writes: from it we would make the same slice twice.

        The event that brings the cache up to date puts the key into the queue again.
        Upstream: `staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go`.
        """
        cached = {metadata.uid(each): _version(each) for each in slices}
        for uid, version in list(self._written.get(key, {}).items()):
            if version is None:
                behind = uid in cached
            else:
                behind = cached.get(uid, -1) < version
            if behind:
                return True
            del self._written[key][uid]
        return False

    def on_deleted(self, resource: str, obj: Object) -> None:
        """A slice that somebody deleted is not waited for."""
        if resource == "endpointslices":
            for key in _service_of(obj):
                self._written.get(key, {}).pop(metadata.uid(obj), None)
        super().on_deleted(resource, obj)


def _service_of(endpoint_slice: Object) -> list[str]:
    """The key of the Service whose slice this is; none if another manager keeps it."""
    labels = metadata.labels(endpoint_slice)
    if labels.get(MANAGED_BY) != MANAGER or not labels.get(SERVICE_NAME):
        return []
    return [join(metadata.namespace(endpoint_slice), labels[SERVICE_NAME])]


def _selector(service: Object) -> Selector:
    return from_set(service["spec"]["selector"])


def _selects(service: Object, pod: Object) -> bool:
    return bool(get_in(service, "spec.selector")) and _selector(service).matches(metadata.labels(pod))


def _version(obj: Object) -> int:
    return int(obj["metadata"]["resourceVersion"])
