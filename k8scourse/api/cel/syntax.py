"""The tree of an expression. Every node knows at which character it stands, for the messages.

Operators are calls of functions with upstream's names (``_+_``, ``!_``, ``_[_]``), but && and || hold all their
terms at once, and the macros (has, all, map, …) are nodes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from k8scourse.api.cel.types import Type
from k8scourse.api.cel.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written out."""

    at: int
    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Ident:
    """A name."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """operand.field; with `test_only` it asks whether there is such a field: has(operand.field)."""

    at: int
    operand: Node
    field: str
    test_only: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator; `target` is what stands before the dot."""

    at: int
    function: str
    arguments: tuple[Node, ...]
    target: Node | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """Terms joined by && or ||."""

    at: int
    operator: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """condition ? first : second."""

    at: int
    condition: Node
    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class ListNode:
    """[a, b]."""

    at: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapNode:
    """{a: b}."""

    at: int
    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Macro:
    """A loop: range.name(variables, bodies). `name` is one of `MACROS`."""

    at: int
    name: str
    range: Node
    variables: tuple[str, ...]
    bodies: tuple[Node, ...]


Node = Literal | Ident | Select | Call | Logic | Conditional | ListNode | MapNode | Macro


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.arguments if node.target is None else (node.target, *node.arguments)
        case Logic():
            return node.terms
        case Conditional():
            return (node.condition, node.first, node.second)
        case ListNode():
            return node.items
        case MapNode():
            return tuple(part for entry in node.entries for part in entry)
        case Macro():
            return (node.range, *node.bodies)
        case _:
            return ()


#: The loops: how many variables and how many bodies they may have.
MACROS: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "all": ((1, 1), (2, 1)),
    "exists": ((1, 1), (2, 1)),
    "exists_one": ((1, 1),),
    "existsOne": ((1, 1), (2, 1)),
    "filter": ((1, 1),),
    "map": ((1, 1), (1, 2)),
    "transformList": ((2, 1), (2, 2)),
    "transformMap": ((2, 1), (2, 2)),
}


class Problems(Exception):
    """An expression that is none: everything that is wrong, as (character, message)."""

    def __init__(self, text: str, found: list[tuple[int, str]]) -> None:
        self.text = text
        self.found = sorted(found)
        super().__init__("\n".join(self._shown(at, message) for at, message in self.found))

    def _shown(self, at: int, message: str) -> str:
        before = self.text[:at]
        line = before.count("\n") + 1
        column = at - (before.rfind("\n") + 1)
        lines = self.text.split("\n")
        place = f"ERROR: <input>:{line}:{column + 1}: {message}"
        return f"{place}\n | {lines[line - 1]}\n | {'.' * column}^"
