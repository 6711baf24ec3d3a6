"""What each kind of volume source needs, in a Pod and (where they are the same) in a PersistentVolume.

Upstream: the functions ``validate…VolumeSource`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid, not_supported, required
from k8scourse.api.validating import metadata, paths, projections, volumeclaims

Object = dict[str, Any]
Check = Callable[[Object, str], Iterator[Cause]]
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
_INITIATORS = ("iqn", "eui", "naa")


def check(source: str, obj: Object, path: str) -> Iterator[Cause]:
    """The checks of one source by its name; ``path`` is that of the volume."""
    if source in _CHECKS:
        # A Google disk's fields are filed under another name than the field's own.
        field = "persistentDisk" if source == "gcePersistentDisk" else source
        yield from _CHECKS[source](obj, f"{path}.{field}")


def _needs(*fields: str) -> Check:
    def check_needs(source: Object, path: str) -> Iterator[Cause]:
        for field in fields:
            if not source.get(field):
                yield required(f"{path}.{field}")

    return check_needs


def _empty_dir(source: Object, path: str) -> Iterator[Cause]:
    limit = source.get("sizeLimit")
    if limit is not None and quantities.parse(limit) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(source: Object, path: str) -> Iterator[Cause]:
    if not source.get("path"):
        yield required(f"{path}.path")
        return
    yield from paths.no_steps_back(source["path"], f"{path}.path")
    if (source.get("type") or "") not in _HOST_PATH_TYPES:
        yield not_supported(f"{path}.type", source["type"], _HOST_PATH_TYPES)


def _git_repo(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("repository")(source, path)
    yield from paths.descending(source.get("directory", ""), f"{path}.directory")


def _disk(field: str) -> Check:
    def check_disk(source: Object, path: str) -> Iterator[Cause]:
        yield from _needs(field)(source, path)
        partition = source.get("partition", 0)
        if not 0 <= partition <= 255:
            yield invalid(f"{path}.partition", partition, "must be between 1 and 255, inclusive")

    return check_disk


def _nfs(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("server", "path")(source, path)
    if not source.get("path", "").startswith("/"):
        yield invalid(f"{path}.path", source.get("path", ""), "must be an absolute path")


def _iscsi(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("targetPortal", "iqn")(source, path)
    iqn, lun = source.get("iqn", ""), source.get("lun", 0)
    if iqn and not iqn.startswith(_INITIATORS):
        yield invalid(f"{path}.iqn", iqn, "must be valid format starting with iqn, eui, or naa")
    if not 0 <= lun <= 255:
        yield invalid(f"{path}.lun", lun, "must be between 0 and 255, inclusive")
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required(f"{path}.secretRef")


def _secret(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("secretName")(source, path)
    yield from paths.file_mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from projections.key_paths(source, path)


def _config_map(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("name")(source, path)
    yield from paths.file_mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from projections.key_paths(source, path)


def _downward(source: Object, path: str) -> Iterator[Cause]:
    yield from paths.file_mode(source.get("defaultMode"), f"{path}.defaultMode")
    for file in source.get("items") or ():
        yield from projections.downward_file(file, path)


def _projected(source: Object, path: str) -> Iterator[Cause]:
    yield from paths.file_mode(source.get("defaultMode"), f"{path}.defaultMode")
    yield from projections.sources(source, path)


def _fibre_channel(source: Object, path: str) -> Iterator[Cause]:
    names_given, ids, lun = source.get("targetWWNs") or [], source.get("wwids") or [], source.get("lun")
    if not names_given and not ids:
        yield required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if names_given and ids:
        yield invalid(
            f"{path}.targetWWNs", names_given, "targetWWNs and wwids can not be specified simultaneously"
        )
    if names_given and lun is None:
        yield required(f"{path}.lun", "lun is required if targetWWNs is specified")
    elif names_given and lun is not None and not 0 <= lun <= 255:
        yield invalid(f"{path}.lun", lun, "must be between 0 and 255, inclusive")


def _flocker(source: Object, path: str) -> Iterator[Cause]:
    name, uid = source.get("datasetName", ""), source.get("datasetUUID", "")
    if not name and not uid:
        yield required(path, "one of datasetName and datasetUUID is required")
    if name and uid:
        yield invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        yield invalid(f"{path}.datasetName", name, "must not contain '/'")


def _flex(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("driver")(source, path)
    for option in source.get("options") or {}:
        owner = f".{option.split('/')[0].lower()}"
        if owner.endswith((".kubernetes.io", ".k8s.io")):
            yield invalid(
                f"{path}.options[{option}]", option, "kubernetes.io and k8s.io namespaces are reserved"
            )


def _azure_disk(source: Object, path: str) -> Iterator[Cause]:
    yield from _needs("diskName", "diskURI")(source, path)
    modes, kinds = ("None", "ReadOnly", "ReadWrite"), ("Dedicated", "Managed", "Shared")
    if source.get("cachingMode") is not None and source["cachingMode"] not in modes:
        yield not_supported(f"{path}.cachingMode", source["cachingMode"], modes)
    if source.get("kind") is not None and source["kind"] not in kinds:
        yield not_supported(f"{path}.kind", source["kind"], kinds)


def csi_driver_name(name: str, path: str) -> Iterator[Cause]:
    """The name of a storage driver: a domain, in any case."""
    if not name:
        yield required(path)
        return
    if len(name) > 63:
        yield Cause(path, "FieldValueTooLong", "Too long: may not be more than 63 bytes")
    yield from each_invalid(path, name, names.dns_subdomain_problems(name.lower()))


def _csi(source: Object, path: str) -> Iterator[Cause]:
    yield from csi_driver_name(source.get("driver", ""), f"{path}.driver")
    secret = source.get("nodePublishSecretRef")
    if secret is None:
        return
    if not secret.get("name"):
        yield required(f"{path}.nodePublishSecretRef.name")
    else:
        yield from each_invalid(f"{path}.name", secret["name"], names.dns_subdomain_problems(secret["name"]))


def _ephemeral(source: Object, path: str) -> Iterator[Cause]:
    template, where = source.get("volumeClaimTemplate"), f"{path}.volumeClaimTemplate"
    if template is None:
        yield required(where)
        return
    own = template.get("metadata") or {}
    yield from metadata.annotations(own.get("annotations") or {}, f"{where}.metadata.annotations")
    yield from metadata.labels(own.get("labels") or {}, f"{where}.metadata.labels")
    for field in own:
        if field not in ("annotations", "labels"):
            yield forbidden(f"{where}.metadata.{field}", "cannot be set")
    yield from volumeclaims.claim_spec(template.get("spec") or {}, f"{where}.spec")


def _image(source: Object, path: str) -> Iterator[Cause]:
    policies = ("Always", "IfNotPresent", "Never")
    yield from _needs("reference")(source, path)
    policy = source.get("pullPolicy")
    if policy not in policies:
        yield (
            not_supported(f"{path}.pullPolicy", policy, policies)
            if policy
            else required(f"{path}.pullPolicy")
        )


_CHECKS: dict[str, Check] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git_repo,
    "gcePersistentDisk": _disk("pdName"),
    "awsElasticBlockStore": _disk("volumeID"),
    "secret": _secret,
    "nfs": _nfs,
    "iscsi": _iscsi,
    "glusterfs": _needs("endpoints", "path"),
    "flocker": _flocker,
    "persistentVolumeClaim": _needs("claimName"),
    "rbd": _needs("monitors", "image"),
    "cinder": _needs("volumeID"),
    "cephfs": _needs("monitors"),
    "quobyte": _needs("registry", "volume"),
    "downwardAPI": _downward,
    "fc": _fibre_channel,
    "flexVolume": _flex,
    "configMap": _config_map,
    "azureFile": _needs("secretName", "shareName"),
    "vsphereVolume": _needs("volumePath"),
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "azureDisk": _azure_disk,
    "projected": _projected,
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
