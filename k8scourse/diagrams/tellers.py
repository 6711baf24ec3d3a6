"""Which sentence a request to the API server deserves: by who asked, what about, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8scourse.api.values import get_in
from k8scourse.sim import Record

from .messages import STAGES
from .reading import pod_state

Told = tuple[str, dict[str, Any]]


class Part(str):
    """The id of a part, to be named in words: "kubelet@worker-1" is "the kubelet on worker-1"."""


class Words(str):
    """A key of the narration's own words."""


def request(record: Record) -> Told:
    """The sentence's key and values."""
    detail = record.detail
    if detail.get("code", 200) >= 400:
        return _refused(record)
    if detail.get("verb") in ("get", "list", "watch"):
        return "read", {"who": Part(record.source), "what": record.subject}
    component = record.source.partition("@")[0]
    teller = _TELLERS.get((component, str(detail.get("resource"))))
    special = teller(record) if teller else None
    return special or _general(record)


def _refused(record: Record) -> Told:
    stages = record.detail.get("stages") or ()
    stage = next((stage for stage, outcome in stages if outcome == "refused"), "")
    values = {
        "who": Part(record.source),
        "message": record.detail.get("message", ""),
        "stage": Words(f"stage.{stage}"),
    }
    return ("refused", values) if stage in STAGES else ("refused_plain", values)


def _general(record: Record) -> Told:
    detail = record.detail
    values = {
        "who": Part(record.source),
        "kind": kind_of(record),
        "name": detail.get("name") or _named(record),
    }
    verb = {"create": "created", "delete": "deleted"}.get(str(detail.get("verb")), "changed")
    if verb == "deleted" and get_in(detail.get("object"), "metadata.deletionTimestamp"):
        verb = "marked"
    if detail.get("subresource") == "eviction":
        verb = "evicted"
    return (f"user_{verb}" if record.source.startswith("kubectl") else f"other_{verb}"), values


def kind_of(record: Record) -> str:
    """The kind that a request was about."""
    for which in ("object", "before"):
        kind = get_in(record.detail.get(which), "kind", "")
        if kind and kind not in ("Status", "Binding", "Eviction", "Scale"):
            return str(kind)
    resource = str(record.detail.get("resource", ""))
    return _KIND_NAMES.get(resource, resource)


_KIND_NAMES = {"pods": "Pod", "nodes": "Node", "deployments": "Deployment", "replicasets": "ReplicaSet",
               "services": "Service", "endpointslices": "EndpointSlice", "daemonsets": "DaemonSet",
               "configmaps": "ConfigMap", "namespaces": "Namespace"}  # fmt: skip


def _named(record: Record) -> str:
    made = get_in(record.detail.get("object"), "metadata.name", "")
    return str(made or record.subject.rsplit("/", 1)[-1])


def _name(record: Record) -> str:
    return str(record.detail.get("name") or _named(record))


def _owner(record: Record) -> Mapping[str, Any]:
    references = get_in(
        record.detail.get("object") or record.detail.get("before"), "metadata.ownerReferences", ()
    )
    return next((reference for reference in references if reference.get("controller")), {})


def _controller_pods(record: Record) -> Told | None:
    verb, owner = record.detail.get("verb"), _owner(record)
    if verb == "create" and owner:
        key = {"ReplicaSet": "pod_created", "DaemonSet": "pod_created_daemon"}.get(owner["kind"])
        return (key, {"name": _named(record), "owner": owner["name"]}) if key else None
    if record.detail.get("subresource") == "status" and _ready(record.detail.get("before")) == "True":
        return (
            ("pod_doubted", {"name": _name(record)})
            if _ready(record.detail.get("object")) != "True"
            else None
        )
    if verb == "delete" or record.detail.get("subresource") == "eviction":
        of_set = "pod_surplus" if owner.get("kind") == "ReplicaSet" else "pod_cleaned"
        key = "pod_evicted" if _is_evicted(record) else of_set
        return key, {"name": _name(record), "owner": owner.get("name", "")}
    return None


def _is_evicted(record: Record) -> bool:
    """Whether the taint eviction controller has marked the Pod before it asks for the deletion."""
    conditions = get_in(record.detail.get("before") or record.detail.get("object"), "status.conditions", ())
    return any(condition.get("reason") == "DeletionByTaintManager" for condition in conditions)


def _controller_replicasets(record: Record) -> Told | None:
    detail = record.detail
    replicas = get_in(detail.get("object"), "spec.replicas", 0)
    values = {"name": _named(record), "owner": _owner(record).get("name", ""), "replicas": replicas}
    if detail.get("verb") == "create":
        return "replicaset_created", values
    if detail.get("subresource") == "status":
        status = get_in(detail.get("object"), "status", {})
        return "replicaset_status", {**values, "ready": status.get("readyReplicas", 0)}
    if get_in(detail.get("before"), "spec.replicas") != replicas:
        return "replicaset_scaled", values
    return None


def _controller_deployments(record: Record) -> Told | None:
    if record.detail.get("subresource") != "status":
        return None
    obj = record.detail.get("object")
    ready, wanted = get_in(obj, "status.readyReplicas", 0), get_in(obj, "spec.replicas", 0)
    key = "deployment_done" if ready >= wanted else "deployment_status"
    return key, {"name": _named(record), "ready": ready, "replicas": wanted}


def _controller_slices(record: Record) -> Told | None:
    obj = record.detail.get("object")
    if record.detail.get("verb") == "delete" or not obj:
        return None
    ends = get_in(obj, "endpoints", ())
    ready = sum(get_in(end, "conditions.ready", True) is not False for end in ends)
    service = get_in(obj, ("metadata", "labels", "kubernetes.io/service-name"), _named(record))
    return ("endpoints" if ready else "endpoints_none"), {"service": service, "ready": ready}


def _controller_nodes(record: Record) -> Told | None:
    before, after = record.detail.get("before"), record.detail.get("object")
    if _ready(before) != _ready(after) and _ready(after) == "Unknown":
        return "node_silent", {"node": _name(record)}
    new, old = get_in(after, "spec.taints", ()), get_in(before, "spec.taints", ())
    if len(new) > len(old):
        taint = next(t for t in new if t not in old)
        return "node_tainted", {"node": _name(record), "taint": f"{taint['key']}:{taint['effect']}"}
    return ("node_untainted", {"node": _name(record)}) if len(new) < len(old) else None


def _ready(node: Any) -> str:
    found = [c["status"] for c in get_in(node, "status.conditions", ()) if c["type"] == "Ready"]
    return str(found[0]) if found else ""


def _scheduler_pods(record: Record) -> Told | None:
    if record.detail.get("subresource") == "binding" or record.subject.endswith("/binding"):
        node = get_in(record.detail.get("object"), "spec.nodeName", "") or get_in(
            record.detail, "body.target.name", ""
        )
        return (
            ("bound", {"name": _name(record), "node": node})
            if node
            else ("bound_plain", {"name": _name(record)})
        )
    return "unschedulable_written", {"name": _name(record)}


def _kubelet_pods(record: Record) -> Told | None:
    detail, node = record.detail, record.source.partition("@")[2]
    values: dict[str, Any] = {"node": node, "name": _name(record)}
    if detail.get("verb") == "delete":
        return "pod_removed", values
    if detail.get("verb") == "create":
        return "mirror_created", values
    state, reason = pod_state(detail["object"]) if get_in(detail.get("object"), "metadata") else ("", "")
    key = {
        "running": "pod_ready",
        "failed": "pod_trouble",
        "done": "pod_done",
        "stopped": "pod_stopping",
    }.get(state)
    if key is None:
        started = any(
            get_in(s, "state.running") for s in get_in(detail.get("object"), "status.containerStatuses", ())
        )
        key = "pod_started" if started else "pod_noticed"
    if key == "pod_ready" and get_in(detail["object"], "metadata.namespace") == "kube-system":
        key = "component_ready"
    return key, {**values, "reason": reason}


def _kubelet_nodes(record: Record) -> Told | None:
    values = {"node": _name(record)}
    if record.detail.get("verb") == "create":
        return "node_registered", values
    before, after = _ready(record.detail.get("before")), _ready(record.detail.get("object"))
    if before != after:
        return ("node_ready" if after == "True" else "node_not_ready"), values
    return "node_status", values


def _kubectl_nodes(record: Record) -> Told | None:
    before, after = (bool(get_in(record.detail.get(w), "spec.unschedulable")) for w in ("before", "object"))
    if before == after:
        return None
    return ("cordoned" if after else "uncordoned"), {"node": _name(record)}


def _kubectl_pods(record: Record) -> Told | None:
    if record.detail.get("subresource") == "eviction":
        return "pod_drained", {"name": _name(record)}
    return None


def _kubectl_deployments(record: Record) -> Told | None:
    before, after = (get_in(record.detail.get(which), "spec.replicas") for which in ("before", "object"))
    if record.detail.get("verb") == "create":
        return "deployment_created", {"name": _named(record), "replicas": after}
    if record.detail.get("verb") in ("patch", "update") and before is not None and after != before:
        return "deployment_scaled", {"name": _name(record), "before": before, "replicas": after}
    return None


def _kubectl_services(record: Record) -> Told | None:
    if record.detail.get("verb") != "create":
        return None
    address = get_in(record.detail.get("object"), "spec.clusterIP", "")
    return "service_created", {"name": _named(record), "address": address}


_TELLERS: dict[tuple[str, str], Callable[[Record], Told | None]] = {
    ("kubectl", "deployments"): _kubectl_deployments,
    ("kubectl", "services"): _kubectl_services,
    ("kubectl", "nodes"): _kubectl_nodes,
    ("kubectl", "pods"): _kubectl_pods,
    ("kube-controller-manager", "pods"): _controller_pods,
    ("kube-controller-manager", "replicasets"): _controller_replicasets,
    ("kube-controller-manager", "deployments"): _controller_deployments,
    ("kube-controller-manager", "endpointslices"): _controller_slices,
    ("kube-controller-manager", "nodes"): _controller_nodes,
    ("kube-scheduler", "pods"): _scheduler_pods,
    ("kubelet", "pods"): _kubelet_pods,
    ("kubelet", "nodes"): _kubelet_nodes,
}
