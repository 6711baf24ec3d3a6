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


class Streams(NamedTuple):
    """Standard input (all of it, as text), output and error."""

    input: str
    output: Output
    error: Output
