"""The scheduling queue. Upstream: `pkg/scheduler/backend/queue`."""

from __future__ import annotations

from typing import Any

from scheduler.stage import pod

from k8scourse.scheduler.framework import ClusterEvent, Rejection, unresolvable
from k8scourse.scheduler.plugins.priority_sort import PrioritySort
from k8scourse.scheduler.queue import QueuedPod, SchedulingQueue
from k8scourse.sim import SECOND, Process, Simulation


class Rules:
    """Gated Pods stay out; the event "help" helps everybody."""

    def gate(self, pod: dict[str, Any]) -> Rejection | None:
        return unresolvable("gated") if pod["spec"].get("schedulingGates") else None

    def sort_key(self, queued: QueuedPod) -> tuple[int, ...]:
        return PrioritySort(None).sort_key(queued)  # type: ignore[arg-type]

    def helps(self, event: ClusterEvent, queued: QueuedPod) -> bool:
        return event.name == "help"


class Stand:
    def __init__(self) -> None:
        self.sim = Simulation()
        self.ready = 0
        process = Process(self.sim, "kube-scheduler", "control-plane-1")
        self.queue = SchedulingQueue(process, Rules(), self.on_ready)

    def on_ready(self) -> None:
        self.ready += 1

    def pop(self) -> str:
        queued = self.queue.pop()
        return "" if queued is None else queued.pod["metadata"]["name"]

    def fail(self, name: str, *plugins: str) -> None:
        queued = self.queue.get(f"default/{name}")
        assert queued is not None
        self.queue.retry(queued, list(plugins))

    def place(self, name: str) -> str:
        queued = self.queue.get(f"default/{name}")
        return queued.place if queued else ""


def test_the_more_important_pod_goes_first_then_the_older() -> None:
    stand = Stand()
    stand.queue.add(pod("first"))
    stand.sim.run(SECOND)
    stand.queue.add(pod("second"))
    stand.queue.add(pod("urgent", priority=1000))
    assert [stand.pop() for _ in range(4)] == ["urgent", "first", "second", ""]


def test_a_pod_that_fits_nowhere_waits_for_an_event_that_helps() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    stand.pop()
    stand.fail("a", "NodeResourcesFit")
    stand.sim.run(2 * SECOND)
    stand.queue.move(ClusterEvent("noise"))
    assert (stand.place("a"), stand.pop()) == ("unschedulable", "")
    stand.queue.move(ClusterEvent("help"))
    assert (stand.place("a"), stand.pop()) == ("active", "a")


def test_an_event_does_not_cut_the_back_off_short_while_others_are_active() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    stand.pop()
    stand.fail("a", "NodeResourcesFit")
    stand.queue.add(pod("b"))
    stand.queue.move(ClusterEvent("help"))
    assert stand.place("a") == "backoff"
    assert [stand.pop(), stand.pop()] == ["b", "a"]  # nobody else is active: a is tried early


def test_errors_wait_1_2_4_8_10_seconds() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    waits = []
    for _ in range(6):
        assert stand.pop() == "a"
        stand.fail("a")
        start = stand.sim.now
        assert stand.pop() == ""  # an error is never tried early
        while stand.place("a") == "backoff":
            assert stand.sim.step()
        waits.append((stand.sim.now - start) // SECOND)
    assert waits == [1, 2, 4, 8, 10, 10]


def test_after_five_minutes_a_pod_is_tried_again_without_any_event() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    stand.pop()
    stand.fail("a", "NodeAffinity")
    stand.sim.run(300 * SECOND)
    assert stand.place("a") == "unschedulable"
    stand.sim.run(331 * SECOND)
    assert stand.place("a") == "active"


def test_an_idle_queue_sets_no_timers() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    stand.pop()
    assert stand.sim.next_time is None


def test_a_gated_pod_enters_when_its_gates_are_gone() -> None:
    stand = Stand()
    stand.queue.add(pod("a", schedulingGates=[{"name": "wait"}]))
    assert (stand.place("a"), stand.pop(), stand.ready) == ("gated", "", 0)
    stand.queue.update(pod("a"))
    assert stand.pop() == "a"


def test_a_deleted_pod_is_not_tried_and_not_retried() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    queued = stand.queue.pop()
    assert queued is not None
    stand.queue.delete("default/a")
    stand.queue.retry(queued, ["NodeName"])
    assert stand.place("a") == ""
    stand.queue.add(pod("b"))
    stand.queue.delete("default/b")
    assert stand.pop() == ""


def test_a_change_of_status_alone_moves_nothing() -> None:
    stand = Stand()
    stand.queue.add(pod("a"))
    stand.pop()
    stand.fail("a", "TaintToleration")
    stand.queue.update({**pod("a"), "status": {"phase": "Pending", "conditions": []}})
    assert stand.place("a") == "unschedulable"
