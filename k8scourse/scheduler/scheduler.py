"""The scheduler's loop: watch, pop, decide, assume, bind.

It holds no truth of its own. What is bound stands in the API; what is not bound is found there again by the
next scheduler: a crash between assume and bind loses nothing but a moment.

Upstream: `pkg/scheduler/{scheduler,schedule_one,eventhandlers}.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from k8scourse.api import conditions
from k8scourse.api.errors import StatusError
from k8scourse.api.metadata import is_terminating
from k8scourse.api.values import Object
from k8scourse.client import Client, EventRecorder, InformerFactory, Unreachable
from k8scourse.sim import MILLISECOND, Process

from .cache import Cache
from .cycle import Cycle
from .decision import Decision
from .events import EventHandlers
from .framework import Factory, Handle, Profile
from .plugins.registry import DEFAULT_PROFILE, REGISTRY
from .queue import QueuedPod, SchedulingQueue
from .runtime import Framework

DEFAULT_SCHEDULER_NAME = "default-scheduler"
CYCLE_NS = 1 * MILLISECOND
"""How long a decision takes: the yardstick is the few hundred Pods per second of `test/integration/scheduler_perf`."""
BIND_NS = 2 * MILLISECOND
"""How long the binding of a decided Pod takes, while the next is being decided."""


class Scheduler:
    """kube-scheduler: give it a process and a client, and start it.

    `on_decision` hears of every attempt. `scheduler_name` is the name under which Pods ask for it. `profile` and
    `registry` say which plugins decide.
    """

    def __init__(
        self,
        process: Process,
        client: Client,
        *,
        on_decision: Callable[[Decision], object] | None = None,
        scheduler_name: str = DEFAULT_SCHEDULER_NAME,
        profile: Profile = DEFAULT_PROFILE,
        registry: Mapping[str, Factory] = REGISTRY,
    ) -> None:
        self.process, self.name = process, scheduler_name
        self.cache = Cache()
        self._client, self._on_decision = client, on_decision
        self.framework = Framework(profile, registry, Handle(client, self.cache))
        self.queue = SchedulingQueue(process, self.framework, self._wake)
        self._cycle = Cycle(self.framework, self.cache)
        self._recorder = EventRecorder(process, client, scheduler_name)
        self._informers = InformerFactory(process, client)
        self._handlers = EventHandlers(self.cache, self.queue, scheduler_name)
        self._ready = self._awake = False

    def start(self) -> None:
        """Begin to watch; the first decision falls when all nodes and Pods are known."""
        self._handlers.register(self._informers)
        self._informers.start()
        self._informers.when_synced(self._begin)

    def _begin(self) -> None:
        self._ready = True
        self._wake()

    def _wake(self) -> None:
        if self._ready and not self._awake:
            self._awake = True
            self.process.after(CYCLE_NS, self._schedule_one)

    def _schedule_one(self) -> None:
        """One Pod per event of the kernel."""
        self._awake = False
        queued = self.queue.pop()
        if queued is None:
            return
        self._wake()
        if is_terminating(queued.pod):
            return
        outcome = self._cycle.run(queued.pod)
        self._tell(outcome.decision)
        if outcome.decision.node:
            self.cache.assume(queued.pod, outcome.decision.node)
            self.process.after(BIND_NS, self._bind, queued, outcome.decision)
        else:
            self._fail(queued, outcome.decision.message, "Unschedulable", outcome.rejected_by)

    def _bind(self, queued: QueuedPod, decision: Decision) -> None:
        if self.queue.get(queued.key) is not queued or not self.cache.is_assumed(queued.key):
            return  # deleted, or bound by somebody else, meanwhile
        try:
            self.framework.bind(queued.pod, decision.node)
        except (StatusError, Unreachable) as error:
            self.cache.forget(queued.key)
            message = f"binding rejected: {error}"
            self._tell(replace(decision, node="", message=message))
            self._fail(queued, message, "SchedulerError", [])
            return
        self.queue.delete(queued.key)
        self._recorder.event(queued.pod, "Normal", "Scheduled", decision.message)

    def _fail(self, queued: QueuedPod, message: str, reason: str, rejected_by: list[str]) -> None:
        """Back into the queue, and say why: an Event for people, a condition for programs."""
        self.queue.retry(queued, rejected_by)
        self._recorder.event(queued.pod, "Warning", "FailedScheduling", message)
        self._set_condition(queued.pod, reason, message)

    def _set_condition(self, pod: Object, reason: str, message: str) -> None:
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "observedGeneration": pod["metadata"].get("generation", 0),
            "lastProbeTime": None,
            "reason": reason,
            "message": message,
        }
        changed = conditions.with_condition(pod, condition, self.process.now)
        if changed is pod:
            return
        patch = {"status": {"conditions": [conditions.get(changed, "PodScheduled")]}}
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        try:
            self._client.patch("pods", name, patch, namespace, subresource="status")
        except (StatusError, Unreachable):
            return  # the Pod is in the queue: its next failure says it again

    def _tell(self, decision: Decision) -> None:
        if self._on_decision is not None:
            self._on_decision(decision)
