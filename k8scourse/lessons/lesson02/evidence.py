"""What a cluster's own trace shows of each bet: one line, or nothing when it has not happened there."""

from __future__ import annotations

from collections.abc import Iterable

from ... import words
from ...sim import SECOND, Record
from ..lesson import Observed
from ..observing import component, moment, writes

KUBELETS = "system:node:"
SECRET = "recipe"
POD = "tray"
ASKERS = ("kube-scheduler", "kube-controller-manager")
QUIET = 60 * SECOND
"""The idle minute: the last one, if nobody ordered anything in it."""
DOWN = 30 * SECOND
"""How long an API server must have been down before its silence proves anything."""


def of_stolen(cluster: Observed) -> str:
    """Which kubelet got the Secret, which one was refused, and at which stage."""
    asked = [record for record in _requests(cluster) if _is_kubelet_after(record, SECRET)]
    mine = next((record for record in asked if record.detail["code"] < 400), None)
    other = next((record for record in asked if record.detail["code"] >= 400), None)
    if mine is None or other is None:
        return ""
    return words.text(
        "lesson02.stolen.proof",
        mine=mine.detail["user"],
        code_mine=mine.detail["code"],
        other=other.detail["user"],
        code_other=other.detail["code"],
        stage=words.text(f"road.station.{other.detail['stages'][-1][0]}"),
    )


def of_idle(cluster: Observed) -> str:
    """How often anybody asked in the last minute without an order, and how many heartbeats came instead."""
    requests = _requests(cluster)
    begin = _now(cluster) - QUIET
    since = [record for record in requests if record.time > begin]
    if begin < 0 or any(map(_is_outside, since)):
        return ""
    return words.text(
        "lesson02.idle.proof",
        seconds=QUIET // SECOND,
        asked=sum(_asks(record) for record in since),
        beats=sum(record.detail["namespace"] == "kube-node-lease" for record in since),
        watches=sum(record.detail["verb"] == "watch" for record in requests),
    )


def of_frozen(cluster: Observed) -> str:
    """When the Pod was stored, and how much later it was given a node and a container."""
    stored = next(writes(cluster, "pods", name=POD), None)
    if stored is None:
        return ""
    after = cluster.trace.records[stored.sequence + 1 :]
    bound = next((record for record in after if _is_binding(record)), None)
    started = next((record for record in after if _starts(record)), None)
    if bound is None or started is None:
        return words.text("lesson02.frozen.proof", name=POD, stored=moment(stored.time))
    return words.text(
        "lesson02.frozen.proof_later",
        name=POD,
        stored=moment(stored.time),
        bound=f"{(bound.time - stored.time) / SECOND:.3f}",
        started=f"{(started.time - stored.time) / SECOND:.3f}",
    )


def of_etcd(cluster: Observed) -> str:
    """How many entries reached etcd in the minute before the API server was stopped, and while it was down."""
    stopped = _last(record for record in _faults(cluster) if _hits_api_server(record, ("stop", "crash")))
    if stopped is None:
        return ""
    back = next(
        (
            record.time
            for record in _faults(cluster)
            if record.sequence > stopped.sequence and _hits_api_server(record, ("restart",))
        ),
        _now(cluster),
    )
    if back - stopped.time < DOWN:
        return ""
    commits = [record for record in cluster.trace.records if record.kind == "commit"]
    before = [record for record in commits if stopped.time - 60 * SECOND <= record.time <= stopped.time]
    return words.text(
        "lesson02.etcd.proof",
        before=len(before),
        seconds=60,
        writers=", ".join(sorted({record.source for record in before})),
        during=sum(stopped.time < record.time <= back for record in commits),
        down=f"{(back - stopped.time) / SECOND:.0f}",
    )


def of_second(cluster: Observed) -> str:
    """Who has answered since the first API server was killed, and with which revision the book goes on."""
    crash = _last(record for record in _faults(cluster) if _hits_api_server(record, ("stop", "crash")))
    if crash is None:
        return ""
    requests = [record for record in _requests(cluster) if record.sequence > crash.sequence]
    answered = [record for record in requests if record.target not in ("", crash.target)]
    commits = [record for record in cluster.trace.records if record.kind == "commit"]
    before = _last(record for record in commits if record.sequence < crash.sequence)
    after = next((record for record in commits if record.sequence > crash.sequence), None)
    if not answered or before is None or after is None:
        return ""
    return words.text(
        "lesson02.second.proof",
        time=moment(crash.time),
        servers=", ".join(sorted({record.target for record in answered})),
        answered=len(answered),
        watches=sum(record.detail["verb"] == "watch" for record in answered),
        before=before.detail["revision"],
        after=after.detail["revision"],
    )


def _requests(cluster: Observed) -> list[Record]:
    return [record for record in cluster.trace.records if record.kind == "request"]


def _faults(cluster: Observed) -> list[Record]:
    return [record for record in cluster.trace.records if record.kind == "fault"]


def _last(records: Iterable[Record]) -> Record | None:
    return max(records, key=lambda record: record.sequence, default=None)


def _now(cluster: Observed) -> int:
    """The clock, where there is one; the last record's time elsewhere."""
    last = cluster.trace.records[-1].time if cluster.trace.records else 0
    return max(last, int(getattr(cluster, "now", 0)))


def _is_outside(record: Record) -> bool:
    """Whether somebody outside the machines sent it: kubectl, or you by hand."""
    return "@" not in record.source


def _asks(record: Record) -> bool:
    return component(record.source) in ASKERS and record.detail["verb"] in ("get", "list")


def _is_kubelet_after(record: Record, secret: str) -> bool:
    detail = record.detail
    about = (detail["resource"], detail["name"], detail["verb"]) == ("secrets", secret, "get")
    return about and str(detail["user"]).startswith(KUBELETS)


def _is_binding(record: Record) -> bool:
    if record.kind != "request" or record.detail["resource"] != "pods":
        return False
    return bool(record.detail["subresource"] == "binding" and record.detail["name"] == POD)


def _starts(record: Record) -> bool:
    return record.kind == "container" and record.detail["call"] == "StartContainer" and POD in record.subject


def _hits_api_server(record: Record, actions: tuple[str, ...]) -> bool:
    return record.detail["action"] in actions and component(record.target) == "kube-apiserver"
