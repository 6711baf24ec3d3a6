"""Defaults of volumes, claims, classes, quotas and limits.

Upstream: ``pkg/apis/core/v1/defaults.go``, ``pkg/apis/storage/v1/defaults.go``, ``pkg/apis/scheduling/v1``.
"""

from __future__ import annotations

from k8scourse.api.defaulting_pods import VOLUME_SOURCES, round_resources
from k8scourse.api.filling import Object, change, each, fill
from k8scourse.api.values import FrozenDict, FrozenList

_EMPTY = FrozenDict()


# -------------------------------------------------------------------------------------- volumes, claims


def claim(obj: Object) -> Object:
    """A PersistentVolumeClaim."""
    obj = change(obj, "status", lambda status: _status_amounts(fill(status, phase="Pending")), _EMPTY)
    return change(obj, "spec", _claim_spec)


def _claim_spec(spec: Object) -> Object:
    return change(
        fill(spec, volumeMode="Filesystem"),
        "resources",
        lambda resources: change(change(resources, "limits", round_resources), "requests", round_resources),
    )


def _status_amounts(status: Object) -> Object:
    return change(change(status, "capacity", round_resources), "allocatedResources", round_resources)


def volume(obj: Object) -> Object:
    """A PersistentVolume."""
    obj = change(obj, "status", lambda status: fill(status, phase="Pending"), _EMPTY)
    return change(obj, "spec", _volume_spec)


def _volume_spec(spec: Object) -> Object:
    spec = fill(spec, persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem")
    for source in ("hostPath", "iscsi", "rbd", "azureDisk", "scaleIO"):
        spec = change(spec, source, VOLUME_SOURCES[source])
    return change(spec, "capacity", round_resources)


def storage_class(obj: Object) -> Object:
    """A StorageClass."""
    return fill(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def csi_driver(obj: Object) -> Object:
    """A CSIDriver."""
    return change(
        obj,
        "spec",
        lambda spec: fill(
            spec,
            attachRequired=True,
            podInfoOnMount=False,
            storageCapacity=False,
            fsGroupPolicy="ReadWriteOnceWithFSType",
            volumeLifecycleModes=FrozenList(["Persistent"]),
            requiresRepublish=False,
            seLinuxMount=False,
        ),
    )


# --------------------------------------------------------------------------------------- quotas, limits


def resource_quota(obj: Object) -> Object:
    """A ResourceQuota: amounts only."""
    return change(obj, "spec", lambda spec: change(spec, "hard", round_resources))


def limit_range(obj: Object) -> Object:
    """A LimitRange."""
    return change(obj, "spec", lambda spec: each(spec, "limits", _limits))


def _limits(item: Object) -> Object:
    """For containers: the most is the default limit, the limit is the default request, else the least is."""
    for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        item = change(item, name, round_resources)
    if item.get("type") != "Container":
        return item
    limits = {**(item.get("max") or {}), **(item.get("default") or {})}
    requests = {**(item.get("min") or {}), **limits, **(item.get("defaultRequest") or {})}
    return _with(_with(item, "default", limits), "defaultRequest", requests)


def _with(item: Object, key: str, amounts: Object) -> Object:
    """The item with these amounts, unless it has none or just these."""
    return item if not amounts or item.get(key) == amounts else {**item, key: amounts}
