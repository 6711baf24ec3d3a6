"""The shape that every loop shares: watch, put keys into a queue, reconcile one key at a time.

A controller says what it repairs (`KIND`), what else it looks at (`WATCHES`), which keys a change concerns
(`keys`), and how one key is repaired (`reconcile`). Everything else is here. What travels through the queue
is a key, never an object: by the time it is worked on, the object may be another.

Upstream: the pattern of `sample-controller/controller.go` and of every `pkg/controller/*/*_controller.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from k8scourse.api import kinds, metadata
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Client, EventRecorder, InformerFactory, Lister, QueueWorker, WorkQueue
from k8scourse.sim import SECOND, Process


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of kube-controller-manager sets. `controllers` empty, or "*", means all."""

    controllers: tuple[str, ...] = ()
    cluster_cidr: str = "10.244.0.0/16"
    root_ca: str = "-----BEGIN CERTIFICATE-----\nazhzY291cnNlLWNh\n-----END CERTIFICATE-----\n"
    node_monitor_period_seconds: int = 5
    node_monitor_grace_seconds: int = 50
    node_startup_grace_seconds: int = 60
    node_eviction_rate: float = 0.1
    secondary_node_eviction_rate: float = 0.01
    unhealthy_zone_threshold: float = 0.55
    large_cluster_size_threshold: int = 50


@dataclass(frozen=True, slots=True)
class Context:
    """What every loop of one process gets: they share the informers, and nothing else."""

    process: Process
    client: Client
    informers: InformerFactory
    options: Options = field(default_factory=Options)


LATE_NS = 5 * SECOND
"""A cluster needs no Jobs to come up: loops for kinds that few clusters have at first begin a little later."""


class Controller:
    """One loop. `NAME` is its name in the registry, `COMPONENT` the one in its Events (`NAME` if empty).

    A `LATE` loop neither watches nor works for the first two seconds of its process.
    """

    NAME = ""
    COMPONENT = ""
    KIND = ""
    WATCHES: tuple[str, ...] = ()
    LATE = False

    def __init__(self, context: Context) -> None:
        self.process, self.client, self.options = context.process, context.client, context.options
        self.recorder = EventRecorder(self.process, self.client, self.COMPONENT or self.NAME)
        self.queue = WorkQueue(self.process)
        self._informers = context.informers
        self.worker = QueueWorker(self.process, self.queue, self.reconcile)
        self._followed: dict[str | Kind, None] = {}
        if not self.LATE:
            self._follow_all()

    def _follow_all(self) -> None:
        for resource in (self.KIND, *self.WATCHES):
            self._follow(resource)

    def _follow(self, resource: str | Kind) -> None:
        self._followed[resource] = None
        name = resource if isinstance(resource, str) else resource.resource_name
        self._informers.get(resource).on(
            added=partial(self.on_added, name),
            updated=partial(self.on_updated, name),
            deleted=partial(self.on_deleted, name),
        )

    def follow(self, resource: str | Kind) -> None:
        """Watch one more resource from now on, unless that is the case already."""
        if resource not in self._followed:
            self._follow(resource)
            self._informers.start()

    def unfollow(self, resource: Kind) -> None:
        """A kind that users defined is gone."""
        if resource in self._followed:
            del self._followed[resource]
            self._informers.forget(resource)

    def start(self) -> None:
        """Begin to work as soon as all caches of the process are filled: half a picture leads to wrong deeds."""
        if self.LATE:
            self.process.after(LATE_NS, self._start_late)
            return
        self._informers.start()
        self._informers.when_synced(self.begin)

    def _start_late(self) -> None:
        self._follow_all()
        self._informers.start()
        self._informers.when_synced(self.begin)

    def begin(self) -> None:
        """Called once when the caches are filled. Loops that also run by the clock start it here."""
        self.worker.start()

    def reconcile(self, key: str) -> int | None:
        """Compare wanted with actual for one key and do the next step.

        None when there is nothing more to do, or the nanoseconds after which to look again. A refusal of the
        API (`StatusError`) or its silence (`Unreachable`) may be raised: the key is tried again, later each time.
        """
        raise NotImplementedError

    def keys(self, resource: str, obj: Object) -> Iterable[str]:
        """Which keys a change of `obj` concerns: its own, or its controller's if that is of our kind."""
        if resource == self.KIND:
            return (metadata.key(obj),)
        owner = metadata.controller_of(obj)
        if owner is None or owner["kind"] != kinds.resource(self.KIND).kind:
            return ()
        return (join(metadata.namespace(obj), owner["name"]),)

    def on_added(self, resource: str, obj: Object) -> None:
        """A watched object appeared."""
        self._enqueue(self.keys(resource, obj))

    def on_updated(self, resource: str, old: Object, new: Object) -> None:
        """A watched object changed: it may concern other keys than before, so both states count."""
        self._enqueue(self.keys(resource, old))
        self._enqueue(self.keys(resource, new))

    def on_deleted(self, resource: str, obj: Object) -> None:
        """A watched object is gone; `obj` is its last state."""
        self._enqueue(self.keys(resource, obj))

    def lister(self, resource: str) -> Lister:
        """The cache of a watched resource."""
        return self._informers.get(resource).lister

    def _enqueue(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.queue.add(key)


def join(namespace: str, name: str) -> str:
    """The key of an object: `namespace/name`, or `name` without a namespace."""
    return f"{namespace}/{name}" if namespace else name
