"""Does a node match what a Pod asks for? nodeSelector, and the terms of a required node affinity.

Upstream: `staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.selectors import from_node_selector_term
from k8scourse.api.values import Object, get_in

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def required_terms(pod: Object) -> list[Object] | None:
    """The terms of the required affinity, of which one must match; None when there is none."""
    terms: list[Object] | None = get_in(pod, f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms")
    return terms


def matches_required(pod: Object, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a node with this name and these labels has all labels of the nodeSelector and matches a term."""
    selector = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return False
    terms = required_terms(pod)
    return terms is None or any(matches_term(term, name, labels) for term in terms)


def matches_term(term: Mapping[str, Any], name: str, labels: Mapping[str, str]) -> bool:
    """Whether all expressions and fields of a term hold. An empty term matches nothing."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    if not all(_field_holds(field, name) for field in fields):
        return False
    return not expressions or from_node_selector_term(term).matches(labels)


def _field_holds(field: Mapping[str, Any], name: str) -> bool:
    """A requirement on the only field that there is, `metadata.name`."""
    inside = name in (field.get("values") or ())
    return inside if field["operator"] == "In" else not inside
