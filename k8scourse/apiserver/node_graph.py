"""Which objects belong to which node: whatever a Pod that is bound to it names.

    node <- pod <- secret, configmap, serviceaccount, persistentvolumeclaim
    node <- pod <- persistentvolumeclaim <- persistentvolume <- secret
    node <- volumeattachment

Since a Pod has one node, an object's way to nodes is a count of Pods per node; only volumes need a step more.
A mirror Pod gives nothing: a kubelet makes it, and must not give itself rights by it.

Upstream: ``plugin/pkg/auth/authorizer/node/graph.go``, ``graph_populator.go``, ``pkg/api/v1/pod/util.go``
(VisitPodSecretNames), ``pkg/api/v1/persistentvolume/util.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8scourse.api.values import get_in

Object = Mapping[str, Any]
Vertex = tuple[str, str, str]
"""Plural, namespace and name of an object."""
MIRROR = "kubernetes.io/config.mirror"
# Where a Pod's volume may name a Secret in its own namespace, and under which field.
_VOLUME_SECRETS = (
    ("secret", "secretName"),
    ("azureFile", "secretName"),
    *((source, "secretRef.name") for source in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO")),
    ("csi", "nodePublishSecretRef.name"),
)
_PV_SECRETS = (
    *(("csi", field) for field in ("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef")),
    *((source, "secretRef") for source in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO")),
)


class Graph:
    """The graph, kept up to date by telling it of every change of Pods, volumes and attachments."""

    def __init__(self) -> None:
        self._pods: dict[tuple[str, str], tuple[str, tuple[Vertex, ...]]] = {}
        self._reach: dict[Vertex, dict[str, int]] = {}
        self._volumes: dict[str, tuple[Vertex, tuple[Vertex, ...]]] = {}
        self._of_volume: dict[Vertex, dict[str, None]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]

    def leads(self, vertex: Vertex, node: str) -> bool:
        """Whether there is a way from an object to a node."""
        if node in self._reach.get(vertex, ()):
            return True
        if vertex[0] == "persistentvolumes":
            claim = self._volumes.get(vertex[2])
            return claim is not None and node in self._reach.get(claim[0], ())
        volumes = self._of_volume.get(vertex, ())
        return any(node in self._reach.get(self._volumes[name][0], ()) for name in volumes)

    # -- Pods ------------------------------------------------------------------------------------

    def put_pod(self, pod: Object) -> None:
        """A Pod appeared or changed; one without a node has no place in the graph."""
        node = get_in(pod, "spec.nodeName", "")
        if not node:
            return
        metadata = pod["metadata"]
        key = metadata["namespace"], metadata["name"]
        # What a bound Pod names cannot change; the claims of generic volumes are made from its name.
        known = self._pods.get(key)
        vertices = tuple(dict.fromkeys(_named_by(pod)))
        if known == (node, vertices):
            return
        if known is not None:
            self.drop_pod(*key)
        self._pods[key] = node, vertices
        for vertex in vertices:
            nodes = self._reach.setdefault(vertex, {})
            nodes[node] = nodes.get(node, 0) + 1

    def drop_pod(self, namespace: str, name: str) -> None:
        """A Pod is gone, and with it what only it held together."""
        node, vertices = self._pods.pop((namespace, name), ("", ()))
        for vertex in vertices:
            self._less(vertex, node)

    def _less(self, vertex: Vertex, node: str) -> None:
        nodes = self._reach[vertex]
        nodes[node] -= 1
        if not nodes[node]:
            del nodes[node]
        if not nodes:
            del self._reach[vertex]

    # -- volumes ---------------------------------------------------------------------------------

    def put_volume(self, volume: Object) -> None:
        """A PersistentVolume appeared or changed; it counts when it is bound to a claim."""
        name = volume["metadata"]["name"]
        self.drop_volume(name)
        claim = get_in(volume, "spec.claimRef")
        if not claim:
            return
        namespace = claim.get("namespace", "")
        secrets = tuple(_secrets_of(volume["spec"], namespace))
        self._volumes[name] = ("persistentvolumeclaims", namespace, claim.get("name", "")), secrets
        for secret in secrets:
            self._of_volume.setdefault(secret, {})[name] = None

    def drop_volume(self, name: str) -> None:
        """A PersistentVolume is gone."""
        _, secrets = self._volumes.pop(name, (None, ()))
        for secret in secrets:
            self._of_volume[secret].pop(name, None)
            if not self._of_volume[secret]:
                del self._of_volume[secret]

    def put_attachment(self, attachment: Object) -> None:
        """A VolumeAttachment appeared or changed."""
        vertex = ("volumeattachments", "", attachment["metadata"]["name"])
        node = get_in(attachment, "spec.nodeName", "")
        self._reach[vertex] = {node: 1}

    def drop_attachment(self, name: str) -> None:
        """A VolumeAttachment is gone."""
        self._reach.pop(("volumeattachments", "", name), None)


def _named_by(pod: Object) -> Iterator[Vertex]:
    metadata, spec = pod["metadata"], pod["spec"]
    namespace = metadata["namespace"]
    yield "pods", namespace, metadata["name"]
    if MIRROR in (metadata.get("annotations") or {}):
        return
    if spec.get("serviceAccountName"):
        yield "serviceaccounts", namespace, spec["serviceAccountName"]
    for plural, name in _references(metadata["name"], spec):
        if name:
            yield plural, namespace, name


def _references(pod: str, spec: Object) -> Iterator[tuple[str, str]]:
    for one in spec.get("imagePullSecrets") or ():
        yield "secrets", one.get("name", "")
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            yield from _of_container(container)
    for volume in spec.get("volumes") or ():
        yield from _of_volume(volume)
        if "ephemeral" in volume:
            yield "persistentvolumeclaims", f"{pod}-{volume['name']}"


def _of_container(container: Object) -> Iterator[tuple[str, str]]:
    for one in container.get("envFrom") or ():
        yield "secrets", get_in(one, "secretRef.name", "")
        yield "configmaps", get_in(one, "configMapRef.name", "")
    for one in container.get("env") or ():
        yield "secrets", get_in(one, "valueFrom.secretKeyRef.name", "")
        yield "configmaps", get_in(one, "valueFrom.configMapKeyRef.name", "")


def _of_volume(volume: Object) -> Iterator[tuple[str, str]]:
    for source, field in _VOLUME_SECRETS:
        if volume.get(source):
            yield "secrets", get_in(volume[source], field, "")
    yield "configmaps", get_in(volume, "configMap.name", "")
    yield "persistentvolumeclaims", get_in(volume, "persistentVolumeClaim.claimName", "")
    for part in get_in(volume, "projected.sources") or ():
        yield "secrets", get_in(part, "secret.name", "")
        yield "configmaps", get_in(part, "configMap.name", "")


def _secrets_of(spec: Object, namespace: str) -> Iterator[Vertex]:
    for source, field in _PV_SECRETS:
        reference = get_in(spec, (source, field))
        if reference and reference.get("name"):
            yield "secrets", reference.get("namespace") or namespace, reference["name"]
    file = spec.get("azureFile")
    if file and file.get("secretName"):
        yield "secrets", file.get("secretNamespace") or namespace, file["secretName"]
