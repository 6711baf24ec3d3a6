"""What a Deployment's status says: counts, and the conditions Available, Progressing, ReplicaFailure.

Pure functions over wire objects. Upstream: `pkg/controller/deployment/{sync,progress}.go` and
`util/deployment_util.go`. Deployment conditions carry `lastUpdateTime` too, and move to the end of the list
when they change.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.api import conditions, metadata, times
from k8scourse.api.values import Object, get_in
from k8scourse.sim import SECOND

from .deployment_revisions import total_replicas
from .deployment_rolling import desired_replicas, max_unavailable

NO_DEADLINE = 2**31 - 1
NEW_AVAILABLE = "NewReplicaSetAvailable"
UPDATED = "ReplicaSetUpdated"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"


def has_deadline(deployment: Object) -> bool:
    """Whether the Deployment has a progress deadline; the greatest int32 means none."""
    return bool(get_in(deployment, "spec.progressDeadlineSeconds", NO_DEADLINE) != NO_DEADLINE)


def condition(deployment: Object, condition_type: str) -> Object | None:
    """The condition of a type, or None."""
    return conditions.get(deployment, condition_type)


def with_condition(deployment: Object, row: Object, now_ns: int) -> Object:
    """The Deployment with a condition `{type, status, reason, message}` set.

    The same object when type, status and reason are there already: the message alone is no news. The
    transition time stays when the status does.
    """
    current = condition(deployment, row["type"])
    if current is not None and (current["status"], current.get("reason")) == (row["status"], row["reason"]):
        return deployment
    now = times.format_time(now_ns)
    keep = current is not None and current["status"] == row["status"]
    moved = current["lastTransitionTime"] if keep and current is not None else now
    fresh = {
        "type": row["type"],
        "status": row["status"],
        "lastUpdateTime": now,
        "lastTransitionTime": moved,
        "reason": row["reason"],
        "message": row["message"],
    }
    return _with_rows(deployment, [*_rows_without(deployment, row["type"]), fresh])


def without_condition(deployment: Object, condition_type: str) -> Object:
    """The Deployment without that condition."""
    if condition(deployment, condition_type) is None:
        return deployment
    return _with_rows(deployment, _rows_without(deployment, condition_type))


def _rows_without(deployment: Object, condition_type: str) -> list[Object]:
    return [row for row in get_in(deployment, "status.conditions", []) if row["type"] != condition_type]


def _with_rows(deployment: Object, rows: list[Object]) -> Object:
    return {**deployment, "status": {**(deployment.get("status") or {}), "conditions": rows}}


def progressing(status: str, reason: str, message: str) -> Object:
    """A Progressing condition, without its times."""
    return {"type": "Progressing", "status": status, "reason": reason, "message": message}


def with_pause(deployment: Object, now_ns: int) -> Object:
    """Pausing stops the clock of the progress deadline; resuming starts it anew."""
    current = condition(deployment, "Progressing")
    reason = current.get("reason") if current else None
    if not has_deadline(deployment) or reason == TIMED_OUT:
        return deployment
    paused = bool(get_in(deployment, "spec.paused", False))
    if paused and reason != PAUSED:
        return with_condition(deployment, progressing("Unknown", PAUSED, "Deployment is paused"), now_ns)
    if not paused and reason == PAUSED:
        return with_condition(deployment, progressing("Unknown", RESUMED, "Deployment is resumed"), now_ns)
    return deployment


def with_counts(
    deployment: Object, new: Object | None, replica_sets: Sequence[Object], now_ns: int
) -> Object:
    """The Deployment with its counts and its Available condition as the ReplicaSets' statuses give them."""
    available = count(replica_sets, "availableReplicas")
    counts = {
        "replicas": count(replica_sets, "replicas"),
        "updatedReplicas": count([new] if new else [], "replicas"),
        "readyReplicas": count(replica_sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(total_replicas(replica_sets) - available, 0),
    }
    status = {"observedGeneration": get_in(deployment, "metadata.generation", 0)}
    status |= {field: number for field, number in counts.items() if number}
    terminating = _terminating(replica_sets)
    if terminating is not None:
        status["terminatingReplicas"] = terminating
    before = deployment.get("status") or {}
    kept = {key: before[key] for key in ("conditions", "collisionCount") if before.get(key)}
    counted = {**deployment, "status": {**status, **kept}}
    enough = available >= desired_replicas(deployment) - max_unavailable(deployment)
    return with_condition(counted, _AVAILABLE if enough else _UNAVAILABLE, now_ns)


_AVAILABLE: Object = {
    "type": "Available",
    "status": "True",
    "reason": "MinimumReplicasAvailable",
    "message": "Deployment has minimum availability.",
}
_UNAVAILABLE: Object = {
    "type": "Available",
    "status": "False",
    "reason": "MinimumReplicasUnavailable",
    "message": "Deployment does not have minimum availability.",
}


def count(replica_sets: Sequence[Object], field: str) -> int:
    """The sum of a count over the statuses of ReplicaSets."""
    return sum(get_in(each, ("status", field), 0) for each in replica_sets)


def _terminating(replica_sets: Sequence[Object]) -> int | None:
    """The Pods on their way out; None as long as an observed ReplicaSet does not say."""
    total = 0
    for each in replica_sets:
        said = get_in(each, "status.terminatingReplicas")
        if said is None and get_in(each, "status.observedGeneration", 0):
            return None
        total += said or 0
    return total


def is_complete(deployment: Object, status: Object) -> bool:
    """All Pods are new, all are available, no old one is left."""
    desired = desired_replicas(deployment)
    counts = [status.get(field, 0) for field in ("updatedReplicas", "replicas", "availableReplicas")]
    seen = status.get("observedGeneration", 0) >= get_in(deployment, "metadata.generation", 0)
    return counts == [desired] * 3 and seen


def made_progress(before: Object, after: Object) -> bool:
    """More new Pods, fewer old ones, more ready or more available ones than in the status before."""

    def old_pods(status: Object) -> int:
        return int(status.get("replicas", 0) - status.get("updatedReplicas", 0))

    more = any(after.get(field, 0) > before.get(field, 0) for field in _GROWING)
    return more or old_pods(after) < old_pods(before)


_GROWING = ("updatedReplicas", "readyReplicas", "availableReplicas")


def timed_out(deployment: Object, now_ns: int) -> bool:
    """Whether nothing has moved for `progressDeadlineSeconds`."""
    current = condition(deployment, "Progressing")
    if current is None or not has_deadline(deployment) or current.get("reason") == NEW_AVAILABLE:
        return False
    return current.get("reason") == TIMED_OUT or deadline_ns(deployment, current) < now_ns


def deadline_ns(deployment: Object, current: Object) -> int:
    """When the deadline is over, counted from the last news."""
    seconds = int(get_in(deployment, "spec.progressDeadlineSeconds", NO_DEADLINE))
    return times.parse_time(current["lastUpdateTime"]) + seconds * SECOND


def with_progress(before: Object, counted: Object, new: Object | None, now_ns: int) -> Object:
    """The Deployment with its Progressing condition. `before` has the old status, `counted` the new counts."""
    if not has_deadline(before):
        return without_condition(counted, "Progressing")
    current, status = condition(before, "Progressing"), counted["status"]
    settled = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    if settled and current is not None and current.get("reason") == NEW_AVAILABLE:
        return counted
    subject = f'ReplicaSet "{metadata.name(new)}"' if new else f'Deployment "{metadata.name(before)}"'
    if is_complete(before, status):
        row = progressing("True", NEW_AVAILABLE, f"{subject} has successfully progressed.")
        return with_condition(counted, row, now_ns)
    if made_progress(before.get("status") or {}, status):
        return _still_progressing(counted, current, f"{subject} is progressing.", now_ns)
    if timed_out(counted, now_ns):
        row = progressing("False", TIMED_OUT, f"{subject} has timed out progressing.")
        return with_condition(counted, row, now_ns)
    return counted


def _still_progressing(counted: Object, current: Object | None, message: str, now_ns: int) -> Object:
    """Progress is news every time: lastUpdateTime moves, from which the deadline counts."""
    row = progressing("True", UPDATED, message)
    fresh = with_condition(without_condition(counted, "Progressing"), row, now_ns)
    if current is None or current["status"] != "True":
        return fresh
    rows = get_in(fresh, "status.conditions")
    return _with_rows(fresh, [*rows[:-1], {**rows[-1], "lastTransitionTime": current["lastTransitionTime"]}])


def with_failure(counted: Object, new: Object | None, replica_sets: Sequence[Object], now_ns: int) -> Object:
    """The ReplicaFailure condition of the new ReplicaSet, else of any other, or none."""
    failures = (condition(each, "ReplicaFailure") for each in [*([new] if new else []), *replica_sets])
    failure = next(filter(None, failures), None)
    if failure is None:
        return without_condition(counted, "ReplicaFailure")
    return with_condition(counted, failure, now_ns)
