"""RuntimeClass: a Pod may name a class of runtimes, which brings its overhead and its place.

Upstream: ``plugin/pkg/admission/runtimeclass/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import forbidden
from k8scourse.api.quantities import parse
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin


class RuntimeClass(Plugin):
    """Gives a new Pod the overhead, node selector and tolerations of its class."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with what its class adds. Refuses a class that does not exist."""
        if not request.is_new_pod:
            return request.object
        runtime = self._class(request)
        if runtime is None:
            return request.object
        return _with_scheduling(request, _with_overhead(request, runtime), runtime)

    def validate(self, request: AdmissionRequest) -> None:
        """Refuse an overhead that comes from no class."""
        if request.is_new_pod and get_in(request.object, "spec.overhead"):
            runtime = self._class(request)
            if runtime is None or not get_in(runtime, "overhead.podFixed"):
                raise forbidden(
                    "",
                    "pods",
                    request.name,
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
                )

    def _class(self, request: AdmissionRequest) -> Object | None:
        name = get_in(request.object, "spec.runtimeClassName", "")
        if not name:
            return None
        found = self.reader.get("runtimeclasses", "", name)
        if found is None:
            raise forbidden("", "pods", request.name, f'pod rejected: RuntimeClass "{name}" not found')
        return found


def _with_overhead(request: AdmissionRequest, runtime: Object) -> Object:
    pod: Object = request.object
    overhead = get_in(runtime, "overhead.podFixed")
    if not overhead:
        return pod
    given = get_in(pod, "spec.overhead")
    if given and not _equal(given, overhead):
        why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        raise forbidden("", "pods", request.name, why)
    return evolve(pod, "spec.overhead", overhead)


def _equal(one: Object, other: Object) -> bool:
    return one.keys() == other.keys() and all(parse(one[name]) == parse(other[name]) for name in one)


def _with_scheduling(request: AdmissionRequest, pod: Object, runtime: Object) -> Object:
    scheduling = runtime.get("scheduling") or {}
    wanted, given = scheduling.get("nodeSelector") or {}, get_in(pod, "spec.nodeSelector") or {}
    for key, value in sorted(wanted.items()):
        if given.get(key, value) != value:
            shown = f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
            why = f"{shown}pod.spec.nodeSelector[{key}] = {given[key]}"
            raise forbidden("", "pods", request.name, why)
    if wanted:
        pod = evolve(pod, "spec.nodeSelector", {**given, **wanted})
    tolerations = list(get_in(pod, "spec.tolerations") or ())
    added = [each for each in scheduling.get("tolerations") or () if each not in tolerations]
    return evolve(pod, "spec.tolerations", [*tolerations, *added]) if added else pod
