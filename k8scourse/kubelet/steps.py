"""Long jobs as plain code: a generator that yields calls and is sent their answers.

`reference = yield from wait(lambda done: runtime.pull_image(image, pod, done))` reads like a blocking call, and
takes virtual time. A job that is cancelled gets no further answers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar

Call = Callable[[Callable[[Any], None]], None]
Result = TypeVar("Result")
Steps = Generator[Call, Any, Result]


def wait(call: Call) -> Steps[Any]:
    """Make a call and give its answer."""
    return (yield call)


_NOTHING = object()


class Job:
    """Runs one generator to its end; then `on_end()` is called once."""

    def __init__(self, steps: Steps[None], on_end: Callable[[], None]) -> None:
        self._steps, self._on_end = steps, on_end
        self.running = True
        self._turn = 0
        self._calling = False
        self._answer: Any = _NOTHING

    def start(self) -> None:
        """Run until the first call that takes time."""
        self._advance(None)

    def cancel(self) -> None:
        """Stop where it is; `on_end` is not called."""
        if self.running:
            self.running = False
            self._steps.close()

    def _advance(self, answer: Any) -> None:
        # A call may answer at once, from inside: the loop keeps the stack flat.
        while self.running:
            try:
                call = self._steps.send(answer)
            except StopIteration:
                self.running = False
                self._on_end()
                return
            self._turn += 1
            self._answer, self._calling = _NOTHING, True
            call(partial(self._done, self._turn))
            self._calling = False
            if self._answer is _NOTHING:
                return
            answer = self._answer

    def _done(self, turn: int, result: Any) -> None:
        if turn != self._turn or not self.running:
            return
        if self._calling:
            self._answer = result
        else:
            self._advance(result)
