"""On which nodes a DaemonSet runs a Pod, and what that Pod looks like: pure functions.

Upstream: `pkg/controller/daemon/daemon_controller.go` (NodeShouldRunDaemonPod), `util/daemonset_util.go`.
"""

from __future__ import annotations

from typing import NamedTuple

from k8scourse.api import metadata, pods
from k8scourse.api.selectors import from_node_selector_term
from k8scourse.api.values import Object, evolve, get_in

_NODE = "node.kubernetes.io/"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)


class Verdict(NamedTuple):
    """Whether a node should get a Pod, and whether one that runs there may stay."""

    run: bool
    stay: bool


def verdict(daemon_set: Object, node: Object) -> Verdict:
    """A node that the Pod could not be scheduled to by its own wishes gets none. A taint NoSchedule keeps new
    Pods away and lets running ones stay; NoExecute sends them away too."""
    spec = daemon_set["spec"]["template"]["spec"]
    if not _fits_wishes(spec, node):
        return Verdict(run=False, stay=False)
    tolerations, taints = tolerations_of(spec), get_in(node, "spec.taints", [])
    run = pods.untolerated(tolerations, taints, ("NoSchedule", "NoExecute")) is None
    return Verdict(run, stay=pods.untolerated(tolerations, taints, ("NoExecute",)) is None)


def _fits_wishes(spec: Object, node: Object) -> bool:
    """nodeName, nodeSelector and required node affinity."""
    name, labels = metadata.name(node), metadata.labels(node)
    if spec.get("nodeName") and spec["nodeName"] != name:
        return False
    if not (spec.get("nodeSelector") or {}).items() <= labels.items():
        return False
    terms = get_in(
        spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    )
    return terms is None or any(_term_matches(term, name, labels) for term in terms)


def _term_matches(term: Object, name: str, labels: dict[str, str]) -> bool:
    expressions, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not fields:
        return False
    by_label = from_node_selector_term({"matchExpressions": expressions}).matches(labels)
    by_field = from_node_selector_term({"matchExpressions": fields}).matches({"metadata.name": name})
    return (by_label or not expressions) and (by_field or not fields)


def tolerations_of(spec: Object) -> list[Object]:
    """The Pod's own tolerations and those that every daemon gets: it shall live where others must not."""
    tolerated = list(_TOLERATED)
    if spec.get("hostNetwork"):
        tolerated.append(("network-unavailable", "NoSchedule"))
    own = list(spec.get("tolerations") or [])
    added = [{"key": _NODE + name, "operator": "Exists", "effect": effect} for name, effect in tolerated]
    return own + [each for each in added if each not in own]


def pod_spec(daemon_set: Object, node_name: str) -> Object:
    """The template's Pod spec, bound to one node by affinity: the scheduler still places it, but only there."""
    spec = daemon_set["spec"]["template"]["spec"]
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node_name]}]}
    path = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    bound = evolve(spec, path, {"nodeSelectorTerms": [term]})
    tolerating: Object = evolve(bound, "tolerations", tolerations_of(spec))
    return tolerating


def node_of(pod: Object) -> str:
    """The node a daemon Pod is on, or for: before it is scheduled its affinity says so."""
    assigned = get_in(pod, "spec.nodeName", "")
    if assigned:
        return str(assigned)
    path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    for term in get_in(pod, path, []):
        for field in term.get("matchFields") or []:
            if field["key"] == "metadata.name" and len(field["values"]) == 1:
                return str(field["values"][0])
    return ""
