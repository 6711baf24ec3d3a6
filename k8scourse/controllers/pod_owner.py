"""What the loops whose objects own Pods have in common: which key a Pod concerns, and what is still expected.

Upstream has this once per controller (`addPod`, `updatePod`, `deletePod`, `getPodReplicaSets`, …).
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.selectors import Selector, from_label_selector
from k8scourse.api.values import Object

from .base import Context, Controller
from .claims import Claim, index_by_controller, owned_or_orphans
from .expectations import Expectations
from .pod_control import PodControl

OLD_KIND = "ReplicationController"
"""Its selector is a plain map of labels."""


class PodOwner(Controller):
    """A loop that makes Pods, adopts orphans that its object selects, and waits until it has seen its own deeds."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._pods = context.informers.get("pods")
        index_by_controller(self._pods)
        self._expectations = Expectations(self.process)
        self._control = PodControl(self.client, self.recorder)

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """A Pod concerns its owner; an orphan all that select it and might adopt it."""
        if resource == self.KIND or metadata.controller_of(obj) is not None:
            return super().keys(resource, obj)
        candidates = self.lister(self.KIND).list(metadata.namespace(obj)) if metadata.labels(obj) else []
        return [metadata.key(each) for each in candidates if selector_of(each).matches(metadata.labels(obj))]

    def on_added(self, resource: str, obj: Object) -> None:
        """A Pod that we made has shown up in the cache."""
        if resource == "pods":
            self._observe(obj)
        super().on_added(resource, obj)

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A Pod with a deletionTimestamp counts as gone: its replacement need not wait for its end."""
        if resource == "pods":
            self._observe(new)
        super().on_updated(resource, old, new)

    def on_deleted(self, resource: str, obj: Object) -> None:
        """A Pod is gone, whoever deleted it."""
        if resource == "pods":
            self._expectations.gone(metadata.uid(obj))
        super().on_deleted(resource, obj)

    def _observe(self, pod: Object) -> None:
        if metadata.is_terminating(pod):
            self._expectations.gone(metadata.uid(pod))
        else:
            self._expectations.added(metadata.uid(pod))

    def _claim(self, owner: Object) -> list[Object]:
        """The Pods that are the owner's, after adopting and releasing."""
        claim = Claim(self.client, owner, selector_of(owner))
        return claim.take(owned_or_orphans(self._pods, owner))


def selector_of(owner: Object) -> Selector:
    """The selector that says which Pods are an object's."""
    selector = owner["spec"].get("selector") or {}
    return from_label_selector({"matchLabels": selector} if owner["kind"] == OLD_KIND else selector)
