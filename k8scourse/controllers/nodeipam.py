"""The node IPAM controller: each node gets its own range of Pod addresses.

From the cluster's range 10.244.0.0/16 the lowest free /24 goes to `spec.podCIDR`, for good.
Upstream: `pkg/controller/nodeipam/ipam/range_allocator.go`.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from k8scourse.api import metadata
from k8scourse.api.values import Object, get_in

from .base import Context, Controller

NODE_MASK = 24


class NodeIpamController(Controller):
    """Hands out ranges; which are taken is read from the nodes themselves."""

    NAME = "node-ipam-controller"
    COMPONENT = "cidrAllocator"
    KIND = "nodes"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._just_given: dict[str, str] = {}

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A node keeps its range; only one that has none yet is of interest."""
        if not get_in(new, "spec.podCIDR"):
            super().on_updated(resource, old, new)

    def reconcile(self, key: str) -> int | None:
        """Give the node a range unless it has one."""
        node = self.lister(self.KIND).get(key)
        if node is None:
            self._just_given.pop(key, None)
            return None
        if get_in(node, "spec.podCIDR") or metadata.is_terminating(node):
            return None
        taken = self._taken()
        free = self._just_given.get(key) or lowest_free(self.options.cluster_cidr, list(taken))
        if free is None:
            message = f"Node {key} status is now: CIDRNotAvailable"
            self.recorder.event(node, "Normal", "CIDRNotAvailable", message)
            return None
        self._just_given[key] = free
        self.client.patch("nodes", key, {"spec": {"podCIDR": free, "podCIDRs": [free]}})
        return None

    def _taken(self) -> dict[str, None]:
        """Ranges in use: those in the cache, and those given so lately that the cache does not show them."""
        known = [get_in(node, "spec.podCIDR") for node in self.lister(self.KIND).list()]
        return dict.fromkeys([*filter(None, known), *self._just_given.values()])


def lowest_free(cluster_cidr: str, taken: list[str]) -> str | None:
    """The lowest /24 of the cluster's range that overlaps with none that is taken; None when there is none."""
    used = [ip_network(text) for text in taken]
    for candidate in IPv4Network(cluster_cidr).subnets(new_prefix=NODE_MASK):
        if not any(candidate.overlaps(each) for each in used):
            return str(candidate)
    return None
