"""Reading and writing ``metadata``: keys, owners, labels.

Objects are plain JSON dicts; nothing here changes its argument.
"""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def name(obj: Object) -> str:
    """``metadata.name``, or the empty string."""
    return str(obj.get("metadata", {}).get("name", ""))


def namespace(obj: Object) -> str:
    """``metadata.namespace``, or the empty string for cluster-scoped objects."""
    return str(obj.get("metadata", {}).get("namespace", ""))


def uid(obj: Object) -> str:
    """``metadata.uid``, or the empty string."""
    return str(obj.get("metadata", {}).get("uid", ""))


def key(obj: Object) -> str:
    """``namespace/name``, or ``name`` for a cluster-scoped object: the key of caches and work queues."""
    metadata = obj["metadata"]
    where = metadata.get("namespace")
    return f"{where}/{metadata['name']}" if where else str(metadata["name"])


def split_key(text: str) -> tuple[str, str]:
    """The inverse of :func:`key`: ``(namespace, name)``, with an empty namespace if there is none."""
    where, slash, what = text.rpartition("/")
    return (where, what) if slash else ("", text)


def labels(obj: Object) -> dict[str, str]:
    """``metadata.labels``, an empty dict when absent."""
    return obj.get("metadata", {}).get("labels") or {}


def annotations(obj: Object) -> dict[str, str]:
    """``metadata.annotations``, an empty dict when absent."""
    return obj.get("metadata", {}).get("annotations") or {}


def owner_references(obj: Object) -> list[dict[str, Any]]:
    """``metadata.ownerReferences``, an empty list when absent."""
    return obj.get("metadata", {}).get("ownerReferences") or []


def controller_of(obj: Object) -> dict[str, Any] | None:
    """The owner reference with ``controller: true``, or None."""
    for reference in owner_references(obj):
        if reference.get("controller"):
            return reference
    return None


def is_controlled_by(obj: Object, owner: Object) -> bool:
    """Whether ``owner`` is the controller of ``obj``, compared by UID as upstream does."""
    reference = controller_of(obj)
    return reference is not None and reference["uid"] == uid(owner)


def owner_reference(owner: Object, controller: bool = True) -> dict[str, Any]:
    """A reference to ``owner``; with ``controller`` also blocking its foreground deletion."""
    reference: dict[str, Any] = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    if controller:
        reference.update(controller=True, blockOwnerDeletion=True)
    return reference


def is_terminating(obj: Object) -> bool:
    """Whether the object has a deletionTimestamp: it is on its way out."""
    return "deletionTimestamp" in obj["metadata"]
