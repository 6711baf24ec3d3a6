"""A command run inside a container while somebody is connected to it: `kubectl exec`, with or without a terminal.

A shell without a script reads commands as they arrive; a command that reads its standard input waits for its end;
everything else runs at once. With a terminal (`tty`) what is typed is echoed and edited here, as the kernel's line
discipline does: backspace, Control-C, Control-D.

Upstream: ``containerd/internal/cri/server/container_exec.go``.
"""

from __future__ import annotations

from ...api.sessions import Ears
from ..cri import ExecResult
from .base import Container
from .expansion import FOREVER, Delays
from .shell import ExitShell, Flow, Shell
from .shell_program import Ends, base_name, guarded, system_of
from .streams import Output, Streams
from .syntax import ShellSyntaxError, parse

SHELLS = ("sh", "bash", "ash")
KILLED, INTERRUPTED = 137, 130
_ALWAYS_READ = ("tee", "tr", "read")
_READ_WITHOUT_FILE = {"cat": 0, "wc": 0, "sort": 0, "head": 0, "tail": 0, "grep": 1, "sed": 1}


class ExecSession:
    """One command in a running container. With a terminal everything comes out of "stdout"."""

    def __init__(
        self,
        container: Container,
        ends: Ends,
        argv: tuple[str, ...],
        ears: Ears,
        *,
        stdin: bool = False,
        tty: bool = False,
    ) -> None:
        self._container, self._argv, self._tty = container, list(argv), tty
        self._ears = ears
        self._output = Output(lambda text: self._tell("stdout", text))
        self._error = Output(lambda text: self._tell("stdout" if tty else "stderr", text))
        self._shell = Shell(system_of(container, ends), container.env, container.working_directory)
        self._shell.on_background = self._in_background
        self._interactive = stdin and _is_bare_shell(argv)
        self._waits = stdin and not self._interactive and _reads_input(argv)
        self._input: list[str] = []
        self._line = ""
        self._unread: list[str] = []
        self._script = ""
        self._running: Delays | None = None
        self._input_ended = not stdin
        self._ended = self._leaves = False
        self._forget = container.process.on_exit(lambda: self._finish(KILLED))

    def start(self) -> None:
        """Begin."""
        if self._interactive:
            self._prompt()
        elif not self._waits:
            self._run(guarded(self._shell, self._argv, self._streams("")))

    # --- from the client ------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """More of the standard input."""
        if self._ended or self._input_ended:
            return
        for letter in text if self._tty else [text]:
            if self._tty:
                self._typed(letter)
            else:
                self._arrived(letter)

    def close_input(self) -> None:
        """The standard input ends here."""
        if self._ended or self._input_ended:
            return
        self._input_ended = True
        if self._line and not self._tty:
            self._entered(self._line)
            self._line = ""
        self._go_on()

    def end(self) -> None:
        """The client has gone."""
        self._ended = True
        self._running = None
        self._forget()

    # --- a terminal's line discipline -----------------------------------------------------------------------

    def _typed(self, letter: str) -> None:
        if letter in "\r\n":
            self._echo("\r\n")
            line, self._line = self._line, ""
            self._entered(line + "\n")
        elif letter in "\x7f\b":
            if self._line:
                self._line = self._line[:-1]
                self._echo("\b \b")
        elif letter == "\x03":
            self._echo("^C\r\n")
            self._interrupt()
        elif letter == "\x04":
            if not self._line:
                self._input_ended = True
                self._go_on()
        elif letter.isprintable() or letter == "\t":
            self._line += letter
            self._echo(letter)

    def _echo(self, text: str) -> None:
        if not self._ended:
            self._ears.output("stdout", text)

    def _interrupt(self) -> None:
        self._line = self._script = ""
        self._unread.clear()
        self._shell.code = INTERRUPTED
        if not self._interactive:
            self._finish(INTERRUPTED)
        else:
            self._running = None
            self._prompt()

    # --- what is read ---------------------------------------------------------------------------------------

    def _arrived(self, text: str) -> None:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._entered(line + "\n")

    def _entered(self, line: str) -> None:
        """One line of the standard input is whole."""
        if self._waits:
            self._input.append(line)
        elif self._interactive:
            self._unread.append(line)
            self._go_on()

    def _go_on(self) -> None:
        """Do the next thing, when nothing runs."""
        if self._running is not None or self._ended:
            return
        if self._waits:
            if self._input_ended:
                self._waits = False
                self._run(guarded(self._shell, self._argv, self._streams("".join(self._input))))
        elif self._interactive and self._unread:
            self._read(self._unread.pop(0))
        elif self._interactive and self._input_ended:
            if self._tty:
                self._echo("\r\n")
            self._finish(self._shell.code)

    def _read(self, line: str) -> None:
        """A line for the shell; several make a command that one does not complete."""
        self._script += line
        try:
            parse(self._script)
        except ShellSyntaxError as error:
            if _is_incomplete(error) and not self._input_ended:
                self._prompt("> ")
                self._go_on()
                return
        script, self._script = self._script, ""
        self._run(self._scripted(script))

    def _scripted(self, script: str) -> Delays:
        """Run what was read, in the shell that stays: its variables and its folder are kept."""
        try:
            return (yield from self._shell.sequence(parse(script), self._streams("")))
        except ExitShell as leaving:
            self._leaves = True
            return leaving.code
        except Flow:
            return 0
        except ShellSyntaxError as error:
            self._error.write(f"{self._shell.name}: {error}\n")
            return 2

    def _prompt(self, text: str = "") -> None:
        if self._tty:
            self._echo(text or f"{self._shell.variables['PWD']} # ")

    # --- running --------------------------------------------------------------------------------------------

    def _streams(self, given: str) -> Streams:
        return Streams(given, self._output, self._error)

    def _run(self, running: Delays) -> None:
        self._running = running
        self._advance(running)

    def _advance(self, running: Delays) -> None:
        if self._running is not running:  # interrupted
            return
        try:
            delay = next(running)
        except StopIteration as end:
            self._done(int(end.value))
            return
        if delay != FOREVER:
            self._container.process.after(delay, self._advance, running)

    def _done(self, code: int) -> None:
        self._running = None
        self._shell.code = code
        if not self._interactive or self._leaves:
            self._finish(code)
        else:
            if not self._unread:
                self._prompt()
            self._go_on()

    def _in_background(self, running: Delays) -> None:
        delay = next(running, None)
        if delay is not None and delay != FOREVER:
            self._container.process.after(delay, self._in_background, running)

    def _tell(self, stream: str, text: str) -> None:
        if text and not self._ended:
            self._ears.output(stream, text.replace("\n", "\r\n") if self._tty else text)

    def _finish(self, code: int) -> None:
        if not self._ended:
            self._ended = True
            self._running = None
            self._forget()
            self._ears.exit(code)


class Told:
    """A session of a command that ran in no time: all that it printed, and its end."""

    def __init__(self, result: ExecResult, ears: Ears) -> None:
        self._result, self._ears = result, ears

    def start(self) -> None:
        """Tell all of it."""
        for stream, text in (("stdout", self._result.stdout), ("stderr", self._result.stderr)):
            if text:
                self._ears.output(stream, text)
        self._ears.exit(self._result.code)

    def write(self, text: str) -> None:
        """Nobody reads it."""

    def close_input(self) -> None:
        """It is closed."""

    def end(self) -> None:
        """It has ended."""


def _is_bare_shell(argv: tuple[str, ...]) -> bool:
    """`sh`, `sh -i`, `bash --login`: a shell that reads its commands from its input."""
    return base_name(argv[0]) in SHELLS and all(word.startswith("-") and word != "-c" for word in argv[1:])


def _reads_input(argv: tuple[str, ...]) -> bool:
    name = base_name(argv[0])
    if name in _ALWAYS_READ:
        return True
    files = _READ_WITHOUT_FILE.get(name)
    return files is not None and sum(not word.startswith("-") for word in argv[1:]) <= files


def _is_incomplete(error: ShellSyntaxError) -> bool:
    return "unexpected end of file" in str(error) or "unterminated" in str(error)
