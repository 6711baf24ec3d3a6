"""From a command line to a result: find the verb, read its flags, run it, turn its end into text and a code."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from k8scourse.client import Client

from . import errors, helptext
from .acting import acting_as
from .command import GLOBAL, Command
from .errors import CommandError
from .flags import FlagError, Parsed, parse
from .session import Session, Wait
from .verbs import COMMANDS, GROUPS, LEFT_OUT


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed, and its exit code (0 is success)."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0

    def __str__(self) -> str:
        return self.stdout + self.stderr


class Kubectl:
    """The command line of one cluster, in Python, over the API alone.

    `read_file(path)` gives the text behind `-f path` (OSError when there is none), `clock()` the virtual time in
    nanoseconds, and `wait(done, limit_ns)` lets virtual time pass until `done()` holds: without it, commands that
    wait (`delete`, `rollout status`, `wait`, `drain`) behave as if their time were over at once.
    """

    def __init__(
        self,
        client: Client,
        *,
        clock: Callable[[], int],
        read_file: Callable[[str], str] | None = None,
        wait: Wait | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._read_file = read_file
        self._wait = wait

    def run(self, command: str | Sequence[str], stdin: str = "") -> Result:
        """Run a command line (with or without the word `kubectl` in front). Never raises for what is typed."""
        try:
            words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        except ValueError as error:
            return Result(stderr=f"error: {str(error).lower()}\n", code=1)
        if words[:1] == ["kubectl"]:
            words = words[1:]
        try:
            verb, rest = _find(words)
            parsed = _parse(verb, rest)
        except _Answer as answer:
            return answer.result
        return self._run(verb, parsed, stdin)

    def _run(self, verb: Command, parsed: Parsed, stdin: str) -> Result:
        try:
            client = acting_as(self._client, parsed)
        except CommandError as error:
            return Result(stderr=errors.lines(error), code=1)
        session = Session(
            client,
            parsed,
            stdin=stdin,
            read_file=self._read_file,
            clock=self._clock,
            wait=self._wait,
        )
        code = 0
        try:
            verb.run(session)
        except errors.Failure as error:
            session.err.append(errors.lines(error))
            code = getattr(error, "code", 1) if isinstance(error, CommandError) else 1
        return Result("".join(session.out), "".join(session.err), code)


class _Answer(Exception):
    """The command line is answered before any verb runs: help, or an error in reading it."""

    def __init__(self, stdout: str = "", stderr: str = "", code: int = 0) -> None:
        super().__init__(stdout or stderr)
        self.result = Result(stdout, stderr, 1 if stderr else code)


def _find(words: list[str]) -> tuple[Command, list[str]]:
    """The command that the words name, and the words without its name."""
    index = _next_word(words, 0)
    if index is None:
        raise _Answer(helptext.overview())
    name, rest = words[index], [*words[:index], *words[index + 1 :]]
    if name == "help":
        raise _Answer(helptext.of(" ".join(rest)))
    if name in GROUPS:
        return _find_in_group(name, rest, index)
    for command in COMMANDS:
        if name == command.path or name in command.aliases:
            return command, rest
    if (
        name == "top" and _next_word(rest, index) is not None
    ):  # the real one would find no metrics.k8s.io either
        raise _Answer(stderr="error: Metrics API not available\n")
    if name in LEFT_OUT:
        raise _Answer(stderr=f"error: kubectl {name} is left out of this kubectl\n")
    raise _Answer(stderr=helptext.unknown(name))


def _find_in_group(group: str, words: list[str], start: int) -> tuple[Command, list[str]]:
    members = [command for command in COMMANDS if command.path.startswith(group + " ")]
    longest: Command | None = None
    rest = words
    index = _next_word(words, start)
    if index is not None:
        for command in members:
            tail = command.path.split()[1:]
            if _matches(words[index : index + len(tail)], tail) and (
                longest is None or len(command.path) > len(longest.path)
            ):
                longest, rest = command, [*words[:index], *words[index + len(tail) :]]
    if longest is not None:
        return longest, rest
    own = next((command for command in COMMANDS if command.path == group), None)
    if own is not None:
        return own, words
    if index is None or words[index] in GROUPS[group]:
        raise _Answer(helptext.group(group), code=1)
    raise _Answer(
        stderr=f"error: unknown command \"{words[index]}\"\nSee 'kubectl {group} -h' for help and examples\n"
    )


_SAME = {
    "ns": "namespace",
    "deploy": "deployment",
    "cm": "configmap",
    "svc": "service",
    "sa": "serviceaccount",
}


def _matches(typed: Sequence[str], tail: Sequence[str]) -> bool:
    return [_SAME.get(word, word) for word in typed] == list(tail)


def _next_word(words: Sequence[str], start: int) -> int | None:
    """Where the next word stands that is neither a flag nor the value of a global flag."""
    taking = {f"--{flag.name}" for flag in GLOBAL if not flag.stands_alone}
    taking |= {f"-{flag.short}" for flag in GLOBAL if flag.short and not flag.stands_alone}
    index = start
    while index < len(words):
        word = words[index]
        if word == "--":
            return None
        if not word.startswith("-") or word == "-":
            return index
        index += 2 if word in taking else 1
    return None


def _parse(command: Command, words: Sequence[str]) -> Parsed:
    try:
        parsed = parse(
            words, (*command.flags, *(flag for flag in GLOBAL if not _shadowed(flag.name, command)))
        )
    except FlagError as error:
        if str(error) == "help":
            raise _Answer(helptext.of(command.path)) from None
        raise _Answer(stderr=f"error: {error}\nSee 'kubectl {command.path} --help' for usage.\n") from None
    parsed.command = command.path
    for flag in (*command.flags, *GLOBAL):
        if flag.left_out and parsed.given.get(flag.name):
            raise _Answer(stderr=f"error: --{flag.name} is left out of this kubectl\n")
    missing = [name for name in command.required if name not in parsed]
    if missing:
        listed = ", ".join(f'"{name}"' for name in missing)
        raise _Answer(stderr=f"error: required flag(s) {listed} not set\n")
    return parsed


def _shadowed(name: str, command: Command) -> bool:
    return any(flag.name == name for flag in command.flags)
