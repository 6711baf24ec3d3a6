"""The ServiceAccount controller: every namespace has a ServiceAccount `default`.

Upstream: `pkg/controller/serviceaccount/serviceaccounts_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.errors import AlreadyExists, StatusError
from k8scourse.api.values import Object, get_in

from .base import Controller, join
from .pod_control import is_namespace_terminating


class ServiceAccountController(Controller):
    """Makes what is missing in a namespace, and makes it again when somebody deletes it."""

    NAME = "serviceaccount-controller"
    KIND = "namespaces"
    WATCHES = ("serviceaccounts",)
    WANTED = "default"

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """The key of the namespace."""
        if resource == self.KIND:
            return (metadata.name(obj),)
        return (metadata.namespace(obj),) if metadata.name(obj) == self.WANTED else ()

    def reconcile(self, key: str) -> int | None:
        """Create the object unless it is there; a namespace on its way out gets nothing more."""
        namespace = self.lister(self.KIND).get(key)
        if namespace is None or get_in(namespace, "status.phase") == "Terminating":
            return None
        existing = self.lister(self.WATCHES[0]).get(join(key, self.WANTED))
        try:
            if existing is None:
                self.client.create(self.wanted(key))
            elif (repaired := self.repaired(existing)) is not existing:
                self.client.update(repaired)
        except AlreadyExists:
            return None
        except StatusError as error:
            if not is_namespace_terminating(error):
                raise
        return None

    def wanted(self, namespace: str) -> Object:
        """The object as it should be."""
        return {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": self.WANTED, "namespace": namespace},
        }

    def repaired(self, existing: Object) -> Object:
        """An existing object as it should be: itself when nothing is wrong with it."""
        return existing
