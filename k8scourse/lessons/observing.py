"""Looking at a cluster without touching it: what the checks of all lessons have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from ..sim import SECOND, Record
from .lesson import Observed


def cluster_in(values: Iterable[object]) -> Observed | None:
    """The first of `values` that is a cluster (it has objects and a trace), if any."""
    return next((cast(Observed, value) for value in values if is_cluster(value)), None)


def is_cluster(value: object) -> bool:
    """Whether a value can be looked at like a cluster."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("objects", "find", "trace"))


def component(part: str) -> str:
    """ "kubelet@worker-1" is a "kubelet"."""
    return part.split("@")[0]


def is_write(record: Record) -> bool:
    """Whether the record is a request that changed what is stored."""
    return record.kind == "request" and bool(record.detail["changed"])


def writes(
    cluster: Observed, resource: str, *, name: str = "", namespace: str = "default"
) -> Iterator[Record]:
    """The requests that changed a resource, to objects whose name begins with `name`, in order."""
    for record in cluster.trace.records:
        if is_write(record) and record.detail["resource"] == resource:
            detail = record.detail
            if detail["namespace"] == namespace and _name_of(record).startswith(name):
                yield record


def _name_of(record: Record) -> str:
    """The object's name; a created object may have got its name from the server."""
    obj = record.detail.get("object")
    named = obj.get("metadata", {}).get("name") if obj else None
    return str(record.detail["name"] or named or "")


def moment(time: int) -> str:
    """ "12.345 s"."""
    return f"{time / SECOND:.3f} s"


def labels_match(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether a Service with this selector would choose something with these labels."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether the Pod is ready and not on its way out."""
    conditions = pod.get("status", {}).get("conditions", [])
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
