"""Tables of the kinds that configure admission.

Upstream: ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api.pod_tables import Cell, age_of
from k8scourse.api.values import get_in

Object = Mapping[str, Any]


def webhooks(obj: Object, now_ns: int) -> list[Cell]:
    """A MutatingWebhookConfiguration or a ValidatingWebhookConfiguration."""
    return [obj["metadata"]["name"], len(obj.get("webhooks") or ()), age_of(obj, now_ns)]


def policy(obj: Object, now_ns: int) -> list[Cell]:
    """A ValidatingAdmissionPolicy."""
    kind = get_in(obj, "spec.paramKind")
    shown = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else "<unset>"
    return [obj["metadata"]["name"], len(get_in(obj, "spec.validations", ())), shown, age_of(obj, now_ns)]


def binding(obj: Object, now_ns: int) -> list[Cell]:
    """A ValidatingAdmissionPolicyBinding."""
    reference = get_in(obj, "spec.paramRef") or {}
    shown = "<unset>"
    if reference.get("name"):
        shown = f"{reference.get('namespace') or '*'}/{reference['name']}"
    return [obj["metadata"]["name"], get_in(obj, "spec.policyName", ""), shown, age_of(obj, now_ns)]
