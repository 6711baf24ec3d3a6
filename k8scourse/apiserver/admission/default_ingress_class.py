"""DefaultIngressClass: an Ingress that names no class gets the one that is marked as the default.

Upstream: ``plugin/pkg/admission/network/defaultingressclass/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import metadata
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
OLD_WAY = "kubernetes.io/ingress.class"


class DefaultIngressClass(Plugin):
    """Fills in the class of new Ingresses."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Ingress with the default class: of several the youngest, of those the first by name."""
        ingress = request.object
        if request.verb != "create" or request.kind.kind != "Ingress" or request.subresource:
            return ingress
        if get_in(ingress, "spec.ingressClassName") is not None or OLD_WAY in metadata.annotations(ingress):
            return ingress
        defaults = [each for each in self.reader.list("ingressclasses") if _is_default(each)]
        if not defaults:
            return ingress
        defaults.sort(key=metadata.name)
        youngest = max(defaults, key=lambda each: str(each["metadata"]["creationTimestamp"]))
        return evolve(ingress, "spec.ingressClassName", metadata.name(youngest))


def _is_default(ingress_class: Object) -> bool:
    return metadata.annotations(ingress_class).get(IS_DEFAULT) == "true"
