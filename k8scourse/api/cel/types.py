"""The types of expressions: what the checker knows of a value before there is one.

`dyn` is "anything"; a type named by one capital letter is a variable, which the arguments of a function decide.
Upstream: ``cel-go/common/types/types.go``, ``checker/types.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its name, its parameters, and the fields of an object type."""

    name: str
    parameters: tuple[Type, ...] = ()
    fields: Mapping[str, Type] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        if not self.parameters:
            return _SHOWN.get(self.name, self.name)
        return f"{self.name}({', '.join(str(each) for each in self.parameters)})"

    @property
    def is_variable(self) -> bool:
        """Whether this stands for a type that is still to be found."""
        return self.name[0] == "%" or (len(self.name) == 1 and self.name.isupper())


_SHOWN = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "null_type": "null",
    "error": "!error!",
}
BOOL, INT, UINT, DOUBLE = Type("bool"), Type("int"), Type("uint"), Type("double")
STRING, BYTES, NULL, DYN, ERROR = Type("string"), Type("bytes"), Type("null_type"), Type("dyn"), Type("error")
TIMESTAMP, DURATION = Type("google.protobuf.Timestamp"), Type("google.protobuf.Duration")
QUANTITY = Type("kubernetes.Quantity")
_SHORT = {"timestamp": TIMESTAMP, "duration": DURATION, "null": NULL, "quantity": QUANTITY}


def list_of(element: Type) -> Type:
    """list(element)."""
    return Type("list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """map(key, value)."""
    return Type("map", (key, value))


def type_of(inner: Type) -> Type:
    """type(inner): the type of a type."""
    return Type("type", (inner,))


def object_type(name: str, fields: Mapping[str, Type]) -> Type:
    """An object with these fields and no others."""
    return Type(name, fields=fields)


@cache
def parse(text: str) -> Type:
    """A type out of its notation: "list(A)", "map(string, dyn)", "timestamp"."""
    name, bracket, rest = text.strip().partition("(")
    if not bracket:
        return _SHORT.get(name, Type(name))
    return Type(name, tuple(parse(part) for part in split(rest.rstrip()[:-1])))


def split(text: str) -> list[str]:
    """A list of notations, cut at the commas outside of brackets."""
    return [part for part in re.findall(r"(?:[^,()]|\((?:[^()]|\([^()]*\))*\))+", text) if part.strip()]


class Substitution:
    """What the variables of types stand for, as far as it is known."""

    def __init__(self) -> None:
        self.found: dict[str, Type] = {}
        self._fresh = 0

    def fresh(self) -> Type:
        """A new variable."""
        self._fresh += 1
        return Type(f"%{self._fresh}")

    def renamed(self, kinds: tuple[Type, ...]) -> tuple[Type, ...]:
        """The types of a signature with variables of their own."""
        names: dict[str, Type] = {}
        return tuple(self._renamed(each, names) for each in kinds)

    def _renamed(self, kind: Type, names: dict[str, Type]) -> Type:
        if kind.is_variable and kind.name[0] != "%":
            if kind.name not in names:
                names[kind.name] = self.fresh()
            return names[kind.name]
        if not kind.parameters:
            return kind
        return Type(kind.name, tuple(self._renamed(each, names) for each in kind.parameters))

    def resolved(self, kind: Type, final: bool = False) -> Type:
        """The type with its variables replaced; `final` makes dyn of what is still open."""
        while kind.is_variable and kind.name in self.found:
            kind = self.found[kind.name]
        if kind.is_variable:
            return DYN if final else kind
        if not kind.parameters:
            return kind
        return Type(kind.name, tuple(self.resolved(each, final) for each in kind.parameters))

    def accepts(self, wanted: Type, given: Type) -> bool:
        """Whether a value of type `given` may stand where `wanted` is asked for; remembers what that means."""
        before = dict(self.found)
        if self._accepts(wanted, given):
            return True
        self.found = before
        return False

    def _accepts(self, wanted: Type, given: Type) -> bool:
        wanted, given = self.resolved(wanted), self.resolved(given)
        if wanted == given:
            return True
        for one, other in ((wanted, given), (given, wanted)):
            if one.is_variable:
                if one.name in _variables(other):
                    return False
                self.found[one.name] = other
                return True
        if "dyn" in (wanted.name, given.name) or "error" in (wanted.name, given.name):
            self.found |= dict.fromkeys(sorted(_variables(wanted) | _variables(given)), DYN)
            return True
        if given.name == NULL.name:
            return wanted.fields is not None or wanted in (TIMESTAMP, DURATION, QUANTITY)
        if wanted.name == given.name == "type":
            return True
        if wanted.name != given.name or len(wanted.parameters) != len(given.parameters):
            return False
        pairs = zip(wanted.parameters, given.parameters, strict=True)
        return all(self._accepts(one, other) for one, other in pairs)


def _variables(kind: Type) -> set[str]:
    if kind.is_variable:
        return {kind.name}
    return {name for each in kind.parameters for name in _variables(each)}
