"""Asking the plugins of a profile, point by point.

Upstream: `pkg/scheduler/framework/runtime/framework.go`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8scourse.api.values import Object

from .framework import (
    MAX_NODE_SCORE,
    BindPlugin,
    ClusterEvent,
    CycleState,
    Factory,
    FilterPlugin,
    Handle,
    PostFilterPlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    Profile,
    QueueSortPlugin,
    Rejection,
    ScorePlugin,
    Skip,
)
from .node_info import NodeInfo
from .queue import QueuedPod


class Framework:
    """One profile, ready to run: every plugin made once, and listed at its points."""

    def __init__(self, profile: Profile, registry: Mapping[str, Factory], handle: Handle) -> None:
        plugins: dict[str, Any] = {name: registry[name](handle) for name in profile.names()}
        self._plugins = plugins
        self._weights = dict(profile.score)
        self._pre_enqueue: list[PreEnqueuePlugin] = [plugins[name] for name in profile.pre_enqueue]
        self._queue_sort: QueueSortPlugin = plugins[profile.queue_sort]
        self._pre_filter: list[PreFilterPlugin] = [plugins[name] for name in profile.pre_filter]
        self._filter: list[FilterPlugin] = [plugins[name] for name in profile.filter]
        self._post_filter: list[PostFilterPlugin] = [plugins[name] for name in profile.post_filter]
        self._pre_score: list[PreScorePlugin] = [plugins[name] for name in profile.pre_score]
        self._score: list[ScorePlugin] = [plugins[name] for name in profile.score]
        self._bind: BindPlugin = plugins[profile.bind]

    def gate(self, pod: Object) -> Rejection | None:
        """Why the Pod must not enter the queue, or None."""
        for plugin in self._pre_enqueue:
            rejection = plugin.pre_enqueue(pod)
            if rejection is not None:
                return rejection.by(plugin.name)
        return None

    def sort_key(self, queued: QueuedPod) -> tuple[int, ...]:
        """Where in the queue the Pod stands."""
        return self._queue_sort.sort_key(queued)

    def helps(self, event: ClusterEvent, queued: QueuedPod) -> bool:
        """Whether an event may help a Pod: one of the plugins that rejected it must think so."""
        for name in queued.rejected_by:
            plugin = self._plugins[name]
            if event.name in plugin.events and plugin.helps(event, queued.pod):
                return True
        return False

    def pre_filter(
        self, state: CycleState, pod: Object
    ) -> tuple[Rejection | None, list[str] | None, list[str]]:
        """A rejection by all nodes; the names of the only nodes in question, or None for all; who narrowed."""
        names: list[str] | None = None
        narrowed_by: list[str] = []
        for plugin in self._pre_filter:
            answer = plugin.pre_filter(state, pod)
            if isinstance(answer, Rejection):
                return answer.by(plugin.name), None, narrowed_by
            if isinstance(answer, Skip):
                state.skip_filter[plugin.name] = None
            elif answer is not None:
                wanted = list(answer)
                names = wanted if names is None else [name for name in names if name in wanted]
                narrowed_by.append(plugin.name)
        return None, names, narrowed_by

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """The first plugin's reason why this node cannot hold the Pod, or None."""
        for plugin in self._filter:
            if plugin.name in state.skip_filter:
                continue
            rejection = plugin.filter(state, pod, node)
            if rejection is not None:
                return rejection.by(plugin.name)
        return None

    def post_filter(
        self, state: CycleState, pod: Object, rejections: Mapping[str, Rejection], total: int
    ) -> str:
        """What the PostFilter plugins say, as the end of the message."""
        said = [plugin.post_filter(state, pod, rejections, total) for plugin in self._post_filter]
        return ", ".join(text for text in said if text)

    def score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> dict[str, dict[str, int]]:
        """Per node, each plugin's score after normalisation and weight. Plugins that skip are absent."""
        for pre in self._pre_score:
            if isinstance(pre.pre_score(state, pod, nodes), Skip):
                state.skip_score[pre.name] = None
        table: dict[str, dict[str, int]] = {node.name: {} for node in nodes}
        for plugin in self._score:
            if plugin.name in state.skip_score:
                continue
            scores = plugin.normalize([plugin.score(state, pod, node) for node in nodes])
            for node, score in zip(nodes, scores, strict=True):
                assert 0 <= score <= MAX_NODE_SCORE, f"{plugin.name} gives {node.name} {score}, not 0 to 100"
                table[node.name][plugin.name] = score * self._weights[plugin.name]
        return table

    def bind(self, pod: Object, node_name: str) -> None:
        """Bind the Pod; raises what the API raises."""
        self._bind.bind(pod, node_name)
