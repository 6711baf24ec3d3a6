"""E1, read it off the trace: who wrote each of six things first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed
from ..observing import component, moment, writes


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was written: the resource, and the subresource through which it was."""

    resource: str
    subresource: str = ""


THINGS = {
    "Deployment": Thing("deployments"),
    "ReplicaSet": Thing("replicasets"),
    "Pod": Thing("pods"),
    "Pod.spec.nodeName": Thing("pods", "binding"),
    "Pod.status": Thing("pods", "status"),
    "EndpointSlice": Thing("endpointslices"),
}

CONTROLLERS = (
    "deployment-controller",
    "replicaset-controller",
    "endpointslice-controller",
    "controller-manager",
)

MISTAKES = {
    ("ReplicaSet", "kubectl"): "kubectl_wrote_two",
    ("Pod", "kubectl"): "kubectl_wrote_two",
    ("EndpointSlice", "kubectl"): "kubectl_wrote_two",
    ("Pod", "kube-scheduler"): "scheduler_makes_pods",
    ("Pod", "kubelet"): "kubelet_makes_pods",
    ("Pod.spec.nodeName", "kubelet"): "node_name",
    ("Pod.spec.nodeName", "kube-controller-manager"): "node_name",
    ("Pod.status", "containerd"): "status",
    ("Pod.status", "kube-scheduler"): "status",
    ("Pod.status", "kube-controller-manager"): "status",
    ("EndpointSlice", "kube-proxy"): "proxy_reads",
    ("EndpointSlice", "coredns"): "proxy_reads",
}


def check_who_wrote(cluster: Observed, answer: object) -> Verdict:
    """`answer` maps each of `THINGS` to the component that wrote it first."""
    found = {thing: first_write(cluster, thing) for thing in THINGS}
    todo = [thing for thing, record in found.items() if record is None]
    if todo:
        return missed("not_yet", words.text("lesson00.who_wrote.seen_missing", thing=todo[0]))
    count = words.text("lesson00.who_wrote.seen", records=len(cluster.trace.records))
    if not isinstance(answer, dict):
        return missed("shape", count)
    given = {str(thing): component(str(writer).strip().lower()) for thing, writer in answer.items()}
    if unknown := [thing for thing in given if thing not in THINGS]:
        return missed("unknown_thing", count, thing=unknown[0])
    for thing, record in found.items():
        if record is not None and (verdict := _judge(thing, given.get(thing, ""), record)):
            return verdict
    return fulfilled(count)


def first_write(cluster: Observed, thing: str) -> Record | None:
    """The record in which the thing was first written for the Deployment and the Service `web`."""
    return next(_writes(cluster, THINGS[thing]), None)


def _writes(cluster: Observed, thing: Thing) -> Iterator[Record]:
    for record in writes(cluster, thing.resource, name="web"):
        if record.detail["subresource"] == thing.subresource:
            yield record


def _judge(thing: str, writer: str, record: Record) -> Verdict | None:
    if writer == component(record.source):
        return None
    seen = words.text(
        "lesson00.who_wrote.seen_first", thing=thing, number=record.sequence, time=moment(record.time)
    )
    return missed(_mistake(thing, writer), seen, thing=thing, writer=writer, number=record.sequence)


def _mistake(thing: str, writer: str) -> str:
    if writer in ("", "none", "...", "…", "?"):
        return "open"
    if writer == "etcd":
        return "etcd"
    if writer in ("kube-apiserver", "apiserver"):
        return "apiserver"
    if writer in CONTROLLERS:
        return "process_name"
    return MISTAKES.get((thing, writer), "other")
