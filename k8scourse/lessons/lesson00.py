"""Lesson 00, "One order, start to finish": its bets, exercises and quiz.

Checked against Kubernetes 1.36. The sentences are in `words/*/lesson00.toml`.
"""

from __future__ import annotations

from . import story
from .lesson00_judges import fix_service, explain, steps, trace, who_wrote
from .model import Bet, Cluster, Exercise, Lesson, Question

APP = "web"


# --- bets: what happened --------------------------------------------------------------------------------


def created(cluster: Cluster) -> str | None:
    """How many containers of the Deployment ran when kubectl had printed "created": none."""
    orders = [record for record in story.writes(cluster, "deployments", verb="create")
              if story.written_name(record) == APP]
    if not orders:
        return None
    moment = orders[-1].sequence
    before = [record for record in cluster.trace.records[:moment + 1] if _starts_container(record, APP)]
    return "a" if before else "b"


def _starts_container(record: story.Record, app: str) -> bool:
    return (
        record.kind == "container"
        and record.detail.get("call") == "StartContainer"
        and record.subject.startswith(f"pods/default/{app}-")
    )


def killed(cluster: Cluster) -> str | None:
    """What there is a while after one of the Pods was deleted."""
    deletions = [
        record for record in story.writes(cluster, "pods", verb="delete")
        if story.part(record.source) == "kubectl" and story.written_name(record).startswith(f"{APP}-")
    ]
    deployment = story.find(cluster, "deployments", APP)
    if not deletions or deployment is None:
        return None
    gone = story.written_name(deletions[-1])
    names = [pod["metadata"]["name"] for pod in story.pods(cluster, APP)]
    if gone in names:
        return "b"
    if len(names) >= deployment["spec"].get("replicas", 1):
        return "c"
    return "a" if cluster.now - deletions[-1].time > 30 * story.SECOND else None


def cut(cluster: Cluster) -> str | None:
    """What became of the Pods of a node within the minute after its network was cut."""
    fault = story.last_fault(cluster, "cut")
    if fault is None or cluster.now - fault.time < 60 * story.SECOND:
        return None
    node = fault.target.split("@")[-1]
    end = fault.time + 60 * story.SECOND
    minute = [record for record in cluster.trace.records[fault.sequence:] if record.time <= end]
    if any(record.kind == "exit" and record.source.endswith(f"@{node}") and f"/{APP}-" in record.subject for record in minute):
        return "c"
    moved = [
        record for record in minute
        if record.kind == "request" and record.detail.get("changed") and record.detail["resource"] == "pods"
        and record.detail["verb"] in ("delete", "create") and not record.detail["subresource"]
        and record.detail["namespace"] == "default"
    ]
    return "a" if moved else "b"


def proxy(cluster: Cluster) -> str | None:
    """Whether a packet to the Service arrived while its node's kube-proxy lay dead."""
    fault = story.last_fault(cluster, "crash", "kube-proxy")
    if fault is None:
        return None
    hops = [record for record in cluster.trace.records[fault.sequence:] if record.kind == "packet"]
    ends = [hop.detail["what"] for hop in hops if hop.detail["what"] in ("delivered", "rejected", "refused", "timed out")]
    if not ends:
        return None
    return "b" if ends[0] == "delivered" else "a"


def _key(name: str) -> str:
    return f"lesson00.{name}"


ABC = ("a", "b", "c")

LESSON = Lesson(
    id="00",
    bets=(
        Bet("00-created", _key("created"), ABC, {"a": "M39", "c": "M7"}, created),
        Bet("00-killed", _key("killed"), ABC, {"a": "M22", "b": "M23"}, killed),
        Bet("00-cut", _key("cut"), ABC, {"a": "M13", "c": "M3"}, cut),
        Bet("00-proxy", _key("proxy"), ABC, {"a": "M17", "c": "M7"}, proxy),
    ),
    exercises=(
        Exercise("00-trace", _key("trace"), trace, wants_answer=True),
        Exercise("00-steps", _key("steps"), steps, wants_answer=True),
        Exercise("00-fix-service", _key("fix"), fix_service),
        Exercise("00-who-wrote", _key("who"), who_wrote, wants_answer=True),
        Exercise("00-explain", _key("explain"), explain, wants_answer=True),
    ),
    questions=(
        Question(_key("quiz_watch"), ("a", "b", "c", "d"), "c", {"a": "M7", "b": "M8", "d": "M6"}),
        Question(_key("quiz_start"), ("a", "b", "c", "d"), "b", {"a": "M9", "c": "M7", "d": "M39"}),
        Question(_key("quiz_replace"), ("a", "b", "c", "d"), "d", {"a": "M23", "b": "M22", "c": "M12"}),
        Question(_key("quiz_cut"), ("a", "b", "c", "d"), "a", {"b": "M13", "c": "M3", "d": "M11"}),
        Question(_key("quiz_path"), ("a", "b", "c", "d"), "c", {"a": "M17", "b": "M7", "d": "M21"}),
    ),
)
