"""The event kernel: one heap, one clock, named random streams."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from .network import Network
from .trace import Trace

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
_MANY = 100


def seconds(amount: float) -> int:
    """The number of nanoseconds in `amount` seconds, rounded to the nearest."""
    return round(amount * SECOND)


class SimulationError(RuntimeError):
    """An event's callback raised: a defect of ours. The cause is chained; the message says when and where."""


class Instrument(Protocol):
    """Somebody who wants to know when events run; see `Simulation.instruments`."""

    def before_step(self, time_ns: int, function: Callable[..., object]) -> None:
        """Called before each event, with the clock already at its time."""

    def after_step(self, time_ns: int, function: Callable[..., object]) -> None:
        """Called after each event."""


class Simulation:
    """A heap of `(time_ns, sequence, function, args)` and the clock that it drives.

    Times are integer nanoseconds since the scenario's epoch. Events of equal time run in the order in which
    they were scheduled; `tie_break` gives a seed that permutes them instead, which is how tests find an order
    that somebody relied upon without saying so.
    """

    def __init__(self, seed: int = 0, *, tie_break: int | None = None) -> None:
        self.now = 0
        self.seed = seed
        self.steps = 0
        self.instruments: list[Instrument] = []
        self._heap: list[tuple[int, int, Callable[..., object], tuple[Any, ...]]] = []
        self._counter = itertools.count()
        self._cancelled: set[int] = set()
        self._streams: dict[str, Random] = {}
        self._ties = None if tie_break is None else Random(f"{tie_break}/ties")
        self.trace = Trace(self)
        self.network = Network(self)

    def rng(self, name: str) -> Random:
        """The random stream of that name: its numbers depend on the seed and the name, on nothing else."""
        if name not in self._streams:
            self._streams[name] = Random(f"{self.seed}/{name}")
        return self._streams[name]

    def at(self, time_ns: int, function: Callable[..., object], *args: Any) -> int:
        """Call `function(*args)` at `time_ns` (not before now); the ticket that comes back can be cancelled."""
        assert time_ns >= self.now, f"an event at {time_ns} ns would lie in the past of {self.now} ns"
        sequence = next(self._counter)
        if self._ties is not None:
            sequence |= self._ties.getrandbits(30) << 40
        heapq.heappush(self._heap, (time_ns, sequence, function, args))
        return sequence

    def after(self, delay_ns: int, function: Callable[..., object], *args: Any) -> int:
        """Call `function(*args)` when `delay_ns` have gone by."""
        return self.at(self.now + delay_ns, function, *args)

    def cancel(self, ticket: int) -> None:
        """Forget a scheduled event. Lazily: the heap keeps it, `step` passes over it."""
        self._cancelled.add(ticket)
        if len(self._cancelled) > 2 * len(self._heap) + _MANY:  # most are of events that had run already
            self._cancelled.intersection_update(entry[1] for entry in self._heap)

    @property
    def next_time(self) -> int | None:
        """When the next event is due; None when there is nothing left to do."""
        while self._heap and self._heap[0][1] in self._cancelled:
            self._cancelled.discard(heapq.heappop(self._heap)[1])
        return self._heap[0][0] if self._heap else None

    def step(self) -> bool:
        """Run the next event. False when there was none. The clock stands at its time before it runs."""
        if self.next_time is None:
            return False
        self.now, _, function, args = heapq.heappop(self._heap)
        self.steps += 1
        for instrument in self.instruments:
            instrument.before_step(self.now, function)
        try:
            function(*args)
        except Exception as error:
            raise SimulationError(
                f"at {self.now / SECOND:.6f} s in {_describe(function, args)}: {error!r}"
            ) from error
        for instrument in self.instruments:
            instrument.after_step(self.now, function)
        return True

    def run(self, until_ns: int) -> None:
        """Run every event up to and including `until_ns`; the clock then stands exactly there."""
        while (due := self.next_time) is not None and due <= until_ns:
            self.step()
        self.now = max(self.now, until_ns)


def _describe(function: Callable[..., object], args: tuple[Any, ...]) -> str:
    """Which component's which function: bound methods name their owner's process where they have one."""
    owner = getattr(function, "__self__", None)
    process = getattr(owner, "process", owner)
    inner = args[0] if args and callable(args[0]) else function
    return f"{getattr(process, 'id', type(owner).__name__)}, {getattr(inner, '__qualname__', inner)}"
