"""Label selectors and field selectors.

Two notations of one thing: the query string ``app=web,tier in (a,b),!old`` and the object
``{"matchLabels": …, "matchExpressions": …}``.  Both become a :class:`Selector`.
Upstream: ``staging/src/k8s.io/apimachinery/pkg/labels/selector.go`` and ``pkg/fields``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from k8scourse.api import names

Labels = Mapping[str, str]

_SPACE = " \t\r\n"
_SPECIAL = "()=!<>,"
_WORD_OPERATORS = ("in", "notin", "exists", "!")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term: ``key operator values``.

    ``operator`` is one of in, notin, exists, !, =, ==, !=, gt, lt; ``values`` are sorted and unique.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the labels satisfy this term.  ``notin`` and ``!=`` also hold when the key is absent."""
        return _OPERATORS[self.operator](labels.get(self.key), self.values)

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(self.values)})"
            case "gt" | "lt":
                return f"{self.key}{'>' if self.operator == 'gt' else '<'}{self.values[0]}"
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


def _compares(holds: Callable[[int, int], bool]) -> Callable[[str | None, tuple[str, ...]], bool]:
    def check(value: str | None, values: tuple[str, ...]) -> bool:
        number = _integer(value)
        bound = _integer(values[0])
        return number is not None and bound is not None and holds(number, bound)

    return check


def _integer(text: str | None) -> int | None:
    if text is None or not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


_OPERATORS: dict[str, Callable[[str | None, tuple[str, ...]], bool]] = {
    "in": lambda value, values: value in values,
    "=": lambda value, values: value in values,
    "==": lambda value, values: value in values,
    "notin": lambda value, values: value not in values,
    "!=": lambda value, values: value not in values,
    "exists": lambda value, values: value is not None,
    "!": lambda value, values: value is None,
    "gt": _compares(lambda number, bound: number > bound),
    "lt": _compares(lambda number, bound: number < bound),
}


@dataclass(frozen=True, slots=True)
class Selector:
    """Terms that must all hold.  No terms match everything; ``never`` matches nothing."""

    requirements: tuple[Requirement, ...] = ()
    never: bool = False

    def matches(self, labels: Labels | None) -> bool:
        """Whether labels (None counts as no labels) satisfy every term."""
        if self.never:
            return False
        labels = labels or {}
        return all(_OPERATORS[term.operator](labels.get(term.key), term.values) for term in self.requirements)

    @property
    def empty(self) -> bool:
        """Whether this selects everything."""
        return not self.requirements and not self.never

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


def everything() -> Selector:
    """The selector that matches every object."""
    return Selector()


def nothing() -> Selector:
    """The selector that matches no object: what a missing (null) selector means."""
    return Selector(never=True)


def _requirement(key: str, operator: str, values: Sequence[str] = ()) -> Requirement:
    """Check and build one term.  ValueError with the API server's words."""
    problems = names.qualified_name_problems(key)
    if problems:
        raise ValueError(f'key: Invalid value: "{key}": {"; ".join(problems)}')
    if operator in ("gt", "lt") and _integer(values[0]) is None:
        raise ValueError(
            f'values[0]: Invalid value: "{values[0]}": '
            "for 'Gt', 'Lt' operators, the value must be an integer"
        )
    for index, value in enumerate(values):
        wrong = names.label_value_problems(value)
        if wrong:
            raise ValueError(f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(wrong)}')
    return Requirement(key, operator, tuple(sorted(set(values))))


class _Parser:
    """A hand-written parser of the query notation, one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def parse(self) -> list[Requirement]:
        requirements: list[Requirement] = []
        while self.peek():
            if self.peek() in _SPECIAL and self.peek() != "!":
                raise ValueError(f"found '{self.peek()}', expected: !, identifier, or 'end of string'")
            try:
                requirements.append(self.requirement())
            except ValueError as problem:
                raise ValueError(f"unable to parse requirement: {problem}") from None
            after = self.take()
            if after == "":
                break
            if after != ",":
                raise ValueError(f"found '{after}', expected: ',' or 'end of string'")
            if self.peek() in ("", ","):
                raise ValueError(f"found '{self.peek()}', expected: identifier after ','")
        return requirements

    def requirement(self) -> Requirement:
        negated = self.peek() == "!"
        if negated:
            self.take()
        key = self.take()
        if key == "" or key[0] in _SPECIAL:
            raise ValueError(f"found '{key}', expected: identifier")
        if negated:
            return _requirement(key, "!")
        if self.peek() in ("", ","):
            return _requirement(key, "exists")
        operator = self.take()
        if operator in ("in", "notin"):
            return _requirement(key, operator, self.values())
        if operator in ("=", "==", "!=", ">", "<"):
            names_of = {">": "gt", "<": "lt"}
            return _requirement(key, names_of.get(operator, operator), [self.exact_value()])
        raise ValueError(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")

    def exact_value(self) -> str:
        if self.peek() in ("", ","):
            return ""
        token = self.take()
        if token[0] in _SPECIAL:
            raise ValueError(f"found '{token}', expected: identifier")
        return token

    def values(self) -> list[str]:
        opening = self.take()
        if opening != "(":
            raise ValueError(f"found '{opening}' expected: '('")
        values = [""]
        while True:
            token = self.take()
            if token == ")":
                return values
            if token == ",":
                values.append("")
            elif token and token[0] not in _SPECIAL and not values[-1]:
                values[-1] = token
            else:
                raise ValueError(f"found '{token}', expected: ',', ')' or identifier")


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character in _SPACE:
            position += 1
        elif character in "(),":
            tokens.append(character)
            position += 1
        else:
            special = character in _SPECIAL
            end = position
            while end < len(text) and text[end] not in _SPACE + "()," and (text[end] in _SPECIAL) == special:
                end += 1
            tokens += _operators(text[position:end]) if special else [text[position:end]]
            position = end
    return tokens


def _operators(run: str) -> list[str]:
    """Split a run of operator characters: ``!`` before a key may touch the operator before it."""
    return re.findall(r"==|!=|=|!|<|>", run)


@lru_cache(maxsize=4096)
def parse_labels(text: str) -> Selector:
    """``a in (b,c),!d,e=f`` to a selector; empty text selects everything.

    ValueError with the API server's words, as they stand in its 400 answer.
    """
    return Selector(tuple(sorted(_Parser(text).parse(), key=lambda requirement: requirement.key)))


_WIRE_OPERATORS = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "!",
    "Gt": "gt",
    "Lt": "lt",
}


def from_label_selector(selector: Mapping[str, Any] | None) -> Selector:
    """A ``metav1.LabelSelector`` object to a selector: None selects nothing, ``{}`` everything.

    ValueError when an operator is unknown or a term is malformed.
    """
    if selector is None:
        return nothing()
    terms = [Requirement(key, "=", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    terms += [_from_expression(expression) for expression in selector.get("matchExpressions") or ()]
    return Selector(tuple(sorted(terms, key=lambda requirement: requirement.key)))


def _from_expression(expression: Mapping[str, Any]) -> Requirement:
    operator = _WIRE_OPERATORS.get(expression.get("operator", ""))
    if operator is None:
        raise ValueError(f'"{expression.get("operator", "")}" is not a valid label selector operator')
    return Requirement(expression["key"], operator, tuple(sorted(set(expression.get("values") or ()))))


def from_set(labels: Labels | None) -> Selector:
    """The selector of a Service: every label must be equal; None or ``{}`` selects everything."""
    return Selector(tuple(Requirement(key, "=", (value,)) for key, value in sorted((labels or {}).items())))


def from_node_selector_term(term: Mapping[str, Any]) -> Selector:
    """The ``matchExpressions`` of a node selector term; a term without any selects nothing."""
    expressions = term.get("matchExpressions") or ()
    if not expressions:
        return nothing()
    return Selector(tuple(_from_expression(expression) for expression in expressions))


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Terms ``(field, operator, value)`` that must all hold; operators ``=`` and ``!=``."""

    terms: tuple[tuple[str, str, str], ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether a mapping of field path to text satisfies every term; an absent field is empty text."""
        return all(
            (fields.get(field, "") == value) == (operator == "=") for field, operator, value in self.terms
        )

    def exact(self, field: str) -> str | None:
        """The value that ``field`` must have, or None when nothing requires one."""
        for name, operator, value in self.terms:
            if name == field and operator == "=":
                return value
        return None

    @property
    def empty(self) -> bool:
        """Whether this selects everything."""
        return not self.terms

    def __str__(self) -> str:
        return ",".join(f"{field}{operator}{value}" for field, operator, value in self.terms)


@lru_cache(maxsize=4096)
def parse_fields(text: str) -> FieldSelector:
    """``spec.nodeName=x,status.phase!=Running`` to a field selector.  ValueError when malformed.

    A comma, equals sign or backslash inside a value is written with a backslash before it.
    """
    terms = []
    for part in re.findall(r"(?:\\.|[^,\\])+", text):
        match = re.match(r"((?:\\.|[^=!\\])*)(==|!=|=)(.*)$", part, re.DOTALL)
        if match is None:
            raise ValueError(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = match.groups()
        terms.append((field, "!=" if operator == "!=" else "=", re.sub(r"\\([\\,=])", r"\1", value)))
    return FieldSelector(tuple(terms))
