"""The ClusterRole aggregation controller: roles that are put together out of others, by their labels.

A role with an `aggregationRule` has no rules of its own: it gets those of all ClusterRoles that its selectors
match, in the order of their names. So whoever adds a custom kind can add it to "view" with one labelled role.

Upstream: `pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from k8scourse.api import metadata, selectors
from k8scourse.api.values import Object, thaw

from .base import Controller

Rule = dict[str, Any]


class ClusterRoleAggregationController(Controller):
    """Keeps the rules of aggregated ClusterRoles what they should be."""

    NAME = "clusterrole-aggregation-controller"
    KIND = "clusterroles"

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """Every aggregated role: it may match this one, or one that does."""
        return (metadata.name(role) for role in self.lister(self.KIND).list() if role.get("aggregationRule"))

    def begin(self) -> None:
        """The cache is filled: look at all of them once."""
        self._enqueue(self.keys(self.KIND, {}))
        super().begin()

    def reconcile(self, key: str) -> int | None:
        """Apply the rules of the parts, unless they are there already."""
        role = self.lister(self.KIND).get(key)
        if role is None or not role.get("aggregationRule"):
            return None
        wanted = list(self._rules(role))
        if wanted == list(role.get("rules") or ()):
            return None
        applied = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": key},
            "rules": thaw(wanted),
        }
        self.client.patch(
            self.KIND, key, applied, patch_type="apply", field_manager=self.NAME, query={"force": "true"}
        )
        return None

    def _rules(self, role: Object) -> Iterable[Rule]:
        found: list[Rule] = []
        for wish in role["aggregationRule"].get("clusterRoleSelectors") or ():
            selector = selectors.from_label_selector(wish)
            for part in sorted(self.lister(self.KIND).list(), key=metadata.name):
                if metadata.name(part) != metadata.name(role) and selector.matches(metadata.labels(part)):
                    found += [rule for rule in part.get("rules") or () if rule not in found]
        return found
