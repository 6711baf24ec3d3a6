"""The small shell: walks a syntax tree in virtual time.

Running is a generator of delays in nanoseconds: `sleep 5` yields 5 s, and whoever drives it waits that long.
`FOREVER` waits for a signal. A loop that takes no time would never let the world go on, so a round of it costs
10 ms, and 1 s once it has spun a hundred times: a busy loop stays visible and affordable.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from ...sim import MILLISECOND, SECOND
from . import syntax
from .commands import COMMANDS
from .expansion import Delays, Expander
from .files import ContainerFiles, ReadOnly
from .streams import Buffer, Null, Output, Streams
from .syntax import ShellSyntaxError

if TYPE_CHECKING:
    from random import Random

NOT_FOUND = 127
_FLOW = ("break", "continue", "return")
_DEPTH = 200


class ExitShell(Exception):
    """`exit N`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Flow(Exception):
    """`break`, `continue` or `return`."""

    def __init__(self, word: str, value: int) -> None:
        super().__init__(word)
        self.word, self.value = word, value


@dataclass
class System:
    """What a shell may touch of its container.

    `launch(argv)` starts a program of the image that is not a shell command: None when there is none of that
    name, else the delays until it ends. `connect(host, port, path)` is the network: (code, text), or None when
    refused; `resolve(name)` the cluster's DNS.
    """

    files: ContainerFiles
    now: Callable[[], int]
    rng: Random
    hostname: str
    launch: Callable[[list[str]], Delays | None]
    connect: Callable[[str, int, str], tuple[int, str] | None]
    resolve: Callable[[str], str | None]
    traps: dict[str, str] = field(default_factory=dict)


class Shell:
    """One shell with its variables and functions. `name` is its `$0`."""

    def __init__(
        self, system: System, env: Mapping[str, str], directory: str = "/", name: str = "sh"
    ) -> None:
        self.system = system
        self.variables = {"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin", "PWD": directory, **env}
        self.exported = dict.fromkeys([*env, "HOME", "PATH", "HOSTNAME"])
        self.variables.setdefault("HOSTNAME", system.hostname)
        self.arguments: list[str] = []
        self.functions: dict[str, syntax.Node] = {}
        self.background: list[Delays] = []
        self.on_background: Callable[[Delays], None] = self.background.append
        self.code = 0
        self.stop_on_error = False
        self.name = name
        self._depth = 0

    # --- what expansion and commands use --------------------------------------------------------------------

    def variable(self, name: str) -> str | None:
        """A variable or special parameter; None when unset."""
        special: dict[str, Callable[[], str]] = {
            "?": lambda: str(self.code),
            "#": lambda: str(len(self.arguments)),
            "@": lambda: " ".join(self.arguments),
            "*": lambda: " ".join(self.arguments),
            "$": lambda: "1",
            "!": lambda: "7",
            "0": lambda: self.name,
            "RANDOM": lambda: str(self.system.rng.randrange(32768)),
        }
        if name in special:
            return special[name]()
        if name.isdigit():
            return self.arguments[int(name) - 1] if int(name) <= len(self.arguments) else None
        return self.variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        self.variables[name] = value

    def substitute(self, program: str) -> Generator[int, None, str]:
        """Run a program in a subshell and give what it printed, without its last line ends."""
        buffer = Buffer()
        inner = self.child()
        yield from inner.run_text(program, Streams("", buffer, Null()))
        self.code = inner.code
        return buffer.text.rstrip("\n")

    def path(self, name: str) -> str:
        """A file's name as an absolute path."""
        return posixpath.normpath(posixpath.join(self.variables["PWD"], name))

    def child(self) -> Shell:
        """A subshell: sees everything, changes nothing here."""
        inner = Shell(self.system, self.variables, self.variables["PWD"], self.name)
        inner.exported = dict(self.exported)
        inner.functions, inner.arguments, inner.code = dict(self.functions), list(self.arguments), self.code
        inner.stop_on_error, inner.on_background = self.stop_on_error, self.on_background
        inner._depth = self._depth + 1
        return inner

    # --- running --------------------------------------------------------------------------------------------

    def run_text(self, text: str, streams: Streams) -> Delays:
        """Run a program; gives its exit code. Errors of syntax go to standard error, code 2."""
        try:
            self.code = yield from self.sequence(syntax.parse(text), streams)
        except ShellSyntaxError as error:
            streams.error.write(f"{self.name}: {error}\n")
            self.code = 2
        except ExitShell as leaving:
            self.code = leaving.code
        except Flow:
            pass
        except RecursionError:
            streams.error.write(f"{self.name}: out of memory\n")
            self.code = 2
        return self.code

    def sequence(self, node: syntax.Sequence, streams: Streams) -> Delays:
        """Run commands one after another."""
        for command, in_background in node.items:
            if in_background:
                self.on_background(self.child()._alone(command, streams))
                self.code = 0
            else:
                self.code = yield from self._and_or(command, streams)
        return self.code

    def _alone(self, command: syntax.AndOr, streams: Streams) -> Delays:
        try:
            return (yield from self._and_or(command, streams))
        except (ExitShell, Flow, ShellSyntaxError):
            return self.code

    def _and_or(self, node: syntax.AndOr, streams: Streams) -> Delays:
        tested = True
        for operator, pipeline in node.parts:
            if (operator == "&&" and self.code != 0) or (operator == "||" and self.code == 0):
                continue
            self.code = yield from self._pipeline(pipeline, streams)
            tested = pipeline.negate or pipeline is not node.parts[-1][1]
        if self.stop_on_error and self.code != 0 and not tested:
            raise ExitShell(self.code)
        return self.code

    def _pipeline(self, node: syntax.Pipeline, streams: Streams) -> Delays:
        given = streams.input
        for command in node.commands[:-1]:
            buffer = Buffer()
            yield from self.child()._piece(command, Streams(given, buffer, streams.error))
            given = buffer.text
        last = self if len(node.commands) == 1 else self.child()
        code = yield from last._piece(node.commands[-1], Streams(given, streams.output, streams.error))
        return int(code == 0) if node.negate else code

    def _piece(self, node: syntax.Node, streams: Streams) -> Delays:
        match node:
            case syntax.Simple():
                return (yield from self._simple(node, streams))
            case syntax.Loop():
                return (yield from self._loop(node, streams))
            case syntax.For():
                return (yield from self._for(node, streams))
            case syntax.If():
                return (yield from self._if(node, streams))
            case syntax.Case():
                return (yield from self._case(node, streams))
            case syntax.Group():
                return (yield from self._group(node, streams))
            case syntax.Function():
                self.functions[node.name] = node.body
        return 0

    def _loop(self, node: syntax.Loop, streams: Streams) -> Delays:
        code = 0
        for turn in count():
            began = self.system.now()
            holds = (yield from self._condition(node.condition, streams)) == 0
            if holds == node.until:
                return code
            try:
                code = yield from self.sequence(node.body, streams)
            except Flow as flow:
                if flow.word == "return":
                    raise
                if flow.word == "break":
                    return 0
            if self.system.now() == began:
                yield 10 * MILLISECOND if turn < 100 else SECOND
        return code

    def _condition(self, node: syntax.Sequence, streams: Streams) -> Delays:
        saved, self.stop_on_error = self.stop_on_error, False
        code = yield from self.sequence(node, streams)
        self.stop_on_error = saved
        return code

    def _for(self, node: syntax.For, streams: Streams) -> Delays:
        code = 0
        for value in (yield from self._fields(node.words)):
            self.assign(node.name, value)
            try:
                code = yield from self.sequence(node.body, streams)
            except Flow as flow:
                if flow.word == "return":
                    raise
                if flow.word == "break":
                    return 0
        return code

    def _if(self, node: syntax.If, streams: Streams) -> Delays:
        for condition, body in node.branches:
            if (yield from self._condition(condition, streams)) == 0:
                return (yield from self.sequence(body, streams))
        return (yield from self.sequence(node.otherwise, streams)) if node.otherwise is not None else 0

    def _case(self, node: syntax.Case, streams: Streams) -> Delays:
        word = yield from Expander(self).text(node.word)
        for patterns, body in node.branches:
            for raw in patterns:
                pattern = yield from Expander(self).text(raw)
                if fnmatch.fnmatchcase(word, pattern):
                    return (yield from self.sequence(body, streams))
        return 0

    def _group(self, node: syntax.Group, streams: Streams) -> Delays:
        inner = yield from self._redirected(node.redirects, streams)
        if inner is None:
            return 1
        shell = self.child() if node.subshell else self
        try:
            if isinstance(node.body, syntax.Sequence):
                return (yield from shell.sequence(node.body, inner))
            return (yield from shell._piece(node.body, inner))
        except ExitShell as leaving:
            if not node.subshell:
                raise
            return leaving.code

    def _fields(self, raw_words: list[str]) -> Generator[int, None, list[str]]:
        fields: list[str] = []
        for raw in raw_words:
            if raw == '"$@"':
                fields += self.arguments
            else:
                fields += yield from Expander(self).fields(raw)
        return fields

    def _simple(self, node: syntax.Simple, streams: Streams) -> Delays:
        words = yield from self._fields(node.words)
        values = {}
        for name, raw in node.assignments:
            values[name] = yield from Expander(self).text(raw)
        if not words:
            self.variables.update(values)
            code = self.code if any("$(" in raw or "`" in raw for _, raw in node.assignments) else 0
            return code if (yield from self._redirected(node.redirects, streams)) is not None else 1
        inner = yield from self._redirected(node.redirects, streams)
        if inner is None:
            return 1
        before = {name: self.variables.get(name) for name in values}
        self.variables.update(values)
        code = yield from self.command(words, inner)
        for name, value in before.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value
        return code

    def command(self, words: list[str], streams: Streams) -> Delays:
        """Run one command with its words expanded."""
        name = words[0]
        if name in self.functions:
            return (yield from self._call(name, words[1:], streams))
        if name == "exec" and len(words) > 1:
            raise ExitShell((yield from self.command(words[1:], streams)))
        if name == "exit":
            raise ExitShell(int(words[1]) & 255 if len(words) > 1 and words[1].isdigit() else self.code)
        if name in _FLOW:
            raise Flow(name, int(words[1]) if len(words) > 1 and words[1].isdigit() else self.code)
        launched = self.system.launch(words)
        if launched is not None:
            return (yield from launched)
        known = COMMANDS.get(posixpath.basename(name))
        if known is None:
            streams.error.write(f"{self.name}: {name}: not found\n")
            return NOT_FOUND
        try:
            result = known(self, words[1:], streams)
            return result if isinstance(result, int) else (yield from result)
        except ReadOnly as error:
            streams.error.write(f"{name}: can't create {error}: Read-only file system\n")
            return 1

    def _call(self, name: str, arguments: list[str], streams: Streams) -> Delays:
        if self._depth > _DEPTH:
            raise ShellSyntaxError(f"{name}: too many nested calls")
        saved, self.arguments = self.arguments, arguments
        self._depth += 1
        try:
            return (yield from self._piece(self.functions[name], streams))
        except Flow as flow:
            return flow.value
        finally:
            self.arguments = saved
            self._depth -= 1

    def _redirected(
        self, redirects: list[syntax.Redirect], streams: Streams
    ) -> Generator[int, None, Streams | None]:
        """The streams after redirections; None when a file could not be opened."""
        for redirect in redirects:
            target = yield from Expander(self).text(redirect.target)
            try:
                streams = self._redirect(redirect, target, streams)
            except FileNotFoundError:
                streams.error.write(f"{self.name}: can't open {target}: no such file\n")
                return None
            except (NotADirectoryError, ReadOnly) as error:
                why = "Read-only file system" if isinstance(error, ReadOnly) else "nonexistent directory"
                streams.error.write(f"{self.name}: can't create {target}: {why}\n")
                return None
        return streams

    def _redirect(self, redirect: syntax.Redirect, target: str, streams: Streams) -> Streams:
        if redirect.operator == "<":
            if target == "/dev/null":
                return streams._replace(input="")
            path = self.path(target)
            if path not in self.system.files:
                raise FileNotFoundError
            return streams._replace(input=self.system.files[path])
        sink: Output = streams.output if target in ("1", "&1") else streams.error
        if redirect.operator != ">&":
            sink = self._open(target, streams, append=redirect.operator == ">>")
        if redirect.descriptor == 12:
            return streams._replace(output=sink, error=sink)
        return streams._replace(error=sink) if redirect.descriptor == 2 else streams._replace(output=sink)

    def _open(self, target: str, streams: Streams, *, append: bool) -> Output:
        if target == "/dev/null":
            return Null()
        if target in ("/dev/stdout", "/proc/1/fd/1"):
            return streams.output
        if target in ("/dev/stderr", "/proc/1/fd/2"):
            return streams.error
        return self.open_file(self.path(target), append=append)

    def open_file(self, path: str, *, append: bool = False) -> Output:
        """A stream that writes a file. NotADirectoryError when its folder does not exist."""
        files = self.system.files
        if not files.is_directory(posixpath.dirname(path)) or files.is_directory(path):
            raise NotADirectoryError(path)
        if not append or path not in files:
            files[path] = ""

        def write(text: str) -> None:
            files[path] = files.get(path, "") + text

        return Output(write)
