"""Putting an applied object over the live one, and taking fields out of an object.

Upstream: ``structured-merge-diff/typed/merge.go``, ``remove.go``, ``fieldpath/set.go`` (EnsureNamedFieldsAreMembers).
"""

from __future__ import annotations

from typing import Any, Final

from k8scourse.apiserver.apply.atoms import DEDUCED, MAP, Atom, resolve
from k8scourse.apiserver.apply.fieldset import LEAF, SELF, FieldSet, is_member

_ABSENT: Final = object()


# -- merging ------------------------------------------------------------------------------------------


def merge(atom: Atom, live: Any, applied: Any) -> Any:
    """The live value with what the applied one says; maps and lists are merged as far as they can be shared."""
    if applied is _ABSENT or applied is live:
        return live
    if live is _ABSENT:
        return applied
    left, right = resolve(atom, live), resolve(atom, applied)
    if left is not right and live is not None and applied is not None:
        return applied
    both = right if live is None else left
    if both.atomic or (not live and not applied):
        return applied
    if both.shape == MAP:
        return _merged_maps(both, live or {}, applied or {})
    if both.by_item:
        return _merged_lists(both, live or [], applied or [])
    return applied


def _merged_maps(atom: Atom, live: dict[str, Any], applied: dict[str, Any]) -> dict[str, Any]:
    merged = {**live}
    for key, value in applied.items():
        merged[key] = merge(atom.child(key), live.get(key, _ABSENT), value)
    return merged


def _merged_lists(atom: Atom, live: list[Any], applied: list[Any]) -> list[Any]:
    """Shared items in the order of the applied list; what only the live list has keeps its place among them."""
    live_keys = [atom.item_key(item) for item in live]
    applied_keys = [atom.item_key(item) for item in applied]
    ours = dict(zip(applied_keys, applied, strict=True))
    # An item that is in the live list twice cannot be merged with, only replaced.
    theirs = {key: item for key, item in zip(live_keys, live, strict=True) if live_keys.count(key) == 1}
    element = atom.element or DEDUCED
    shared = [key for key in applied_keys if key in live_keys]
    merged: list[Any] = []
    done: dict[str, bool] = {}
    here = there = 0
    while here < len(live) or there < len(applied):
        wanted = next((key for key in shared if key not in done), None)
        if here < len(live):
            key = live_keys[here]
            both_left = there < len(applied)
            if both_left and key == applied_keys[there]:
                here += 1
            elif both_left and key in ours and wanted is not None and wanted != key:
                here += 1
                continue
            elif key not in ours:
                merged.append(live[here])
                here += 1
                continue
            elif key in done:
                here += 1
        if there < len(applied):
            key = applied_keys[there]
            done[key] = True
            merged.append(merge(element, theirs.get(key, _ABSENT), ours[key]))
            there += 1
    return merged


# -- removing -----------------------------------------------------------------------------------------


def remove(atom: Atom, value: Any, fields: FieldSet) -> Any:
    """The value without the fields of the set; a map or list that lost everything becomes null."""
    atom = resolve(atom, value)
    if atom.atomic:
        return None
    if atom.shape == MAP and isinstance(value, dict):
        return _map_without(atom, value, fields) or None
    if atom.by_item and isinstance(value, list):
        return _list_without(atom, value, fields) or None
    return value


def _map_without(atom: Atom, value: dict[str, Any], fields: FieldSet) -> dict[str, Any]:
    kept = {}
    for key, item in value.items():
        found = fields.get(f"f:{key}")
        if found is None:
            kept[key] = item
        elif not is_member(found):
            kept[key] = remove(atom.child(key), item, found)
    return kept


def _list_without(atom: Atom, items: list[Any], fields: FieldSet) -> list[Any]:
    element = atom.element or DEDUCED
    kept = []
    for item in items:
        found = fields.get(atom.item_key(item))
        if found is None:
            kept.append(item)
        elif not is_member(found):
            kept.append(remove(element, item, found))
    return kept


def with_named_fields(atom: Atom | None, fields: FieldSet) -> FieldSet:
    """The set with every struct field on the way to its members: who owns ``a.b`` has a hand on ``a`` too."""
    tree: dict[str, Any] = {}
    for key, below in fields.items():
        if key == "." or not below:
            tree[key] = LEAF
            continue
        child = _type_below(atom, key)
        deeper = with_named_fields(child, below)
        named = atom is not None and atom.shape == MAP and key[:2] == "f:" and key[2:] in atom.fields
        tree[key] = {**SELF, **deeper} if named else deeper
    return tree


def _type_below(atom: Atom | None, key: str) -> Atom | None:
    if atom is None:
        return None
    if key[:2] == "f:" and atom.shape == MAP:
        return atom.fields.get(key[2:]) or atom.element
    return atom.element if key[:2] == "k:" and atom.by_item else None
