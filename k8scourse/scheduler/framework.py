"""The scheduling framework: the points at which plugins speak, and who asks them in which order.

    PreEnqueue  may the Pod enter the queue at all?        QueueSort  who is next?
    PreFilter   look at the Pod once; narrow the nodes     Filter     can this node hold it?
    PostFilter  no node can: is there anything to do?
    PreScore    look once; or have nothing to say          Score      how good is this node, 0 to 100?
    Reserve     note the choice, and take it back          PreBind, Bind   write it down

A plugin is a class with a `name` and the methods of the points at which it is listed in the profile.
Upstream: `staging/src/k8s.io/kube-scheduler/framework/interface.go`, `pkg/scheduler/framework/runtime/framework.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from k8scourse.api.values import Object

from .node_info import NodeInfo

if TYPE_CHECKING:
    from k8scourse.client import Client

    from .cache import Cache
    from .queue import QueuedPod

MAX_NODE_SCORE = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a node, or all nodes, cannot hold the Pod. `resolvable` says whether removing Pods could help."""

    reasons: tuple[str, ...]
    resolvable: bool = True
    plugin: str = ""

    def by(self, plugin: str) -> Rejection:
        """The same, signed by the plugin that said it."""
        return Rejection(self.reasons, self.resolvable, plugin)


def unschedulable(*reasons: str) -> Rejection:
    """Not now: room may be made by removing Pods."""
    return Rejection(reasons)


def unresolvable(*reasons: str) -> Rejection:
    """Not on this node, whatever is removed from it."""
    return Rejection(reasons, resolvable=False)


class ClusterEvent(NamedTuple):
    """A change that may help a waiting Pod: "Node/Add", "Node/UpdateLabel", "AssignedPod/Delete", …

    `old` and `new` are the objects; None where there is none.
    """

    name: str
    old: Object | None = None
    new: Object | None = None


@dataclass(slots=True)
class CycleState:
    """What plugins remember from their Pre… call to the calls per node, within one cycle."""

    data: dict[str, Any] = field(default_factory=dict)
    skip_filter: dict[str, None] = field(default_factory=dict)
    skip_score: dict[str, None] = field(default_factory=dict)


class Skip:
    """A plugin's answer at PreFilter or PreScore: leave me out for this Pod."""


SKIP = Skip()
PreFilterAnswer = Rejection | Sequence[str] | Skip | None


class Plugin(Protocol):
    """What every plugin has. `events` names the changes after which a Pod it rejected is worth another try."""

    name: str
    events: tuple[str, ...]

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """The queueing hint: whether this event, one of `events`, may make the Pod fit."""


class BasePlugin:
    """A plugin that believes every event it asked for."""

    name = ""
    events: tuple[str, ...] = ()

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def helps(self, event: ClusterEvent, pod: Object) -> bool:
        """Whether this event may make the Pod fit."""
        return True


class PreEnqueuePlugin(Plugin, Protocol):
    """Says whether a Pod may enter the queue."""

    def pre_enqueue(self, pod: Object) -> Rejection | None:
        """None, or why the Pod must stay outside."""


class QueueSortPlugin(Plugin, Protocol):
    """Orders the queue. There is exactly one."""

    def sort_key(self, queued: QueuedPod) -> tuple[int, ...]:
        """The smaller comes first."""


class PreFilterPlugin(Plugin, Protocol):
    """Looks at the Pod once per cycle."""

    def pre_filter(self, state: CycleState, pod: Object) -> PreFilterAnswer:
        """None, SKIP, a rejection by all nodes, or the names of the only nodes that come into question."""


class FilterPlugin(Plugin, Protocol):
    """Says whether a node can hold the Pod."""

    def filter(self, state: CycleState, pod: Object, node: NodeInfo) -> Rejection | None:
        """None, or why not."""


class PostFilterPlugin(Plugin, Protocol):
    """Is asked when no node fits."""

    def post_filter(
        self, state: CycleState, pod: Object, rejections: Mapping[str, Rejection], total: int
    ) -> str:
        """What could not be done about it, as a part of the message."""


class PreScorePlugin(Plugin, Protocol):
    """Looks at the Pod and the feasible nodes once before scoring."""

    def pre_score(self, state: CycleState, pod: Object, nodes: Sequence[NodeInfo]) -> Skip | None:
        """SKIP when it has nothing to say about this Pod."""


class ScorePlugin(Plugin, Protocol):
    """Ranks nodes."""

    def score(self, state: CycleState, pod: Object, node: NodeInfo) -> int:
        """A number; after `normalize` it lies between 0 and 100."""

    def normalize(self, scores: list[int]) -> list[int]:
        """The scores of all nodes brought to 0…100."""


class BindPlugin(Plugin, Protocol):
    """Writes the decision down."""

    def bind(self, pod: Object, node_name: str) -> None:
        """Bind the Pod; raises what the API raises."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What a plugin may use of the scheduler."""

    client: Client
    cache: Cache


Factory = Callable[[Handle], Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """Which plugins speak at which point, in which order; for Score with which weight."""

    pre_enqueue: tuple[str, ...] = ()
    queue_sort: str = "PrioritySort"
    pre_filter: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    post_filter: tuple[str, ...] = ()
    pre_score: tuple[str, ...] = ()
    score: Mapping[str, int] = field(default_factory=dict)
    bind: str = "DefaultBinder"

    def names(self) -> list[str]:
        """Every plugin of the profile once."""
        points = (self.pre_enqueue, (self.queue_sort,), self.pre_filter, self.filter, self.post_filter,
                  self.pre_score, tuple(self.score), (self.bind,))  # fmt: skip
        return list(dict.fromkeys(name for point in points for name in point))
