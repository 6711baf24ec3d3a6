"""The disruption controller: how many Pods of a PodDisruptionBudget may be evicted now.

The eviction subresource of the API server takes one from `disruptionsAllowed` for each Pod that it lets go, and
notes the Pod in `disruptedPods`; this loop counts the Pods that are left and says how many more may go.

Upstream: `pkg/controller/disruption/disruption.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from k8scourse.api import conditions, metadata, pods, selectors, times
from k8scourse.api.values import Object, get_in
from k8scourse.sim import MINUTE

from .base import Controller, join
from .deployment_rolling import scaled_value

DELETION_TIMEOUT_NS = 2 * MINUTE
"""A Pod that was let go and is still there after this time counts again: its deletion did not happen."""
_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, "
    "the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account "
    'for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
)
_OWNERS = {
    "Deployment": "deployments",
    "ReplicaSet": "replicasets",
    "ReplicationController": "replicationcontrollers",
    "StatefulSet": "statefulsets",
}


class _Expected(NamedTuple):
    """How many Pods there should be, how many of them healthy, and which belong to nobody."""

    pods: int
    healthy: int
    unmanaged: list[Object]


class DisruptionController(Controller):
    """Keeps the status of every PodDisruptionBudget."""

    NAME = "disruption-controller"
    COMPONENT = "controllermanager"
    KIND = "poddisruptionbudgets"
    WATCHES = ("pods",)

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """The budgets that select a Pod."""
        if resource == self.KIND:
            return (metadata.key(obj),)
        budgets = self.lister(self.KIND).list(namespace=metadata.namespace(obj))
        return [metadata.key(each) for each in budgets if _selects(each, obj)]

    def reconcile(self, key: str) -> int | None:
        """Count the Pods of a budget and write what may be disturbed."""
        budget = self.lister(self.KIND).get(key)
        if budget is None:
            return None
        found = self.lister("pods").list(namespace=metadata.namespace(budget))
        selected = [pod for pod in found if _selects(budget, pod)]
        if not selected:
            self.recorder.event(budget, "Normal", "NoPods", "No matching pods found")
        expected = self._expected(budget, selected)
        if expected.unmanaged:
            message = _UNMANAGED.format(selector=_in_go(get_in(budget, "spec.selector")))
            self.recorder.event(budget, "Warning", "UnmanagedPods", message)
        disrupted, recheck = self._disrupted(budget, selected)
        healthy = sum(
            pods.is_ready(pod) and not metadata.is_terminating(pod) and metadata.name(pod) not in disrupted
            for pod in selected
        )
        self._write(budget, expected, healthy, disrupted)
        return recheck

    # -- counting ----------------------------------------------------------------------------------

    def _expected(self, budget: Object, selected: list[Object]) -> _Expected:
        least, most = get_in(budget, "spec.minAvailable"), get_in(budget, "spec.maxUnavailable")
        if most is None and isinstance(least, int):
            return _Expected(len(selected), least, [])
        unmanaged = [pod for pod in selected if metadata.controller_of(pod) is None]
        scale = sum(self._scales(selected).values())
        if most is not None:
            return _Expected(scale, max(scale - scaled_value(most, scale, round_up=True), 0), unmanaged)
        return _Expected(scale, scaled_value(least or 0, scale, round_up=True), unmanaged)

    def _scales(self, selected: list[Object]) -> dict[str, int]:
        """The wanted replicas of all owners of the Pods, each owner once, by its uid."""
        scales: dict[str, int] = {}
        for pod in selected:
            owner = metadata.controller_of(pod)
            if owner is None or owner["uid"] in scales:
                continue
            found = self._owner(metadata.namespace(pod), owner)
            if found is not None:
                scales[metadata.uid(found)] = int(get_in(found, "spec.replicas", 1))
        return scales

    def _owner(self, namespace: str, reference: Object) -> Object | None:
        """What an owner reference names; a Deployment in the place of its ReplicaSet."""
        resource = _OWNERS.get(reference["kind"])
        if resource is None:
            return None
        self.follow(resource)
        found = self.lister(resource).get(join(namespace, reference["name"]))
        if found is None or metadata.uid(found) != reference["uid"]:
            return None
        above = metadata.controller_of(found)
        if reference["kind"] == "ReplicaSet" and above is not None and above["kind"] == "Deployment":
            return self._owner(namespace, above)
        return found

    def _disrupted(self, budget: Object, selected: list[Object]) -> tuple[dict[str, str], int | None]:
        """Pods that were let go and are not on their way yet, and when to look at them again."""
        noted = get_in(budget, "status.disruptedPods") or {}
        going: dict[str, str] = {}
        recheck: int | None = None
        for pod in selected:
            name = metadata.name(pod)
            if name not in noted or metadata.is_terminating(pod):
                continue
            left = times.parse_time(noted[name]) + DELETION_TIMEOUT_NS - self.process.now
            if left > 0:
                going[name] = noted[name]
                recheck = left if recheck is None else min(recheck, left)
        return going, recheck

    def _write(self, budget: Object, expected: _Expected, healthy: int, disrupted: dict[str, str]) -> None:
        allowed = max(healthy - expected.healthy, 0) if expected.pods > 0 else 0
        generation = budget["metadata"].get("generation", 0)
        row = {
            "type": "DisruptionAllowed",
            "status": "True" if allowed else "False",
            "reason": "SufficientPods" if allowed else "InsufficientPods",
            "message": "",
            "observedGeneration": generation,
        }
        marked = conditions.with_condition(budget, row, self.process.now)
        status = {
            "observedGeneration": generation,
            **({"disruptedPods": disrupted} if disrupted else {}),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": expected.healthy,
            "expectedPods": expected.pods,
            "conditions": get_in(marked, "status.conditions"),
        }
        if get_in(budget, "status") != status:
            self.client.update_status({**budget, "status": status})


def _selects(budget: Object, pod: Object) -> bool:
    selector = get_in(budget, "spec.selector")
    return selector is not None and selectors.from_label_selector(selector).matches(metadata.labels(pod))


def _in_go(selector: Object) -> str:
    """A label selector as Go prints it."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    rows = "".join(
        f"LabelSelectorRequirement{{Key:{row['key']},Operator:{row['operator']},"
        f"Values:[{' '.join(row.get('values') or ())}],}},"
        for row in selector.get("matchExpressions") or ()
    )
    expressions = f"[]LabelSelectorRequirement{{{rows}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:{expressions},}}"
