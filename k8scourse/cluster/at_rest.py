"""What lies on etcd's disk, and whether somebody who finds the disk can read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..api import kinds
from ..apiserver.encryption import SECRETS_ENCRYPTED, Encryption
from ..etcd import KeyValue
from .components import ETCD_FOLDER
from .errors import LearnerError

if TYPE_CHECKING:
    from .world import World


def configuration(wish: bool | Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The EncryptionConfiguration that `Cluster(encryption=wish)` means; None when nothing is encrypted."""
    if isinstance(wish, bool) or wish is None:
        return SECRETS_ENCRYPTED if wish else None
    try:
        Encryption(wish)
    except ValueError as error:
        raise LearnerError("encryption", problem=error) from None
    return wish


def opened(encryption: Mapping[str, Any] | None, found: Sequence[KeyValue]) -> list[dict[str, Any]]:
    """Stored objects, decrypted where that is needed."""
    if not any(isinstance(entry.value, str) for entry in found):
        return [entry.value for entry in found]
    keys = Encryption(encryption)
    return [keys.read(entry.key, entry.value) for entry in found]


def stored(world: World, resource: str, name: str, namespace: str) -> str:
    """What etcd's disk holds of one object, as text; "" when there is none."""
    store, kind = world.machines[world.control_plane].files.get(ETCD_FOLDER), kinds.resource(resource)
    found = store.range(kind.storage_key(name, namespace)).kvs if store is not None else []
    if not found:
        return ""
    value = found[0].value
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
