"""The kubelet's own door: a Pod that was bound here may still be refused.

Upstream: `pkg/kubelet/lifecycle/predicate.go`. Pods that a scheduler placed fit; those that name their node
themselves may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..api import pods
from .config import Object, Pod

MAXIMUM_PODS = "pods"


def refusal(pod: Pod, others: Iterable[Pod], node: Object) -> dict[str, str] | None:
    """Phase, reason and message of a Pod that this node cannot take; None when it can.

    `others` are the Pods that run here already. The kubelet's own first reasons only: room and node selector.
    """
    allocatable = node.get("status", {}).get("allocatable") or {}
    running = [other for other in others if not pods.is_terminal(other)]
    wanted = {**pods.requests(pod), MAXIMUM_PODS: 1}
    for resource, amount in wanted.items():
        used = sum(pods.requests(other).get(resource, 0) for other in running)
        used = len(running) if resource == MAXIMUM_PODS else used
        capacity = pods.amount(resource, allocatable.get(resource, "0"))
        if amount and amount + used > capacity:
            what = f"{resource}, requested: {amount}, used: {used}, capacity: {capacity}"
            return _rejected(f"OutOf{resource}", f"Node didn't have enough resource: {what}")
    if not _selects(pod["spec"].get("nodeSelector") or {}, node["metadata"].get("labels") or {}):
        return _rejected(
            "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity"
        )
    return None


def _selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == text for key, text in selector.items())


def _rejected(reason: str, message: str) -> dict[str, str]:
    return {"phase": "Failed", "reason": reason, "message": f"Pod was rejected: {message}"}
