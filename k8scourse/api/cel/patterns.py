"""Regular expressions that always end: matches("^[a-z]+$").

Upstream uses RE2, which never goes back; Python's `re` does, and a pattern such as "(a+)+$" could then stop the
server. So a pattern becomes an automaton here that reads each letter once. Taken: letters, classes, escapes, groups,
choices, repetitions, anchors and the flags i, m, s. Refused: what RE2 refuses too (look-around, references back) and
Unicode classes (\\pL).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from k8scourse.api.cel.values import CelError

Test = Callable[[str], bool]
_MOST_STATES, _MOST_REPEATS = 5000, 1000
_POSIX = {
    "alnum": str.isalnum, "alpha": str.isalpha, "digit": str.isdigit, "lower": str.islower, "upper": str.isupper,
    "space": lambda letter: letter in " \t\n\v\f\r", "blank": lambda letter: letter in " \t",
    "punct": lambda letter: letter in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "xdigit": lambda letter: letter in "0123456789abcdefABCDEF", "cntrl": lambda letter: ord(letter) < 32,
    "word": lambda letter: _is_word(letter), "print": lambda letter: 32 <= ord(letter) < 127,
    "graph": lambda letter: 32 < ord(letter) < 127, "ascii": str.isascii,
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a"}


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


_CLASSES: dict[str, Test] = {
    "d": lambda letter: letter in "0123456789",
    "s": lambda letter: letter in " \t\n\f\r",
    "w": _is_word,
}


class State(NamedTuple):
    """A step: `kind` is letter (with a test), split (to two places), an anchor, or end."""

    kind: str
    test: Any = None
    to: tuple[int, ...] = ()


class Flags(NamedTuple):
    """(?i), (?m) and (?s)."""

    i: bool = False
    m: bool = False
    s: bool = False


Tree = tuple[Any, ...]


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text. Raises `CelError` for a pattern that is none."""
    states = _compiled(pattern)
    now: dict[int, None] = {}
    for place in range(len(text) + 1):
        _follow(states, 0, text, place, now)
        if any(states[state].kind == "end" for state in now):
            return True
        if place == len(text):
            break
        after: dict[int, None] = {}
        for state in now:
            step = states[state]
            if step.kind == "letter" and step.test(text[place]):
                _follow(states, step.to[0], text, place + 1, after)
        now = after
    return False


def _follow(states: list[State], start: int, text: str, place: int, found: dict[int, None]) -> None:
    """Add all states that can be reached from `start` without reading a letter."""
    waiting = [start]
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        found[state] = None
        step = states[state]
        if step.kind == "split" or (step.kind in _ANCHORS and _ANCHORS[step.kind](text, place)):
            waiting += reversed(step.to)


def _at_word(text: str, place: int) -> bool:
    before = place > 0 and _is_word(text[place - 1])
    return before != (place < len(text) and _is_word(text[place]))


_ANCHORS: dict[str, Callable[[str, int], bool]] = {
    "^": lambda text, place: place == 0,
    "$": lambda text, place: place == len(text),
    "^m": lambda text, place: place == 0 or text[place - 1] == "\n",
    "$m": lambda text, place: place == len(text) or text[place] == "\n",
    "b": _at_word,
    "B": lambda text, place: not _at_word(text, place),
}


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> list[State]:
    tree = _Reader(pattern).read()
    states: list[State] = []
    _emit(tree, states, pattern)
    states.append(State("end"))
    return states


def check(pattern: str) -> None:
    """Raises `CelError` for a pattern that is none."""
    _compiled(pattern)


def _emit(tree: Tree, states: list[State], pattern: str) -> None:
    """Append the states of a tree; it is left by running over its end."""
    if len(states) > _MOST_STATES:
        raise CelError(f"error parsing regexp: expression too large: `{pattern}`")
    kind = tree[0]
    here = len(states)
    if kind == "letter":
        states.append(State("letter", tree[1], (here + 1,)))
    elif kind in _ANCHORS:
        states.append(State(kind, None, (here + 1,)))
    elif kind == "all":
        for part in tree[1]:
            _emit(part, states, pattern)
    elif kind == "any":
        _emit_choice(tree[1], states, pattern)
    else:
        _emit_repeat(tree[1], tree[2], tree[3], states, pattern)


def _emit_choice(parts: list[Tree], states: list[State], pattern: str) -> None:
    exits: list[int] = []
    for part in parts[:-1]:
        fork = len(states)
        states.append(State("split"))
        _emit(part, states, pattern)
        exits.append(len(states))
        states.append(State("split"))
        states[fork] = State("split", None, (fork + 1, len(states)))
    _emit(parts[-1], states, pattern)
    for place in exits:
        states[place] = State("split", None, (len(states),))


def _emit_repeat(inner: Tree, least: int, most: int | None, states: list[State], pattern: str) -> None:
    for _ in range(least):
        _emit(inner, states, pattern)
    if most is None:
        fork = len(states)
        states.append(State("split"))
        _emit(inner, states, pattern)
        states.append(State("split", None, (fork,)))
        states[fork] = State("split", None, (fork + 1, len(states)))
        return
    for _ in range(most - least):
        fork = len(states)
        states.append(State("split"))
        _emit(inner, states, pattern)
        states[fork] = State("split", None, (fork + 1, len(states)))


class _Reader:
    """From a pattern to its tree."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._place = 0
        self._depth = 0

    def read(self) -> Tree:
        """The whole pattern."""
        tree = self._choice(Flags())
        if self._place < len(self._pattern):
            raise self._wrong("unexpected )")
        return tree

    def _wrong(self, why: str) -> CelError:
        return CelError(f"error parsing regexp: {why}: `{self._pattern}`")

    def _peek(self, text: str) -> bool:
        return self._pattern.startswith(text, self._place)

    def _next(self) -> str:
        if self._place >= len(self._pattern):
            raise self._wrong("missing argument")
        self._place += 1
        return self._pattern[self._place - 1]

    def _choice(self, flags: Flags) -> Tree:
        self._depth += 1
        if self._depth > 50:
            raise self._wrong("expression nests too deeply")
        parts: list[list[Tree]] = [[]]
        while self._place < len(self._pattern) and not self._peek(")"):
            if self._peek("|"):
                self._place += 1
                parts.append([])
                continue
            if self._peek("(?"):
                changed = self._flags(flags)
                if changed is not None:
                    flags = changed
                    continue
            parts[-1].append(self._repeated(self._atom(flags)))
        self._depth -= 1
        return ("any", [("all", part) for part in parts])

    def _flags(self, flags: Flags) -> Flags | None:
        """(?i) and the like; None for a group, which stays to be read."""
        end = self._pattern.find(")", self._place)
        inner = self._pattern[self._place + 2 : end]
        if end < 0 or not inner or not all(letter in "imsU-" for letter in inner):
            return None
        self._place = end + 1
        return self._switched(flags, inner)

    def _switched(self, flags: Flags, letters: str) -> Flags:
        on = True
        for letter in letters:
            if letter == "-":
                on = False
            elif letter in "ims":
                flags = flags._replace(**{letter: on})
        return flags

    def _repeated(self, tree: Tree) -> Tree:
        bounds = self._bounds()
        if bounds is None:
            return tree
        if self._peek("?"):
            self._place += 1
        if self._place < len(self._pattern) and (
            self._pattern[self._place] in "*+?" or (self._peek("{") and self._bounds() is not None)
        ):
            raise self._wrong("invalid nested repetition operator")
        return ("repeat", tree, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._peek(sign):
                self._place += 1
                return bounds
        end = self._pattern.find("}", self._place)
        if not self._peek("{") or end < 0:
            return None
        least, comma, most = self._pattern[self._place + 1 : end].partition(",")
        if not (least.isascii() and least.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None
        low, high = int(least), (int(most) if most else None) if comma else int(least)
        if low > _MOST_REPEATS or (high or 0) > _MOST_REPEATS or (high is not None and high < low):
            raise self._wrong("invalid repeat count")
        self._place = end + 1
        return low, high

    def _atom(self, flags: Flags) -> Tree:
        letter = self._next()
        if letter == "(":
            return self._group(flags)
        if letter == "[":
            return ("letter", self._class(flags))
        if letter == ".":
            return ("letter", (lambda each: True) if flags.s else (lambda each: each != "\n"))
        if letter in "^$":
            return (f"{letter}m" if flags.m else letter,)
        if letter in "*+?":
            raise self._wrong("missing argument to repetition operator")
        if letter == "\\":
            return self._escape(flags)
        return ("letter", _one(letter, flags))

    def _group(self, flags: Flags) -> Tree:
        if self._peek("?"):
            self._place += 1
            if self._peek("P<") or (self._peek("<") and not self._peek("<=") and not self._peek("<!")):
                end = self._pattern.find(">", self._place)
                if end < 0:
                    raise self._wrong("invalid named capture")
                self._place = end + 1
            else:
                colon = self._pattern.find(":", self._place)
                letters = self._pattern[self._place : colon]
                if colon < 0 or not all(letter in "imsU-" for letter in letters):
                    raise self._wrong("invalid or unsupported Perl syntax")
                self._place = colon + 1
                flags = self._switched(flags, letters)
        tree = self._choice(flags)
        if not self._peek(")"):
            raise self._wrong("missing closing )")
        self._place += 1
        return tree

    def _escape(self, flags: Flags) -> Tree:
        letter = self._next()
        if letter in "AzbB":
            return ({"A": "^", "z": "$"}.get(letter, letter),)
        return ("letter", self._escaped(letter, flags))

    def _escaped(self, letter: str, flags: Flags) -> Test:
        if letter.lower() in _CLASSES:
            test = _CLASSES[letter.lower()]
            return test if letter.islower() else lambda each: not test(each)
        return _one(self._literal(letter), flags)

    def _literal(self, letter: str) -> str:
        """The letter behind a backslash."""
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter == "x":
            digits = self._pattern[self._place : self._place + 2]
            try:
                self._place += 2
                return chr(int(digits, 16))
            except ValueError:
                raise self._wrong("invalid escape sequence") from None
        if letter.isalnum():
            raise self._wrong(f"invalid escape sequence: \\{letter}")
        return letter

    def _class(self, flags: Flags) -> Test:
        negated = self._peek("^")
        self._place += negated
        tests: list[Test] = []
        while not self._peek("]") or not tests:
            tests.append(self._class_item(flags))
        self._place += 1
        if negated:
            return lambda letter: not any(test(letter) for test in tests)
        return lambda letter: any(test(letter) for test in tests)

    def _class_item(self, flags: Flags) -> Test:
        if self._peek("[:"):
            end = self._pattern.find(":]", self._place)
            name = self._pattern[self._place + 2 : max(end, 0)]
            test = _POSIX.get(name.removeprefix("^"))
            if test is None:
                raise self._wrong("invalid character class range")
            self._place = end + 2
            return (
                (lambda letter: not (letter.isascii() and test(letter)))
                if name.startswith("^")
                else (lambda letter: letter.isascii() and test(letter))
            )
        letter = self._next()
        if letter == "\\":
            letter = self._next()
            if letter.lower() in _CLASSES:
                return self._escaped(letter, flags)
            letter = self._literal(letter)
        if not self._peek("-") or self._peek("-]"):
            return _one(letter, flags)
        self._place += 1
        last = self._next()
        if last == "\\":
            last = self._literal(self._next())
        if last < letter:
            raise self._wrong(f"invalid character class range: {letter}-{last}")
        return _range(letter, last, flags)


def _one(letter: str, flags: Flags) -> Test:
    if flags.i:
        folded = letter.casefold()
        return lambda each: each.casefold() == folded
    return lambda each: each == letter


def _range(first: str, last: str, flags: Flags) -> Test:
    if flags.i:
        return lambda each: any(first <= form <= last for form in (each, each.lower(), each.upper()))
    return lambda each: first <= each <= last
