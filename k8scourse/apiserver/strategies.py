"""What differs from kind to kind when an object is created or changed.

Two rules run through all of it. Who writes the object may not write its status, and who writes the status may
not write anything else; so each keeps what the other owns. And `metadata.generation` counts changes of what is
wanted, not of what is.

Upstream: ``pkg/registry/<group>/<kind>/strategy.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.api import defaulting, definitions, pods
from k8scourse.api.custom_kinds import CustomKind
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
    "HorizontalPodAutoscaler": {"currentMetrics": None, "desiredReplicas": 0},
    "Ingress": {"loadBalancer": {}},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "PodDisruptionBudget": {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
    "ReplicationController": {"replicas": 0},
    "StatefulSet": {"replicas": 0, "availableReplicas": 0},
    "VolumeAttachment": {"attached": False},
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
    if isinstance(kind, CustomKind):
        return without(obj, "status") if kind.has_subresource("status") else obj
    if kind.kind == "Pod":
        return {**obj, "status": _pod_status(obj)}
    if kind.kind == "CustomResourceDefinition":
        return definitions.prepared(obj)
    if kind.kind == "Namespace":
        obj = _with_own_finalizer(obj)
    if kind.kind == "DaemonSet":
        obj = evolve(obj, ("metadata", "annotations", TEMPLATE_GENERATION), "1")
    if kind.kind == "Job":
        obj = _with_generated_selector(obj)
    if kind.kind == "PersistentVolumeClaim":
        obj = _with_both_sources(obj)
    if kind.kind == "PersistentVolume":
        since = obj["metadata"]["creationTimestamp"]
        return {**obj, "status": {"phase": "Pending", "lastPhaseTransitionTime": since}}
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


def _with_generated_selector(job: Object) -> Object:
    """A Job's Pods carry its UID, and by that it knows them; unless its maker says how (batch/job/strategy.go)."""
    if get_in(job, "spec.manualSelector"):
        return job
    uid, name = job["metadata"]["uid"], job["metadata"].get("name", "")
    labels = get_in(job, "spec.template.metadata.labels", {})
    own = {"controller-uid": uid, "job-name": name}
    own |= {f"batch.kubernetes.io/{key}": value for key, value in own.items()}
    job = evolve(job, "spec.template.metadata.labels", {**labels, **own})
    chosen = get_in(job, "spec.selector.matchLabels", {})
    if not any(key in chosen for key in ("controller-uid", "batch.kubernetes.io/controller-uid")):
        job = evolve(job, "spec.selector.matchLabels", {**chosen, "batch.kubernetes.io/controller-uid": uid})
    return job


_OLD_SOURCES = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))


def _with_both_sources(claim: Object) -> Object:
    """A claim's old field dataSource and its new one dataSourceRef say the same."""
    old, new = get_in(claim, "spec.dataSource"), get_in(claim, "spec.dataSourceRef")
    if old and (old.get("apiGroup") or "", old.get("kind")) not in _OLD_SOURCES:
        # The old field takes no other kinds, and drops them without a word.
        claim = {**claim, "spec": {key: value for key, value in claim["spec"].items() if key != "dataSource"}}
        old = None
    if old and not new:
        return evolve(claim, "spec.dataSourceRef", old)
    if new and not old and not new.get("namespace"):
        return evolve(claim, "spec.dataSource", new)
    return claim


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
    if isinstance(kind, CustomKind):
        return _with_generation(new, old, _custom_changed(new, old))
    if kind.kind == "CustomResourceDefinition":
        new = definitions.with_stored_versions(new, old)
    if kind.kind == "Namespace":
        new = _with_part_of(new, old, "spec")
    if not kind.generation:
        return new
    if kind.kind == "DaemonSet":
        new = _with_template_generation(new, old)
    return _with_generation(new, old, _COUNTS.get(kind.kind, _spec_changed)(new, old))


def _with_generation(new: Object, old: Object, changed: bool) -> Object:
    generation = old["metadata"].get("generation", 0)
    return evolve(new, "metadata.generation", generation + 1 if changed else generation)


def _custom_changed(new: Object, old: Object) -> bool:
    """A custom object is all wish but for its metadata, and its status where that is a part of its own."""
    return any(new.get(field) != old.get(field) for field in {**new, **old} if field != "metadata")


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


def _webhooks_changed(new: Object, old: Object) -> bool:
    return bool(new.get("webhooks") != old.get("webhooks"))


_COUNTS: dict[str, Callable[[Object, Object], bool]] = {
    "MutatingWebhookConfiguration": _webhooks_changed,
    "ValidatingWebhookConfiguration": _webhooks_changed,
    "Deployment": _deployment_changed,
    "EndpointSlice": _endpoint_slice_changed,
    "PodTemplate": lambda new, old: bool(new.get("template") != old.get("template")),
    "PriorityClass": lambda new, old: False,
}


def prepare_finalize(new: Object, old: Object) -> Object:
    """A Namespace whose own finalizers change, which nobody may do by a plain write; the status stays."""
    spec = new.get("spec") or {}
    return {**_with_part_of(new, old, "status"), "spec": spec}


# -- status -------------------------------------------------------------------------------------------


def prepare_status(kind: Kind, new: Object, old: Object) -> Object:
    """The old object with the new status; of the metadata only labels and annotations may change, if at all."""
    if isinstance(kind, CustomKind):
        metadata = _copy_part(old["metadata"], new["metadata"], "managedFields")
        return _with_part_of({**old, "metadata": _status_version(new, metadata)}, new, "status")
    new = _with_part_of(new, old, "spec")
    metadata = {**old["metadata"]}
    for field in (*_STATUS_METADATA.get(kind.kind, ("annotations", "labels")), "managedFields"):
        metadata = _copy_part(metadata, new["metadata"], field)
    new = {**new, "metadata": _status_version(new, metadata)}
    if kind.kind == "DaemonSet":
        path = ("metadata", "annotations", TEMPLATE_GENERATION)
        return evolve(new, path, get_in(old, path, "1"))
    # A Job without labels takes over its template's, whenever it is read.
    return defaulting.apply_defaults(kind, new) if kind.kind == "Job" else new


def _status_version(new: Object, metadata: Object) -> Object:
    version = new["metadata"].get("resourceVersion")
    return {**metadata, "resourceVersion": version} if version else metadata


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


# -- parts of a Pod -----------------------------------------------------------------------------------


def _ephemeral_containers(new: Object, old: Object) -> Object:
    """The old Pod with the new ephemeral containers (pod/strategy.go, dropNonEphemeralContainerUpdates)."""
    spec = _copy_part(old["spec"], new["spec"], "ephemeralContainers")
    return _with_spec(new, old, spec)


def _resized(new: Object, old: Object) -> Object:
    """The old Pod with the new resources. Containers of other names, or more of them, stay: to be refused."""
    spec = old["spec"]
    for field in ("containers", "initContainers"):
        after, before = new["spec"].get(field) or (), old["spec"].get(field) or ()
        if [one.get("name") for one in after] != [one.get("name") for one in before]:
            return new
        if before:
            pairs = zip(before, after, strict=True)
            spec = {**spec, field: [_with_resources(one, other) for one, other in pairs]}
    return _with_spec(new, old, spec)


def _with_resources(container: Object, source: Object) -> Object:
    return _copy_part(_copy_part(container, source, "resources"), source, "resizePolicy")


def _with_spec(new: Object, old: Object, spec: Object) -> Object:
    metadata = _status_version(new, _copy_part(old["metadata"], new["metadata"], "managedFields"))
    pod = {**old, "metadata": metadata, "spec": spec}
    return _with_generation(pod, old, spec != old["spec"])


#: What a write to a part of a Pod leaves of it.
PARTS: dict[str, Callable[[Object, Object], Object]] = {
    "ephemeralcontainers": _ephemeral_containers,
    "resize": _resized,
}
