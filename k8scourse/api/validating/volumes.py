"""Volumes of a Pod: their names, and what each kind of source needs.

Upstream: ``ValidateVolumes``, ``validateVolumeSource`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, invalid, required
from k8scourse.api.validating import volumesources

Object = dict[str, Any]
Volumes = dict[str, Object]
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
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
)
#: Upstream spells these paths in its own way when the source is one too many.
_EXTRA = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}


def all_volumes(listed: list[Object], path: str, pod_name: str) -> tuple[Volumes, list[Cause]]:
    """The good volumes by their names, and what is wrong with the others.

    ``pod_name`` is empty for templates; a Pod's own name makes the names of its ephemeral claims.
    """
    made = [
        f"{pod_name}-{volume.get('name', '')}" for volume in listed if pod_name and volume.get("ephemeral")
    ]
    good: Volumes = {}
    causes: list[Cause] = []
    for index, volume in enumerate(listed):
        where = f"{path}[{index}]"
        problems = list(_volume(volume, where, pod_name, good))
        causes += problems
        if not problems:
            good[volume["name"]] = volume
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName", "")
        if claim and claim in made:
            causes.append(
                invalid(
                    f"{where}.persistentVolumeClaim.claimName",
                    claim,
                    "must not reference a PVC that gets created for an ephemeral volume",
                )
            )
    return good, causes


def _volume(volume: Object, path: str, pod_name: str, seen: Volumes) -> Iterator[Cause]:
    name = volume.get("name", "")
    yield from _source(volume, path)
    if volume.get("ephemeral") and pod_name and name:
        claim = f"{pod_name}-{name}"
        for problem in names.dns_subdomain_problems(claim):
            yield invalid(f"{path}.name", name, f'PVC name "{claim}": {problem}')
    if not name:
        yield required(f"{path}.name")
    else:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
    if name in seen:
        yield duplicate(f"{path}.name", name)


def _source(volume: Object, path: str) -> Iterator[Cause]:
    given = [source for source in SOURCES if volume.get(source) is not None]
    for position, source in enumerate(given):
        if position:
            yield forbidden(f"{path}.{_EXTRA.get(source, source)}", "may not specify more than 1 volume type")
        else:
            yield from volumesources.check(source, volume[source], path)
    if not given:
        yield required(path, "must specify a volume type")
