"""Who owns the number of replicas after a write to /scale.

A Scale has no fields of its own: its `spec.replicas` is the workload's, so a change of it is taken away from the
owners in the workload and given to the one who scaled. As upstream, the new entry has no time.

Upstream: ``apimachinery/pkg/util/managedfields/scalehandler.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.kinds import Kind
from k8scourse.apiserver.apply.entries import UPDATE, Owned, decode, encode, manager
from k8scourse.apiserver.apply.fieldset import difference, of_path

Object = dict[str, Any]


def scaled(kind: Kind, owner: Object, name: str, path: tuple[str, ...] = ("spec", "replicas")) -> Object:
    """A workload whose replicas were changed through /scale by the manager `name`, with its new owners."""
    try:
        managed = decode(owner["metadata"].get("managedFields"))
    except ValueError:
        return owner
    if not managed:
        return owner
    fields = of_path(*(f"f:{part}" for part in path))
    rest = {who: owned.but(difference(owned.fields, fields)) for who, owned in managed.items()}
    rest = {who: owned for who, owned in rest.items() if owned.fields}
    rest[manager(name, UPDATE, kind.api_version, "scale")] = Owned(fields, kind.api_version)
    return {**owner, "metadata": {**owner["metadata"], "managedFields": encode(rest)}}
