"""Priority: a Pod names a class, the server knows its number.

The two classes of the system are built in, as every cluster has them; PriorityClass objects come with a later
lesson. Upstream: ``plugin/pkg/admission/priority/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import forbidden
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin

SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
POLICY = "PreemptLowerPriority"


class Priority(Plugin):
    """Resolves the priority class of new Pods."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with its priority and its preemption policy."""
        if not request.is_new_pod:
            return request.object
        spec = request.object.get("spec") or {}
        priority = self._priority(request, spec.get("priorityClassName") or "")
        given = spec.get("priority")
        if given is not None and given != priority:
            why = (
                f"the integer value of priority ({given}) must not be provided in pod spec; "
                f"priority admission controller computed {priority} from the given PriorityClass name"
            )
            raise forbidden("", "pods", request.name, why)
        policy = spec.get("preemptionPolicy")
        if policy not in (None, "", POLICY):
            why = (
                f"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; "
                f"priority admission controller computed {POLICY} from the given PriorityClass name"
            )
            raise forbidden("", "pods", request.name, why)
        return {**request.object, "spec": {**spec, "priority": priority, "preemptionPolicy": POLICY}}

    def _priority(self, request: AdmissionRequest, name: str) -> int:
        if not name:
            return 0
        if name not in SYSTEM_CLASSES:
            raise forbidden("", "pods", request.name, f"no PriorityClass with name {name} was found")
        return SYSTEM_CLASSES[name]
