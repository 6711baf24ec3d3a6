"""Questions to a cluster's trace and state that lessons ask: pure reading, nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8scourse.sim import Record

from .model import Cluster

Object = Mapping[str, Any]
SECOND = 1_000_000_000


def part(record_id: str) -> str:
    """The component of a part id: `kubelet@worker-1` is a kubelet."""
    return record_id.split("@", 1)[0].split("/", 1)[0]


def writes(
    cluster: Cluster, resource: str, *, verb: str = "", subresource: str = "", namespace: str = "default"
) -> Iterator[Record]:
    """The requests that changed something of this resource, the oldest first."""
    for record in cluster.trace.records:
        if record.kind != "request" or not record.detail.get("changed"):
            continue
        detail = record.detail
        if detail["resource"] != resource or detail["namespace"] != namespace:
            continue
        if detail["subresource"] == subresource and verb in ("", detail["verb"]):
            yield record


def written_name(record: Record) -> str:
    """The name of the object that a request wrote, also when the server chose it."""
    obj = record.detail.get("object") or record.detail.get("before") or {}
    return str(obj.get("metadata", {}).get("name") or record.detail.get("name") or "")


def pods(cluster: Cluster, app: str, namespace: str = "default") -> list[Object]:
    """The Pods with the label `app`, those on their way out excepted."""
    return [
        pod
        for pod in cluster.objects("pods")
        if pod["metadata"].get("namespace") == namespace
        and labels(pod).get("app") == app
        and "deletionTimestamp" not in pod["metadata"]
    ]


def labels(obj: Object) -> Mapping[str, str]:
    """An object's labels."""
    found: Mapping[str, str] = obj["metadata"].get("labels") or {}
    return found


def find(cluster: Cluster, resource: str, name: str, namespace: str = "default") -> Object | None:
    """One object, or None."""
    for obj in cluster.objects(resource):
        if obj["metadata"]["name"] == name and obj["metadata"].get("namespace", "") in ("", namespace):
            found: Object = obj
            return found
    return None


def endpoints(cluster: Cluster, service: str, namespace: str = "default") -> list[Object]:
    """The ready endpoints behind a Service."""
    return [
        endpoint
        for one in cluster.objects("endpointslices")
        if one["metadata"].get("namespace") == namespace
        and labels(one).get("kubernetes.io/service-name") == service
        for endpoint in one.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True)
    ]


def last_fault(cluster: Cluster, action: str, component: str = "") -> Record | None:
    """The last time somebody did this to a part (of this component), or None."""
    for record in reversed(cluster.trace.records):
        if record.kind == "fault" and record.detail.get("action") == action and component in ("", part(record.source), part(record.target)):
            found: Record = record
            return found
    return None


def condition(obj: Object, kind: str) -> str:
    """The status of a condition, "" when the object has none of that type."""
    for one in (obj.get("status") or {}).get("conditions") or ():
        if one["type"] == kind:
            return str(one["status"])
    return ""
