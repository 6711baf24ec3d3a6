"""What the scheduler knows of one node: what it offers, and what the Pods on it have asked for.

Amounts are integers: CPU in thousandths of a core, memory and storage in bytes, anything else counted.
Upstream: `pkg/scheduler/framework/types.go` (NodeInfo), `pkg/scheduler/util/pod_resources.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.pods import Resources, amount, requests
from k8scourse.api.values import Object

DEFAULT_REQUESTS = {"cpu": "100m", "memory": "200Mi"}
"""What a container that names no request counts for when nodes are scored, so that many such Pods spread."""


def non_zero_requests(pod: Object) -> Resources:
    """The Pod's requests, with the default for each container that names none. An explicit 0 stays 0."""
    spec = pod["spec"]
    filled = {
        what: [_with_default_requests(container) for container in spec.get(what) or ()]
        for what in ("containers", "initContainers")
    }
    return requests({**pod, "spec": {**spec, **filled}})


def _with_default_requests(container: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = container.get("resources") or {}
    return {
        **container,
        "resources": {**resources, "requests": {**DEFAULT_REQUESTS, **(resources.get("requests") or {})}},
    }


@dataclass(slots=True)
class NodeInfo:
    """One node. `node` is None while only its Pods are known. `requested` is what Pods really asked for, which
    filters count; `non_zero` is the same with defaults filled in, which scores count.
    """

    name: str
    node: Object | None = None
    pods: dict[str, Object] = field(default_factory=dict)
    allocatable: Resources = field(default_factory=dict)
    requested: Resources = field(default_factory=dict)
    non_zero: Resources = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """The node's labels."""
        assert self.node is not None
        return self.node["metadata"].get("labels") or {}

    @property
    def taints(self) -> list[Object]:
        """The node's taints."""
        return self._spec.get("taints") or []

    @property
    def unschedulable(self) -> bool:
        """Whether the node is cordoned."""
        return bool(self._spec.get("unschedulable"))

    @property
    def _spec(self) -> Object:
        assert self.node is not None
        return self.node.get("spec") or {}

    def set_node(self, node: Object) -> None:
        """The node object is new or has changed."""
        self.node = node
        listed = (node.get("status") or {}).get("allocatable") or {}
        self.allocatable = {resource: amount(resource, quantity) for resource, quantity in listed.items()}

    def add_pod(self, key: str, pod: Object) -> None:
        """Count a Pod."""
        assert key not in self.pods, f"{key} is on {self.name} already"
        self.pods[key] = pod
        self._count(pod, 1)

    def remove_pod(self, key: str) -> None:
        """No longer count a Pod."""
        self._count(self.pods.pop(key), -1)

    def _count(self, pod: Object, sign: int) -> None:
        for total, asked in ((self.requested, requests(pod)), (self.non_zero, non_zero_requests(pod))):
            for resource, value in asked.items():
                total[resource] = total.get(resource, 0) + sign * value
