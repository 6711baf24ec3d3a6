"""The functions that expressions may call: how their arguments are typed, and what they do.

A signature is written as in "list(A), A: bool", with the object before the dot as the first argument when it starts
with a dot: ".string, string: bool". The checker chooses by types, the evaluator by the values that are there.
Upstream: ``cel-go/common/stdlib/standard.go``, ``cel-go/ext``, ``apiserver/pkg/cel/library``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from k8scourse.api.cel.types import DYN, Type, parse, split
from k8scourse.api.cel.values import NoSuchOverload, Value, type_name

Implementation = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function."""

    function: str
    is_member: bool
    arguments: tuple[Type, ...]
    result: Type
    implementation: Implementation

    def takes(self, names: Sequence[str]) -> bool:
        """Whether values of types with these names may be its arguments."""
        return len(names) == len(self.arguments) and all(
            wanted == DYN or wanted.is_variable or wanted.name == name
            for wanted, name in zip(self.arguments, names, strict=True)
        )


class Library:
    """Functions by their names."""

    def __init__(self, rows: Iterable[tuple[str, str, Implementation]]) -> None:
        self.overloads: dict[str, list[Overload]] = {}
        self._chosen: dict[tuple[str, bool, tuple[str, ...]], Overload | None] = {}
        for function, signature, implementation in rows:
            self.overloads.setdefault(function, []).append(_overload(function, signature, implementation))

    def call(self, function: str, is_member: bool, arguments: Sequence[Value]) -> Value:
        """The result of a call. Raises `CelError`."""
        names = tuple(map(type_name, arguments))
        key = (function, is_member, names)
        if key not in self._chosen:
            self._chosen[key] = self._choose(*key)
        overload = self._chosen[key]
        if overload is None:
            raise self._refused(function, arguments)
        return overload.implementation(*arguments)

    def _choose(self, function: str, is_member: bool, names: tuple[str, ...]) -> Overload | None:
        for overload in self.overloads.get(function, ()):
            if overload.is_member == is_member and overload.takes(names):
                return overload
        return None

    def _refused(self, function: str, arguments: Sequence[Value]) -> NoSuchOverload:
        """Upstream asks the left side first: whether it has such an operation at all, and only then about the right."""
        left = type_name(arguments[0]) if arguments else ""
        known = any(
            each.arguments[:1] and each.arguments[0].name == left for each in self.overloads[function]
        )
        return NoSuchOverload() if known and function.startswith("_") else NoSuchOverload(function, arguments)


def _overload(function: str, signature: str, implementation: Implementation) -> Overload:
    left, _, result = signature.rpartition(":")
    is_member = left.startswith(".")
    arguments = tuple(parse(part) for part in split(left.removeprefix(".")))
    return Overload(function, is_member, arguments, parse(result), implementation)


#: What Kubernetes offers and this library does not; the checker says so instead of "undeclared".
MISSING: Mapping[str, str] = dict.fromkeys(
    """
    authorizer cidr containsCIDR containsIP find findAll fieldSelector group host ip isCIDR isIP isURL labelSelector
    named optional orValue path requestResource semver isSemver serviceAccount url
    """.split(),  # noqa: SIM905
    "is a part of Kubernetes that is not evaluated here",
)


def size(value: Any) -> int:
    """How many letters, octets, items or entries."""
    return len(value)
