"""NodeRestriction: a kubelet speaks for its own node only.

What a kubelet may address at all is the Node authorizer's business (authorization.py); here it is about what the
objects say. Upstream: ``plugin/pkg/admission/noderestriction/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import metadata
from k8scourse.api.errors import forbidden
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin
from k8scourse.apiserver.admission.service_account import MIRROR
from k8scourse.apiserver.users import node_of


class NodeRestriction(Plugin):
    """Looks at the Nodes, Pods and Leases that kubelets write."""

    def admit(self, request: AdmissionRequest) -> Any:
        """Refuse a kubelet that speaks for somebody else."""
        node = node_of(request.user)
        if node is None:
            return request.object
        kind, name = request.kind, request.name
        if request.is_new_pod:
            self._check_pod(request, node)
        elif kind.kind == "Pod" and request.old is not None:
            self._check_bound(request, node)
        elif kind.kind == "Node" and name != node:
            why = f'node "{node}" is not allowed to modify node "{name}"'
            raise forbidden("", "nodes", name, why)
        elif kind.kind == "Lease" and request.verb == "create" and name != node:
            why = f'can only access node lease with the same name as the requesting node, "{node}"'
            raise forbidden(kind.group, "leases", name, why)
        return request.object

    def _check_bound(self, request: AdmissionRequest, node: str) -> None:
        if (request.old.get("spec") or {}).get("nodeName") == node:
            return
        if request.verb == "delete":
            why = f'node "{node}" can only delete pods with spec.nodeName set to itself'
        else:
            why = f'node "{node}" can only update pod status for pods with spec.nodeName set to itself'
        raise forbidden("", "pods", request.name, why)

    def _check_pod(self, request: AdmissionRequest, node: str) -> None:
        pod = request.object
        if MIRROR not in metadata.annotations(pod):
            why = f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
            raise forbidden("", "pods", request.name, why)
        if (pod.get("spec") or {}).get("nodeName") != node:
            why = f'node "{node}" can only create pods with spec.nodeName set to itself'
            raise forbidden("", "pods", request.name, why)
