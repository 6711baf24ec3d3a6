"""componentstatuses: an old question, is the control plane well? Deprecated, and still asked by hand.

The real server asks the scheduler and the controller manager too, at ports of its own machine. Ours knows of etcd
only, and says nothing about the others.
Upstream: ``pkg/registry/core/componentstatus/rest.go``.
"""

from __future__ import annotations

from k8scourse.api.errors import not_found
from k8scourse.apiserver.storage import Object, Storage
from k8scourse.etcd import EtcdError

NAME = "etcd-0"


def every(storage: Storage) -> list[Object]:
    """The states of all parts that can be asked."""
    try:
        storage.revision()
        condition = {"type": "Healthy", "status": "True", "message": "ok"}
    except EtcdError as error:
        condition = {"type": "Healthy", "status": "False", "error": str(error)}
    status = {
        "kind": "ComponentStatus",
        "apiVersion": "v1",
        "metadata": {"name": NAME},
        "conditions": [condition],
    }
    return [status]


def one(storage: Storage, name: str) -> Object:
    """The state of one part. Raises `NotFound`."""
    if name != NAME:
        raise not_found("", "componentstatuses", name)
    return every(storage)[0]
