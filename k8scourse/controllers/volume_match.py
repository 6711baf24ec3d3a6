"""Which volume suits a claim: pure functions.

Upstream: `pkg/controller/volume/persistentvolume/{index,pv_controller}.go`, `pkg/volume/persistentvolume/util`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata, quantities, selectors
from k8scourse.api.values import Object, get_in

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"


def class_of(obj: Object) -> str:
    """The storage class of a claim or of a volume; empty for none."""
    return metadata.annotations(obj).get(CLASS_ANNOTATION) or str(get_in(obj, "spec.storageClassName", ""))


def size_of(obj: Object, path: str) -> int:
    """Bytes of storage: `spec.capacity` of a volume, `spec.resources.requests` of a claim."""
    return quantities.integer(str(get_in(obj, f"{path}.storage", "0")))


def points_to(volume: Object, claim: Object) -> bool:
    """Whether a volume is reserved for or bound to this claim."""
    reference = get_in(volume, "spec.claimRef", {})
    named = reference.get("name"), reference.get("namespace")
    same = named == (metadata.name(claim), metadata.namespace(claim))
    return same and reference.get("uid", "") in ("", metadata.uid(claim))


def mismatch(volume: Object, claim: Object) -> str:
    """Why a volume does not suit a claim; empty when it does."""
    if metadata.is_terminating(volume):
        return f'the volume is marked for deletion "{metadata.name(volume)}"'
    if size_of(volume, "spec.capacity") < size_of(claim, "spec.resources.requests"):
        return "requested PV is too small"
    if class_of(volume) != class_of(claim):
        return "storageClassName does not match"
    if _mode(volume) != _mode(claim):
        return "incompatible volumeMode"
    offered = get_in(volume, "spec.accessModes", [])
    if any(mode not in offered for mode in get_in(claim, "spec.accessModes", [])):
        return "incompatible accessMode"
    return ""


def _mode(obj: Object) -> str:
    return str(get_in(obj, "spec.volumeMode", "Filesystem"))


def best(volumes: Iterable[Object], claim: Object, *, only_reserved: bool) -> Object | None:
    """The volume that was reserved for a claim, else the smallest free one that suits it."""
    known = list(volumes)
    for volume in known:
        if points_to(volume, claim) and not mismatch(volume, claim):
            return volume
    selector = get_in(claim, "spec.selector")
    wanted = selectors.from_label_selector(selector) if selector is not None else None
    free = [
        volume
        for volume in known
        if get_in(volume, "spec.claimRef") is None
        and get_in(volume, "status.phase") == "Available"
        and (wanted is None or wanted.matches(metadata.labels(volume)))
        and not mismatch(volume, claim)
    ]
    if only_reserved or not free:
        return None
    return min(free, key=lambda volume: (size_of(volume, "spec.capacity"), metadata.name(volume)))
