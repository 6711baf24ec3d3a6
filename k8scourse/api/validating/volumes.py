"""Volumes of a Pod and where its containers mount them.

Upstream: ``ValidateVolumes``, ``ValidateVolumeMounts`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)

Object = dict[str, Any]
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
#: In the order in which upstream looks at them: the second one present is the one it refuses.
SOURCES = (
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "flocker",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "storageos",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "projected",
    "csi",
    "ephemeral",
    "image",
)


def all_volumes(listed: list[Object], path: str, mountable: list[str]) -> Iterator[Cause]:
    """All volumes; the names of the good ones are added to ``mountable``."""
    for index, volume in enumerate(listed):
        causes = list(_volume(volume, f"{path}[{index}]", mountable))
        yield from causes
        if not causes:
            mountable.append(volume["name"])


def _volume(volume: Object, path: str, seen: list[str]) -> Iterator[Cause]:
    yield from _source(volume, path)
    name = volume.get("name", "")
    if not name:
        yield required(f"{path}.name")
        return
    yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if name in seen:
        yield duplicate(f"{path}.name", name)


def _source(volume: Object, path: str) -> Iterator[Cause]:
    given = [source for source in SOURCES if volume.get(source) is not None]
    for position, source in enumerate(given):
        if position:
            yield forbidden(f"{path}.{source}", "may not specify more than 1 volume type")
        elif source in _CHECKS:
            yield from _CHECKS[source](volume[source], f"{path}.{source}")
    if not given:
        yield required(path, "must specify a volume type")


def source_checks(source: str, obj: Object, path: str) -> Iterator[Cause]:
    """The checks of one source by its name; a PersistentVolume has some sources in common with a Pod."""
    if source in _CHECKS:
        yield from _CHECKS[source](obj, path)


def _empty_dir(source: Object, path: str) -> Iterator[Cause]:
    limit = source.get("sizeLimit")
    if limit is not None and quantities.parse(limit) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(source: Object, path: str) -> Iterator[Cause]:
    if not source.get("path"):
        yield required(f"{path}.path")
    elif ".." in source["path"].split("/"):
        yield invalid(f"{path}.path", source["path"], "must not contain '..'")
    if source.get("type", "") not in _HOST_PATH_TYPES:
        yield not_supported(f"{path}.type", source["type"], _HOST_PATH_TYPES)


def _needs(*fields: str) -> Callable[[Object, str], Iterator[Cause]]:
    def check(source: Object, path: str) -> Iterator[Cause]:
        for field in fields:
            if not source.get(field):
                yield required(f"{path}.{field}")

    return check


def _nfs(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("server", "path")(source, path)
    if source.get("path") and not source["path"].startswith("/"):
        yield invalid(f"{path}.path", source["path"], "must be an absolute path")


def _mode(source: Object, path: str) -> Iterator[Cause]:
    mode = source.get("defaultMode")
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid(
            f"{path}.defaultMode", mode, "must be a number between 0 and 0777 (octal), both inclusive"
        )


def _items(source: Object, path: str) -> Iterator[Cause]:
    for index, item in enumerate(source.get("items") or ()):
        where = f"{path}.items[{index}]"
        for field in ("key", "path"):
            if not item.get(field):
                yield required(f"{where}.{field}")
        yield from _descending(item.get("path", ""), f"{where}.path")
        mode = item.get("mode")
        if mode is not None and not 0 <= mode <= 0o777:
            yield invalid(
                f"{where}.mode", mode, "must be a number between 0 and 0777 (octal), both inclusive"
            )


def _secret(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("secretName")(source, path)
    yield from _mode(source, path)
    yield from _items(source, path)


def _config_map(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("name")(source, path)
    yield from _mode(source, path)
    yield from _items(source, path)


def _descending(text: str, path: str) -> Iterator[Cause]:
    """A path below the volume's root."""
    if text.startswith("/"):
        yield invalid(path, text, "must be a relative path")
    if ".." in text.split("/"):
        yield invalid(path, text, "must not contain '..'")


def mounts(listed: list[Object], path: str, mountable: list[str]) -> Iterator[Cause]:
    """The mounts of one container: of volumes that exist, each at a path of its own."""
    seen: list[str] = []
    for index, mount in enumerate(listed):
        where = f"{path}[{index}]"
        name, target = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required(f"{where}.name")
        elif name not in mountable:
            yield not_found(f"{where}.name", name)
        if not target:
            yield required(f"{where}.mountPath")
        if target in seen:
            yield invalid(f"{where}.mountPath", target, "must be unique")
        seen.append(target)
        if mount.get("subPath"):
            yield from _descending(mount["subPath"], f"{where}.subPath")
        if mount.get("subPath") and mount.get("subPathExpr"):
            yield invalid(
                f"{where}.subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive"
            )
        propagation = mount.get("mountPropagation")
        if propagation is not None and propagation not in ("Bidirectional", "HostToContainer", "None"):
            yield not_supported(
                f"{where}.mountPropagation", propagation, ("Bidirectional", "HostToContainer", "None")
            )


_CHECKS: dict[str, Callable[[Object, str], Iterator[Cause]]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "secret": _secret,
    "configMap": _config_map,
    "nfs": _nfs,
    "persistentVolumeClaim": _needs("claimName"),
    "csi": _needs("driver"),
    "ephemeral": _needs("volumeClaimTemplate"),
    "gcePersistentDisk": _needs("pdName"),
    "awsElasticBlockStore": _needs("volumeID"),
}
