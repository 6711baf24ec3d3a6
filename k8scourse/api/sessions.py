"""What passes between a client and a command that runs in a container: the shapes that API server, kubelet and
container runtime hand on to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Session(Protocol):
    """A command that runs inside a container, as its client sees it. Output and end come by callbacks."""

    def start(self) -> None:
        """Begin; nothing is called back before."""

    def write(self, text: str) -> None:
        """More of the standard input."""

    def close_input(self) -> None:
        """The standard input ends here."""

    def end(self) -> None:
        """The client has gone: the command is killed, nothing is called back any more."""


class Ears(NamedTuple):
    """What a session calls: `output(stream, text)` with stdout and stderr as they come, and once `exit(code)`."""

    output: Callable[[str, str], None]
    exit: Callable[[int], None]


class Command(NamedTuple):
    """What a client wants to run, or (with no words) to be connected to: the container's own program."""

    words: tuple[str, ...]
    stdin: bool = False
    stdout: bool = True
    stderr: bool = True
    tty: bool = False


Opener = Callable[[Ears], Session]
"""Opens the session that was asked for."""
