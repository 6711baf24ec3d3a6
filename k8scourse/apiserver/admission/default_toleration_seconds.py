"""DefaultTolerationSeconds: why a Pod stays for five minutes on a node that fell silent.

Upstream: ``plugin/pkg/admission/defaulttolerationseconds/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

SECONDS = 300
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds(Plugin):
    """Adds the two tolerations that a Pod does not name itself."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with a toleration of 300 s for nodes that are not ready or unreachable."""
        if request.kind.kind != "Pod" or request.subresource or request.object is None:
            return request.object
        tolerations = get_in(request.object, "spec.tolerations", [])
        added = [_toleration(taint) for taint in TAINTS if not any(_names(t, taint) for t in tolerations)]
        return evolve(request.object, "spec.tolerations", [*tolerations, *added]) if added else request.object


def _names(toleration: Object, taint: str) -> bool:
    """Whether a toleration speaks of this NoExecute taint, or of all taints."""
    return toleration.get("key", "") in ("", taint) and toleration.get("effect", "") in ("", "NoExecute")


def _toleration(taint: str) -> Object:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}
