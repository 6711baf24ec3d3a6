"""Where the containers of a Pod find its volumes: mounts of files, and raw devices.

Upstream: ``ValidateVolumeMounts``, ``ValidateVolumeDevices`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import forbidden, invalid, not_found, not_supported, required
from k8scourse.api.validating import paths

Object = dict[str, Any]
Volumes = dict[str, Object]
_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def of_container(container: Object, path: str, volumes: Volumes) -> Iterator[Cause]:
    """The mounts and the devices of one container."""
    mounts, devices = container.get("volumeMounts") or (), container.get("volumeDevices") or ()
    if mounts:
        yield from _mounts(container, f"{path}.volumeMounts", volumes)
    if devices:
        yield from _devices(container, f"{path}.volumeDevices", volumes)


def _mounts(container: Object, path: str, volumes: Volumes) -> Iterator[Cause]:
    devices = {
        device.get("name", ""): device.get("devicePath", "")
        for device in container.get("volumeDevices") or ()
    }
    seen: list[str] = []
    for index, mount in enumerate(container["volumeMounts"]):
        where, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required(f"{where}.name")
        if name not in volumes:
            yield not_found(f"{where}.name", name)
        if not target:
            yield required(f"{where}.mountPath")
        if target in seen:
            yield invalid(f"{where}.mountPath", target, "must be unique")
        seen.append(target)
        if name in devices:
            yield invalid(f"{where}.name", name, "must not already exist in volumeDevices")
        if target in devices.values():
            yield invalid(f"{where}.mountPath", target, "must not already exist as a path in volumeDevices")
        yield from _sub_paths(mount, where, path)
        yield from _modes(mount, path, bool((container.get("securityContext") or {}).get("privileged")))


def _sub_paths(mount: Object, where: str, path: str) -> Iterator[Cause]:
    """Upstream's paths of these fields do not say which of the mounts it is."""
    plain, expanded = mount.get("subPath", ""), mount.get("subPathExpr", "")
    if plain:
        yield from paths.descending(plain, f"{path}.subPath")
    if expanded:
        if plain:
            yield invalid(f"{where}.subPathExpr", expanded, "subPathExpr and subPath are mutually exclusive")
        yield from paths.descending(expanded, f"{path}.subPathExpr")


def _modes(mount: Object, path: str, privileged: bool) -> Iterator[Cause]:
    propagation, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    if propagation is not None:
        if propagation not in _PROPAGATIONS:
            yield not_supported(f"{path}.mountPropagation", propagation, _PROPAGATIONS)
        if propagation == "Bidirectional" and not privileged:
            yield forbidden(
                f"{path}.mountPropagation",
                "Bidirectional mount propagation is available only to privileged containers",
            )
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            yield forbidden(f"{path}.recursiveReadOnly", "may only be specified when readOnly is true")
        if propagation not in (None, "None"):
            yield forbidden(
                f"{path}.recursiveReadOnly",
                "may only be specified when mountPropagation is None or not specified",
            )
    elif recursive is not None and recursive != "Disabled":
        yield not_supported(f"{path}.recursiveReadOnly", recursive, _RECURSIVE)


def _devices(container: Object, path: str, volumes: Volumes) -> Iterator[Cause]:
    mounts = {
        mount.get("name", ""): mount.get("mountPath", "") for mount in container.get("volumeMounts") or ()
    }
    seen_names: list[str] = []
    seen_paths: list[str] = []
    for index, device in enumerate(container["volumeDevices"]):
        where, name, target = f"{path}[{index}]", device.get("name", ""), device.get("devicePath", "")
        yield from _device_name(name, where, volumes, seen_names)
        if not target:
            yield required(f"{where}.devicePath")
        if target in seen_paths:
            yield invalid(f"{where}.devicePath", target, "must be unique")
        if ".." in target.split("/"):
            yield invalid(f"{where}.devicePath", target, "can not contain backsteps ('..')")
        else:
            seen_paths.append(target)
        if name in mounts:
            yield invalid(f"{where}.name", name, "must not already exist in volumeMounts")
        if target in mounts.values():
            yield invalid(f"{where}.devicePath", target, "must not already exist as a path in volumeMounts")
        if name:
            seen_names.append(name)


def _device_name(name: str, path: str, volumes: Volumes, seen: list[str]) -> Iterator[Cause]:
    volume = volumes.get(name)
    if not name:
        yield required(f"{path}.name")
    if name in seen:
        yield invalid(f"{path}.name", name, "must be unique")
    if volume is None:
        yield not_found(f"{path}.name", name)
    elif volume.get("persistentVolumeClaim") is None and volume.get("ephemeral") is None:
        yield invalid(
            f"{path}.name",
            name,
            "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
        )
