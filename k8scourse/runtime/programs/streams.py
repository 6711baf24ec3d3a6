"""Where a command's output goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Output:
    """A stream: `write(text)`, with line ends in the text."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write


class Null(Output):
    """/dev/null."""

    def __init__(self) -> None:
        super().__init__(lambda text: None)


class Buffer(Output):
    """Keeps what is written, in `text`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        super().__init__(self._pieces.append)

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._pieces)


class Lines(Output):
    """Hands on whole lines, as a container's log wants them; `flush` hands on an unfinished one."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = ""
        super().__init__(self._take)

    def _take(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._on_line(line)

    def flush(self) -> None:
        """Hand on what has no line end yet."""
        if self._rest:
            self._on_line(self._rest)
            self._rest = ""


class Streams(NamedTuple):
    """Standard input (all of it, as text), output and error."""

    input: str
    output: Output
    error: Output
