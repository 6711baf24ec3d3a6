"""What was done to a cluster from outside, and when: enough to live its life again.

The engine is deterministic, so a past is not stored but run again: the same options, then the same requests and
faults at the same events. A fork is a new cluster with the same history up to an instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..sim import Simulation


@dataclass(frozen=True, slots=True)
class Input:
    """One act from outside: at `time` ns, after `steps` events, `verb(*arguments)` was called."""

    time: int
    steps: int
    verb: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Instant:
    """A point of a history: its time in ns and, where others share that nanosecond, how many events had run
    and how many inputs had been given by then."""

    time: int
    steps: int | None = None
    inputs: int | None = None


@dataclass(slots=True)
class History:
    """All inputs so far, in order."""

    inputs: list[Input] = field(default_factory=list)

    def note(self, sim: Simulation, verb: str, *arguments: Any) -> None:
        """Write down that somebody does `verb(*arguments)` now."""
        self.inputs.append(Input(sim.now, sim.steps, verb, arguments))

    def replay(self, sim: Simulation, instant: Instant, act: Callable[[Input], object]) -> None:
        """Bring a fresh `sim` to `instant`, doing on the way what was done then."""
        for entry in self.inputs[: instant.inputs]:
            if entry.time > instant.time:
                break
            _advance(sim, entry.steps)
            sim.now = max(sim.now, entry.time)
            act(entry)
        if instant.steps is None:
            sim.run(instant.time)
        else:
            _advance(sim, instant.steps)
            sim.now = max(sim.now, instant.time)


def _advance(sim: Simulation, steps: int) -> None:
    while sim.steps < steps and sim.step():
        pass
