"""What storage drivers write: CSIDriver, CSINode, VolumeAttachment.

Upstream: ``pkg/apis/storage/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
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

Object = dict[str, Any]
_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLES = ("Persistent", "Ephemeral")
_SHORTEST_TOKEN, _LONGEST_TOKEN = 600, 1 << 32
_LONGEST_NODE = 256
#: Upstream calls attachRequired by this name in its messages.
_SHOWN = {"attachRequired": "attachedRequired"}
_ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"


def csi_driver(obj: Object) -> Iterator[Cause]:
    """A CSIDriver."""
    spec = obj.get("spec") or {}
    for field in ("attachRequired", "podInfoOnMount", "storageCapacity"):
        if spec.get(field) is None:
            yield required(f"spec.{_SHOWN.get(field, field)}")
    policy = spec.get("fsGroupPolicy")
    if policy is not None and policy not in _GROUP_POLICIES:
        yield not_supported("spec.fsGroupPolicy", policy, _GROUP_POLICIES)
    audiences: list[str] = []
    for index, request in enumerate(spec.get("tokenRequests") or ()):
        yield from _token(request, f"spec.tokenRequests[{index}]", audiences)
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in _LIFECYCLES:
            yield not_supported("spec.volumeLifecycleModes", mode, _LIFECYCLES)


def _token(request: Object, path: str, audiences: list[str]) -> Iterator[Cause]:
    audience, seconds = request.get("audience", ""), request.get("expirationSeconds")
    if audience in audiences:
        yield duplicate(f"{path}.audience", audience)
    audiences.append(audience)
    if seconds is None:
        return
    if seconds < _SHORTEST_TOKEN:
        yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _LONGEST_TOKEN:
        yield invalid(
            f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"
        )


def csi_driver_update(new: Object, old: Object) -> Iterator[Cause]:
    """Most of what a driver says of itself never changes."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    for field in ("attachRequired", "fsGroupPolicy", "podInfoOnMount", "volumeLifecycleModes"):
        yield from immutable(f"spec.{_SHOWN.get(field, field)}", after.get(field), before.get(field))


def csi_node(obj: Object) -> Iterator[Cause]:
    """A CSINode: the drivers of one node."""
    seen: list[str] = []
    for index, driver in enumerate((obj.get("spec") or {}).get("drivers") or ()):
        yield from _node_driver(driver, f"spec.drivers[{index}]", seen)


def _node_driver(driver: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    name, node = driver.get("name", ""), driver.get("nodeID", "")
    yield from _driver_name(name, f"{path}.name")
    if not node:
        yield required(f"{path}.nodeID")
    if len(node) > _LONGEST_NODE:
        yield invalid(f"{path}.nodeID", node, f"must be {_LONGEST_NODE} characters or less")
    count = (driver.get("allocatable") or {}).get("count")
    if count is not None and count < 0:
        yield invalid(f"{path}.allocatable.count", count, "must be greater than or equal to 0")
    if name in seen:
        yield duplicate(f"{path}.name", name)
    seen.append(name)
    keys = driver.get("topologyKeys") or []
    for index, key in enumerate(keys):
        if not key:
            yield required(path)
        if key in keys[:index]:
            yield duplicate(path, key)
        yield from each_invalid(path, key, names.qualified_name_problems(key))


def _driver_name(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
    if len(name) > 63:
        yield too_long(path, 63)
    yield from each_invalid(path, name, names.dns_subdomain_problems(name.lower()))


def csi_node_update(new: Object, old: Object) -> Iterator[Cause]:
    """A driver comes and goes; what is said of it stays."""
    for before in (old.get("spec") or {}).get("drivers") or ():
        for after in (new.get("spec") or {}).get("drivers") or ():
            if before.get("name") == after.get("name") and before != after:
                count = (after.get("allocatable") or {}).get("count")
                shown = {
                    "Name": after.get("name", ""),
                    "NodeID": after.get("nodeID", ""),
                    "TopologyKeys": after.get("topologyKeys"),
                    "Allocatable": None if after.get("allocatable") is None else {"Count": count},
                }
                yield invalid("CSINodeDriver", shown, "field is immutable")


def volume_attachment(obj: Object) -> Iterator[Cause]:
    """A VolumeAttachment: one volume, one node."""
    spec = obj.get("spec") or {}
    attacher, node, source = spec.get("attacher", ""), spec.get("nodeName", ""), spec.get("source") or {}
    if not attacher:
        yield required("spec.attacher")
    name, inline = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    if inline is None and name is None:
        yield required("spec.source", _ONE_SOURCE)
    elif inline is not None and name is not None:
        yield forbidden("spec.source", _ONE_SOURCE)
    elif name == "":
        yield required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
    yield from each_invalid("spec.nodeName", node, names.dns_subdomain_problems(node))
    yield from _driver_name(attacher, "spec.attacher")
    if name is not None:
        yield from each_invalid("spec.source.persistentVolumeName", name, names.dns_subdomain_problems(name))


def volume_attachment_update(new: Object, old: Object) -> Iterator[Cause]:
    """An attachment is made and undone, never changed."""
    spec = new.get("spec") or {}
    if spec != old.get("spec"):
        source = spec.get("source") or {}
        fields = (("PersistentVolumeName", "persistentVolumeName"), ("InlineVolumeSpec", "inlineVolumeSpec"))
        shown = {
            "Attacher": spec.get("attacher", ""),
            "Source": {shown: source.get(field) for shown, field in fields},
            "NodeName": spec.get("nodeName", ""),
        }
        yield invalid("spec", shown, "field is immutable")
