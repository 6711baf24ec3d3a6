"""What a cluster's own trace shows of each bet: one line, or nothing when it has not happened there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import words
from ...sim import SECOND, Record
from ..lesson import Observed
from ..observing import component, moment, writes

_ENDS = ("delivered", "rejected", "refused", "no_way", "no_owner", "unknown_name")
"""How a packet's way can end."""


def of_created(cluster: Observed) -> str:
    """When the order was stored, how many Pods there were then, and when the first container started."""
    stored = _first(writes(cluster, "deployments", name="web"))
    if stored is None:
        return ""
    pods = sum(record.sequence < stored.sequence for record in writes(cluster, "pods", name="web-"))
    started = _first(record for record in _after(cluster, stored) if _starts_web(record))
    later = "" if started is None else f"{(started.time - stored.time) / SECOND:.1f}"
    key = "lesson00.created.proof" if later else "lesson00.created.proof_waiting"
    return words.text(key, stored=moment(stored.time), pods=pods, later=later)


def of_who_tells(cluster: Observed) -> str:
    """How many requests there were, how many ended at the scheduler, and how many watches it opened."""
    requests = [record for record in cluster.trace.records if record.kind == "request"]
    if not requests:
        return ""
    at_scheduler = sum(component(record.target) == "kube-scheduler" for record in requests)
    watches = {
        record.detail["resource"]
        for record in requests
        if component(record.source) == "kube-scheduler" and record.detail["verb"] == "watch"
    }
    return words.text(
        "lesson00.who_tells.proof", requests=len(requests), told=at_scheduler, watches=len(watches)
    )


def of_delete_pod(cluster: Observed) -> str:
    """Which Pod was deleted, and which one was written in its place."""
    deleted = _first(
        record
        for record in writes(cluster, "pods")
        if (record.source, record.detail["verb"]) == ("kubectl", "delete")
    )
    if deleted is None:
        return ""
    replaced = _first(
        record
        for record in writes(cluster, "pods")
        if record.sequence > deleted.sequence and record.detail["verb"] == "create"
    )
    if replaced is None:
        return ""
    return words.text(
        "lesson00.delete_pod.proof",
        old=deleted.detail["name"],
        new=_object(replaced)["metadata"]["name"],
        writer=component(replaced.source),
    )


def of_cut_node(cluster: Observed) -> str:
    """How long after the cut the node was called Unknown, and how long until its Pods were deleted."""
    cut = _first(
        record
        for record in cluster.trace.records
        if record.kind == "fault" and record.detail["action"] == "cut" and record.target.startswith("worker-")
    )
    if cut is None:
        return ""
    noticed = _first(record for record in _after(cluster, cut) if _is_unknown(record, cut.target))
    evicted = _first(record for record in writes(cluster, "pods") if _is_eviction(record, cut))
    if noticed is None:
        return ""
    key = "lesson00.cut_node.proof" if evicted else "lesson00.cut_node.proof_waiting"
    seconds = [(record.time - cut.time) / SECOND if record else 0 for record in (noticed, evicted)]
    return words.text(key, node=cut.target, noticed=f"{seconds[0]:.0f}", evicted=f"{seconds[1]:.0f}")


def of_traffic(cluster: Observed) -> str:
    """Where the first packet ended that was sent after the kube-proxies had gone down."""
    crashes = [record for record in cluster.trace.records if _is_crash_of_a_proxy(record)]
    gone = not any(pod["metadata"]["name"].startswith("kube-proxy") for pod in cluster.objects("pods"))
    down = list(writes(cluster, "pods", name="kube-proxy", namespace="kube-system")) if gone else crashes
    if not down:
        return ""
    packets = (record for record in _after(cluster, down[-1]) if record.kind == "packet")
    end = _first(record for record in packets if record.detail["what"] in _ENDS)
    if end is None:
        return ""
    return words.text(
        "lesson00.traffic.proof_gone" if gone else "lesson00.traffic.proof",
        crashed=len({record.target for record in crashes}),
        time=moment(down[-1].time),
        sent=moment(end.time),
        end=words.text(f"packet.{end.detail['what']}", detail=end.detail["text"]),
    )


def _first(records: Iterable[Record]) -> Record | None:
    return next(iter(records), None)


def _after(cluster: Observed, record: Record) -> list[Record]:
    return cluster.trace.records[record.sequence + 1 :]


def _object(record: Record) -> Any:
    return record.detail["object"]


def _starts_web(record: Record) -> bool:
    return (
        record.kind == "container" and record.detail["call"] == "StartContainer" and "web-" in record.subject
    )


def _is_unknown(record: Record, node: str) -> bool:
    """Whether somebody wrote that the node's Ready condition is Unknown."""
    if record.kind != "request" or record.detail["resource"] != "nodes" or record.detail["name"] != node:
        return False
    conditions = (_object(record) or {}).get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "Unknown" for each in conditions)


def _is_eviction(record: Record, cut: Record) -> bool:
    if record.sequence < cut.sequence or record.detail["verb"] != "delete":
        return False
    before = record.detail["before"] or {}
    return bool(before.get("spec", {}).get("nodeName") == cut.target)


def _is_crash_of_a_proxy(record: Record) -> bool:
    return (
        record.kind == "fault"
        and record.detail["action"] == "crash"
        and component(record.target) == "kube-proxy"
    )
