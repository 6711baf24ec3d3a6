"""Two small rules of storage: what is in use is not deleted under its users, and a claim without a class gets one.

Upstream: ``plugin/pkg/admission/storage/{storageobjectinuseprotection,storageclass/setdefault}/admission.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Plugin

DEFAULT_ANNOTATION = "storageclass.kubernetes.io/is-default-class"
_BETA_ANNOTATION = "storageclass.beta.kubernetes.io/is-default-class"
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_FINALIZERS = {
    "PersistentVolume": "kubernetes.io/pv-protection",
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
}


class StorageObjectInUseProtection(Plugin):
    """Gives new volumes and claims a finalizer, which a controller takes away when nobody uses them."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The object with its finalizer."""
        finalizer = _FINALIZERS.get(request.kind.kind)
        if finalizer is None or request.verb != "create" or request.subresource:
            return request.object
        present = list(get_in(request.object, "metadata.finalizers") or ())
        if finalizer in present:
            return request.object
        return evolve(request.object, "metadata.finalizers", [*present, finalizer])


class DefaultStorageClass(Plugin):
    """Names the default StorageClass in new claims that name none."""

    def admit(self, request: AdmissionRequest) -> Any:
        """The claim with a class, if there is a default one."""
        claim = request.object
        if request.kind.kind != "PersistentVolumeClaim" or request.verb != "create" or request.subresource:
            return claim
        if get_in(claim, "spec.storageClassName") is not None or _class_annotation(claim):
            return claim
        name = self._default()
        return evolve(claim, "spec.storageClassName", name) if name else claim

    def _default(self) -> str:
        """The newest of the default classes; of two that are equally old the first by name."""
        found = [each for each in self.reader.list("storageclasses") if _is_default(each)]
        if not found:
            return ""
        newest = max(each["metadata"]["creationTimestamp"] for each in found)
        names = [
            each["metadata"]["name"] for each in found if each["metadata"]["creationTimestamp"] == newest
        ]
        return str(min(names))


def _class_annotation(claim: Object) -> bool:
    return _CLASS_ANNOTATION in (claim["metadata"].get("annotations") or {})


def _is_default(storage_class: Object) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return "true" in (annotations.get(DEFAULT_ANNOTATION), annotations.get(_BETA_ANNOTATION))
