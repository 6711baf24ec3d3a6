"""From characters to words. Upstream: ``cel-go/parser/gen/CEL.g4``, ``parser/unescape.go``."""

from __future__ import annotations

import re
from typing import NamedTuple

from k8scourse.api.cel.syntax import Problems
from k8scourse.api.cel.values import INT_MAX, INT_MIN, UINT_MAX, Uint, Value

RESERVED = frozenset(
    """
    as break const continue else for function if import let loop package namespace return var void while
    """.split()  # noqa: SIM905
)
_TOKEN = re.compile(
    r"""
    (?P<space>[\t\n\f\r ]+|//[^\n]*)
  | (?P<text>(?:[rR][bB]?|[bB][rR]?)?(?:'''(?:\\.|(?!''').)*'''|\"\"\"(?:\\.|(?!\"\"\").)*\"\"\"
        |'(?:\\[^\n\r]|[^'\\\n\r])*'|"(?:\\[^\n\r]|[^"\\\n\r])*"))
  | (?P<double>[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
  | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
  | (?P<word>[_a-zA-Z][_a-zA-Z0-9]*)
  | (?P<quoted>`[a-zA-Z0-9_.\-/ ]+`)
  | (?P<operator>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_RAW = re.compile(
    r"""(?:[rR][bB]?|[bB][rR])(?:'''(?:(?!''').)*'''|\"\"\"(?:(?!\"\"\").)*\"\"\"|'[^'\n\r]*'|"[^"\n\r]*")""",
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))|\\"
)


class Token(NamedTuple):
    """A word: `kind` is text, bytes, double, uint, int, word, quoted, operator or end."""

    kind: str
    text: str
    at: int
    value: Value = None


def tokens(source: str) -> list[Token]:
    """The words of an expression and an end. Raises `Problems`."""
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _RAW.match(source, position) or _TOKEN.match(source, position)
        if match is None:
            letter = source[position]
            raise Problems(source, [(position, f"Syntax error: token recognition error at: '{letter}'")])
        if match.re is _RAW:
            found.append(_text(source, match.group(), position))
        elif match.lastgroup != "space":
            found.append(_token(source, str(match.lastgroup), match.group(), position))
        position = match.end()
    return [*found, Token("end", "<EOF>", len(source))]


def _token(source: str, kind: str, text: str, at: int) -> Token:
    if kind == "text":
        return _text(source, text, at)
    if kind == "double":
        return Token(kind, text, at, float(text))
    if kind in ("int", "uint"):
        number = int(text.rstrip("uU"), 0) if text.startswith("0x") else int(text.rstrip("uU"))
        limit = UINT_MAX if kind == "uint" else -INT_MIN
        if number > limit:
            raise Problems(source, [(at, f"invalid {kind} literal")])
        return Token(kind, text, at, Uint(number) if kind == "uint" else number)
    if kind == "quoted":
        return Token(kind, text, at, text[1:-1])
    return Token(kind, text, at)


def check_int(source: str, token: Token, number: int) -> int:
    """An int literal with its sign. Raises `Problems` when it does not fit."""
    if not INT_MIN <= number <= INT_MAX:
        raise Problems(source, [(token.at, "invalid int literal")])
    return number


def _text(source: str, text: str, at: int) -> Token:
    quote = re.search(r"['\"]", text)
    assert quote is not None
    prefix, body = text[: quote.start()].lower(), text[quote.start() :]
    width = 3 if body[:3] in ("'''", '"""') and len(body) >= 6 else 1
    inner = body[width:-width]
    as_bytes = "b" in prefix
    if "r" not in prefix:
        try:
            inner = _unescaped(inner, as_bytes)
        except ValueError as problem:
            raise Problems(source, [(at, f"invalid string literal: {problem}")]) from None
    if as_bytes:
        return Token("bytes", text, at, inner.encode("utf-8", "surrogateescape"))
    return Token("text", text, at, inner)


def _unescaped(text: str, as_bytes: bool) -> str:
    """Escapes resolved; octets of bytes that are no UTF-8 travel as lone surrogates."""

    def replaced(match: re.Match[str]) -> str:
        simple, octet, short, long, octal = match.groups()
        if simple:
            return _SIMPLE[simple]
        if octet or octal:
            number = int(octet, 16) if octet else int(octal, 8)
            return bytes([number]).decode("utf-8", "surrogateescape") if as_bytes else chr(number)
        if as_bytes or not (short or long):
            raise ValueError("unable to unescape string")
        number = int(short or long, 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise ValueError("invalid unicode code point")
        return chr(number)

    return _ESCAPE.sub(replaced, text)
