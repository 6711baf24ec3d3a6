"""A Pod's volumes as directories on the node's disk, and how containers mount them.

Upstream: `pkg/kubelet/volumemanager` and the plugins under `pkg/volume`. A directory is a dict of path to text.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from ..runtime import Mount
from ..sim import Machine
from .config import Pod
from .environment import Fetch, decode_data, field_value
from .object_cache import Missing, Unfetchable
from .tokens import TokenManager

Directory = MutableMapping[str, str]
_ROOT_CA = "kube-root-ca.crt"


class MountFailure(Exception):
    """A volume cannot be made: the message of the FailedMount event."""


def folder(uid: str) -> str:
    """Where a Pod's volumes lie."""
    return f"/var/lib/kubelet/pods/{uid}/volumes/"


class Volumes:
    """The volumes of all Pods of a node."""

    def __init__(self, machine: Machine, fetch: Fetch, tokens: TokenManager) -> None:
        self._machine, self._fetch, self._tokens = machine, fetch, tokens

    def set_up(self, pod: Pod, ip: str) -> dict[str, Directory]:
        """Every volume of a Pod by name, made or refreshed; raises `MountFailure`."""
        return {volume["name"]: self._set_up(pod, volume, ip) for volume in pod["spec"].get("volumes") or ()}

    def tear_down(self, uid: str) -> None:
        """Remove a Pod's directories and forget its tokens."""
        self._tokens.forget(uid)
        for path in [path for path in self._machine.files if path.startswith(folder(uid))]:
            del self._machine.files[path]

    def _set_up(self, pod: Pod, volume: Mapping[str, Any], ip: str) -> Directory:
        if (host := volume.get("hostPath")) is not None:
            return self._directory(f"hostPath:{host['path']}")
        directory = self._directory(folder(pod["metadata"]["uid"]) + volume["name"])
        try:
            fresh = self._contents(pod, volume, ip)
        except (Missing, Unfetchable) as error:
            message = f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error}'
            raise MountFailure(message) from None
        if fresh is not None:
            directory.clear()
            directory.update(fresh)
        return directory

    def _directory(self, path: str) -> Directory:
        directory: Directory = self._machine.files.setdefault(path, {})
        return directory

    def _contents(self, pod: Pod, volume: Mapping[str, Any], ip: str) -> dict[str, str] | None:
        """What a volume's plugin writes; None for one that keeps what it has."""
        if "emptyDir" in volume:
            return None
        for kind in ("configMap", "secret", "downwardAPI", "projected"):
            if kind in volume:
                return self._source(pod, kind, volume[kind], ip)
        kind = next((key for key in volume if key != "name"), "emptyDir")
        raise MountFailure(
            f'MountVolume.SetUp failed for volume "{volume["name"]}" : no volume plugin matched: {kind}'
        )

    def _source(self, pod: Pod, kind: str, source: Mapping[str, Any], ip: str) -> dict[str, str]:
        if kind == "projected":
            merged: dict[str, str] = {}
            for part in source.get("sources") or ():
                for name, inner in part.items():
                    merged |= self._source(pod, name, inner, ip)
            return merged
        if kind == "serviceAccountToken":
            return {source["path"]: self._tokens.token(pod, source)}
        if kind == "downwardAPI":
            return {
                item["path"]: field_value(pod, item["fieldRef"]["fieldPath"], ip, self._machine.address)
                for item in source.get("items") or ()
                if "fieldRef" in item
            }
        return self._of_object(pod, kind, source)

    def _of_object(self, pod: Pod, kind: str, source: Mapping[str, Any]) -> dict[str, str]:
        resource = "configmaps" if kind == "configMap" else "secrets"
        name = source.get("name") or source.get("secretName") or ""
        if name == _ROOT_CA:
            return {}  # nobody publishes the cluster's certificate here: there is no TLS to check with it
        try:
            data = decode_data(self._fetch(resource, name, pod["metadata"]["namespace"]))
        except Missing:
            if source.get("optional"):
                return {}
            raise
        if source.get("items"):
            return {item["path"]: data.get(item["key"], "") for item in source["items"]}
        return data


def mounts_of(
    pod: Pod, container: Mapping[str, Any], volumes: Mapping[str, Directory], ip: str, dns: str
) -> tuple[Mount, ...]:
    """A container's mounts, the files that every Pod gets among them."""
    namespace, hostname = pod["metadata"]["namespace"], hostname_of(pod)
    resolver = f"search {namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver {dns}\n"
    hosts = f"# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n{ip}\t{hostname}\n"
    for alias in pod["spec"].get("hostAliases") or ():
        hosts += f"{alias['ip']}\t{' '.join(alias.get('hostnames') or ())}\n"
    made = [
        Mount("/etc/hosts", {"": hosts}),
        Mount("/etc/hostname", {"": hostname + "\n"}),
        Mount("/etc/resolv.conf", {"": resolver + "options ndots:5\n"}),
    ]
    for mount in container.get("volumeMounts") or ():
        files = volumes.get(mount["name"])
        if files is not None:
            made.append(
                Mount(mount["mountPath"], _part(files, mount.get("subPath", "")), bool(mount.get("readOnly")))
            )
    return tuple(made)


def hostname_of(pod: Pod) -> str:
    """The name that a Pod's programs see as their host's."""
    return str(pod["spec"].get("hostname") or pod["metadata"]["name"])[:63]


def _part(files: Directory, sub_path: str) -> Directory:
    """A volume's file or folder, when a mount asks for only that."""
    if not sub_path:
        return files
    if sub_path in files:
        return {"": files[sub_path]}
    return {
        name.removeprefix(sub_path + "/"): text
        for name, text in files.items()
        if name.startswith(sub_path + "/")
    }


def shows_objects(pod: Pod) -> bool:
    """Whether a Pod has volumes whose contents may change from outside."""
    kinds = ("configMap", "secret", "downwardAPI")
    return any(kind in volume for volume in pod["spec"].get("volumes") or () for kind in kinds)
