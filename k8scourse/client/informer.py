"""A shared cache of one resource that tells its handlers of every change.

One informer per resource and selection serves all controllers of a process: one list, one watch, one copy.
The objects in the cache are those of the server's store, not copies; handlers and reconcilers only read them.
Upstream: `staging/src/k8s.io/client-go/tools/cache/shared_informer.go`, `.../informers/factory.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from k8scourse.api.metadata import key as key_of
from k8scourse.api.values import Object
from k8scourse.sim import Process

from .client import Client, Resource
from .lister import Indexer, IndexFunction, Lister
from .reflector import Reflector

Added = Callable[[Object], object]
Updated = Callable[[Object, Object], object]
Deleted = Callable[[Object], object]


class _Handler(NamedTuple):
    added: Added | None
    updated: Updated | None
    deleted: Deleted | None


class Informer:
    """The cache of one resource. Made by an `InformerFactory`; read through `.lister`."""

    def __init__(
        self,
        process: Process,
        client: Client,
        resource: Resource,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
    ) -> None:
        self.resource = resource
        self.synced = False
        self._indexer = Indexer()
        self.lister = Lister(self._indexer)
        self._handlers: list[_Handler] = []
        self._on_synced: list[Callable[[], object]] = []
        self._started = False
        self._reflector = Reflector(
            process,
            client,
            resource,
            self,
            namespace=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
        )

    def on(
        self, *, added: Added | None = None, updated: Updated | None = None, deleted: Deleted | None = None
    ) -> None:
        """Register handlers: `added(obj)`, `updated(old, new)`, `deleted(last state)`.

        They run in the order of registration, after the cache has changed. A late one is told of everything
        that the cache holds already.
        """
        self._handlers.append(_Handler(added, updated, deleted))
        if added is not None:
            for obj in self.lister.list():
                added(obj)

    def add_index(self, name: str, function: IndexFunction) -> None:
        """Keep an index for `lister.by_index`; `function` gives the values of an object."""
        self._indexer.add_index(name, function)

    def start(self) -> None:
        """Begin to list and watch; a second call does nothing."""
        if not self._started:
            self._started = True
            self._reflector.start()

    def end(self) -> None:
        """Follow no longer; the cache stays as it is."""
        self._reflector.end()

    @property
    def resource_version(self) -> str:
        """How far the cache has come."""
        return self._reflector.resource_version

    @property
    def watching(self) -> bool:
        """Whether the cache follows the server now. False while it only remembers."""
        return self._reflector.watching

    def when_synced(self, function: Callable[[], object]) -> None:
        """Call `function` once after the first full list has arrived; at once if it has already."""
        if self.synced:
            function()
        else:
            self._on_synced.append(function)

    def replace(self, objects: list[Object]) -> None:
        """A new list: what is missing in it was deleted while nobody watched."""
        fresh = {key_of(obj): obj for obj in objects}
        for key in self.lister.all_keys():
            if key not in fresh:
                self._remove(key)
        for key, obj in fresh.items():
            self._put(key, obj)
        if not self.synced:
            self.synced = True
            waiting, self._on_synced = self._on_synced, []
            for function in waiting:
                function()

    def apply(self, event_type: str, obj: Object) -> None:
        """One event of the watch."""
        if event_type == "DELETED":
            self._remove(key_of(obj), obj)
        else:
            self._put(key_of(obj), obj)

    def _put(self, key: str, obj: Object) -> None:
        old = self.lister.get(key)
        if old is not None and old["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"]:
            return
        self._indexer.put(key, obj)
        for handler in self._handlers:
            if old is None:
                if handler.added is not None:
                    handler.added(obj)
            elif handler.updated is not None:
                handler.updated(old, obj)

    def _remove(self, key: str, last: Object | None = None) -> None:
        old = self.lister.get(key)
        if old is None:
            return
        self._indexer.remove(key)
        for handler in self._handlers:
            if handler.deleted is not None:
                handler.deleted(last or old)


class InformerFactory:
    """All informers of one process, each made once."""

    def __init__(self, process: Process, client: Client) -> None:
        self._process, self._client = process, client
        self._informers: dict[tuple[Resource, str, str, str], Informer] = {}

    def get(
        self, resource: Resource, namespace: str = "", *, field_selector: str = "", label_selector: str = ""
    ) -> Informer:
        """The informer of a resource and selection; the same one for the same words."""
        key = (resource, namespace, field_selector, label_selector)
        if key not in self._informers:
            self._informers[key] = Informer(
                self._process,
                self._client,
                resource,
                namespace=namespace,
                label_selector=label_selector,
                field_selector=field_selector,
            )
        return self._informers[key]

    def forget(self, resource: Resource) -> None:
        """Follow a resource no longer, because it is no longer served."""
        for key in [key for key in self._informers if key[0] == resource]:
            self._informers.pop(key).end()

    def start(self) -> None:
        """Start every informer that has not started yet."""
        for informer in list(self._informers.values()):
            informer.start()

    @property
    def synced(self) -> bool:
        """Whether every informer has had its first full list."""
        return all(informer.synced for informer in self._informers.values())

    def when_synced(self, function: Callable[[], object]) -> None:
        """Call `function` once, as soon as all informers that exist now are synced."""
        waiting = [informer for informer in self._informers.values() if not informer.synced]
        if not waiting:
            function()
            return
        missing = len(waiting)

        def one_more() -> None:
            nonlocal missing
            missing -= 1
            if missing == 0:
                function()

        for informer in waiting:
            informer.when_synced(one_more)
