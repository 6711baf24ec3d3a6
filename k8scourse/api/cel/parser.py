"""From words to a tree. Upstream: ``cel-go/parser/parser.go``, ``macro.go``; the grammar is in the language definition.

Refused here, with a sentence that says so: messages (``Name{…}``) and optionals (``a.?b``, ``[?a]``).
"""

from __future__ import annotations

from k8scourse.api.cel.lexer import RESERVED, Token, check_int, tokens
from k8scourse.api.cel.syntax import (
    MACROS,
    Call,
    Conditional,
    Ident,
    ListNode,
    Literal,
    Logic,
    Macro,
    MapNode,
    Node,
    Problems,
    Select,
    children,
)
from k8scourse.api.cel.types import BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT

#: How deep expressions may be nested, and how long they may be. Upstream: 250 and 100,000.
DEEPEST, HIGHEST, LONGEST = 50, 150, 100_000
_RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_LEVELS = (_RELATIONS, ("+", "-"), ("*", "/", "%"))
_STARTS = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', "
    "NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)
_LITERALS = {"text": STRING, "bytes": BYTES, "double": DOUBLE, "int": INT, "uint": UINT}
_WORDS = {"true": (True, BOOL), "false": (False, BOOL), "null": (None, NULL)}


def parse(text: str) -> Node:
    """The tree of an expression. Raises `Problems`."""
    if len(text) > LONGEST:
        why = f"expression code point size exceeds limit: size: {len(text)}, limit {LONGEST}"
        raise Problems("", [(0, why)])
    parser = _Parser(text)
    node = parser.expression()
    if parser.peek().kind != "end":
        raise parser.unexpected("<EOF>")
    _check_height(text, node)
    return node


def _check_height(text: str, root: Node) -> None:
    """A long chain of operators is a high tree too, because it leans to the left."""
    waiting = [(root, 1)]
    while waiting:
        node, height = waiting.pop()
        if height > HIGHEST:
            raise Problems(text, [(node.at, f"expression recursion limit exceeded: {HIGHEST}")])
        waiting += [(child, height + 1) for child in children(node)]


class _Parser:
    """Reads from left to right, one word ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._position = 0
        self._depth = 0

    # -- words -----------------------------------------------------------------------------------

    def peek(self) -> Token:
        """The next word."""
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self.peek()
        self._position += token.kind != "end"
        return token

    def _is(self, *words: str) -> bool:
        token = self.peek()
        return token.kind in ("operator", "word") and token.text in words

    def _accept(self, *words: str) -> Token | None:
        return self._take() if self._is(*words) else None

    def _expect(self, word: str) -> Token:
        if not self._is(word):
            raise self.unexpected(f"'{word}'")
        return self._take()

    def unexpected(self, expecting: str) -> Problems:
        """The next word does not belong here."""
        token = self.peek()
        return self._problem(token, f"Syntax error: mismatched input '{token.text}' expecting {expecting}")

    def _problem(self, token: Token, message: str) -> Problems:
        return Problems(self._text, [(token.at, message)])

    # -- operators -------------------------------------------------------------------------------

    def expression(self) -> Node:
        """An expression: condition ? first : second, or less."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._problem(self.peek(), f"expression recursion limit exceeded: {DEEPEST}")
        condition = self._logic("||")
        question = self._accept("?")
        node = condition
        if question:
            first = self._logic("||")
            self._expect(":")
            node = Conditional(question.at, condition, first, self.expression())
        self._depth -= 1
        return node

    def _logic(self, operator: str) -> Node:
        """Terms of && between those of ||."""
        inner = operator == "||"
        terms = [self._logic("&&") if inner else self._binary(0)]
        at = self.peek().at
        while self._accept(operator):
            terms.append(self._logic("&&") if inner else self._binary(0))
        return terms[0] if len(terms) == 1 else Logic(at, operator, tuple(terms))

    def _binary(self, lowest: int) -> Node:
        """Operators that bind at least as strongly as the level `lowest`, from the left."""
        node = self._unary()
        while (level := self._level()) >= lowest:
            token = self._take()
            node = Call(token.at, _named(token.text), (node, self._binary(level + 1)))
        return node

    def _level(self) -> int:
        return next((level for level, words in enumerate(_LEVELS) if self._is(*words)), -1)

    def _unary(self) -> Node:
        token = self._accept("!", "-")
        if token is None:
            return self._member(self._primary())
        count = 1
        while self._accept(token.text):
            count += 1
        if token.text == "-" and count == 1 and self.peek().kind in ("int", "double"):
            number = self._take()
            kind = INT if number.kind == "int" else DOUBLE
            value = check_int(self._text, token, -number.value) if kind is INT else -number.value
            return self._member(Literal(token.at, value, kind))
        operand = self._member(self._primary())
        return operand if count % 2 == 0 else Call(token.at, f"{token.text}_", (operand,))

    # -- what operators stand between ------------------------------------------------------------

    def _member(self, node: Node) -> Node:
        while token := self._accept(".", "[", "{"):
            if token.text == "{":
                raise self._problem(token, "messages are not built here: only lists and maps are")
            if self._is("?"):
                raise self._problem(
                    self.peek(), "unsupported syntax '?': optional values are not evaluated here"
                )
            node = self._index(node, token) if token.text == "[" else self._selected(node, token)
        return node

    def _index(self, node: Node, bracket: Token) -> Node:
        index = self.expression()
        self._expect("]")
        return Call(bracket.at, "_[_]", (node, index))

    def _selected(self, node: Node, dot: Token) -> Node:
        name = self._take()
        if name.kind == "quoted":
            return Select(dot.at, node, name.value)
        if name.kind != "word" or name.text in (*_WORDS, "in"):
            self._position -= name.kind != "end"
            raise self.unexpected("IDENTIFIER")
        bracket = self._accept("(")
        if bracket is None:
            return Select(dot.at, node, name.text)
        arguments = self._list(")")
        if name.text in MACROS:
            macro = self._macro(node, name.text, arguments, bracket)
            if macro is not None:
                return macro
        return Call(bracket.at, name.text, arguments, node)

    def _macro(self, node: Node, name: str, arguments: tuple[Node, ...], at: Token) -> Node | None:
        for variables, bodies in MACROS[name]:
            if variables + bodies != len(arguments):
                continue
            names = arguments[:variables]
            # map(x, condition, body) and transformList(i, x, body) have three arguments each.
            if not all(isinstance(each, Ident) for each in names):
                raise Problems(self._text, [(names[0].at, "argument must be a simple name")])
            found = tuple(each.name for each in names if isinstance(each, Ident))
            if len(set(found)) != len(found):
                raise Problems(self._text, [(names[1].at, f"duplicate variable name: {found[1]}")])
            return Macro(at.at, name, node, found, arguments[variables:])
        return None

    def _primary(self) -> Node:
        token = self._take()
        if token.kind in _LITERALS:
            value = check_int(self._text, token, token.value) if token.kind == "int" else token.value
            return Literal(token.at, value, _LITERALS[token.kind])
        if token.text == "." and self.peek().kind == "word":
            token = self._take()
        if token.kind == "word" and token.text != "in":
            return self._word(token)
        if token.text == "(" and token.kind == "operator":
            inner = self.expression()
            self._expect(")")
            return inner
        if token.text == "[" and token.kind == "operator":
            return ListNode(token.at, self._list("]"))
        if token.text == "{" and token.kind == "operator":
            return MapNode(token.at, self._entries())
        self._position -= token.kind != "end"
        raise self.unexpected(_STARTS)

    def _word(self, token: Token) -> Node:
        if token.text in _WORDS:
            return Literal(token.at, *_WORDS[token.text])
        bracket = self._accept("(")
        if bracket is None:
            if token.text in RESERVED:
                raise self._problem(token, f"reserved identifier: {token.text}")
            return Ident(token.at, token.text)
        arguments = self._list(")")
        if token.text == "has" and len(arguments) == 1:
            chosen = arguments[0]
            if not isinstance(chosen, Select):
                raise Problems(self._text, [(chosen.at, "invalid argument to has() macro")])
            return Select(bracket.at, chosen.operand, chosen.field, test_only=True)
        return Call(bracket.at, token.text, arguments)

    def _list(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._is(end):
            if self._is("?"):
                raise self._problem(
                    self.peek(), "unsupported syntax '?': optional values are not evaluated here"
                )
            items.append(self.expression())
            if not self._accept(","):
                break
            if end == ")" and self._is(end):
                raise self.unexpected(_STARTS)
        self._expect(end)
        return tuple(items)

    def _entries(self) -> tuple[tuple[Node, Node], ...]:
        entries: list[tuple[Node, Node]] = []
        while not self._is("}"):
            if self._is("?"):
                raise self._problem(
                    self.peek(), "unsupported syntax '?': optional values are not evaluated here"
                )
            key = self.expression()
            self._expect(":")
            entries.append((key, self.expression()))
            if not self._accept(","):
                break
        self._expect("}")
        return tuple(entries)


def _named(operator: str) -> str:
    return "@in" if operator == "in" else f"_{operator}_"
