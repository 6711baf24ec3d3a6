"""Types of expressions, and what is wrong with them before they are evaluated.

What comes from an object is `dyn` and fits everywhere; literals, functions and the request are typed, and there a
mistake is found when the policy is created. Upstream: ``cel-go/checker/checker.go``, ``errors.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from k8scourse.api.cel import patterns, times, types
from k8scourse.api.cel.library import MISSING, Library, Overload
from k8scourse.api.cel.syntax import (
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
)
from k8scourse.api.cel.types import BOOL, DYN, ERROR, INT, Type, list_of, map_of
from k8scourse.api.cel.values import CelError

_READ: Mapping[str, Callable[[str], object]] = {
    "duration": times.duration_of_text,
    "matches": patterns.check,
    "timestamp": times.timestamp_of_text,
}
_TYPE_NAMES = ("bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type")


def check(text: str, root: Node, variables: Mapping[str, Type], library: Library) -> Type:
    """The type of the whole expression. Raises `Problems` with everything that is wrong."""
    checker = _Checker(variables, library)
    found = checker.type_of(root)
    if checker.problems:
        raise Problems(text, checker.problems)
    return checker.types.resolved(found, final=True)


class _Checker:
    """Walks the tree once, from the leaves to the root."""

    def __init__(self, variables: Mapping[str, Type], library: Library) -> None:
        self.types = types.Substitution()
        self.problems: list[tuple[int, str]] = []
        self._scopes: list[Mapping[str, Type]] = [variables]
        self._library = library

    def type_of(self, node: Node) -> Type:
        """The type of a node."""
        match node:
            case Literal():
                return node.type
            case Ident():
                return self._ident(node)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case Logic():
                return self._logic(node)
            case Conditional():
                return self._conditional(node)
            case ListNode():
                return list_of(self._joined(node.items))
            case MapNode():
                keys, values = [key for key, _ in node.entries], [value for _, value in node.entries]
                return map_of(self._joined(keys), self._joined(values))
            case Macro():
                return self._macro(node)

    def _wrong(self, node: Node, message: str) -> Type:
        self.problems.append((node.at, message))
        return ERROR

    def _lookup(self, name: str) -> Type | None:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), None)

    # -- names -----------------------------------------------------------------------------------

    def _ident(self, node: Ident) -> Type:
        found = self._lookup(node.name)
        if found is not None:
            return found
        if node.name in _TYPE_NAMES:
            return types.type_of(types.parse(node.name))
        if node.name in MISSING:
            return self._wrong(node, f"'{node.name}' {MISSING[node.name]}")
        return self._undeclared(node, node.name)

    def _undeclared(self, node: Node, name: str) -> Type:
        return self._wrong(node, f"undeclared reference to '{name}' (in container '')")

    def _select(self, node: Select) -> Type:
        operand = self.types.resolved(self.type_of(node.operand))
        if operand.fields is not None:
            if node.field not in operand.fields:
                return self._wrong(node, f"undefined field '{node.field}'")
            found = operand.fields[node.field]
        elif operand.name == "map":
            found = operand.parameters[1]
        elif operand in (DYN, ERROR) or operand.is_variable:
            found = DYN
        else:
            return self._wrong(node, f"type '{operand}' does not support field selection")
        return BOOL if node.test_only else found

    # -- calls -----------------------------------------------------------------------------------

    def _call(self, node: Call) -> Type:
        name, arguments = node.function, list(node.arguments)
        is_member = node.target is not None
        if isinstance(node.target, Ident) and f"{node.target.name}.{name}" in self._library.overloads:
            name, is_member = f"{node.target.name}.{name}", False
        elif node.target is not None:
            arguments.insert(0, node.target)
        self._check_literal(node)
        given = [self._argument(name, argument) for argument in arguments]
        overloads = self._library.overloads.get(name)
        if overloads is None:
            if name in MISSING:
                return self._wrong(node, f"'{name}' {MISSING[name]}")
            return self._undeclared(node, name)
        return self._chosen(node, [each for each in overloads if each.is_member == is_member], given)

    def _argument(self, name: str, node: Node) -> Type:
        """The type of an argument; what format() writes out need not be of one type."""
        if name == "format" and isinstance(node, ListNode):
            for item in node.items:
                self.type_of(item)
            return list_of(DYN)
        return self.type_of(node)

    def _check_literal(self, node: Call) -> None:
        """Patterns, durations and timestamps that are written out are read already now."""
        read = _READ.get(node.function)
        last = node.arguments[-1] if node.arguments else None
        if read is not None and isinstance(last, Literal) and isinstance(last.value, str):
            try:
                read(last.value)
            except CelError:
                self._wrong(last, f"invalid {node.function} argument")

    def _chosen(self, node: Call, overloads: Sequence[Overload], given: list[Type]) -> Type:
        before, results, meanings = self.types.found, [], []
        for overload in overloads:
            self.types.found = dict(before)
            *wanted, answer = self.types.renamed((*overload.arguments, overload.result))
            if self._accepts_all(wanted, given):
                results.append(self.types.resolved(answer))
                meanings.append(self.types.found)
        # Several ways to call it say nothing about the arguments, and about the result only what they agree in.
        self.types.found = meanings[0] if len(meanings) == 1 else before
        if not results:
            name = node.function
            return self._wrong(
                node, f"found no matching overload for '{name}' applied to '{self._signature(node, given)}'"
            )
        return results[0] if all(each == results[0] for each in results) else DYN

    def _accepts_all(self, wanted: Sequence[Type], given: Sequence[Type]) -> bool:
        if len(wanted) != len(given):
            return False
        before = dict(self.types.found)
        if all(self.types.accepts(one, other) for one, other in zip(wanted, given, strict=True)):
            return True
        self.types.found = before
        return False

    def _signature(self, node: Call, given: Sequence[Type]) -> str:
        shown = [str(self.types.resolved(each, final=True)) for each in given]
        if node.target is not None and len(given) > len(node.arguments):
            return f"{shown[0]}.({', '.join(shown[1:])})"
        return f"({', '.join(shown)})"

    # -- the rest --------------------------------------------------------------------------------

    def _logic(self, node: Logic) -> Type:
        given = [self.type_of(term) for term in node.terms]
        for place, found in enumerate(given):
            if not self.types.accepts(BOOL, found):
                pair = given[:2] if place == 0 else [BOOL, found]
                shown = ", ".join(str(self.types.resolved(each, final=True)) for each in pair)
                self._wrong(
                    node, f"found no matching overload for '_{node.operator}_' applied to '({shown})'"
                )
        return BOOL

    def _must_be_bool(self, node: Node) -> None:
        found = self.type_of(node)
        if self.types.accepts(BOOL, found):
            return
        shown = self.types.resolved(found, final=True)
        self._wrong(node, f"expected type 'bool' but found '{shown}'")

    def _conditional(self, node: Conditional) -> Type:
        condition = self.type_of(node.condition)
        first, second = self.type_of(node.first), self.type_of(node.second)
        if not self.types.accepts(BOOL, condition) or not self.types.accepts(first, second):
            shown = [str(self.types.resolved(each, final=True)) for each in (condition, first, second)]
            return self._wrong(
                node, f"found no matching overload for '_?_:_' applied to '({', '.join(shown)})'"
            )
        return self._general(first, second)

    def _general(self, one: Type, other: Type) -> Type:
        one, other = self.types.resolved(one), self.types.resolved(other)
        return DYN if DYN in (one, other) else one

    def _joined(self, nodes: Sequence[Node]) -> Type:
        """The type of all items; Kubernetes wants them to be of one type."""
        joined: Type | None = None
        for node in nodes:
            found = self.type_of(node)
            if joined is None:
                joined = found
            elif not self.types.accepts(joined, found):
                want, have = (self.types.resolved(each, final=True) for each in (joined, found))
                self._wrong(node, f"expected type '{want}' but found '{have}'")
            else:
                joined = self._general(joined, found)
        return self.types.fresh() if joined is None else joined

    def _macro(self, node: Macro) -> Type:
        container = self.types.resolved(self.type_of(node.range))
        names = self._loop_variables(node, container)
        self._scopes.append(dict(zip(node.variables, names, strict=True)))
        try:
            return self._loop(node, container)
        finally:
            self._scopes.pop()

    def _loop_variables(self, node: Macro, container: Type) -> tuple[Type, ...]:
        pair = len(node.variables) == 2
        if container.name == "list":
            return (INT, container.parameters[0]) if pair else container.parameters
        if container.name == "map":
            return container.parameters if pair else container.parameters[:1]
        if container not in (DYN, ERROR) and not container.is_variable:
            why = "cannot be range of a comprehension (must be list, map, or dynamic)"
            self._wrong(node.range, f"expression of type '{container}' {why}")
        return (DYN, DYN) if pair else (DYN,)

    def _loop(self, node: Macro, container: Type) -> Type:
        for condition in node.bodies[:-1]:
            self._must_be_bool(condition)
        if node.name in ("map", "transformList"):
            return list_of(self.type_of(node.bodies[-1]))
        if node.name == "transformMap":
            key = (
                container.parameters[0]
                if container.name == "map"
                else INT
                if container.name == "list"
                else DYN
            )
            return map_of(key, self.type_of(node.bodies[-1]))
        self._must_be_bool(node.bodies[-1])
        if node.name != "filter":
            return BOOL
        return list_of(container.parameters[0] if container.name in ("list", "map") else DYN)
