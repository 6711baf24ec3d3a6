"""Priority: a Pod names a class, the server knows its number.

The two classes of the system are built in, as every cluster has them. Upstream:
``plugin/pkg/admission/priority/admission.go``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from k8scourse.api.errors import forbidden
from k8scourse.apiserver.admission.base import AdmissionRequest, Plugin

SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
POLICY = "PreemptLowerPriority"


class _Class(NamedTuple):
    """What a Pod takes over from its class."""

    name: str
    value: int
    policy: str


class Priority(Plugin):
    """Resolves the priority class of new Pods; there is one default class at most."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with its priority and its preemption policy."""
        if not request.is_new_pod:
            return request.object
        spec = request.object.get("spec") or {}
        name, priority, allowed = self._class(request, spec.get("priorityClassName") or "")
        given = spec.get("priority")
        if given is not None and given != priority:
            why = (
                f"the integer value of priority ({given}) must not be provided in pod spec; "
                f"priority admission controller computed {priority} from the given PriorityClass name"
            )
            raise forbidden("", "pods", request.name, why)
        policy = spec.get("preemptionPolicy")
        if policy not in (None, "", allowed):
            why = (
                f"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; "
                f"priority admission controller computed {allowed} from the given PriorityClass name"
            )
            raise forbidden("", "pods", request.name, why)
        named = {"priorityClassName": name} if name else {}
        new = {**spec, **named, "priority": priority, "preemptionPolicy": allowed}
        return {**request.object, "spec": new}

    def validate(self, request: AdmissionRequest) -> None:
        """Refuse a second default class."""
        if request.kind.kind != "PriorityClass" or not (request.object or {}).get("globalDefault"):
            return
        for other in self.reader.list("priorityclasses"):
            name = other["metadata"]["name"]
            if other.get("globalDefault") and name != request.object["metadata"]["name"]:
                why = f"PriorityClass {name} is already marked as default. Only one default can exist"
                raise forbidden(request.kind.group, request.kind.plural, request.name, why)

    def _class(self, request: AdmissionRequest, name: str) -> _Class:
        if not name:
            return self._default()
        if name in SYSTEM_CLASSES:
            return _Class(name, SYSTEM_CLASSES[name], POLICY)
        found = self.reader.get("priorityclasses", "", name)
        if found is None:
            raise forbidden("", "pods", request.name, f"no PriorityClass with name {name} was found")
        return _Class(name, found.get("value", 0), found.get("preemptionPolicy", POLICY))

    def _default(self) -> _Class:
        """Of several default classes, which can only come from races, the lowest counts."""
        defaults = [each for each in self.reader.list("priorityclasses") if each.get("globalDefault")]
        if not defaults:
            return _Class("", 0, POLICY)
        lowest = min(defaults, key=lambda each: int(each.get("value", 0)))
        policy = lowest.get("preemptionPolicy", POLICY)
        return _Class(lowest["metadata"]["name"], lowest.get("value", 0), policy)
