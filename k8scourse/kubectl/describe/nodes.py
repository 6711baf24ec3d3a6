"""kubectl describe node. Upstream: `describeNode`, `describeNodeResource` in `kubectl/pkg/describe/describe.go`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from k8scourse.api import kinds, pods, quantities
from k8scourse.api.errors import StatusError
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object, get_in

from ..session import Session
from . import events
from .writer import Writer, annotation_lines, date, pairs

_ROLE = "node-role.kubernetes.io/"
_SYSTEM = (
    ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"), ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"), ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"), ("Kube-Proxy Version", "kubeProxyVersion"),
)  # fmt: skip


def describe(session: Session, node: Object) -> str:
    """The description of a node, with what runs on it and what that asks for."""
    writer = Writer()
    spec, status = node.get("spec") or {}, node.get("status") or {}
    writer.field("Name", node["metadata"]["name"])
    roles = sorted(key.removeprefix(_ROLE) for key in labels(node) if key.startswith(_ROLE))
    writer.field("Roles", ",".join(roles) or "<none>")
    pairs(writer, "Labels", labels(node))
    annotation_lines(writer, annotations_of(node))
    writer.field("CreationTimestamp", date(node["metadata"].get("creationTimestamp")))
    _taints(writer, spec.get("taints") or ())
    writer.field("Unschedulable", str(bool(spec.get("unschedulable"))).lower())
    _lease(writer, session, node["metadata"]["name"])
    _conditions(writer, status.get("conditions") or ())
    writer.line(0, "Addresses:")
    for address in status.get("addresses") or ():
        writer.line(1, f"{address['type']}:\t{address['address']}")
    _amounts(writer, "Capacity", status.get("capacity") or {})
    _amounts(writer, "Allocatable", status.get("allocatable") or {})
    writer.line(0, "System Info:")
    for title, field in _SYSTEM:
        if field != "kubeProxyVersion" or get_in(status, "nodeInfo.kubeProxyVersion"):
            writer.line(1, f"{title}:\t{get_in(status, f'nodeInfo.{field}', '')}")
    _cidrs(writer, spec)
    _pods(writer, session, node)
    if session.flags["show-events"]:
        events.describe(writer, session, _events(session, node))
    return writer.text()


def _taints(writer: Writer, taints: Iterable[Any]) -> None:
    texts = sorted(
        f"{taint['key']}{'=' + taint['value'] if taint.get('value') else ''}:{taint['effect']}"
        for taint in taints
    )
    writer.line(0, f"Taints:\t{texts[0] if texts else '<none>'}")
    for text in texts[1:]:
        writer.line(0, f"\t{text}")


def _lease(writer: Writer, session: Session, name: str) -> None:
    try:
        lease = session.get(kinds.LEASE, name, "kube-node-lease")
    except StatusError as error:
        writer.line(0, f"Lease:\tFailed to get lease: {error.message}")
        return
    writer.line(0, "Lease:")
    writer.line(1, f"HolderIdentity:\t{get_in(lease, 'spec.holderIdentity', '<unset>')}")
    writer.line(1, f"AcquireTime:\t{date(get_in(lease, 'spec.acquireTime'))}")
    writer.line(1, f"RenewTime:\t{date(get_in(lease, 'spec.renewTime'))}")


def _conditions(writer: Writer, found: Iterable[Any]) -> None:
    rows = [
        f"{one['type']} \t{one['status']} \t{date(one.get('lastHeartbeatTime'))} "
        f"\t{date(one.get('lastTransitionTime'))} \t{one.get('reason', '')} \t{one.get('message', '')}"
        for one in found
    ]
    if rows:
        writer.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
        writer.line(1, "----\t------\t-----------------\t------------------\t------\t-------")
        for row in rows:
            writer.line(1, row)


def _amounts(writer: Writer, title: str, amounts: Any) -> None:
    if amounts:
        writer.line(0, f"{title}:")
        for name in sorted(amounts):
            writer.line(1, f"{name}:\t{amounts[name]}")


def _cidrs(writer: Writer, spec: Any) -> None:
    if spec.get("podCIDR"):
        writer.line(0, f"PodCIDR:\t{spec['podCIDR']}")
    if spec.get("podCIDRs"):
        writer.line(0, f"PodCIDRs:\t{','.join(spec['podCIDRs'])}")
    if spec.get("providerID"):
        writer.line(0, f"ProviderID:\t{spec['providerID']}")


# --- what runs on it ---------------------------------------------------------------------------------------


def _pods(writer: Writer, session: Session, node: Object) -> None:
    fields = f"spec.nodeName={node['metadata']['name']},status.phase!=Failed,status.phase!=Succeeded"
    running = session.list(kinds.POD, "", fields=fields)
    room = get_in(node, "status.allocatable") or get_in(node, "status.capacity", {})
    writer.line(0, f"Non-terminated Pods:\t({len(running)} in total)")
    writer.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge")
    writer.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---")
    total: dict[str, int] = {}
    for pod in running:
        asked, limited = pods.requests(pod), pods.limits(pod)
        cells = []
        for resource in ("cpu", "memory"):
            for kind, amounts in (("requests", asked), ("limits", limited)):
                cells.append(_share(resource, amounts.get(resource, 0), room))
                _sum(total, f"{resource}/{kind}", amounts.get(resource, 0))
        for resource in ("ephemeral-storage",):
            _sum(total, f"{resource}/requests", asked.get(resource, 0))
            _sum(total, f"{resource}/limits", limited.get(resource, 0))
        metadata = pod["metadata"]
        age = events.since(session, metadata.get("creationTimestamp"))
        writer.line(
            1, f"{metadata.get('namespace', '')}\t{metadata['name']}\t\t" + "\t".join(cells) + f"\t{age}"
        )
    _totals(writer, total, room)


def _sum(total: dict[str, int], key: str, amount: int) -> None:
    total[key] = total.get(key, 0) + amount


def _totals(writer: Writer, total: dict[str, int], room: Any) -> None:
    writer.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)")
    writer.line(1, "Resource\tRequests\tLimits\n  --------\t--------\t------")
    pages = [name for name in sorted(room) if name.startswith("hugepages")]
    for resource in ("cpu", "memory", "ephemeral-storage", *pages):
        asked, limited = total.get(f"{resource}/requests", 0), total.get(f"{resource}/limits", 0)
        writer.line(1, f"{resource}\t{_share(resource, asked, room)}\t{_share(resource, limited, room)}")


def _share(resource: str, amount: int, room: Any) -> str:
    """`250m (6%)`: an amount and the part of the node that it is."""
    whole = pods.amount(resource, room[resource]) if resource in room else 0
    percent = amount * 100 // whole if whole else 0
    return f"{_quantity(resource, amount)} ({percent}%)"


def _quantity(resource: str, amount: int) -> str:
    if resource == "cpu":
        return quantities.canonical(f"{amount}m")
    for unit, size in (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if amount and amount % size == 0:
            return f"{amount // size}{unit}"
    return str(amount)


def _events(session: Session, node: Object) -> list[Object]:
    """A node's Events carry its name as the uid, or its uid; its name finds both."""
    name = node["metadata"]["name"]
    return session.list(kinds.EVENT, "", fields=f"involvedObject.kind=Node,involvedObject.name={name}")
