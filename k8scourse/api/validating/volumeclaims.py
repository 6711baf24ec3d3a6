"""PersistentVolume and PersistentVolumeClaim.

Upstream: ``ValidatePersistentVolume``, ``ValidatePersistentVolumeClaim`` and their updates in
``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import internal_form, names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    each_invalid,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
)
from k8scourse.api.validating import scheduling, volumes

Object = dict[str, Any]
ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_RECLAIM = ("Delete", "Recycle", "Retain")
_VOLUME_MODES = ("Block", "Filesystem")
_IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def claim(obj: Object) -> Iterator[Cause]:
    """A PersistentVolumeClaim."""
    yield from claim_spec(obj.get("spec") or {}, "spec")


def claim_spec(spec: Object, path: str) -> Iterator[Cause]:
    """The spec of a claim, or of a template for claims."""
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    if spec.get("selector") is not None:
        yield from scheduling.label_selector(spec["selector"], f"{path}.selector")
    yield from _modes(modes, f"{path}.accessModes")
    yield from _storage((spec.get("resources") or {}).get("requests") or {}, f"{path}.resources")
    name = spec.get("storageClassName")
    if name:
        yield from each_invalid(f"{path}.storageClassName", name, names.dns_subdomain_problems(name))
    yield from _volume_mode(spec, path)
    yield from _source(spec, path)
    name = spec.get("volumeAttributesClassName")
    if name:
        yield from each_invalid(f"{path}.volumeAttributesClassName", name, names.dns_subdomain_problems(name))


def _modes(modes: Sequence[str], path: str) -> Iterator[Cause]:
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield not_supported(path, mode, ACCESS_MODES)
    if "ReadWriteOncePod" in modes and any(
        mode in ACCESS_MODES and mode != "ReadWriteOncePod" for mode in modes
    ):
        yield forbidden(path, "may not use ReadWriteOncePod with other access modes")


def _storage(amounts: Object, path: str) -> Iterator[Cause]:
    """The one amount that counts, which must be there and above zero."""
    if "storage" not in amounts:
        yield required(f"{path}[storage]")
    elif quantities.parse(amounts["storage"]) <= 0:
        yield invalid(f"{path}[storage]", str(amounts["storage"]), "must be greater than zero")


def _volume_mode(spec: Object, path: str) -> Iterator[Cause]:
    mode = spec.get("volumeMode")
    if mode is not None and mode not in _VOLUME_MODES:
        yield not_supported(f"{path}.volumeMode", mode, _VOLUME_MODES)


def _source(spec: Object, path: str) -> Iterator[Cause]:
    for field in ("dataSource", "dataSourceRef"):
        source = spec.get(field)
        if source is None:
            continue
        for needed in ("name", "kind"):
            if not source.get(needed):
                yield required(f"{path}.{field}.{needed}")
        if not source.get("apiGroup") and source.get("kind") not in ("PersistentVolumeClaim", "", None):
            yield invalid(
                f"{path}.{field}",
                source.get("kind", ""),
                "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
            )


def claim_update(new: Object, old: Object) -> Iterator[Cause]:
    """Of a claim only the request may grow, once it is bound."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    bound = (old.get("status") or {}).get("phase") == "Bound"
    compared = dict(after)
    if not before.get("volumeName") and after.get("volumeName"):
        compared.pop("volumeName")
    if bound:
        compared = _with_request_of(compared, before)
    if before.get("storageClassName") is None and after.get("storageClassName") is not None:
        compared.pop("storageClassName")
    if compared != before:
        diff = internal_form.claim_diff(before, compared)
        yield forbidden("spec", f"{_IMMUTABLE}\n{diff}")
    elif bound:
        yield from _shrinking(after, before, old)
    yield from immutable("spec.volumeMode", after.get("volumeMode"), before.get("volumeMode"))


def _with_request_of(after: Object, before: Object) -> Object:
    resources = {**(after.get("resources") or {})}
    resources.pop("requests", None)
    old = (before.get("resources") or {}).get("requests")
    return {**after, "resources": {**resources, "requests": old} if old is not None else resources}


def _shrinking(after: Object, before: Object, old: Object) -> Iterator[Cause]:
    new_size = quantities.parse(after["resources"]["requests"]["storage"])
    old_size = quantities.parse(before["resources"]["requests"]["storage"])
    has = ((old.get("status") or {}).get("capacity") or {}).get("storage", "0")
    if new_size < old_size and new_size <= quantities.parse(has):
        yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")


def volume(obj: Object) -> Iterator[Cause]:
    """A PersistentVolume."""
    spec = obj.get("spec") or {}
    modes, capacity = spec.get("accessModes") or (), spec.get("capacity") or {}
    if not modes:
        yield required("spec.accessModes")
    yield from _modes(modes, "spec.accessModes")
    if not capacity:
        yield required("spec.capacity")
    if list(capacity) != ["storage"]:
        yield not_supported("spec.capacity", capacity or None, ("storage",))
    for name, amount in capacity.items():
        if quantities.parse(amount) <= 0:
            yield invalid(f"spec.capacity[{name}]", str(amount), "must be greater than zero")
    reclaim = spec.get("persistentVolumeReclaimPolicy", "")
    if reclaim and reclaim not in _RECLAIM:
        yield not_supported("spec.persistentVolumeReclaimPolicy", reclaim, _RECLAIM)
    if spec.get("nodeAffinity") is not None:
        yield from _node_affinity(spec["nodeAffinity"])
    yield from _volume_source(spec)
    if (spec.get("hostPath") or {}).get("path") == "/" and reclaim == "Recycle":
        yield forbidden(
            "spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"
        )
    name = spec.get("storageClassName")
    if name:
        yield from each_invalid("spec.storageClassName", name, names.dns_subdomain_problems(name))
    yield from _volume_mode(spec, "spec")


def _node_affinity(affinity: Object) -> Iterator[Cause]:
    wanted = affinity.get("required")
    if wanted is None:
        yield required("spec.nodeAffinity.required", "must specify required node constraints")
    else:
        yield from scheduling.node_selector(wanted, "spec.nodeAffinity.required")


def _volume_source(spec: Object) -> Iterator[Cause]:
    given = [source for source in _SOURCES if spec.get(source) is not None]
    for position, source in enumerate(given):
        if position:
            yield forbidden(f"spec.{source}", "may not specify more than 1 volume type")
        elif source == "local":
            yield from _local(spec)
        elif source == "csi":
            yield from _csi(spec["csi"])
        else:
            yield from volumes.source_checks(source, spec[source], f"spec.{source}")
    if not given:
        yield required("spec", "must specify a volume type")


def _local(spec: Object) -> Iterator[Cause]:
    path = spec["local"].get("path", "")
    if not path:
        yield required("spec.local.path")
    elif ".." in path.split("/"):
        yield invalid("spec.local.path", path, "must not contain '..'")
    if spec.get("nodeAffinity") is None:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")


def _csi(source: Object) -> Iterator[Cause]:
    driver = source.get("driver", "")
    if not driver:
        yield required("spec.csi.driver")
    else:
        yield from each_invalid("spec.csi.driver", driver, names.dns_subdomain_problems(driver.lower()))
    if not source.get("volumeHandle"):
        yield required("spec.csi.volumeHandle")


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
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)


def volume_update(new: Object, old: Object) -> Iterator[Cause]:
    """The source of a volume never changes, nor its mode."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    if any(after.get(source) != before.get(source) for source in _SOURCES):
        yield forbidden(
            "spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"
        )
    yield from immutable("spec.volumeMode", after.get("volumeMode"), before.get("volumeMode"))
    if before.get("nodeAffinity") is not None and after.get("nodeAffinity") != before["nodeAffinity"]:
        yield invalid("spec.nodeAffinity", after.get("nodeAffinity"), "field is immutable")
