"""PersistentVolume: how much, by whom, and where it lies.

Upstream: ``ValidatePersistentVolume`` and its update in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import internal_form, names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, immutable, invalid, not_supported, required
from k8scourse.api.validating import paths, scheduling, volumesources
from k8scourse.api.validating.volumeclaims import VOLUME_MODES, access_modes

Object = dict[str, Any]
_RECLAIM = ("Delete", "Recycle", "Retain")
#: In the order in which upstream looks at them.
_SOURCES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)
#: Secrets of a CSI volume: each is named in full or not at all.
_CSI_SECRETS = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeStageSecretRef",
    "nodeExpandSecretRef",
)


def volume(obj: Object) -> Iterator[Cause]:
    """A PersistentVolume."""
    spec = obj.get("spec") or {}
    modes, reclaim = spec.get("accessModes") or (), spec.get("persistentVolumeReclaimPolicy", "")
    if not modes:
        yield required("spec.accessModes")
    yield from access_modes(modes, "spec.accessModes")
    yield from _capacity(spec.get("capacity") or {})
    if reclaim and reclaim not in _RECLAIM:
        yield not_supported("spec.persistentVolumeReclaimPolicy", reclaim, _RECLAIM)
    if spec.get("nodeAffinity") is not None:
        yield from _node_affinity(spec["nodeAffinity"])
    yield from _source(spec)
    if _is_root((spec.get("hostPath") or {}).get("path", "")) and reclaim == "Recycle":
        yield forbidden(
            "spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"
        )
    name = spec.get("storageClassName")
    if name:
        yield from each_invalid("spec.storageClassName", name, names.dns_subdomain_problems(name))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        yield not_supported("spec.volumeMode", mode, VOLUME_MODES)
    yield from _attributes_class(spec)


def _is_root(path: str) -> bool:
    return bool(path) and not [part for part in path.split("/") if part not in ("", ".")]


def _capacity(capacity: Object) -> Iterator[Cause]:
    if not capacity:
        yield required("spec.capacity")
    if list(capacity) != ["storage"]:
        yield not_supported("spec.capacity", capacity or None, ("storage",))
    for name, amount in capacity.items():
        value = quantities.parse(amount)
        if value < 0:
            yield invalid(
                f"spec.capacity[{name}]", quantities.integer(amount), "must be a valid resource quantity"
            )
        if value <= 0:
            yield invalid(f"spec.capacity[{name}]", str(amount), "must be greater than zero")


def _node_affinity(affinity: Object) -> Iterator[Cause]:
    wanted = affinity.get("required")
    if wanted is None:
        yield required("spec.nodeAffinity.required", "must specify required node constraints")
    else:
        yield from scheduling.node_selector(wanted, "spec.nodeAffinity.required")


def _source(spec: Object) -> Iterator[Cause]:
    given = [source for source in _SOURCES if spec.get(source) is not None]
    for position, source in enumerate(given):
        if position:
            yield forbidden(f"spec.{source}", "may not specify more than 1 volume type")
        elif source == "local":
            yield from _local(spec)
        elif source == "csi":
            yield from _csi(spec["csi"])
        else:
            yield from volumesources.check(source, spec[source], "spec")
    if not given:
        yield required("spec", "must specify a volume type")


def _local(spec: Object) -> Iterator[Cause]:
    path = spec["local"].get("path", "")
    if not path:
        yield required("spec.local.path")
    else:
        yield from paths.no_steps_back(path, "spec.local.path")
    if spec.get("nodeAffinity") is None:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")


def _csi(source: Object) -> Iterator[Cause]:
    yield from volumesources.csi_driver_name(source.get("driver", ""), "spec.csi.driver")
    if not source.get("volumeHandle"):
        yield required("spec.csi.volumeHandle")
    for field in _CSI_SECRETS:
        if source.get(field) is not None:
            for needed in ("name", "namespace"):
                if not source[field].get(needed):
                    yield required(f"spec.csi.{field}.{needed}")


def _attributes_class(spec: Object) -> Iterator[Cause]:
    name = spec.get("volumeAttributesClassName")
    if name is None:
        return
    if not name:
        yield required("spec.volumeAttributesClassName", "an empty string is disallowed")
    else:
        yield from each_invalid("spec.volumeAttributesClassName", name, names.dns_subdomain_problems(name))
    if spec.get("csi") is None:
        yield required("spec.csi", "has to be specified when using volumeAttributesClassName")


def volume_update(new: Object, old: Object) -> Iterator[Cause]:
    """The source of a volume never changes, nor its mode; upstream's paths here leave out the spec."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    sources = [
        {source: spec[source] for source in _SOURCES if spec.get(source) is not None}
        for spec in (after, before)
    ]
    if sources[0] != sources[1]:
        diff = internal_form.source_diff(sources[1], sources[0])
        yield forbidden(
            "spec.persistentvolumesource", f"spec.persistentvolumesource is immutable after creation\n{diff}"
        )
    yield from immutable("volumeMode", after.get("volumeMode"), before.get("volumeMode"))
    if before.get("nodeAffinity") is not None and after.get("nodeAffinity") != before["nodeAffinity"]:
        yield invalid(
            "nodeAffinity",
            internal_form.plain(after.get("nodeAffinity")),
            "field is immutable, except for updating from beta label to GA",
        )
    if before.get("volumeAttributesClassName") is not None and after.get("volumeAttributesClassName") is None:
        yield forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")
