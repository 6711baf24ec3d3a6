"""The PersistentVolume binder: claims get volumes, volumes know their claims.

A binding is written on both sides, the volume first: half a binding is finished by the next look.

    volume   Pending → Available → Bound → Released (the claim is gone) → Failed (could not be reclaimed)
    claim    Pending → Bound → Lost (its volume is gone)

Upstream: `pkg/controller/volume/persistentvolume/pv_controller.go`. Left out: provisioners of its own (claims wait
for an external one or for a volume made by hand), recycling, and with WaitForFirstConsumer the scheduler's part: a
volume is chosen when the first Pod has a node, and its node affinity is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.errors import NotFound
from k8scourse.api.values import Object, evolve, get_in, without
from k8scourse.sim import SECOND

from .base import Controller, join
from .volume_match import BIND_COMPLETED, BOUND_BY_CONTROLLER, best, class_of, mismatch, points_to

CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses"
RESYNC_NS = 15 * SECOND
PROVISIONERS = (
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-provisioner",
)
_EXTERNAL = (
    "Waiting for a volume to be created either by the external provisioner '{name}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)


class VolumeBinderController(Controller):
    """Binds claims to volumes and says in which phase each of them is."""

    NAME = "persistentvolume-binder-controller"
    COMPONENT = "persistentvolume-controller"
    KIND = CLAIMS
    WATCHES = (VOLUMES, CLASSES, "pods")
    LATE = True

    def begin(self) -> None:
        """What could not be bound is looked at again every 15 seconds."""
        super().begin()
        self.process.every(RESYNC_NS, self._look_at_all)

    def _look_at_all(self) -> None:
        for resource in (VOLUMES, CLAIMS):
            for obj in self.lister(resource).list():
                self._enqueue(self.keys(resource, obj))

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """`claim <key>` and `volume <name>`; a volume concerns its claim too, a Pod its claims once it has a node."""
        if resource == CLAIMS:
            volume = get_in(obj, "spec.volumeName", "")
            return (f"claim {metadata.key(obj)}", *((f"volume {volume}",) if volume else ()))
        if resource == VOLUMES:
            reference = get_in(obj, "spec.claimRef")
            key = f"volume {metadata.name(obj)}"
            if reference is None:
                return (key,)
            return (key, f"claim {join(reference.get('namespace', ''), reference['name'])}")
        if resource == "pods" and get_in(obj, "spec.nodeName"):
            return [f"claim {join(metadata.namespace(obj), name)}" for name in claims_of(obj)]
        return ()

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """Of a Pod only its node counts."""
        if resource != "pods" or get_in(old, "spec.nodeName") != get_in(new, "spec.nodeName"):
            super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """Look at one claim or at one volume."""
        what, _, name = key.partition(" ")
        if what == "volume":
            volume = self.lister(VOLUMES).get(name)
            if volume is not None:
                self._sync_volume(volume)
            return None
        claim = self.lister(CLAIMS).get(name)
        if claim is None:
            return None
        if BIND_COMPLETED in metadata.annotations(claim):
            self._sync_bound(claim)
        elif get_in(claim, "spec.volumeName"):
            self._sync_wish(claim)
        else:
            self._sync_unbound(claim)
        return None

    # -- claims ------------------------------------------------------------------------------------

    def _sync_unbound(self, claim: Object) -> None:
        """Find a volume, or somebody who makes one."""
        storage_class = self.lister(CLASSES).get(class_of(claim)) if class_of(claim) else None
        waits = get_in(storage_class, "volumeBindingMode") == "WaitForFirstConsumer"
        user = self._first_user(claim) if waits else None
        has_node = user is not None and bool(get_in(user, "spec.nodeName"))
        volume = best(self.lister(VOLUMES).list(), claim, only_reserved=waits and not has_node)
        if volume is not None:
            self._bind(volume, claim)
        elif waits and not has_node:
            reason, message = (
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding",
            )
            if user is not None:
                message = f"waiting for pod {metadata.name(user)} to be scheduled"
                reason = "WaitForPodScheduled"
            self.recorder.event(claim, "Normal", reason, message)
        elif class_of(claim):
            self._provision(claim, storage_class)
        else:
            message = "no persistent volumes available for this claim and no storage class is set"
            self.recorder.event(claim, "Normal", "FailedBinding", message)

    def _first_user(self, claim: Object) -> Object | None:
        """A Pod that mounts the claim, one with a node if there is such."""
        found = [
            pod
            for pod in self.lister("pods").list(namespace=metadata.namespace(claim))
            if metadata.name(claim) in claims_of(pod)
        ]
        return max(found, key=lambda pod: bool(get_in(pod, "spec.nodeName")), default=None)

    def _provision(self, claim: Object, storage_class: Object | None) -> None:
        if storage_class is None:
            message = f'storageclass.storage.k8s.io "{class_of(claim)}" not found'
            self.recorder.event(claim, "Warning", "ProvisioningFailed", message)
            return
        provisioner = str(storage_class["provisioner"])
        if provisioner.startswith("kubernetes.io/"):
            message = f"no volume plugin matched name: {provisioner}"
            self.recorder.event(claim, "Warning", "ProvisioningFailed", message)
            return
        notes = metadata.annotations(claim)
        if any(notes.get(each) != provisioner for each in PROVISIONERS):
            notes = {**notes, **dict.fromkeys(PROVISIONERS, provisioner)}
            claim = self.client.update(evolve(claim, "metadata.annotations", notes))
        self.recorder.event(claim, "Normal", "ExternalProvisioning", _EXTERNAL.format(name=provisioner))

    def _sync_wish(self, claim: Object) -> None:
        """The claim names its volume."""
        name = claim["spec"]["volumeName"]
        volume = self.lister(VOLUMES).get(name)
        if volume is None:
            return
        if get_in(volume, "spec.claimRef") is None:
            why = mismatch(volume, claim)
            if not why:
                self._bind(volume, claim)
                return
            message = f'Cannot bind to requested volume "{name}": {why}'
            self.recorder.event(claim, "Warning", "VolumeMismatch", message)
        elif points_to(volume, claim):
            self._bind(volume, claim)
        else:
            message = f'volume "{name}" already bound to a different claim.'
            self.recorder.event(claim, "Warning", "FailedBinding", message)

    def _sync_bound(self, claim: Object) -> None:
        """Is what was bound still so?"""
        name = get_in(claim, "spec.volumeName", "")
        volume = self.lister(VOLUMES).get(name) if name else None
        if volume is None:
            thing = "its" if name else "reference to"
            lost = f"Bound claim has lost {thing} PersistentVolume. Data on the volume is lost!"
            self._lose(claim, "ClaimLost", lost)
        elif get_in(volume, "spec.claimRef") is None or points_to(volume, claim):
            self._bind(volume, claim)
        else:
            message = "Two claims are bound to the same volume, this one is bound incorrectly"
            self._lose(claim, "ClaimMisbound", message)

    def _lose(self, claim: Object, reason: str, message: str) -> None:
        if get_in(claim, "status.phase") != "Lost":
            self.client.update_status({**claim, "status": {"phase": "Lost"}})
            self.recorder.event(claim, "Warning", reason, message)

    # -- the binding -------------------------------------------------------------------------------

    def _bind(self, volume: Object, claim: Object) -> None:
        """Four writes, each only when it says something new: who has the volume, which volume, and both phases."""
        volume = self._point_volume(volume, claim)
        self._set_phase(volume, "Bound")
        claim = self._point_claim(claim, volume)
        status = get_in(claim, "status", {})
        wanted = {**status, "phase": "Bound", "accessModes": volume["spec"]["accessModes"]}
        if status.get("phase") != "Bound":
            wanted["capacity"] = volume["spec"]["capacity"]
        if wanted != status:
            self.client.update_status({**claim, "status": wanted})

    def _point_volume(self, volume: Object, claim: Object) -> Object:
        reference = get_in(volume, "spec.claimRef", {})
        if reference.get("uid") == metadata.uid(claim):
            return volume
        about = {field: claim["metadata"][field] for field in ("namespace", "name", "uid", "resourceVersion")}
        full = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **about}
        bound = evolve(volume, "spec.claimRef", full)
        if not reference:
            bound = evolve(bound, ("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
        return self.client.update(bound)

    def _point_claim(self, claim: Object, volume: Object) -> Object:
        bound = claim
        if get_in(claim, "spec.volumeName", "") != metadata.name(volume):
            bound = evolve(bound, "spec.volumeName", metadata.name(volume))
            bound = evolve(bound, ("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
        if BIND_COMPLETED not in metadata.annotations(bound):
            bound = evolve(bound, ("metadata", "annotations", BIND_COMPLETED), "yes")
        return claim if bound is claim else self.client.update(bound)

    # -- volumes -----------------------------------------------------------------------------------

    def _set_phase(self, volume: Object, phase: str, message: str = "") -> bool:
        if get_in(volume, "status.phase") == phase:
            return False
        status = {field: value for field, value in get_in(volume, "status", {}).items() if field != "message"}
        status |= {"phase": phase, **({"message": message} if message else {})}
        self.client.update_status({**volume, "status": status})
        return True

    def _sync_volume(self, volume: Object) -> None:
        """Say in which phase a volume is, by the claim that it points to."""
        reference = get_in(volume, "spec.claimRef", {})
        if not reference.get("uid"):
            self._set_phase(volume, "Available")
            return
        claim = self._claim_of(volume, reference)
        if claim is None:
            self._release(volume)
        elif get_in(claim, "spec.volumeName", "") == metadata.name(volume):
            self._set_phase(volume, "Bound")
        elif get_in(claim, "spec.volumeName"):
            self._unbind(volume)

    def _claim_of(self, volume: Object, reference: Object) -> Object | None:
        """The claim by name and UID; before a volume is called released the API server itself is asked."""
        claim = self.lister(CLAIMS).get(join(reference["namespace"], reference["name"]))
        if claim is None and get_in(volume, "status.phase") not in ("Released", "Failed"):
            try:
                claim = self.client.get(CLAIMS, reference["name"], reference["namespace"])
            except NotFound:
                return None
        return claim if claim is not None and metadata.uid(claim) == reference["uid"] else None

    def _unbind(self, volume: Object) -> None:
        """The claim has found another volume: give this one back."""
        if BOUND_BY_CONTROLLER in metadata.annotations(volume):
            free = without(without(volume, "spec.claimRef"), ("metadata", "annotations", BOUND_BY_CONTROLLER))
        else:
            free = without(volume, "spec.claimRef.uid")
        self._set_phase(self.client.update(free), "Available")

    def _release(self, volume: Object) -> None:
        """The claim is gone. Retain leaves the volume as it is; deleting its data needs whoever made it."""
        phase = get_in(volume, "status.phase")
        if phase not in ("Released", "Failed"):
            self._set_phase(volume, "Released")
            return
        policy = get_in(volume, "spec.persistentVolumeReclaimPolicy", "Retain")
        external = "pv.kubernetes.io/provisioned-by" in metadata.annotations(volume)
        if policy == "Retain" or external or phase == "Failed":
            return
        reason, message = "VolumeFailedRecycle", "No recycler plugin found for the volume!"
        if policy == "Delete":
            about = f'Error getting deleter volume plugin for volume "{metadata.name(volume)}"'
            reason, message = "VolumeFailedDelete", f"{about}: no deletable volume plugin matched"
        if self._set_phase(volume, "Failed", message):
            self.recorder.event(volume, "Warning", reason, message)


def claims_of(pod: Object) -> list[str]:
    """The claims that a Pod mounts."""
    volumes = get_in(pod, "spec.volumes", [])
    names = [get_in(each, "persistentVolumeClaim.claimName") for each in volumes]
    return [str(name) for name in names if name]
