"""The cache of an informer, and the view of it that controllers read.

Upstream: `staging/src/k8s.io/client-go/tools/cache/{thread_safe_store,listers}.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sortedcontainers import SortedDict, SortedSet

from k8scourse.api.metadata import key as key_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object

Objects = list[Object]
Keys = list[str]
IndexFunction = Callable[[Object], list[str]]


class Selects(Protocol):
    """Anything that says yes or no to labels, such as `api.selectors.Selector`."""

    def matches(self, labels: dict[str, str], /) -> bool:
        """Whether an object with these labels is meant."""


class Indexer:
    """Objects by key, in the order of their keys, and the keys by any further value."""

    def __init__(self) -> None:
        self.items: SortedDict = SortedDict()
        self._functions: dict[str, IndexFunction] = {}
        self._indices: dict[str, dict[str, SortedSet]] = {}

    def add_index(self, name: str, function: IndexFunction) -> None:
        """Keep an index: `function` gives the values under which an object is found. Idempotent by name."""
        if name in self._functions:
            return
        self._functions[name] = function
        self._indices[name] = {}
        for key, obj in self.items.items():
            self._enter(name, key, obj)

    def put(self, key: str, obj: Object) -> None:
        """Add or replace an object."""
        self._leave_all(key)
        self.items[key] = obj
        for name in self._functions:
            self._enter(name, key, obj)

    def remove(self, key: str) -> None:
        """Forget an object; unknown keys are fine."""
        self._leave_all(key)
        self.items.pop(key, None)

    def keys(self, name: str, value: str) -> list[str]:
        """The keys under one value of an index, sorted."""
        return list(self._indices[name].get(value, ()))

    def _enter(self, name: str, key: str, obj: Object) -> None:
        for value in self._functions[name](obj):
            self._indices[name].setdefault(value, SortedSet()).add(key)

    def _leave_all(self, key: str) -> None:
        old = self.items.get(key)
        if old is None:
            return
        for name, function in self._functions.items():
            for value in function(old):
                members = self._indices[name][value]
                members.discard(key)
                if not members:
                    del self._indices[name][value]


class Lister:
    """Reading an informer's cache. What it returns is as old as the last watch event, and must not be changed."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    def get(self, key: str) -> Object | None:
        """The object with this `namespace/name` (or `name`), or None when the cache has none."""
        found: Object | None = self._indexer.items.get(key)
        return found

    def list(self, namespace: str | None = None, selector: Selects | None = None) -> Objects:
        """The objects in the order of their keys: all, those of a namespace, those a selector matches."""
        items = self._indexer.items
        if namespace is None:
            found = [*items.values()]
        else:  # "0" is the character after "/": the range holds exactly this namespace's keys
            found = [items[key] for key in items.irange(f"{namespace}/", f"{namespace}0", (True, False))]
        return [obj for obj in found if selector is None or selector.matches(labels(obj))]

    def by_index(self, name: str, value: str) -> Objects:
        """The objects that an index holds under a value, in the order of their keys."""
        return [self._indexer.items[key] for key in self._indexer.keys(name, value)]

    def all_keys(self) -> Keys:
        """All keys, sorted."""
        return [*self._indexer.items]

    def __len__(self) -> int:
        return len(self._indexer.items)


def by_namespace(obj: Object) -> list[str]:
    """The index function that upstream calls `MetaNamespaceIndexFunc`."""
    return [obj["metadata"].get("namespace", "")]


__all__ = ["Indexer", "Lister", "Selects", "by_namespace", "key_of"]
