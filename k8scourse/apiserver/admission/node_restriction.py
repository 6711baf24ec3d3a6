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


class NodeRestriction(Plugin):
    """Looks at the Nodes, Pods and Leases that kubelets create."""

    def admit(self, request: AdmissionRequest) -> Any:
        """Refuse a kubelet that speaks for somebody else."""
        if "system:nodes" in request.user.groups and request.verb == "create":
            node = request.user.name.removeprefix("system:node:")
            if request.is_new_pod:
                self._check_pod(request, node)
            elif request.kind.kind == "Node" and request.name != node:
                why = f'node "{node}" is not allowed to modify node "{request.name}"'
                raise forbidden("", "nodes", request.name, why)
            elif request.kind.kind == "Lease" and request.name != node:
                why = f'can only access node lease with the same name as the requesting node, "{node}"'
                raise forbidden(request.kind.group, "leases", request.name, why)
        return request.object

    def _check_pod(self, request: AdmissionRequest, node: str) -> None:
        pod = request.object
        if MIRROR not in metadata.annotations(pod):
            why = f'pod does not have "{MIRROR}" annotation, node "{node}" can only create mirror pods'
            raise forbidden("", "pods", request.name, why)
        if (pod.get("spec") or {}).get("nodeName") != node:
            why = f'node "{node}" can only create pods with spec.nodeName set to itself'
            raise forbidden("", "pods", request.name, why)
