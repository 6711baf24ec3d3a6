"""Flags as kubectl reads them: pflag's rules over a small table.

`--name=value`, `--name value`, `-n value`, `-nvalue`, `-n=value`, bundled short switches, `--` ends the flags,
and flags may stand among the arguments. The words of the errors are those of spf13/pflag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)")


class FlagError(Exception):
    """The command line cannot be read; the message is pflag's."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `kind` is string, bool, int, strings (comma lists add up), array (verbatim, adds up) or duration.

    `implied` is the value of a flag that stands alone (`--dry-run`): such a flag takes a value only after `=`.
    `left_out` marks a flag of the real kubectl that this one refuses, rather than ignoring it.
    """

    name: str
    short: str = ""
    kind: str = "string"
    default: Any = ""
    implied: str = ""
    help: str = ""
    left_out: bool = False

    @property
    def stands_alone(self) -> bool:
        """Whether the flag may come without a value."""
        return self.kind == "bool" or bool(self.implied)

    @property
    def spelled(self) -> str:
        """How an error names the flag: `-A, --all-namespaces`."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


@dataclass(slots=True)
class Parsed:
    """A command line that was read: the positional arguments and the values of the flags that were given."""

    args: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    dash_at: int = -1

    def __getitem__(self, name: str) -> Any:
        return self.given[name] if name in self.given else self.defaults[name]

    def __contains__(self, name: str) -> bool:
        return name in self.given


def switch(name: str, short: str = "", default: bool = False, help: str = "") -> Flag:
    """A flag that is on or off."""
    return Flag(name, short, "bool", default, help=help)


def left_out(name: str, short: str = "", kind: str = "string") -> Flag:
    """A flag of the real kubectl that is refused here."""
    return Flag(name, short, kind, False if kind == "bool" else "", left_out=True)


def parse(words: Iterable[str], flags: Iterable[Flag]) -> Parsed:
    """Read the words of a command line; raises `FlagError`."""
    table = list(flags)
    parsed = Parsed(defaults={flag.name: flag.default for flag in table})
    _Reader(list(words), table, parsed).read()
    return parsed


class _Reader:
    def __init__(self, words: list[str], table: list[Flag], parsed: Parsed) -> None:
        self.words = words
        self.by_name: Mapping[str, Flag] = {flag.name: flag for flag in table}
        self.by_short: Mapping[str, Flag] = {flag.short: flag for flag in table if flag.short}
        self.parsed = parsed

    def read(self) -> None:
        while self.words:
            word = self.words.pop(0)
            if word == "--":
                self.parsed.dash_at = len(self.parsed.args)
                self.parsed.args += self.words
                return
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._short(word)
            else:
                self.parsed.args.append(word)

    def _long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax: {word}")
        flag = self.by_name.get(name)
        if flag is None:
            raise FlagError("help" if name == "help" else f"unknown flag: --{name}")
        if equals:
            self._set(flag, value)
        elif flag.stands_alone:
            self._set(flag, flag.implied or "true")
        elif self.words:
            self._set(flag, self.words.pop(0))
        else:
            raise FlagError(f"flag needs an argument: --{name}")

    def _short(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self.by_short.get(letter)
            if flag is None:
                raise FlagError("help" if letter == "h" else f"unknown shorthand flag: {letter!r} in {word}")
            if letters.startswith("="):
                self._set(flag, letters[1:])
                return
            if flag.stands_alone:
                self._set(flag, flag.implied or "true")
                continue
            if not letters and not self.words:
                raise FlagError(f"flag needs an argument: {letter!r} in {word}")
            self._set(flag, letters or self.words.pop(0))
            return

    def _set(self, flag: Flag, text: str) -> None:
        try:
            value = _READ[flag.kind](text)
        except ValueError as error:
            raise FlagError(f'invalid argument "{text}" for "{flag.spelled}" flag: {error}') from None
        if flag.kind in ("strings", "array"):
            value = [*self.parsed.given.get(flag.name, []), *value]
        self.parsed.given[flag.name] = value


def _bool(text: str) -> bool:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def _int(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    number = int(text)
    if abs(number) >= 2**31:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": value out of range')
    return number


def duration(text: str) -> float:
    """Go's duration text ("1h30m", "40s", "0") in seconds; ValueError in Go's words."""
    sign, body = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    if body == "0":
        return 0.0
    if not body:
        raise ValueError(f'time: invalid duration "{text}"')
    if re.fullmatch(r"\d+\.?\d*", body):
        raise ValueError(f'time: missing unit in duration "{text}"')
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", body):
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * sum(float(amount) * _UNITS[unit] for amount, unit in _DURATION.findall(body))


_READ: Mapping[str, Any] = {
    "string": str,
    "bool": _bool,
    "int": _int,
    "strings": lambda text: text.split(",") if text else [],
    "array": lambda text: [text],
    "duration": duration,
}
