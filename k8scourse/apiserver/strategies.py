"""What differs from kind to kind when an object is created or changed.

Two rules run through all of it. Who writes the object may not write its status, and who writes the status may
not write anything else; so each keeps what the other owns. And `metadata.generation` counts changes of what is
wanted, not of what is.

Upstream: ``pkg/registry/<group>/<kind>/strategy.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.api import pods
from k8scourse.api.kinds import Kind
from k8scourse.api.values import evolve, get_in, without

Object = dict[str, Any]

_INITIAL_STATUS: dict[str, Object] = {
    "DaemonSet": {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    "Deployment": {},
    "Namespace": {"phase": "Active"},
    "ReplicaSet": {"replicas": 0},
    "Service": {"loadBalancer": {}},
}
# These keep the status they are created with: a kubelet registers its Node whole.
_KEEPS_STATUS = ("Node",)
# The old API's field lives on in this annotation, which the server alone writes (apps/v1/conversion.go).
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


# -- creation -----------------------------------------------------------------------------------------


def prepare_create(kind: Kind, obj: Object) -> Object:
    """A new object with the server's own fields in their first state."""
    if kind.generation:
        obj = evolve(obj, "metadata.generation", 1)
    else:
        obj = without(obj, "metadata.generation")
    if kind.kind == "Pod":
        return {**obj, "status": _pod_status(obj)}
    if kind.kind == "Namespace":
        obj = _with_own_finalizer(obj)
    if kind.kind == "DaemonSet":
        obj = evolve(obj, ("metadata", "annotations", TEMPLATE_GENERATION), "1")
    if kind.has_subresource("status") and kind.kind not in _KEEPS_STATUS:
        return {**obj, "status": _INITIAL_STATUS.get(kind.kind, {})}
    return obj


def _pod_status(pod: Object) -> Object:
    """A new Pod's status. One with gates is unscheduled before any scheduler has seen it."""
    status = {"phase": "Pending", "qosClass": pods.qos_class(pod)}
    if not get_in(pod, "spec.schedulingGates"):
        return status
    gated = {
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": pod["metadata"]["creationTimestamp"],
        "reason": "SchedulingGated",
        "message": "Scheduling is blocked due to non-empty scheduling gates",
    }
    return {**status, "conditions": [gated]}


def _with_own_finalizer(namespace: Object) -> Object:
    finalizers = (namespace.get("spec") or {}).get("finalizers") or []
    if "kubernetes" in finalizers:
        return namespace
    return evolve(namespace, "spec.finalizers", [*finalizers, "kubernetes"])


# -- update -------------------------------------------------------------------------------------------


def prepare_update(kind: Kind, new: Object, old: Object) -> Object:
    """A changed object that keeps the old status, with its generation counted on."""
    if kind.has_subresource("status"):
        new = _with_part_of(new, old, "status")
    if kind.kind == "Namespace":
        new = _with_part_of(new, old, "spec")
    if not kind.generation:
        return new
    if kind.kind == "DaemonSet":
        new = _with_template_generation(new, old)
    generation = old["metadata"].get("generation", 0)
    changed = _COUNTS.get(kind.kind, _spec_changed)(new, old)
    return evolve(new, "metadata.generation", generation + 1 if changed else generation)


def _spec_changed(new: Object, old: Object) -> bool:
    return bool(new.get("spec") != old.get("spec"))


def _with_template_generation(new: Object, old: Object) -> Object:
    """A DaemonSet counts the versions of its template in an annotation."""
    path = ("metadata", "annotations", TEMPLATE_GENERATION)
    count = int(get_in(old, path, "1"))
    if get_in(new, "spec.template") != get_in(old, "spec.template"):
        count += 1
    return evolve(new, path, str(count))


def _deployment_changed(new: Object, old: Object) -> bool:
    # A Deployment's annotations are part of what its controller works from (deployment/strategy.go).
    annotations = [obj["metadata"].get("annotations") or {} for obj in (new, old)]
    return _spec_changed(new, old) or annotations[0] != annotations[1]


def _endpoint_slice_changed(new: Object, old: Object) -> bool:
    labels = [obj["metadata"].get("labels") or {} for obj in (new, old)]
    return labels[0] != labels[1] or any(
        new.get(field) != old.get(field) for field in ("addressType", "endpoints", "ports")
    )


_COUNTS: dict[str, Callable[[Object, Object], bool]] = {
    "Deployment": _deployment_changed,
    "EndpointSlice": _endpoint_slice_changed,
}

# -- status -------------------------------------------------------------------------------------------


def prepare_status(kind: Kind, new: Object, old: Object) -> Object:
    """The old object with the new status; of the metadata only labels and annotations may change, if at all."""
    new = _with_part_of(new, old, "spec")
    metadata = {**old["metadata"]}
    for field in (*_STATUS_METADATA.get(kind.kind, ("annotations", "labels")), "managedFields"):
        metadata = _copy_part(metadata, new["metadata"], field)
    version = new["metadata"].get("resourceVersion")
    return {**new, "metadata": {**metadata, "resourceVersion": version} if version else metadata}


# Which metadata a status write may still change: a Deployment's labels are put back, its annotations are not.
_STATUS_METADATA = {
    "Deployment": ("annotations", "finalizers"),
    "Pod": ("annotations", "finalizers", "labels"),
}


def _with_part_of(new: Object, old: Object, field: str) -> Object:
    return _copy_part(new, old, field)


def _copy_part(target: Object, source: Object, field: str) -> Object:
    """`target` with `field` as `source` has it, also when that is not at all."""
    if field in source:
        return {**target, field: source[field]}
    return without(target, [field])
