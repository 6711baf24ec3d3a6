"""What an expression comes to. Upstream: ``cel-go/interpreter``.

An error in one term of && or || does not count when another term decides; everywhere else it ends the evaluation.
Each step costs one, and reading a long text costs more; who runs out is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from k8scourse.api.cel.library import Library
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
    Select,
)
from k8scourse.api.cel.values import CelError, NoSuchOverload, TypeValue, Value, has_key, type_name

#: What one evaluation may cost. Upstream counts up to 1,000,000 for one expression; ours is reduced.
BUDGET = 100_000
_SIZE_PER_STEP = 10


class OutOfBudget(CelError):
    """The evaluation took too many steps."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")


class Lazy:
    """A variable that is worked out when it is first asked for."""

    def __init__(self, work: Callable[[], Value]) -> None:
        self._work = work
        self._found: list[Value] = []

    def value(self) -> Value:
        """The value. Raises `CelError`."""
        if not self._found:
            self._found.append(self._work())
        return self._found[0]


class Evaluation:
    """One evaluation of one expression; `cost` is what it has taken so far."""

    def __init__(self, library: Library, variables: Mapping[str, Value], budget: int = BUDGET) -> None:
        self._library = library
        self._scopes: list[Mapping[str, Value]] = [variables]
        self._budget = budget
        self.cost = 0

    def value(self, node: Node) -> Value:
        """The value of a node. Raises `CelError`."""
        self._pay(1)
        match node:
            case Literal():
                return node.value
            case Ident():
                return self._named(node.name)
            case Select():
                return self._selected(node)
            case Call():
                return self._called(node)
            case Logic():
                return self._logic(node)
            case Conditional():
                condition = self.value(node.condition)
                if not isinstance(condition, bool):
                    raise NoSuchOverload
                return self.value(node.first if condition else node.second)
            case ListNode():
                return [self.value(item) for item in node.items]
            case MapNode():
                return self._map(node)
            case Macro():
                return self._loop(node)

    def _pay(self, steps: int) -> None:
        self.cost += steps
        if self.cost > self._budget:
            raise OutOfBudget

    # -- names and fields ------------------------------------------------------------------------

    def _named(self, name: str) -> Value:
        for scope in reversed(self._scopes):
            if name in scope:
                found = scope[name]
                return found.value() if isinstance(found, Lazy) else found
        return TypeValue(name)

    def _selected(self, node: Select) -> Value:
        operand = self.value(node.operand)
        field = _field_of(operand, node.field)
        if node.test_only:
            return field is not None
        if field is None:
            raise CelError(f"no such key: {node.field}")
        found = operand[field]
        return found.value() if isinstance(found, Lazy) else found

    def _map(self, node: MapNode) -> Value:
        found: dict[Any, Value] = {}
        for key_node, value_node in node.entries:
            key = self.value(key_node)
            if type_name(key) not in ("bool", "int", "uint", "string"):
                raise CelError("unsupported key type")
            if has_key(found, key):
                raise CelError(f"Failed with repeated key: {key}")
            found[key] = self.value(value_node)
        return found

    # -- calls -----------------------------------------------------------------------------------

    def _called(self, node: Call) -> Value:
        name, target = node.function, node.target
        if isinstance(target, Ident) and f"{target.name}.{name}" in self._library.overloads:
            name, target = f"{target.name}.{name}", None
        values = [self.value(each) for each in ((target, *node.arguments) if target else node.arguments)]
        self._pay(_weight(name, values))
        return self._library.call(name, target is not None, values)

    def _logic(self, node: Logic) -> Value:
        decisive = node.operator == "||"
        problem: CelError | None = None
        for term in node.terms:
            try:
                found = self.value(term)
            except OutOfBudget:
                raise
            except CelError as error:
                problem = problem or error
                continue
            if found is decisive:
                return decisive
            if not isinstance(found, bool):
                problem = problem or NoSuchOverload()
        if problem is not None:
            raise problem
        return not decisive

    # -- loops -----------------------------------------------------------------------------------

    def _loop(self, node: Macro) -> Value:
        container = self.value(node.range)
        if not isinstance(container, (list, tuple, dict)):
            raise NoSuchOverload
        rounds = self._rounds(node, container)
        match node.name:
            case "all":
                return self._any(node, rounds, decisive=False)
            case "exists":
                return self._any(node, rounds, decisive=True)
            case "exists_one" | "existsOne":
                return sum(self._holds(node.bodies[-1]) for _ in rounds) == 1
            case "filter":
                return [scope[node.variables[0]] for scope in rounds if self._holds(node.bodies[0])]
            case "transformMap":
                key = node.variables[0]
                return {scope[key]: self.value(node.bodies[-1]) for scope in rounds if self._wanted(node)}
            case _:
                return [self.value(node.bodies[-1]) for _ in rounds if self._wanted(node)]

    def _rounds(self, node: Macro, container: Any) -> Iterator[Mapping[str, Value]]:
        """One scope after the other, with the variables of the loop."""
        pair = len(node.variables) == 2
        if isinstance(container, dict):
            rows: Any = container.items() if pair else ((key,) for key in container)
        else:
            rows = enumerate(container) if pair else ((item,) for item in container)
        for row in rows:
            self._pay(1)
            scope = dict(zip(node.variables, row, strict=True))
            self._scopes.append(scope)
            try:
                yield scope
            finally:
                self._scopes.pop()

    def _holds(self, node: Node) -> bool:
        found = self.value(node)
        if not isinstance(found, bool):
            raise NoSuchOverload
        return found

    def _wanted(self, node: Macro) -> bool:
        return all(self._holds(condition) for condition in node.bodies[:-1])

    def _any(self, node: Macro, rounds: Iterator[Mapping[str, Value]], decisive: bool) -> bool:
        problem: CelError | None = None
        for _ in rounds:
            try:
                if self._holds(node.bodies[-1]) is decisive:
                    return decisive
            except OutOfBudget:
                raise
            except CelError as error:
                problem = problem or error
        if problem is not None:
            raise problem
        return not decisive


def _field_of(operand: Value, name: str) -> str | None:
    """The key behind a field's name: itself, or what it stands for where a key is no identifier."""
    if not isinstance(operand, dict):
        return None
    if has_key(operand, name):
        return name
    if "__" in name:
        plain = unescaped(name)
        if has_key(operand, plain):
            return plain
    return None


_ESCAPES = (("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"))


def unescaped(name: str) -> str:
    """The property behind an identifier: "my__dash__key" is my-key, "__namespace__" is namespace."""
    for escape, plain in _ESCAPES[1:]:
        name = name.replace(escape, plain)
    name = name.replace(*_ESCAPES[0])
    return name[2:-2] if name.startswith("__") and name.endswith("__") and len(name) > 4 else name


def _weight(function: str, values: list[Value]) -> int:
    """What a call costs beyond one step: the longer the texts and lists, the more."""
    sizes = [len(value) for value in values if isinstance(value, (str, bytes, list, tuple))]
    if function == "matches" and len(sizes) == 2:
        return sizes[0] * sizes[1] // _SIZE_PER_STEP
    if function in ("@in", "sets.contains", "sets.intersects", "sets.equivalent") and sizes:
        return sizes[0] * sizes[-1] if len(sizes) > 1 and not isinstance(values[0], str) else sizes[-1]
    return sum(sizes) // _SIZE_PER_STEP
