"""RuntimeClass: a Pod may name a class of runtimes; there are no such classes here yet, so every name is unknown.

Upstream: ``plugin/pkg/admission/runtimeclass/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import forbidden
from k8scourse.api.values import get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin


class RuntimeClass(Plugin):
    """Looks up the class that a new Pod names."""

    def admit(self, request: AdmissionRequest) -> Any:
        """Refuse a Pod whose class does not exist."""
        name = get_in(request.object, "spec.runtimeClassName", "") if request.is_new_pod else ""
        if name:
            raise forbidden("", "pods", request.name, f'pod rejected: RuntimeClass "{name}" not found')
        return request.object
