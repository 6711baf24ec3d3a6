"""NodeAffinity: the nodes that the Pod's nodeSelector and affinity ask for; then those that it prefers.

Raw score: the sum of the weights of the preferred terms that a node matches.
Upstream: `pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go`,
`staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api.values import Object, get_in

from ..framework import (
    SKIP,
    BasePlugin,
    ClusterEvent,
    CycleState,
    PreFilterAnswer,
    Rejection,
    Skip,
    unresolvable,
)
from ..node_info import NodeInfo
from .node_selectors import matches_required, matches_term, required_terms
from .normalize import default_normalize

PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class NodeAffinity(BasePlugin):
    """Compares the Pod's wishes with the node's labels and name."""

    name = "NodeAffinity"
    events = ("Node/Add", "Node/UpdateLabel")

    def pre_filter(self, state: CycleState, pod: Object) -> PreFilterAnswer:
        """Nothing to say without wishes; the only nodes in question when every term names nodes."""
        terms = required_terms(pod)
        if terms is None:
            return None if pod["spec"].get("nodeSelector") else SKIP
        named = [_named_nodes(term) for term in terms]
        if any(names is None for names in named):
            return None
        union = list(dict.fromkeys(name for names in named for name in names or ()))
        return union or unresolvable("pod affinity terms conflict")

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """None, or why not."""
        if matches_required(pod, node.name, node.labels):
            return None
        return unresolvable("node(s) didn't match Pod's node affinity/selector")

    def pre_score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> Skip | None:
        """Skip Pods that prefer nothing."""
        preferred = get_in(pod, f"spec.affinity.nodeAffinity.{PREFERRED}") or []
        state.data[self.name] = [(term["weight"], term["preference"]) for term in preferred if term["weight"]]
        return None if preferred else SKIP

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """The weights of the preferences that this node meets."""
        preferred = state.data[self.name]
        return sum(weight for weight, term in preferred if matches_term(term, node.name, node.labels))

    def normalize(self, scores: list[int]) -> list[int]:
        """The most preferred node gets 100."""
        return default_normalize(scores)

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """A node helps when it matches now."""
        if event.new is None:
            return False
        metadata = event.new["metadata"]
        return matches_required(pod, metadata["name"], metadata.get("labels") or {})


def _named_nodes(term: Mapping[str, Any]) -> list[str] | None:
    """The nodes that a term allows by name; None when it does not speak of names."""
    names: list[str] | None = None
    for field in term.get("matchFields") or ():
        if field["key"] == "metadata.name" and field["operator"] == "In":
            values = list(field["values"])
            names = values if names is None else [name for name in names if name in values]
    return names
