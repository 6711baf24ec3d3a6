"""PVC and PV protection: a claim stays while a Pod uses it, a volume while a claim is bound to it.

Admission gives both a finalizer when they are made; these loops take it away from what is being deleted and no
longer used.

Upstream: `pkg/controller/volume/{pvcprotection,pvprotection}`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata, pods
from k8scourse.api.values import Object, get_in

from .base import Controller, join


class PvcProtectionController(Controller):
    """Lets a deleted claim go when the last Pod that mounts it has ended."""

    NAME = "persistentvolumeclaim-protection-controller"
    KIND = "persistentvolumeclaims"
    WATCHES = ("pods",)
    FINALIZER = "kubernetes.io/pvc-protection"

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """The claims that a Pod mounts."""
        if resource == self.KIND:
            return (metadata.key(obj),)
        return [join(metadata.namespace(obj), name) for name in _claims_of(obj)]

    def reconcile(self, key: str) -> int | None:
        """Take the finalizer off a deleted claim that nobody uses."""
        claim = self.lister(self.KIND).get(key)
        if claim is not None and metadata.is_terminating(claim) and not self._is_used(claim):
            release(self, claim, self.FINALIZER)
        return None

    def _is_used(self, claim: Object) -> bool:
        running = self.lister("pods").list(namespace=metadata.namespace(claim))
        name = metadata.name(claim)
        return any(
            name in _claims_of(pod) and get_in(pod, "spec.nodeName") and not pods.is_terminal(pod)
            for pod in running
        )


class PvProtectionController(Controller):
    """Lets a deleted volume go when no claim is bound to it."""

    NAME = "persistentvolume-protection-controller"
    KIND = "persistentvolumes"
    FINALIZER = "kubernetes.io/pv-protection"

    def reconcile(self, key: str) -> int | None:
        """Take the finalizer off a deleted volume that is not bound."""
        volume = self.lister(self.KIND).get(key)
        if volume is None or not metadata.is_terminating(volume):
            return None
        if get_in(volume, "status.phase") != "Bound":
            release(self, volume, self.FINALIZER)
        return None


def release(controller: Controller, obj: Object, finalizer: str) -> None:
    """Remove a finalizer from an object, if it is there."""
    finalizers = list(obj["metadata"].get("finalizers") or ())
    if finalizer in finalizers:
        left = [each for each in finalizers if each != finalizer]
        controller.client.update({**obj, "metadata": {**obj["metadata"], "finalizers": left}})


def _claims_of(pod: Object) -> list[str]:
    volumes = get_in(pod, "spec.volumes") or ()
    names = [get_in(volume, "persistentVolumeClaim.claimName") for volume in volumes]
    ephemeral = [f"{metadata.name(pod)}-{volume['name']}" for volume in volumes if "ephemeral" in volume]
    return [*(str(name) for name in names if name), *ephemeral]
