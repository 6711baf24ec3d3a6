"""Pods from files on the node's disk, and their mirrors in the API.

Upstream: `pkg/kubelet/config/{file,common}.go`, `pkg/kubelet/pod/mirror_client.go`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..api import kinds
from ..api.defaulting import apply_defaults
from ..api.errors import NotFound, StatusError
from ..client import Client, Unreachable
from ..sim import Machine, Process
from .config import Object, Pod

SOURCE = "kubernetes.io/config.source"
HASH = "kubernetes.io/config.hash"
SEEN = "kubernetes.io/config.seen"
MIRROR = "kubernetes.io/config.mirror"


def read(machine: Machine, folder: str, seen: str) -> dict[str, Object]:
    """The static Pods of a folder by uid; what is not a Pod is passed over."""
    found: dict[str, Object] = {}
    for path in sorted(machine.files):
        manifest = machine.files[path]
        if path.startswith(folder + "/") and isinstance(manifest, Mapping) and _is_pod(manifest):
            pod = static_pod(manifest, machine.name, seen)
            found[pod["metadata"]["uid"]] = pod
    return found


def _is_pod(manifest: Mapping[str, Any]) -> bool:
    return manifest.get("kind") == "Pod" and bool((manifest.get("spec") or {}).get("containers"))


def static_pod(manifest: Mapping[str, Any], node: str, seen: str) -> Object:
    """A manifest as the Pod that the kubelet runs: named after its node, its uid a hash of what it says."""
    metadata = manifest.get("metadata") or {}
    text = json.dumps(manifest, sort_keys=True) + node
    uid = hashlib.sha256(text.encode()).hexdigest()[:32]
    annotations = {**(metadata.get("annotations") or {}), HASH: uid, SEEN: seen, SOURCE: "file"}
    spec = {**manifest["spec"], "nodeName": node}
    anything = {"operator": "Exists", "effect": "NoExecute"}
    spec["tolerations"] = [*(spec.get("tolerations") or ()), anything]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **metadata,
            "name": f"{metadata.get('name', 'pod')}-{node}",
            "namespace": metadata.get("namespace") or "default",
            "uid": uid,
            "annotations": annotations,
        },
        "spec": spec,
    }
    return apply_defaults(kinds.POD, pod)


def is_mirror(pod: Pod) -> bool:
    """Whether an object of the API only shows a static Pod."""
    return MIRROR in (pod["metadata"].get("annotations") or {})


def mirror_of(pod: Pod, node: Pod) -> Object:
    """The object that shows a static Pod in the API."""
    metadata = {key: value for key, value in pod["metadata"].items() if key != "uid"}
    annotations = metadata["annotations"]
    owner = {
        "apiVersion": "v1",
        "kind": "Node",
        "name": node["metadata"]["name"],
        "uid": node["metadata"]["uid"],
        "controller": True,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **metadata,
            "annotations": {**annotations, MIRROR: annotations[HASH]},
            "ownerReferences": [owner],
        },
        "spec": pod["spec"],
    }


def _shows(mirror: Pod, pod: Pod) -> bool:
    """Whether a mirror shows exactly this manifest, and is not being deleted."""
    metadata = mirror["metadata"]
    return "deletionTimestamp" not in metadata and metadata["annotations"][MIRROR] == pod["metadata"]["uid"]


class MirrorClient:
    """Keeps one mirror per static Pod. Failures are met again at the next housekeeping."""

    def __init__(self, process: Process, client: Client) -> None:
        self._process, self._client = process, client

    def ensure(self, pod: Pod, mirror: Pod | None, node: Pod | None) -> None:
        """Create the mirror when it is missing; replace one that shows another manifest."""
        if node is None:
            return
        if mirror is not None and _shows(mirror, pod):
            return
        try:
            if mirror is not None:
                self._delete(mirror)
            self._client.create(mirror_of(pod, node))
        except (StatusError, Unreachable):
            return

    def remove(self, mirror: Pod) -> None:
        """The static Pod is gone: so goes its mirror."""
        try:
            self._delete(mirror)
        except (StatusError, Unreachable):
            return

    def _delete(self, mirror: Pod) -> None:
        metadata = mirror["metadata"]
        try:
            self._client.delete(
                "pods", metadata["name"], metadata["namespace"], grace_period_seconds=0, uid=metadata["uid"]
            )
        except NotFound:
            return
