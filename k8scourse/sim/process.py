"""A running program: it owns its timers, and ends with all of them at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kernel import Simulation


class Process:
    """One running program on one host.

    Components schedule through their process, never through the simulation, so that a crash needs no code in
    them: a dead process' timers do not fire. A restart is a new Process, with the next numbers of the same
    random stream.
    """

    def __init__(self, sim: Simulation, name: str, host: str = "") -> None:
        self.sim = sim
        self.name = name
        self.host = host
        self.id = f"{name}@{host}" if host else name
        self.alive = True
        self.silent = False
        self._on_exit: dict[int, Callable[[], None]] = {}
        self._exits = itertools.count()

    def __repr__(self) -> str:
        return f"<Process {self.id}{'' if self.alive else ' (dead)'}>"

    @property
    def now(self) -> int:
        """Nanoseconds since the scenario's epoch."""
        return self.sim.now

    @property
    def rng(self) -> Random:
        """This program's own random stream, the same after a restart."""
        return self.sim.rng(self.id)

    def after(self, delay_ns: int, function: Callable[..., object], *args: Any) -> int:
        """Call `function(*args)` in `delay_ns`, unless the process has died by then."""
        return self.sim.after(delay_ns, self._fire, function, args)

    def cancel(self, ticket: int) -> None:
        """Forget a timer of this process."""
        self.sim.cancel(ticket)

    def every(self, period_ns: int, function: Callable[..., object], *args: Any) -> None:
        """Call `function(*args)` now and then every `period_ns`, for as long as the process lives."""
        if self.alive:
            self.after(period_ns, self.every, period_ns, function, *args)
            function(*args)

    def on_exit(self, function: Callable[[], None]) -> Callable[[], None]:
        """Call `function` once when the process ends, however it ends; what comes back takes that back."""
        ticket = next(self._exits)
        self._on_exit[ticket] = function

        def forget() -> None:
            self._on_exit.pop(ticket, None)

        return forget

    def kill(self, *, silent: bool = False) -> None:
        """End the process. `silent` is a loss of power: nobody is told, open connections just go quiet."""
        if not self.alive:
            return
        self.alive, self.silent = False, silent
        callbacks, self._on_exit = self._on_exit, {}
        for callback in callbacks.values():
            callback()

    def _fire(self, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        if self.alive:
            function(*args)
