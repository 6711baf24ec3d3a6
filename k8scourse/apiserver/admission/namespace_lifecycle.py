"""NamespaceLifecycle: nothing new in a namespace that is missing or on its way out; four namespaces are for ever.

Upstream: ``apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import Forbidden, forbidden, not_found
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin

IMMORTAL = ("default", "kube-system", "kube-public")


class NamespaceLifecycle(Plugin):
    """Checks the namespace of what is created."""

    def admit(self, request: AdmissionRequest) -> Any:
        """Refuse content for a namespace that cannot hold it, and the deletion of those that must stay."""
        if request.kind.kind == "Namespace":
            if request.verb == "delete" and request.name in IMMORTAL:
                raise forbidden("", "namespaces", request.name, "this namespace may not be deleted")
        elif request.verb == "create" and request.namespace:
            self._check(request)
        return request.object

    def _check(self, request: AdmissionRequest) -> None:
        namespace = self.reader.get("namespaces", "", request.namespace)
        if namespace is None:
            raise not_found("", "namespaces", request.namespace)
        if "deletionTimestamp" in namespace["metadata"]:
            raise _terminating(request)


def _terminating(request: AdmissionRequest) -> Forbidden:
    where = request.namespace
    why = f"unable to create new content in namespace {where} because it is being terminated"
    error = forbidden(request.kind.group, request.kind.plural, request.name, why)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {where} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = {**(error.details or {}), "causes": [cause]}
    return error
