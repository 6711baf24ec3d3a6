"""PodTopologyLabels: a Pod learns the zone and the region of its node.

Upstream: ``plugin/pkg/admission/podtopologylabels/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.metadata import labels
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin

KEYS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")


class PodTopologyLabels(Plugin):
    """Copies topology labels to a Binding (which hands them on to the Pod), or to a Pod that names its node."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The object with its node's labels."""
        if request.verb != "create" or request.kind.kind != "Pod":
            return request.object
        if request.subresource == "binding":
            node_name = get_in(request.object, "target.name", "")
        elif not request.subresource:
            node_name = get_in(request.object, "spec.nodeName", "")
        else:
            node_name = ""
        node = self.reader.get("nodes", "", node_name) if node_name else None
        copied = {key: labels(node)[key] for key in KEYS if key in labels(node)} if node else {}
        if not copied:
            return request.object
        return evolve(request.object, "metadata.labels", {**labels(request.object), **copied})
