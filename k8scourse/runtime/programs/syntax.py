"""The grammar of the small shell: text to a tree. POSIX.1-2017, chapter 2, as far as manifests use it.

Left out: here-documents, globbing, aliases, arrays, job control, arithmetic commands.
Words stay raw in the tree (with their quotes); `expansion.py` makes text of them when they are run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_OPERATORS = ("&&", "||", ";;", "&>", ";", "&", "|", "(", ")", "\n")
_REDIRECT = re.compile(r"(\d?)(>>|>&|>|<)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_CLOSERS = ("done", "fi", "then", "else", "elif", "do", "}", "esac")


class ShellSyntaxError(Exception):
    """The text is not a program of this shell; the message is what busybox' ash prints."""


class Redirect(NamedTuple):
    """`descriptor operator target`, the target a raw word; descriptor 12 is both outputs."""

    descriptor: int
    operator: str
    target: str


@dataclass
class Simple:
    """Assignments, a command's words, and where its input and output go."""

    assignments: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)


@dataclass
class Pipeline:
    """Commands joined by `|`."""

    commands: list[Node]
    negate: bool = False


@dataclass
class AndOr:
    """Pipelines joined by `&&` and `||`: (operator before it, pipeline), the first operator being ""."""

    parts: list[tuple[str, Pipeline]]


@dataclass
class Sequence:
    """Commands one after another; True marks one sent to the background."""

    items: list[tuple[AndOr, bool]]


@dataclass
class Loop:
    """`while` (or `until`) condition `do` body `done`."""

    until: bool
    condition: Sequence
    body: Sequence


@dataclass
class For:
    """`for name in words; do body; done`."""

    name: str
    words: list[str]
    body: Sequence


@dataclass
class If:
    """(condition, body) pairs and what stands after `else`."""

    branches: list[tuple[Sequence, Sequence]]
    otherwise: Sequence | None


@dataclass
class Case:
    """`case word in pattern) body ;; esac`."""

    word: str
    branches: list[tuple[list[str], Sequence]]


@dataclass
class Group:
    """`{ … }`, or `( … )` when it is a subshell; with redirections of the whole."""

    body: Node | Sequence
    subshell: bool
    redirects: list[Redirect]


@dataclass
class Function:
    """`name() { … }`."""

    name: str
    body: Node


Node = Simple | Loop | For | If | Case | Group | Function


class Token(NamedTuple):
    """A word or an operator; a redirection is the operator's text with its descriptor."""

    kind: str  # "word", "operator", "redirect"
    text: str


def tokens(text: str) -> list[Token]:
    """Cut a program into words and operators."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t" or text.startswith("\\\n", at):
            at += 1 if char in " \t" else 2
        elif char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif (match := _REDIRECT.match(text, at)) is not None:
            found.append(Token("redirect", match.group()))
            at = match.end()
        elif (operator := next((o for o in _OPERATORS if text.startswith(o, at)), "")) != "":
            kind = "redirect" if operator == "&>" else "operator"
            found.append(Token(kind, operator))
            at += len(operator)
        else:
            end = word_end(text, at)
            found.append(Token("word", text[at:end]))
            at = end
    return found


def word_end(text: str, at: int) -> int:
    """Where the raw word that begins at `at` ends: quotes and `$(…)` hold it together."""
    while at < len(text) and text[at] not in " \t\n;&|()<>":
        char = text[at]
        if char == "\\":
            at += 2
        elif char in "'\"`":
            at = quote_end(text, at)
        elif text.startswith(("$(", "${"), at):
            at = bracket_end(text, at + 1)
        else:
            at += 1
    return min(at, len(text))


def quote_end(text: str, at: int) -> int:
    """The index after the quote that closes the one at `at`."""
    quote, at = text[at], at + 1
    while at < len(text) and text[at] != quote:
        if quote != "'" and text[at] == "\\":
            at += 1
        elif quote == '"' and text.startswith(("$(", "${"), at):
            at = bracket_end(text, at + 1) - 1
        at += 1
    if at >= len(text):
        raise ShellSyntaxError("syntax error: unterminated quoted string")
    return at + 1


def bracket_end(text: str, at: int) -> int:
    """The index after the bracket that closes the one at `at`."""
    opening, closing, depth = text[at], {"(": ")", "{": "}"}[text[at]], 0
    while at < len(text):
        if text[at] in "'\"":
            at = quote_end(text, at) - 1
        elif text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise ShellSyntaxError(f'syntax error: unexpected end of file (expecting "{closing}")')


def parse(text: str) -> Sequence:
    """The tree of a whole program; `ShellSyntaxError` when it is not one."""
    parser = _Parser(tokens(text))
    program = parser.sequence(())
    if parser.peek is not None:
        raise parser.unexpected()
    return program


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    @property
    def peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def unexpected(self) -> ShellSyntaxError:
        token = self.peek
        return ShellSyntaxError(
            f"syntax error: unexpected {'end of file' if token is None else repr_of(token)}"
        )

    def _accept(self, *texts: str) -> str:
        token = self.peek
        if token is None or token.text not in texts or token.kind == "redirect":
            return ""
        self._at += 1
        return token.text

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            token = self.peek
            shown = "end of file" if token is None else repr_of(token)
            raise ShellSyntaxError(f'syntax error: unexpected {shown} (expecting "{text}")')

    def _newlines(self) -> None:
        while self._accept("\n"):
            pass

    def sequence(self, ends: tuple[str, ...]) -> Sequence:
        items: list[tuple[AndOr, bool]] = []
        self._newlines()
        while (token := self.peek) is not None and token.text not in ends:
            if token.text in (*_CLOSERS, ")", ";;"):
                raise self.unexpected()
            command = self._and_or()
            separator = self._accept(";", "&", "\n")
            items.append((command, separator == "&"))
            if not separator:
                break
            self._newlines()
        return Sequence(items)

    def _and_or(self) -> AndOr:
        parts = [("", self._pipeline())]
        while operator := self._accept("&&", "||"):
            self._newlines()
            parts.append((operator, self._pipeline()))
        return AndOr(parts)

    def _pipeline(self) -> Pipeline:
        negate = bool(self._accept("!"))
        commands = [self._command()]
        while self._accept("|"):
            self._newlines()
            commands.append(self._command())
        return Pipeline(commands, negate)

    def _command(self) -> Node:
        compound = {
            "while": self._loop, "until": self._loop, "for": self._for, "if": self._if, "case": self._case,
            "{": self._group, "(": self._group,
        }  # fmt: skip
        token = self.peek
        if token is None or token.kind == "redirect" or token.text not in compound:
            return self._simple()
        node: Node = compound[token.text]()
        redirects = []
        while (redirect := self._redirect()) is not None:
            redirects.append(redirect)
        return Group(node, False, redirects) if redirects else node

    def _redirect(self) -> Redirect | None:
        token = self.peek
        if token is None or token.kind != "redirect":
            return None
        self._at += 1
        target = self.peek
        if target is None or target.kind != "word":
            raise self.unexpected()
        self._at += 1
        if token.text == "&>":
            return Redirect(12, ">", target.text)
        digit, operator = (token.text[0], token.text[1:]) if token.text[0].isdigit() else ("", token.text)
        return Redirect(int(digit or ("0" if operator == "<" else "1")), operator, target.text)

    def _simple(self) -> Node:
        node = Simple()
        while (token := self.peek) is not None and token.kind != "operator":
            if (redirect := self._redirect()) is not None:
                node.redirects.append(redirect)
                continue
            self._at += 1
            assignment = _ASSIGNMENT.fullmatch(token.text)
            if assignment and not node.words:
                node.assignments.append((assignment[1], assignment[2]))
            else:
                node.words.append(token.text)
                if len(node.words) == 1 and _NAME.fullmatch(token.text) and self._accept("("):
                    self._expect(")")
                    self._newlines()
                    return Function(token.text, self._command())
        if not (node.words or node.assignments or node.redirects):
            raise self.unexpected()
        return node

    def _loop(self) -> Node:
        until = self._accept("while", "until") == "until"
        condition = self.sequence(("do",))
        return Loop(until, condition, self._body())

    def _body(self) -> Sequence:
        self._expect("do")
        body = self.sequence(("done",))
        self._expect("done")
        return body

    def _word(self) -> str:
        token = self.peek
        if token is None or token.kind != "word":
            raise self.unexpected()
        self._at += 1
        return token.text

    def _words(self) -> list[str]:
        words = []
        while (token := self.peek) is not None and token.kind == "word":
            words.append(token.text)
            self._at += 1
        return words

    def _for(self) -> Node:
        self._expect("for")
        name = self.peek
        if name is None or not _NAME.fullmatch(name.text):
            raise self.unexpected()
        self._at += 1
        self._newlines()
        words = self._words() if self._accept("in") else ['"$@"']
        self._accept(";", "\n")
        self._newlines()
        return For(name.text, words, self._body())

    def _if(self) -> Node:
        branches: list[tuple[Sequence, Sequence]] = []
        word = self._accept("if")
        while word in ("if", "elif"):
            condition = self.sequence(("then",))
            self._expect("then")
            branches.append((condition, self.sequence(("elif", "else", "fi"))))
            word = self._accept("elif", "else")
        otherwise = self.sequence(("fi",)) if word == "else" else None
        self._expect("fi")
        return If(branches, otherwise)

    def _case(self) -> Node:
        self._expect("case")
        word = self._word()
        self._newlines()
        self._expect("in")
        branches: list[tuple[list[str], Sequence]] = []
        self._newlines()
        while not self._accept("esac"):
            self._accept("(")
            patterns = self._words()
            while self._accept("|"):
                patterns += self._words()
            self._expect(")")
            branches.append((patterns, self.sequence((";;", "esac"))))
            self._accept(";;")
            self._newlines()
        return Case(word, branches)

    def _group(self) -> Node:
        opening = self._accept("{", "(")
        closing = "}" if opening == "{" else ")"
        body = self.sequence((closing,))
        self._expect(closing)
        return Group(body, opening == "(", [])


def repr_of(token: Token) -> str:
    """How ash names a token in its complaints."""
    return "newline" if token.text == "\n" else f'"{token.text}"'
