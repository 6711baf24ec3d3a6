"""TaintNodesByCondition: a new Node gets no Pods until it has proved to be ready.

Upstream: ``plugin/pkg/admission/nodetaint/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin

NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(Plugin):
    """Taints Nodes at their registration; the node lifecycle controller takes the taint away."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Node with the not-ready taint."""
        if request.verb != "create" or request.kind.kind != "Node" or request.subresource:
            return request.object
        taints = get_in(request.object, "spec.taints", [])
        same = [
            t for t in taints if (t.get("key"), t.get("effect")) == (NOT_READY["key"], NOT_READY["effect"])
        ]
        return request.object if same else evolve(request.object, "spec.taints", [*taints, NOT_READY])
