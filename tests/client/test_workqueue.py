"""The work queue, by example and against a dumb twin. Upstream: client-go `util/workqueue/doc.go`."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from k8scourse.api.errors import Conflict
from k8scourse.client import QueueWorker, WorkQueue
from k8scourse.sim import MILLISECOND, SECOND, Process, Simulation


def fresh() -> tuple[Simulation, Process, WorkQueue]:
    sim = Simulation()
    process = Process(sim, "kube-controller-manager", "control-plane-1")
    return sim, process, WorkQueue(process)


def test_keys_come_out_in_the_order_in_which_they_went_in() -> None:
    _, _, queue = fresh()
    for key in "cab":
        queue.add(key)
    assert [queue.get() for _ in range(4)] == ["c", "a", "b", None]


def test_a_key_added_many_times_is_worked_on_once() -> None:
    _, _, queue = fresh()
    for _ in range(100):
        queue.add("a")
    assert len(queue) == 1


def test_a_key_that_changes_while_it_is_worked_on_is_worked_on_again_afterwards() -> None:
    _, _, queue = fresh()
    queue.add("a")
    assert queue.get() == "a"
    queue.add("a")
    assert queue.get() is None  # never two at a time
    queue.done("a")
    assert queue.get() == "a"


def test_of_two_delays_the_earlier_wins() -> None:
    sim, _, queue = fresh()
    queue.add_after("a", 5 * SECOND)
    queue.add_after("a", SECOND)
    queue.add_after("a", 3 * SECOND)
    sim.run(SECOND)
    assert len(queue) == 1
    assert queue.waiting == 0


def test_a_failing_key_waits_twice_as_long_each_time() -> None:
    sim, _, queue = fresh()
    waits = []
    for _ in range(5):
        start = sim.now
        queue.add_rate_limited("a")
        while not len(queue):
            sim.step()
        waits.append((sim.now - start) // MILLISECOND)
        queue.done(queue.get() or "")
    assert waits == [5, 10, 20, 40, 80]
    assert queue.retries("a") == 5
    queue.forget("a")
    assert queue.retries("a") == 0


def test_no_wait_is_longer_than_the_limit() -> None:
    sim, process, _ = fresh()
    queue = WorkQueue(process, base_ns=SECOND, max_ns=10 * SECOND)
    for _ in range(100):
        queue.add_rate_limited("a")
        sim.run(sim.now + 10 * SECOND)
        assert queue.get() == "a"
        queue.done("a")


def test_many_failing_keys_share_ten_tries_a_second() -> None:
    sim, _, queue = fresh()
    for number in range(150):
        queue.add_rate_limited(f"key-{number}")
    sim.run(5 * MILLISECOND)
    assert len(queue) == 100
    sim.run(SECOND)
    assert len(queue) == 110
    sim.run(6 * SECOND)
    assert len(queue) == 150


def test_a_worker_takes_one_key_per_event_of_the_kernel() -> None:
    sim, process, queue = fresh()
    worked: list[str] = []
    QueueWorker(process, queue, lambda key: worked.append(key)).start()
    for key in "abc":
        queue.add(key)
    for count in (1, 2, 3):
        sim.step()
        assert len(worked) == count
    assert not sim.step()


def test_a_worker_that_has_not_started_lets_keys_wait() -> None:
    sim, process, queue = fresh()
    worked: list[str] = []
    worker = QueueWorker(process, queue, lambda key: worked.append(key))
    queue.add("a")
    sim.run(SECOND)
    assert worked == []
    worker.start()
    sim.run(2 * SECOND)
    assert worked == ["a"]


def test_a_refusal_of_the_api_is_tried_again_until_it_succeeds() -> None:
    sim, process, queue = fresh()
    times: list[int] = []
    errors: list[str] = []

    def reconcile(key: str) -> None:
        times.append(sim.now)
        if len(times) < 4:
            raise Conflict("the object has been modified")

    QueueWorker(process, queue, reconcile, lambda key, error: errors.append(f"{key}: {error}")).start()
    queue.add("a")
    sim.run(10 * SECOND)
    assert len(times) == 4
    assert errors == ["a: the object has been modified"] * 3
    assert queue.retries("a") == 0


def test_a_reconcile_may_ask_to_be_called_again() -> None:
    sim, process, queue = fresh()
    times: list[int] = []

    def reconcile(key: str) -> int | None:
        times.append(sim.now // SECOND)
        return 2 * SECOND if len(times) < 3 else None

    QueueWorker(process, queue, reconcile).start()
    queue.add("a")
    sim.run(60 * SECOND)
    assert times == [0, 2, 4]


def test_a_reconcile_that_wakes_itself_for_ever_does_not_stop_the_clock() -> None:
    sim, process, queue = fresh()
    QueueWorker(process, queue, queue.add).start()
    queue.add("a")
    sim.run(SECOND)
    assert sim.now == SECOND


KEYS = st.sampled_from(["a", "b", "c", "d"])


class QueueAgainstTwin(RuleBasedStateMachine):
    """The twin has no sets and no timers: a list of wishes, a list of work in hand, and a list of delays."""

    def __init__(self) -> None:
        super().__init__()
        self.sim, process, self.queue = fresh()
        QueueWorker(process, self.queue, lambda key: None)  # never started: it must not take anything
        self.ready: list[str] = []
        self.again: list[str] = []
        self.working: list[str] = []
        self.later: list[tuple[int, str]] = []

    def twin_add(self, key: str) -> None:
        if key in self.working:
            self.again += [key] if key not in self.again else []
        elif key not in self.ready:
            self.ready.append(key)

    @rule(key=KEYS)
    def add(self, key: str) -> None:
        self.queue.add(key)
        self.twin_add(key)

    @rule(key=KEYS, delay_ns=st.sampled_from([0, 1, 2, 3]))
    def add_after(self, key: str, delay_ns: int) -> None:
        self.queue.add_after(key, delay_ns)
        if delay_ns == 0:
            self.twin_add(key)
            return
        others = [(due, other) for due, other in self.later if other != key]
        earliest = min([due for due, other in self.later if other == key] + [self.sim.now + delay_ns])
        if (earliest, key) not in self.later:
            self.later = [*others, (earliest, key)]

    @rule(delay_ns=st.sampled_from([1, 2, 5]))
    def let_time_pass(self, delay_ns: int) -> None:
        self.sim.run(self.sim.now + delay_ns)
        due = sorted((entry for entry in self.later if entry[0] <= self.sim.now), key=lambda entry: entry[0])
        self.later = [entry for entry in self.later if entry[0] > self.sim.now]
        for _, key in due:
            self.twin_add(key)

    @rule()
    def get(self) -> None:
        expected = self.ready.pop(0) if self.ready else None
        assert self.queue.get() == expected
        if expected is not None:
            self.working.append(expected)

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.working))
        self.working.remove(key)
        self.queue.done(key)
        if key in self.again:
            self.again.remove(key)
            self.twin_add(key)

    @rule(key=KEYS, times=st.integers(1, 3))
    def fail_and_forget(self, key: str, times: int) -> None:
        assert self.queue.retries(key) == 0
        for _ in range(times):
            self.queue._failures.next_ns(key)
        assert self.queue.retries(key) == times
        self.queue.forget(key)

    @invariant()
    def equal_lengths(self) -> None:
        assert len(self.queue) == len(self.ready)
        assert self.queue.waiting == len(self.later)


TestQueueAgainstTwin = QueueAgainstTwin.TestCase
TestQueueAgainstTwin.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
