"""Whose is it? Adopting objects that match a selector, releasing those that no longer do.

An object belongs to the controller that its owner reference with `controller: true` names, by UID. Without one
it is an orphan: whoever selects it may adopt it by writing the reference. An owned object that has stopped to
match is released by removing the reference. Upstream: `pkg/controller/controller_ref_manager.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import kinds, metadata
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.selectors import Selector
from k8scourse.api.values import Object
from k8scourse.client import Client, Informer

INDEX = "controller"


def index_by_controller(informer: Informer) -> None:
    """Keep the index that `owned_or_orphans` reads: the controller's UID, or the namespace of an orphan."""
    informer.add_index(INDEX, _controller_uid)


def _controller_uid(obj: Object) -> list[str]:
    reference = metadata.controller_of(obj)
    return [reference["uid"] if reference else _orphans(metadata.namespace(obj))]


def _orphans(namespace: str) -> str:
    return f"orphans of {namespace}"


def owned_or_orphans(informer: Informer, owner: Object) -> list[Object]:
    """The objects that `owner` controls, and the orphans of its namespace: all that it may claim."""
    by_index = informer.lister.by_index
    return by_index(INDEX, metadata.uid(owner)) + by_index(INDEX, _orphans(metadata.namespace(owner)))


class Claim:
    """One round of claiming for one owner; what it adopts gets the `finalizer` too, if there is one."""

    def __init__(self, client: Client, owner: Object, selector: Selector, finalizer: str = "") -> None:
        self._client, self._owner, self._selector = client, owner, selector
        self._finalizer = finalizer
        self._may_adopt: bool | None = None

    def take(self, candidates: Iterable[Object]) -> list[Object]:
        """The candidates that belong to the owner after adopting and releasing."""
        return [obj for obj in candidates if self._is_ours(obj)]

    def _is_ours(self, obj: Object) -> bool:
        reference = metadata.controller_of(obj)
        matches = self._selector.matches(metadata.labels(obj))
        if reference is not None:
            if reference["uid"] != metadata.uid(self._owner):
                return False
            if not matches and not metadata.is_terminating(self._owner):
                self._release(obj)
            return matches
        if not matches or metadata.is_terminating(obj) or not self._adoption_allowed():
            return False
        return self._adopt(obj)

    def _adoption_allowed(self) -> bool:
        """Ask the API server itself: the cache may not know yet that the owner is being deleted."""
        if self._may_adopt is None:
            self._may_adopt = not metadata.is_terminating(self._owner) and self._still_lives()
        return self._may_adopt

    def _still_lives(self) -> bool:
        kind = kinds.of(self._owner)
        try:
            fresh = self._client.get(kind.plural, metadata.name(self._owner), metadata.namespace(self._owner))
        except NotFound:
            return False
        return metadata.uid(fresh) == metadata.uid(self._owner) and not metadata.is_terminating(fresh)

    def _adopt(self, obj: Object) -> bool:
        finalizers = {"finalizers": [self._finalizer]} if self._finalizer else {}
        return self._patch(obj, [metadata.owner_reference(self._owner)], finalizers)

    def _release(self, obj: Object) -> None:
        finalizers = {"$deleteFromPrimitiveList/finalizers": [self._finalizer]} if self._finalizer else {}
        self._patch(obj, [{"$patch": "delete", "uid": metadata.uid(self._owner)}], finalizers)

    def _patch(self, obj: Object, references: list[Object], finalizers: Object) -> bool:
        """Write owner references, on exactly this object; False when it is gone."""
        kind = kinds.of(obj)
        change = {"metadata": {"ownerReferences": references, "uid": metadata.uid(obj), **finalizers}}
        try:
            self._client.patch(kind.plural, metadata.name(obj), change, metadata.namespace(obj))
        except NotFound:
            return False
        except StatusError as error:
            # 409 and 422: the name now belongs to another object, or the reference is gone already.
            if error.code in (409, 422):
                return False
            raise
        return True
