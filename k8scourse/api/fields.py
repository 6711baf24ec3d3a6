"""The fields that a field selector may name, and their values in an object.

Every kind knows ``metadata.name`` and ``metadata.namespace``; a few have more.
Upstream: ``pkg/apis/core/v1/conversion.go`` and each kind's ``strategy.go`` (``ToSelectableFields``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.kinds import Kind
from k8scourse.api.selectors import FieldSelector
from k8scourse.api.values import get_in

_EXTRA: dict[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.type"),
    "ReplicaSet": ("status.replicas",),
    "ReplicationController": ("status.replicas",),
    "Job": ("status.successful",),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
#: Kinds whose refusal names the field only; the others list what they know.
_OWN_MESSAGE = (
    "Pod",
    "Node",
    "Namespace",
    "Secret",
    "Service",
    "ReplicaSet",
    "ReplicationController",
    "Event",
    "Job",
)


def selectable(kind: Kind) -> tuple[str, ...]:
    """The field labels that this kind knows."""
    return ("metadata.name", "metadata.namespace", *_EXTRA.get(kind.kind, ()))


def check(kind: Kind, selector: FieldSelector) -> None:
    """ValueError, with the API server's words, when the selector names a field this kind does not have."""
    known = selectable(kind)
    for field, _, _ in selector.terms:
        if field in known:
            continue
        if kind.kind in _OWN_MESSAGE:
            raise ValueError(f"field label not supported: {field}")
        raise ValueError(
            f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
        )


def values(kind: Kind, obj: Mapping[str, Any]) -> dict[str, str]:
    """The selectable fields of one object as text; booleans are ``true`` and ``false``."""
    found = {}
    for field in selectable(kind):
        found[field] = _text(field, obj)
    return found


def matches(kind: Kind, selector: FieldSelector, obj: Mapping[str, Any]) -> bool:
    """Whether the object satisfies the selector; reads only the fields that the selector names."""
    return all((_text(field, obj) == value) == (operator == "=") for field, operator, value in selector.terms)


def _text(field: str, obj: Mapping[str, Any]) -> str:
    if field == "source":
        return str(get_in(obj, "source.component") or obj.get("reportingComponent", ""))
    value = get_in(obj, field)
    if field == "spec.hostNetwork" or field == "spec.unschedulable":
        return "true" if value else "false"
    if field == "status.replicas":
        return str(value or 0)
    if field == "status.successful":
        # The selector's name is older than the field's.
        return str(get_in(obj, "status.succeeded", 0))
    if field == "status.podIPs":
        return ",".join(row["ip"] for row in value or ())
    return "" if value is None else str(value)
