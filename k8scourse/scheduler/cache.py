"""The scheduler's picture of all nodes, with the Pods that it has placed but not yet seen placed.

Binding takes a moment, and the watch tells of it later still. So the scheduler assumes: it counts the Pod on
its node at once and goes on with the next. When the watch confirms, nothing changes; when binding fails, the
Pod is forgotten. A restart loses the assumptions and nothing else: whatever was bound is in the API.

Upstream: `pkg/scheduler/backend/cache/{cache,node_tree}.go`.
"""

from __future__ import annotations

from k8scourse.api.metadata import key as key_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object, evolve

from .node_info import NodeInfo

ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"


class Cache:
    """Nodes by name, and on which node each Pod counts."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeInfo] = {}
        self._where: dict[str, str] = {}
        self._assumed: dict[str, None] = {}
        self._zones: dict[tuple[str, str], list[str]] = {}
        self._ordered: list[NodeInfo] | None = None

    def nodes(self) -> list[NodeInfo]:
        """All nodes in the order in which a cycle looks at them: one of each zone in turn."""
        if self._ordered is None:
            self._ordered = [self._nodes[name] for name in _round_robin(list(self._zones.values()))]
        return self._ordered

    def get(self, name: str) -> NodeInfo | None:
        """One node, or None when there is no such node."""
        info = self._nodes.get(name)
        return info if info is not None and info.node is not None else None

    def set_node(self, node: Object) -> None:
        """A node was added or has changed."""
        info = self._info(node["metadata"]["name"])
        if info.node is None or _zone(info.node) != _zone(node):
            self._leave_zone(info)
            self._zones.setdefault(_zone(node), []).append(info.name)
            self._ordered = None
        info.set_node(node)

    def remove_node(self, name: str) -> None:
        """A node is gone. Its Pods still count, until they go too."""
        info = self._nodes.get(name)
        if info is None:
            return
        self._leave_zone(info)
        self._ordered = None
        info.node = None
        self._drop_if_empty(info)

    def set_pod(self, pod: Object) -> None:
        """A Pod that is bound was added or has changed; this confirms an assumed one."""
        key = key_of(pod)
        name = self._where.get(key)
        if name is not None and self._nodes[name].pods[key]["spec"] == pod["spec"]:
            self._nodes[name].pods[key] = pod  # only its status changed: its requests are counted already
            self._assumed.pop(key, None)
            return
        self.remove_pod(key)
        self._place(key, pod)

    def remove_pod(self, key: str) -> None:
        """A Pod is gone; unknown ones are fine."""
        self._assumed.pop(key, None)
        name = self._where.pop(key, None)
        if name is not None:
            info = self._nodes[name]
            info.remove_pod(key)
            self._drop_if_empty(info)

    def assume(self, pod: Object, node_name: str) -> None:
        """Count the Pod on the node as if it were bound already."""
        key = key_of(pod)
        assert key not in self._where, f"{key} is on {self._where[key]} already"
        self._place(key, evolve(pod, "spec.nodeName", node_name))
        self._assumed[key] = None

    def forget(self, key: str) -> None:
        """Binding failed: take the assumption back, if it is still one."""
        if key in self._assumed:
            self.remove_pod(key)

    def is_assumed(self, key: str) -> bool:
        """Whether the Pod counts on a node without the API having said so yet."""
        return key in self._assumed

    def _place(self, key: str, pod: Object) -> None:
        name = pod["spec"]["nodeName"]
        self._info(name).add_pod(key, pod)
        self._where[key] = name

    def _info(self, name: str) -> NodeInfo:
        return self._nodes.setdefault(name, NodeInfo(name))

    def _drop_if_empty(self, info: NodeInfo) -> None:
        if info.node is None and not info.pods:
            del self._nodes[info.name]

    def _leave_zone(self, info: NodeInfo) -> None:
        if info.node is None:
            return
        members = self._zones[_zone(info.node)]
        members.remove(info.name)
        if not members:
            del self._zones[_zone(info.node)]


def _zone(node: Object) -> tuple[str, str]:
    of_node = labels(node)
    return of_node.get(REGION, ""), of_node.get(ZONE, "")


def _round_robin(groups: list[list[str]]) -> list[str]:
    """The first of each group, then the second of each, and so on; short groups drop out."""
    longest = max((len(group) for group in groups), default=0)
    return [group[index] for index in range(longest) for group in groups if index < len(group)]
