"""The way from `kubectl apply` to `kubectl apply --server-side`.

Client-side apply left its last configuration in an annotation. What still stands as it says there was kubectl's, so
kubectl may take it over without force; and the annotation is kept up to date for the way back.

Upstream: ``apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go``, ``lastappliedupdater.go``.
"""

from __future__ import annotations

import json
from typing import Any

from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver.apply.atoms import Atom
from k8scourse.apiserver.apply.comparing import compare, field_set
from k8scourse.apiserver.apply.conflicts import ApplyConflicts
from k8scourse.apiserver.apply.entries import Manager
from k8scourse.apiserver.apply.fieldset import FieldSet, difference

Object = dict[str, Any]
LAST_APPLIED = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
_LARGEST_ANNOTATIONS = 256 * 1024


def allowed_conflicts(atom: Atom, live: Object, conflicts: ApplyConflicts) -> dict[Manager, FieldSet]:
    """The conflicts that remain when kubectl may take what it had applied from the client's side."""
    try:
        before = json.loads(get_in(live, LAST_APPLIED, ""))
        if not isinstance(before, dict):
            return conflicts.sets
        found = compare(atom, before, live)
        owned = field_set(atom, before)
    except (ValueError, AttributeError, TypeError):
        return conflicts.sets
    for part in found:
        owned = difference(owned, part)
    left = {who: difference(clash, owned) for who, clash in conflicts.sets.items()}
    return {who: clash for who, clash in left.items() if clash}


def with_last_applied(merged: Object, live: Object, config: Object) -> Object:
    """The object with the annotation as this apply would have written it, when it is there at all."""
    if not get_in(live, LAST_APPLIED):
        return merged
    text = (
        json.dumps(_without_annotation(config), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        + "\n"
    )
    if len(text) > _LARGEST_ANNOTATIONS:
        text = ""
    return evolve(merged, LAST_APPLIED, text)


def _without_annotation(config: Object) -> Object:
    annotations = get_in(config, LAST_APPLIED[:2])
    if not isinstance(annotations, dict) or LAST_APPLIED[2] not in annotations:
        return config
    rest = {key: item for key, item in annotations.items() if key != LAST_APPLIED[2]}
    return evolve(config, LAST_APPLIED[:2], rest)
