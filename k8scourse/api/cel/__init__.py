"""CEL, the little language of rules: ``object.spec.replicas <= 5``.

What the real one does (google/cel-go, with the libraries that Kubernetes adds): an expression is parsed, checked
against the types of its variables when it is stored, and evaluated each time a request comes by; it always ends,
changes nothing and sees only its variables.

Ours: the same, for all operators, the macros (has, all, exists, exists_one, map, filter, and those of two
variables), conversions, timestamps and durations, texts, lists, sets and quantities. Refused with a sentence when an
expression is created: messages, optionals, and the libraries authorizer, url, ip, cidr, format, semver and jsonpatch,
find and findAll. Reduced: the cost (a step costs one, at most 100,000 a time), the depth of expressions; time zones
are offsets only. There is no estimate of costs beforehand.

    lexer.py, parser.py   text to tree          syntax.py    the tree
    types.py, checker.py  what fits together    values.py    values, equality, order
    library.py            functions by types    operators.py, texts.py, times.py, patterns.py   the functions
    evaluator.py          tree to value

Upstream: ``github.com/google/cel-go``, ``staging/src/k8s.io/apiserver/pkg/cel``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from k8scourse.api.cel import operators, texts, times, types
from k8scourse.api.cel.checker import check
from k8scourse.api.cel.evaluator import BUDGET, Evaluation, Lazy, OutOfBudget
from k8scourse.api.cel.library import Library
from k8scourse.api.cel.parser import parse
from k8scourse.api.cel.syntax import Node, Problems
from k8scourse.api.cel.types import DYN, Type
from k8scourse.api.cel.values import CelError, Value

__all__ = [
    "BUDGET",
    "DYN",
    "CelError",
    "Lazy",
    "OutOfBudget",
    "Problems",
    "Program",
    "Type",
    "Value",
    "compile_expression",
    "types",
]

_LIBRARY = Library([*operators.ROWS, *texts.ROWS, *times.ROWS])


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that can be evaluated. `type` is what it comes to, as far as that is known."""

    text: str
    root: Node
    type: Type

    def evaluate(self, variables: Mapping[str, Value], budget: int = BUDGET) -> Value:
        """The value. Raises `CelError`."""
        return self.run(variables, budget)[0]

    def run(self, variables: Mapping[str, Value], budget: int = BUDGET) -> tuple[Value, int]:
        """The value and what it cost. Raises `CelError`."""
        evaluation = Evaluation(_LIBRARY, variables, budget)
        return evaluation.value(self.root), evaluation.cost


def compile_expression(text: str, variables: Mapping[str, Type]) -> Program:
    """Parse and check an expression whose variables have these types. Raises `Problems`."""
    root = parse(text)
    return Program(text, root, check(text, root, variables, _LIBRARY))
