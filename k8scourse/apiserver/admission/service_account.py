"""ServiceAccount: every Pod runs as somebody, and finds its token where programs look for it.

Upstream: ``plugin/pkg/admission/serviceaccount/admission.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k8scourse.api import metadata
from k8scourse.api.errors import forbidden
from k8scourse.api.hashing import random_suffix
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
MIRROR = "kubernetes.io/config.mirror"
_TOKEN_SECONDS = 3607
_SOURCES: list[Object] = [
    {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {
        "downwardAPI": {
            "items": [
                {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
            ]
        }
    },
]


class ServiceAccount(Plugin):
    """Gives Pods their ServiceAccount and the volume with its token; `sources` is what the volume shows."""

    sources: Sequence[Object] = _SOURCES

    def admit(self, request: AdmissionRequest) -> Any:
        """The Pod with its account, its pull secrets and, unless it declines, its token."""
        if not request.is_new_pod:
            return request.object
        pod = request.object
        if MIRROR in metadata.annotations(pod):
            self._check_mirror(request)
            return pod
        spec = pod.get("spec") or {}
        name = spec.get("serviceAccountName") or "default"
        account = self._account(request, name)
        spec = {**spec, "serviceAccountName": name, "serviceAccount": name}
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = account["imagePullSecrets"]
        if _wants_token(spec, account):
            spec = self._with_token(spec)
        return {**pod, "spec": spec}

    def _check_mirror(self, request: AdmissionRequest) -> None:
        if (request.object.get("spec") or {}).get("serviceAccountName"):
            raise forbidden("", "pods", request.name, "a mirror pod may not reference service accounts")

    def _account(self, request: AdmissionRequest, name: str) -> Object:
        account = self.reader.get("serviceaccounts", request.namespace, name)
        if account is None:
            missing = f'serviceaccount "{name}" not found'
            why = f"error looking up service account {request.namespace}/{name}: {missing}"
            raise forbidden("", "pods", request.name, why)
        return account

    def _with_token(self, spec: Object) -> Object:
        volumes = list(spec.get("volumes") or ())
        volume = f"kube-api-access-{random_suffix(self.reader.rng)}"
        needed = False
        spec = dict(spec)
        for field in ("initContainers", "containers"):
            if spec.get(field):
                mounted = [_mounted(container, volume) for container in spec[field]]
                needed = needed or any(new is not old for new, old in zip(mounted, spec[field], strict=True))
                spec[field] = mounted
        if needed:
            volumes.append({"name": volume, "projected": {"sources": list(self.sources), "defaultMode": 420}})
            spec["volumes"] = volumes
        return spec


def _wants_token(spec: Object, account: Object) -> bool:
    for wish in (spec.get("automountServiceAccountToken"), account.get("automountServiceAccountToken")):
        if wish is not None:
            return bool(wish)
    return True


def _mounted(container: Any, volume: str) -> Any:
    if not isinstance(container, dict):
        return container
    mounts = container.get("volumeMounts") or []
    if any(mount.get("mountPath") == MOUNT_PATH for mount in mounts):
        return container
    mount = {"name": volume, "readOnly": True, "mountPath": MOUNT_PATH}
    return {**container, "volumeMounts": [*mounts, mount]}
