"""PriorityClass, StorageClass, RuntimeClass, and what storage drivers write: CSIDriver, CSINode, VolumeAttachment.

Upstream: ``pkg/apis/scheduling/validation``, ``pkg/apis/storage/validation``, ``pkg/apis/node/validation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import metadata, scheduling

Object = dict[str, Any]
SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
HIGHEST_PRIORITY = 1_000_000_000
_POLICIES = ("Never", "PreemptLowerPriority")
_RECLAIM = ("Delete", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")
_GROUP_POLICIES = ("ReadWriteOnceWithFSType", "File", "None")
_LIFECYCLES = ("Ephemeral", "Persistent")


def priority_class(obj: Object) -> Iterator[Cause]:
    """A PriorityClass: the highest numbers and the prefix ``system-`` are the system's."""
    name, value = (obj.get("metadata") or {}).get("name", ""), obj.get("value", 0)
    if name.startswith("system-"):
        if SYSTEM_PRIORITIES.get(name) != value:
            yield forbidden(
                "metadata.name",
                "priority class names with 'system-' prefix are reserved for system use "
                "only. error: system priority class names and values must match",
            )
    elif value > HIGHEST_PRIORITY:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {HIGHEST_PRIORITY}")
    policy = obj.get("preemptionPolicy")
    if policy is not None:
        if not policy:
            yield required("preemptionPolicy")
        elif policy not in _POLICIES:
            yield not_supported("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))


def priority_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """The number of a class and its policy never change."""
    if new.get("value") != old.get("value"):
        yield forbidden("value", "may not be changed in an update.")
    yield from immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))


# ------------------------------------------------------------------------------------------- storage


def storage_class(obj: Object) -> Iterator[Cause]:
    """A StorageClass."""
    provisioner = obj.get("provisioner", "")
    if not provisioner:
        yield required("provisioner", provisioner)
    else:
        yield from each_invalid(
            "provisioner", provisioner, names.qualified_name_problems(provisioner.lower())
        )
    yield from _parameters(obj.get("parameters") or {})
    reclaim = obj.get("reclaimPolicy")
    if reclaim and reclaim not in _RECLAIM:
        yield not_supported("reclaimPolicy", reclaim, _RECLAIM)
    mode = obj.get("volumeBindingMode")
    if mode is None:
        yield required("volumeBindingMode")
    elif mode not in _BINDING:
        yield not_supported("volumeBindingMode", mode, _BINDING)


def _parameters(parameters: dict[str, str]) -> Iterator[Cause]:
    if len(parameters) > 512:
        yield Cause("parameters", "FieldValueTooLong", "Too long: may not be more than 512 items")
    for key in parameters:
        if not key:
            yield invalid("parameters", key, "field can not be empty.")
    if sum(len(key) + len(value) for key, value in parameters.items()) > 256 * 1024:
        yield too_long("parameters", 256 * 1024)


def storage_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """How volumes of a class are made never changes."""
    if (new.get("parameters") or {}) != (old.get("parameters") or {}):
        yield forbidden("parameters", "updates to parameters are forbidden.")
    if new.get("provisioner") != old.get("provisioner"):
        yield forbidden("provisioner", "updates to provisioner are forbidden.")
    if new.get("reclaimPolicy") != old.get("reclaimPolicy"):
        yield forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.")
    yield from immutable("volumeBindingMode", new.get("volumeBindingMode"), old.get("volumeBindingMode"))


def csi_driver(obj: Object) -> Iterator[Cause]:
    """A CSIDriver."""
    name, spec = (obj.get("metadata") or {}).get("name", ""), obj.get("spec") or {}
    yield from _driver_name(name, "name")
    for field in ("attachRequired", "podInfoOnMount", "storageCapacity"):
        if spec.get(field) is None:
            yield required(f"spec.{field}")
    policy = spec.get("fsGroupPolicy")
    if policy is not None and policy not in _GROUP_POLICIES:
        yield not_supported("spec.fsGroupPolicy", policy, _GROUP_POLICIES)
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in _LIFECYCLES:
            yield not_supported("spec.volumeLifecycleModes", mode, _LIFECYCLES)
    audiences: list[str] = []
    for index, request in enumerate(spec.get("tokenRequests") or ()):
        audience, seconds = request.get("audience", ""), request.get("expirationSeconds")
        if audience in audiences:
            yield duplicate(f"spec.tokenRequests[{index}].audience", audience)
        audiences.append(audience)
        if seconds is not None and seconds < 600:
            yield invalid(
                f"spec.tokenRequests[{index}].expirationSeconds",
                seconds,
                "may not specify a duration less than 10 minutes",
            )


def _driver_name(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
        return
    if len(name) > 63:
        yield too_long(path, 63)
    yield from each_invalid(path, name, names.dns_subdomain_problems(name.lower()))


def csi_driver_update(new: Object, old: Object) -> Iterator[Cause]:
    """Most of what a driver says of itself never changes."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    for field in ("attachRequired", "fsGroupPolicy", "volumeLifecycleModes"):
        yield from immutable(f"spec.{field}", after.get(field), before.get(field))


def csi_node(obj: Object) -> Iterator[Cause]:
    """A CSINode: the drivers of one node."""
    seen: list[str] = []
    for index, driver in enumerate((obj.get("spec") or {}).get("drivers") or ()):
        path, name, node = f"spec.drivers[{index}]", driver.get("name", ""), driver.get("nodeID", "")
        yield from _driver_name(name, f"{path}.name")
        if not node:
            yield required(f"{path}.nodeID")
        elif len(node) > 256:
            yield invalid(f"{path}.nodeID", node, "must be 256 characters or less")
        count = (driver.get("allocatable") or {}).get("count")
        if count is not None and count < 0:
            yield invalid(f"{path}.allocatable.count", count, "must be greater than or equal to 0")
        for key in driver.get("topologyKeys") or ():
            yield from each_invalid(f"{path}.topologyKeys", key, names.qualified_name_problems(key))
        if name and name in seen:
            yield duplicate(f"{path}.name", name)
        seen.append(name)


def volume_attachment(obj: Object) -> Iterator[Cause]:
    """A VolumeAttachment: one volume, one node."""
    spec = obj.get("spec") or {}
    attacher, node, source = spec.get("attacher", ""), spec.get("nodeName", ""), spec.get("source") or {}
    if not attacher:
        yield required("spec.attacher", attacher)
    else:
        yield from each_invalid("spec.attacher", attacher, names.qualified_name_problems(attacher.lower()))
    name, inline = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    if inline is None and name is None:
        yield required("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName")
    elif inline is not None and name is not None:
        yield forbidden(
            "spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        )
    elif name is not None:
        if not name:
            yield required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
        else:
            yield from each_invalid(
                "spec.source.persistentVolumeName", name, names.dns_subdomain_problems(name)
            )
    yield from each_invalid("spec.nodeName", node, names.dns_subdomain_problems(node))


def volume_attachment_update(new: Object, old: Object) -> Iterator[Cause]:
    """An attachment is made and undone, never changed."""
    if new.get("spec") != old.get("spec"):
        yield invalid("spec", new.get("spec"), "field is immutable")


# ------------------------------------------------------------------------------------- runtime classes


def runtime_class(obj: Object) -> Iterator[Cause]:
    """A RuntimeClass: the handler, what it costs, where it runs."""
    handler = obj.get("handler", "")
    yield from each_invalid("handler", handler, names.dns_label_problems(handler))
    for name, amount in ((obj.get("overhead") or {}).get("podFixed") or {}).items():
        path = f"overhead.podFixed[{name}]"
        yield from each_invalid(path, name, names.qualified_name_problems(name))
        if quantities.parse(amount) < 0:
            yield invalid(path, str(amount), "must be greater than or equal to 0")
    placing = obj.get("scheduling")
    if placing is not None:
        yield from metadata.labels(placing.get("nodeSelector") or {}, "scheduling.nodeSelector")
        yield from scheduling.tolerations(placing.get("tolerations") or [], "scheduling.tolerations")


def runtime_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """The handler never changes."""
    yield from immutable("handler", new.get("handler"), old.get("handler"))
