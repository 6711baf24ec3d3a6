"""Which fields an object has, and which differ between two versions of it.

`compare` runs on every write, so it looks only where the two versions differ: what they share is skipped by one
comparison in C.

Upstream: ``structured-merge-diff/typed/compare.go``, ``tofieldset.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from k8scourse.api.values import FrozenDict
from k8scourse.apiserver.apply.atoms import DEDUCED, LIST, MAP, Atom, resolve
from k8scourse.apiserver.apply.fieldset import EMPTY, LEAF, FieldSet, node, union

_ABSENT: Final = object()
Node = FieldSet | None
# What happened to one field: its node in the sets of removed, modified and added fields.
Change = tuple[Node, Node, Node]
_SAME: Change = (None, None, None)
_MODIFIED: Change = (None, LEAF, None)


class Comparison(NamedTuple):
    """The fields that differ between two versions of an object."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet

    @property
    def written(self) -> FieldSet:
        """What the newer version says and the older did not."""
        return union(self.modified, self.added)


def field_set(atom: Atom, value: Any) -> FieldSet:
    """The fields that a value says something about: leaves, items of lists and keys of maps (ToFieldSet)."""
    return _said(resolve(atom, value), value) or EMPTY


def _said(atom: Atom, value: Any) -> dict[str, Any]:
    """The set of what lies below a value that is no leaf."""
    if atom.shape == MAP and isinstance(value, dict) and not atom.atomic:
        return _said_by_map(atom, value)
    if atom.by_item and isinstance(value, list):
        return _said_by_list(atom, value)
    return {}


def _said_by_map(atom: Atom, value: dict[str, Any]) -> dict[str, Any]:
    fields, said = atom.fields, {}
    for key, item in value.items():
        child = resolve(atom.child(key), item)
        below = _said(child, item)
        if _is_leaf(child) or item is None or item == {}:
            said[f"f:{key}"] = LEAF
        elif key not in fields:
            said[f"f:{key}"] = {".": LEAF, **below} if below else LEAF
        elif below:
            said[f"f:{key}"] = below
    return said


def _said_by_list(atom: Atom, items: list[Any]) -> dict[str, Any]:
    element = atom.element or DEDUCED
    said: dict[str, Any] = {}
    for item in items:
        key = atom.item_key(item)
        below = {} if key in said else _said(resolve(element, item), item)
        said[key] = {".": LEAF, **below} if below else LEAF
    return said


def _is_leaf(atom: Atom) -> bool:
    return atom.atomic or atom.shape not in (MAP, LIST)


def compare(atom: Atom, old: Any, new: Any, skip: Sequence[str] = ()) -> Comparison:
    """The fields that differ; the top-level fields in `skip` are not looked at."""
    if skip:
        old = {key: item for key, item in old.items() if key not in skip}
        new = {key: item for key, item in new.items() if key not in skip}
    removed, modified, added = _compare(atom, old, new)
    return Comparison(removed or EMPTY, modified or EMPTY, added or EMPTY)


def _compare(atom: Atom, old: Any, new: Any) -> Change:
    if old is new:
        return _SAME
    if old is _ABSENT:
        return None, None, whole(atom, new)
    if new is _ABSENT:
        return whole(atom, old), None, None
    left, right = resolve(atom, old), resolve(atom, new)
    if left is not right and old is not None and new is not None:
        # Only where any shape is allowed: what was below is gone, the place itself is written anew.
        below = whole(left, old), LEAF, whole(right, new)
        return (
            (None if not below[0] else _below(below[0])),
            LEAF,
            (None if not below[2] else _below(below[2])),
        )
    both = right if old is None else left
    if _is_leaf(both) or (not old and not new):
        return _SAME if old == new else _MODIFIED
    shape = dict if both.shape == MAP else list
    if (old is not None and not isinstance(old, shape)) or (new is not None and not isinstance(new, shape)):
        return _MODIFIED  # a custom object out of its schema's shape: validation will say so
    before: Any = old or shape()
    after: Any = new or shape()
    return (_compare_maps if both.shape == MAP else _compare_lists)(both, before, after)


def _below(found: FieldSet) -> Node:
    return node({key: item for key, item in found.items() if key != "."})


def _compare_maps(atom: Atom, old: dict[str, Any], new: dict[str, Any]) -> Change:
    removed: dict[str, Any] = {}
    modified: dict[str, Any] = {}
    added: dict[str, Any] = {}
    fields = atom.fields
    for key, right in new.items():
        left = old.get(key, _ABSENT)
        if left is right or left == right:
            continue
        if type(right) is str and (left is _ABSENT or type(left) is str):
            (added if left is _ABSENT else modified)[f"f:{key}"] = LEAF
            continue
        gone, changed, come = _compare(fields.get(key) or atom.child(key), left, right)
        if gone is not None:
            removed[f"f:{key}"] = gone
        if changed is not None:
            modified[f"f:{key}"] = changed
        if come is not None:
            added[f"f:{key}"] = come
    for key, left in old.items():
        if key not in new:
            removed[f"f:{key}"] = whole(atom.child(key), left)
    return removed or None, modified or None, added or None


def _compare_lists(atom: Atom, old: list[Any], new: list[Any]) -> Change:
    removed: dict[str, Any] = {}
    modified: dict[str, Any] = {}
    added: dict[str, Any] = {}
    before, after = _indexed(atom, old), _indexed(atom, new)
    element = atom.element or DEDUCED
    for key in [*after, *(key for key in before if key not in after)]:
        left, right = before.get(key, _NONE), after.get(key, _NONE)
        if left == right:
            continue
        if len(left) > 1 or len(right) > 1:
            # A key that occurs twice is owned as a whole.
            target = added if not left else removed if not right else modified
            target[key] = LEAF
            continue
        gone, changed, come = _compare(element, left[0] if left else _ABSENT, right[0] if right else _ABSENT)
        if gone is not None:
            removed[key] = gone
        if changed is not None:
            modified[key] = changed
        if come is not None:
            added[key] = come
    return removed or None, modified or None, added or None


_NONE: Final[list[Any]] = []


def _indexed(atom: Atom, items: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(atom.item_key(item), []).append(item)
    return found


def whole(atom: Atom, value: Any) -> FieldSet:
    """A value that is new or gone as a node: it, and all that lies below it."""
    if not value or type(value) is str:
        return LEAF
    atom = resolve(atom, value)
    if atom.atomic:
        return LEAF
    if atom.shape == MAP and isinstance(value, dict):
        tree: dict[str, Any] = {".": LEAF}
        for key, item in value.items():
            tree[f"f:{key}"] = LEAF if not item or type(item) is str else whole(atom.child(key), item)
        return FrozenDict(tree)
    if atom.shape == LIST and isinstance(value, list):
        return _whole_list(atom, value)
    return LEAF


def _whole_list(atom: Atom, items: list[Any]) -> FieldSet:
    tree: dict[str, Any] = {".": LEAF}
    element = atom.element or DEDUCED
    for item in items:
        key = atom.item_key(item)
        tree[key] = LEAF if key in tree else whole(element, item)
    return FrozenDict(tree)
