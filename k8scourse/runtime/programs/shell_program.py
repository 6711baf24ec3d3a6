"""A container whose program is a shell, or one of the shell's commands."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from ..cri import ExecResult
from .base import SIGTERM, Container, Program
from .expansion import FOREVER, Delays
from .shell import ExitShell, Flow, Shell, System
from .streams import Buffer, Output, Streams
from .syntax import ShellSyntaxError, parse

Connect = Callable[[str, int, str], tuple[int, str] | None]
Resolve = Callable[[str], str | None]
MOST_STEPS = 10_000


class Ends:
    """Where a container's shell finds the network, and the image's own program."""

    def __init__(
        self, connect: Connect, resolve: Resolve, own: Callable[[list[str]], Program | None]
    ) -> None:
        self.connect, self.resolve, self.own = connect, resolve, own


def system_of(container: Container, ends: Ends) -> System:
    """What a shell inside a container may touch."""

    def launch(words: list[str]) -> Delays | None:
        program = ends.own(words)
        return None if program is None else _run_program(program)

    return System(
        files=container.files,
        now=lambda: container.process.now,
        rng=container.process.rng,
        hostname=container.hostname,
        launch=launch,
        connect=ends.connect,
        resolve=ends.resolve,
    )


def _run_program(program: Program) -> Delays:
    program.start()
    yield FOREVER
    return 0


class ShellProgram(Program):
    """Runs `argv` as the container's first process.

    As in reality, that process ignores SIGTERM unless it has set a trap: `sleep 3600` dies only of the SIGKILL
    at the end of the grace period.
    """

    def __init__(self, container: Container, ends: Ends) -> None:
        super().__init__(container)
        error = Output(lambda text: container.write(text, "stderr"))
        self._streams = Streams("", Output(container.write), error)
        self._shell = Shell(system_of(container, ends), container.env, container.working_directory)
        self._shell.on_background = self._send_to_background
        self._running: Delays | None = None
        self._waits_forever = False
        self._trapped = ""

    def start(self) -> None:
        """Run the command line."""
        self._running = self._main([*self.container.command, *self.container.args])
        self.container.ready()
        self._advance()

    def _main(self, argv: list[str]) -> Delays:
        return (yield from guarded(self._shell, argv, self._streams))

    def _advance(self) -> None:
        if self._trapped:
            text, self._trapped = self._trapped, ""
            self._running = self._trap(text, self._running)
        if self._running is None:
            return
        try:
            delay = next(self._running)
        except StopIteration as end:
            self._end(int(end.value))
            return
        if self.container.ended:
            return
        self._waits_forever = delay == FOREVER
        if not self._waits_forever:
            self.container.process.after(delay, self._advance)

    def _trap(self, text: str, interrupted: Delays | None) -> Delays:
        try:
            yield from self._shell.sequence(parse(text), self._streams)
        except ExitShell as leaving:
            return leaving.code
        except (Flow, ShellSyntaxError):
            return 2
        return 0 if interrupted is None else (yield from interrupted)

    def _end(self, code: int) -> None:
        self.container.exit(code)

    def _send_to_background(self, delays: Delays) -> None:
        try:
            delay = next(delays)
        except StopIteration:
            return
        if delay != FOREVER:
            self.container.process.after(delay, self._send_to_background, delays)

    def terminate(self, signal: int) -> None:
        """Run the trap for it, when there is one; a running `sleep` ends first, a `wait` does not."""
        command = self._shell.system.traps.get("TERM" if signal == SIGTERM else "INT")
        if command:
            self._trapped = command
            if self._waits_forever:
                self._advance()


def guarded(shell: Shell, argv: list[str], streams: Streams) -> Delays:
    """Run one command line to its exit code, whatever it raises."""
    try:
        return (yield from shell.command(argv, streams))
    except ExitShell as leaving:
        return leaving.code
    except Flow:
        return 0
    except ShellSyntaxError as error:
        streams.error.write(f"{shell.name}: {error}\n")
        return 2


def execute(container: Container, ends: Ends, argv: tuple[str, ...]) -> ExecResult:
    """Run a command inside a running container, all at once: what it would sleep is added up and reported."""
    output, error = Buffer(), Buffer()
    shell = Shell(system_of(container, ends), container.env, container.working_directory)
    running = guarded(shell, list(argv), Streams("", output, error))
    total = 0
    for _ in range(MOST_STEPS):
        try:
            delay = next(running)
        except StopIteration as end:
            return ExecResult(output.text, error.text, int(end.value), total)
        if delay == FOREVER or container.ended:
            break
        total += delay
    return ExecResult(output.text, error.text, 137, -1)


def base_name(word: str) -> str:
    """A command's name without its folder."""
    return posixpath.basename(word)
