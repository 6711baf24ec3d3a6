"""From raw words to text: quotes, `$NAME`, `${NAME:-word}`, `$(command)`, `$((1 + 2))`, field splitting."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Generator
from typing import Protocol

from .syntax import ShellSyntaxError, bracket_end, quote_end

Delays = Generator[int, None, int]
FOREVER = -1
"""A delay that only a signal ends."""
_SPECIAL = re.compile(r"\$(\w+|[?$#@*!0-9-])")
_PARAMETER = re.compile(r"(#?)([A-Za-z_]\w*|[?$#@*0-9])(?:(:?[-=+?])(.*)|(##?|%%?)(.*))?", re.DOTALL)


class Environment(Protocol):
    """What an expansion needs of a shell."""

    def variable(self, name: str) -> str | None:
        """The value of a variable or special parameter; None when unset."""

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""

    def substitute(self, program: str) -> Generator[int, None, str]:
        """Run a program and give what it printed."""


class Expander:
    """Expands one raw word; used once."""

    def __init__(self, shell: Environment) -> None:
        self._shell = shell
        self._fields: list[str] = []
        self._open: str | None = None

    def fields(self, raw: str) -> Generator[int, None, list[str]]:
        """The words that a raw word becomes: none, one, or several after splitting."""
        if raw.startswith("~") and raw[1:2] in ("", "/"):
            raw = "/root" + raw[1:]
        yield from self._walk(raw, quoted=False)
        if self._open is not None:
            self._fields.append(self._open)
        return self._fields

    def text(self, raw: str) -> Generator[int, None, str]:
        """The raw word as one text, unsplit: assignments, redirections, here and there."""
        yield from self._walk(raw, quoted=True, outer=True)
        return self._open or ""

    def _add(self, text: str, split: bool) -> None:
        if not split:
            self._open = (self._open or "") + text
            return
        pieces = text.split()
        if not pieces:
            self._close(text)
            return
        if text[0].isspace():
            self._close(" ")
        for index, piece in enumerate(pieces):
            if index:
                self._close(" ")
            self._open = (self._open or "") + piece
        if text[-1].isspace():
            self._close(" ")

    def _close(self, gap: str) -> None:
        if gap and self._open is not None:
            self._fields.append(self._open)
            self._open = None

    def _walk(self, raw: str, *, quoted: bool, outer: bool = False) -> Generator[int, None, None]:
        at = 0
        while at < len(raw):
            char = raw[at]
            if char == "\\" and at + 1 < len(raw):
                keeps = quoted and not outer and raw[at + 1] not in '$`"\\\n'
                self._add(raw[at : at + 2] if keeps else raw[at + 1].replace("\n", ""), False)
                at += 2
            elif char == "'" and (not quoted or outer):
                end = quote_end(raw, at)
                self._add(raw[at + 1 : end - 1], False)
                at = end
            elif char == '"' and (not quoted or outer):
                end = quote_end(raw, at)
                self._add("", False)
                yield from self._walk(raw[at + 1 : end - 1], quoted=True)
                at = end
            elif char in "$`":
                at = yield from self._dollar(raw, at, not quoted)
            else:
                self._add(char, False)
                at += 1

    def _dollar(self, raw: str, at: int, split: bool) -> Generator[int, None, int]:
        if raw[at] == "`":
            end = quote_end(raw, at)
            self._add((yield from self._shell.substitute(raw[at + 1 : end - 1])), split)
            return end
        if raw.startswith("$((", at):
            end = bracket_end(raw, at + 1)
            inner = Expander(self._shell)
            expression = yield from inner.text(raw[at + 3 : end - 2])
            self._add(str(arithmetic(expression, self._shell.variable)), split)
            return end
        if raw.startswith("$(", at):
            end = bracket_end(raw, at + 1)
            self._add((yield from self._shell.substitute(raw[at + 2 : end - 1])), split)
            return end
        if raw.startswith("${", at):
            end = bracket_end(raw, at + 1)
            self._add((yield from self._parameter(raw[at + 2 : end - 1])), split)
            return end
        match = _SPECIAL.match(raw, at)
        if match is None:
            self._add("$", False)
            return at + 1
        name = match[1] if not match[1][0].isdigit() else match[1][0]
        self._add(self._shell.variable(name) or "", split)
        return at + 1 + len(name)

    def _parameter(self, inside: str) -> Generator[int, None, str]:
        match = _PARAMETER.fullmatch(inside)
        if match is None:
            raise ShellSyntaxError("syntax error: bad substitution")
        length, name, rule, word, cut, pattern = match.groups()
        value = self._shell.variable(name)
        if length:
            return str(len(value or ""))
        if cut:
            return _trim(value or "", cut, (yield from Expander(self._shell).text(pattern)))
        missing = value is None or (bool(rule) and rule[0] == ":" and value == "")
        if not rule or (rule[-1] != "+" and not missing) or (rule[-1] == "+" and missing):
            return "" if rule and rule[-1] == "+" else value or ""
        other = yield from Expander(self._shell).text(word)
        if rule[-1] == "=":
            self._shell.assign(name, other)
        if rule[-1] == "?":
            raise ShellSyntaxError(f"{name}: {other or 'parameter not set'}")
        return other


def _trim(value: str, cut: str, pattern: str) -> str:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    order = range(len(value) + 1)
    if cut[0] == "#":
        ends = order if cut == "#" else reversed(order)
        return next((value[end:] for end in ends if re.fullmatch(expression, value[:end], re.DOTALL)), value)
    starts = reversed(order) if cut == "%" else order
    return next(
        (value[:start] for start in starts if re.fullmatch(expression, value[start:], re.DOTALL)), value
    )


_BINARY: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv, ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def arithmetic(expression: str, variable: Callable[[str], str | None]) -> int:
    """The value of `$((…))`: integers, names, + - * / % and comparisons."""
    try:
        tree = ast.parse(expression.strip().replace("/", "//") or "0", mode="eval").body
        return _value(tree, variable)
    except (SyntaxError, ValueError, RecursionError, ZeroDivisionError, MemoryError) as error:
        what = "divide by zero" if isinstance(error, ZeroDivisionError) else "syntax error"
        raise ShellSyntaxError(f"arithmetic {what}") from None


def _value(node: ast.AST, variable: Callable[[str], str | None]) -> int:
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.Name(id=name):
            return int(variable(name) or "0")
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, variable)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return int(_BINARY[type(op)](_value(left, variable), _value(right, variable)))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _BINARY:
            return int(_BINARY[type(op)](_value(left, variable), _value(right, variable)))
    raise ValueError("not arithmetic")
