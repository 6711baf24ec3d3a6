"""One snapshot per step, so that a picture can go back and forth in time.

API objects are immutable values, so a snapshot is a handful of references. Slots are part of it: where a Pod
was put stays its place for as long as it lives, however the picture is stepped through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from k8scourse.sim import Record

from .reading import PodView, Reader
from .seen import ClusterLike, MachineLike, PartLike

SHELF = ""
CROWD = 300
"""Above so many Pods not every step is kept: the others are lived again when somebody looks at them."""
EVERY = 50


class Slots(NamedTuple):
    """Where Pods sit: Pod id to (node or shelf, number), and the highest number ever used per place + 1."""

    seats: Mapping[str, tuple[str, int]]
    size: Mapping[str, int]


class Snapshot(NamedTuple):
    """A cluster at one step. `records` are the trace's records since the step before, this step's the last.

    `stale` marks a step of a crowded cluster whose objects were not looked at: they are those of an earlier one.
    """

    name: str
    version: str
    now: int
    step: int
    record: Record | None
    records: Sequence[Record]
    pods: Sequence[dict[str, Any]]
    nodes: Sequence[dict[str, Any]]
    leases: Sequence[dict[str, Any]]
    parts: Sequence[PartLike]
    machines: Sequence[MachineLike]
    slots: Slots
    revision: int
    stale: bool = False


def seat(slots: Slots, views: Iterable[PodView]) -> Slots:
    """The slots after these Pods are there: who sits stays, who moves node or is new gets the first free one."""
    before = slots.seats
    seats: dict[str, tuple[str, int]] = {}
    waiting: list[PodView] = []
    for view in views:
        if view.place != "component":
            old = before.get(view.id)
            if old is not None and old[0] == _room(view):
                seats[view.id] = old
            else:
                waiting.append(view)
    if not waiting:
        return slots if len(seats) == len(before) else Slots(seats, slots.size)
    taken = set(seats.values())
    size = dict(slots.size)
    for view in waiting:
        number = next(n for n in range(len(taken) + 1) if (_room(view), n) not in taken)
        seats[view.id] = (_room(view), number)
        taken.add(seats[view.id])
        size[_room(view)] = max(size.get(_room(view), 0), number + 1)
    return Slots(seats, size)


def _room(view: PodView) -> str:
    """Pods of the system sit in a row of their own."""
    return f"{view.node}/system" if view.place == "system" and view.node else view.node


class Recorder:
    """Listens to a cluster's trace and keeps a snapshot of every step from now on, and of the beginning.

    Steps that happened before it listened can be looked at too: the cluster is rewound to them, which takes
    as long as running it again does.
    """

    def __init__(self, cluster: ClusterLike, past: list[Snapshot] | None = None) -> None:
        steps = cluster.steps
        self.cluster = cluster
        self.reader = Reader()
        self._kinds = [tick(record) for record in steps]
        self._told = len(cluster.trace.records)
        self._slots = past[-1].slots if past else Slots({}, {})
        self._older: dict[int, Snapshot] = {}
        last = steps[-1] if steps else None
        self.first = past[0].step if past else len(steps)
        self._kept = past or [self._look(self.first, last, [last] if last else [])]
        self._fault_shown = True
        self._ready_at = cluster.ready_at
        self._unsubscribe = cluster.trace.subscribe(self._hear)

    @property
    def steps(self) -> int:
        """How many steps there are; step 0 is the beginning."""
        self._settle()
        return self.first + len(self._kept) - 1

    def ticks(self, first: int = 0, last: int | None = None) -> str:
        """One letter for each step after `first`, see `tick`."""
        self._settle()
        return "".join(self._kinds[first:last])

    def at(self, step: int) -> Snapshot:
        """The cluster right after step number `step`."""
        self._finish_fault()
        step = min(max(step, 0), self.steps)
        if step >= self.first and not (kept := self._kept[step - self.first]).stale:
            return kept
        if step == self.steps:
            return self._freshen()
        if step not in self._older:
            past = self.cluster.rewind(step=step)
            record = past.steps[step - 1] if step else None
            free = Slots({}, self._kept[0].slots.size)
            self._older[step] = self._snapshot(past, step, record, [record] if record else [], free)
        return self._older[step]

    def _freshen(self) -> Snapshot:
        """Look after all at the last step, which was passed over."""
        last = self._kept[-1]
        self._kept[-1] = self._look(last.step, last.record, last.records)
        return self._kept[-1]

    def until(self, step: int) -> list[Snapshot]:
        """The snapshots that are kept up to a step."""
        return self._kept[: max(0, step - self.first + 1)]

    def present(self) -> Snapshot:
        """The cluster as it is now: the last step, with what has changed since without being one."""
        last = self._kept[-1]
        return self._look(last.step, last.record, last.records)

    def close(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _hear(self, record: Record) -> None:
        self._finish_fault()
        if not self.cluster.is_step(record):
            return
        self._settle()
        if record.time >= self.cluster.ready_at:
            self._keep(record)
        elif len(self._kept) == 1:
            self._kept = [self._look(0, None, [])]

    def _finish_fault(self) -> None:
        """A fault is told before it is done: its snapshot shows what it did to parts and machines."""
        last = self._kept[-1]
        if last.record is not None and last.record.kind == "fault" and not self._fault_shown:
            self._kept[-1] = last._replace(parts=self.cluster.parts(), machines=self.cluster.machines())
            self._fault_shown = True

    def _settle(self) -> None:
        """What came before the cluster was ready is no step of its history: the last of it is the beginning."""
        if self.cluster.ready_at == self._ready_at:
            return
        self._ready_at = self.cluster.ready_at
        later = [
            kept for kept in self._kept if kept.record is not None and kept.record.time >= self._ready_at
        ]
        start = self._kept[len(self._kept) - len(later) - 1]
        start = start._replace(step=0, record=None, records=(), now=max(start.now, self._ready_at))
        self._kept = [start, *(kept._replace(step=step) for step, kept in enumerate(later, 1))]
        self._kinds = [tick(kept.record) for kept in self._kept if kept.record is not None]
        self.first = 0

    def _keep(self, record: Record) -> None:
        since = self.cluster.trace.records[self._told : record.sequence + 1]
        self._told = record.sequence + 1
        self._kinds.append(tick(record))
        last, step = self._kept[-1], len(self._kept) + self.first
        if len(last.pods) > CROWD and step % EVERY:
            self._kept.append(
                last._replace(now=record.time, step=step, record=record, records=since, stale=True)
            )
        else:
            self._kept.append(self._look(step, record, since))
        self._fault_shown = False

    def _look(self, step: int, record: Record | None, since: Sequence[Record]) -> Snapshot:
        snapshot = self._snapshot(self.cluster, step, record, since, self._slots)
        self._slots = snapshot.slots
        return snapshot

    def _snapshot(
        self, cluster: ClusterLike, step: int, record: Record | None, since: Sequence[Record], slots: Slots
    ) -> Snapshot:
        pods = cluster.objects("pods")
        return Snapshot(
            cluster.name, cluster.version, cluster.now, step, record, since, pods, cluster.objects("nodes"),
            cluster.objects("leases"), cluster.parts(), cluster.machines(),
            seat(slots, map(self.reader.pod, pods)), self._revision(cluster),
        )  # fmt: skip

    def _revision(self, cluster: ClusterLike) -> int:
        """etcd's revision, read from its last commit in the trace."""
        records = cluster.trace.records
        for index in range(len(records) - 1, -1, -1):
            if records[index].kind == "commit":
                return int(records[index].detail.get("revision", 0))
        return 0


def tick(record: Record) -> str:
    """One letter for the timeline: the record's kind, x for a fault, ! for a refusal or a bad end."""
    if record.kind == "request":
        return "!" if record.detail.get("code", 200) >= 400 else "r"
    if record.kind == "exit":
        return "!" if record.detail.get("code") else "e"
    return "x" if record.kind == "fault" else record.kind[0]


def recorder(cluster: ClusterLike) -> Recorder:
    """The one recorder of a cluster; it begins to listen at the first call, and lives as long as the cluster."""
    kept: dict[str, Any] = vars(cluster)
    if "_recorder" not in kept:
        kept["_recorder"] = Recorder(cluster)
    found: Recorder = kept["_recorder"]
    return found


def recorder_of_fork(fork: ClusterLike, trunk: Recorder, step: int) -> Recorder:
    """The recorder of a cluster that was forked from another at `step`: their past is the same."""
    recorder(fork).close()
    made = vars(fork)["_recorder"] = Recorder(fork, trunk.until(step))
    return made
