"""The kernel keeps its promises about time, order and chance."""

from __future__ import annotations

import pytest

from k8scourse.sim import SECOND, Process, Simulation, SimulationError, seconds


def test_events_run_in_order_of_time_and_then_of_scheduling() -> None:
    sim, seen = Simulation(), list[str]()
    sim.after(20, seen.append, "late")
    sim.after(10, seen.append, "early, first")
    sim.after(10, seen.append, "early, second")
    sim.run(100)
    assert ["early, first", "early, second", "late"] == seen


def test_the_clock_stands_at_an_events_time_while_it_runs() -> None:
    sim, seen = Simulation(), list[int]()
    sim.after(7, lambda: seen.append(sim.now))
    sim.step()
    assert [7] == seen


def test_a_run_ends_exactly_when_it_was_told_to() -> None:
    sim = Simulation()
    sim.after(seconds(5), lambda: None)
    sim.run(seconds(2.5))
    assert (2_500_000_000, 5 * SECOND) == (sim.now, sim.next_time)


def test_an_event_at_the_very_end_still_runs() -> None:
    sim, seen = Simulation(), list[str]()
    sim.at(10, seen.append, "now")
    sim.run(10)
    assert ["now"] == seen


def test_a_cancelled_event_does_not_run_and_does_not_count() -> None:
    sim, seen = Simulation(), list[str]()
    sim.cancel(sim.after(1, seen.append, "never"))
    assert (False, [], 0) == (sim.step(), seen, sim.steps)


def test_an_exception_stops_the_run_and_says_when_and_where() -> None:
    sim = Simulation()
    process = Process(sim, "kubelet", "worker-1")

    def stumble() -> None:
        raise KeyError("spec")

    process.after(seconds(3), stumble)
    with pytest.raises(
        SimulationError, match=r"at 3\.000000 s in kubelet@worker-1, .*stumble: KeyError\('spec'\)"
    ):
        sim.run(seconds(10))


def test_a_stream_depends_on_the_seed_and_its_name_only() -> None:
    one, other = Simulation(seed=4), Simulation(seed=4)
    other.rng("somebody-else").random()
    assert one.rng("scheduler").random() == other.rng("scheduler").random()
    assert Simulation(seed=5).rng("scheduler").random() != Simulation(seed=4).rng("scheduler").random()


def test_tie_break_permutes_events_of_one_instant_and_only_those() -> None:
    orders = set()
    for seed in range(8):
        sim, seen = Simulation(tie_break=seed), list[int]()
        for number in range(6):
            sim.at(10, seen.append, number)
        sim.at(11, seen.append, 99)
        sim.run(20)
        assert [99] == seen[6:]
        assert [0, 1, 2, 3, 4, 5] == sorted(seen[:6])
        orders.add(tuple(seen))
    assert len(orders) > 4


def test_a_dead_process_timers_do_not_fire() -> None:
    sim, seen = Simulation(), list[str]()
    process = Process(sim, "scheduler")
    process.after(10, seen.append, "too late")
    process.every(3, seen.append, "tick")
    sim.run(7)
    process.kill()
    sim.run(50)
    assert ["tick", "tick", "tick"] == seen


def test_equal_histories_have_equal_digests() -> None:
    def story(seed: int) -> str:
        sim = Simulation(seed=seed)
        for _ in range(3):
            sim.trace.add("fault", "you", "etcd", "", number=sim.rng("x").random())
        return sim.trace.digest()

    assert story(1) == story(1) != story(2)


def test_instruments_see_every_event() -> None:
    class Counter:
        before = after = 0

        def before_step(self, time_ns: int, function: object) -> None:
            self.before += 1

        def after_step(self, time_ns: int, function: object) -> None:
            self.after += 1

    sim, counter = Simulation(), Counter()
    sim.instruments.append(counter)
    sim.after(1, lambda: None)
    sim.after(2, lambda: None)
    sim.run(5)
    assert (2, 2) == (counter.before, counter.after)


def test_cancelling_what_has_run_already_is_not_remembered_for_ever() -> None:
    sim = Simulation()
    hits: list[int] = []
    late = sim.at(2_000_000, hits.append, 0)
    for number in range(1000):
        ticket = sim.at(number, hits.append, number)
        sim.run(number)
        sim.cancel(ticket)
    sim.cancel(late)
    sim.run(3_000_000)
    assert hits == list(range(1000))
    assert len(sim._cancelled) < 200
