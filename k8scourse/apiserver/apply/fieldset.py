"""Sets of fields, in the very form in which `managedFields` shows them (FieldsV1).

A set is a tree of dicts. A key is a path element: "f:name" a field, 'k:{"name":"a"}' a list item by its keys,
'v:"x"' an item of a set, "i:3" an item by its place. A node without children is a member; a node with children is
a member when it has the key "." too. Sets are values: operations share what they do not change.

Upstream: ``structured-merge-diff/fieldpath/set.go``, ``serialize.go``, ``serialize-pe.go``, ``element.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from k8scourse.api.values import FrozenDict

FieldSet = Mapping[str, Any]

#: A member without children. Shared: nobody writes into it.
LEAF: FieldSet = FrozenDict()
#: What `LEAF` is among sets with children, and the set without members.
SELF: FieldSet = FrozenDict({".": LEAF})
EMPTY: FieldSet = FrozenDict()
_RANKS = {"f": 0, "k": 1, "v": 2, "i": 3}


def node(children: dict[str, Any]) -> FieldSet | None:
    """A node in its shortest form: None without any member, `LEAF` when it is a member only."""
    if not children:
        return None
    return LEAF if len(children) == 1 and "." in children else children


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in one of the sets."""
    if not one or one is other:
        return other
    if not other:
        return one
    merged = {**one}
    for key, right in other.items():
        left = merged.get(key)
        if left is None:
            merged[key] = right
        elif left is not right and left != right:
            merged[key] = union(left or SELF, right or SELF)
    return merged


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in both sets."""
    common: dict[str, Any] = {}
    for key, right in other.items():
        left = one.get(key)
        if left is None:
            continue
        if not left and not right:
            common[key] = LEAF
            continue
        shared = node({**intersection(left or SELF, right or SELF)})
        if shared is not None:
            common[key] = shared
    return common


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in `one` and not in `other`; the same set when they have nothing in common."""
    if not other or not one:
        return one
    rest: dict[str, Any] | None = None
    for key, right in other.items():
        left = one.get(key)
        if left is None:
            continue
        kept = None if not left and not right else node({**difference(left or SELF, right or SELF)})
        if kept is not left and kept != left:
            rest = {**one} if rest is None else rest
            rest.pop(key)
            if kept is not None:
                rest[key] = kept
    return one if rest is None else rest


def without_subtrees(one: FieldSet, other: FieldSet) -> FieldSet:
    """`difference` that takes a member of `other` away with all that lies below it (RecursiveDifference)."""
    if not any(key in one for key in other):
        return one
    rest = dict(one)
    for key, right in other.items():
        left = one.get(key)
        if left is None:
            continue
        kept = None if is_member(right) else node({**without_subtrees(left or SELF, right)})
        if kept is None:
            del rest[key]
        else:
            rest[key] = kept
    return rest


def is_member(found: FieldSet) -> bool:
    """Whether a node is in the set itself, not only something below it."""
    return not found or "." in found


def of_path(*elements: str) -> FieldSet:
    """The set of one path, given by its elements."""
    tree: FieldSet = LEAF
    for element in reversed(elements):
        tree = {element: tree}
    return tree


def has(fields: FieldSet, *elements: str) -> bool:
    """Whether a path is in the set."""
    found: FieldSet | None = fields
    for element in elements:
        found = found.get(element) if found else None
        if found is None:
            return False
    return bool(elements) and found is not None and is_member(found)


def paths(fields: FieldSet) -> Iterator[tuple[str, ...]]:
    """The paths in the set, in upstream's order: at each level first the members, then what lies below."""
    ordered = sorted((key for key in fields if key != "."), key=_order)
    for key in ordered:
        if is_member(fields[key]):
            yield (key,)
    for key in ordered:
        for rest in paths(fields[key]):
            yield (key, *rest)


def path_text(path: tuple[str, ...]) -> str:
    """A path as messages show it: ``.spec.containers[name="a"].image``."""
    return "".join(map(element_text, path))


def element_text(element: str) -> str:
    """One path element as messages show it."""
    letter, _, rest = element.partition(":")
    if letter == "f":
        return f".{rest}"
    if letter == "k":
        keys = json.loads(rest)
        return f"[{','.join(f'{name}={_value_text(keys[name])}' for name in sorted(keys))}]"
    return f"[={_value_text(json.loads(rest))}]" if letter == "v" else f"[{rest}]"


def _value_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _order(element: str) -> tuple[int, Any]:
    letter, _, rest = element.partition(":")
    if letter == "k":
        keys = json.loads(rest)
        return 1, [(name, isinstance(keys[name], str), keys[name]) for name in sorted(keys)]
    if letter == "v":
        value = json.loads(rest)
        return 2, (isinstance(value, str), value)
    return _RANKS.get(letter, 4), int(rest) if letter == "i" else rest


def is_valid(fields: Any) -> bool:
    """Whether a JSON value is a set of fields: what a client sent as `fieldsV1` may be anything."""
    return isinstance(fields, Mapping) and all(
        _is_element(key) and is_valid(below) for key, below in fields.items()
    )


def _is_element(key: str) -> bool:
    if key == ".":
        return True
    letter, colon, rest = key.partition(":")
    if not colon or letter not in _RANKS:
        return False
    if letter == "f":
        return True
    try:
        value = json.loads(rest)
    except ValueError:
        return False
    expected = {"k": dict, "i": int, "v": (str, int, float, bool)}[letter]
    return isinstance(value, expected)  # type: ignore[arg-type]
