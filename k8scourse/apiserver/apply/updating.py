"""The two operations on ownership: a plain write takes, an apply asks.

Upstream: ``structured-merge-diff/merge/update.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.apiserver.apply.atoms import Atom
from k8scourse.apiserver.apply.comparing import Comparison, compare, field_set
from k8scourse.apiserver.apply.conflicts import ApplyConflicts
from k8scourse.apiserver.apply.entries import Managed, Manager, Owned
from k8scourse.apiserver.apply.fieldset import (
    EMPTY,
    FieldSet,
    difference,
    intersection,
    union,
    without_subtrees,
)
from k8scourse.apiserver.apply.merging import merge, remove, with_named_fields

Object = dict[str, Any]


def updated(
    managed: Managed, found: Comparison, who: Manager, api_version: str, now: str, ignored: FieldSet = EMPTY
) -> Managed:
    """The owners after a plain write that made this difference: what it wrote is the writer's alone."""
    managed = _taken_away(managed, found, ())
    taken = without_subtrees(found.written, ignored) if ignored else found.written
    if not taken:
        return managed
    before = managed.get(who)
    fields = union(before.fields, taken) if before else taken
    return {**managed, who: Owned(fields, api_version, now)}


def _taken_away(managed: Managed, found: Comparison, but: tuple[Manager, ...]) -> Managed:
    """The owners without the fields that were written or removed by somebody else; `but` keep theirs."""
    gone = union(found.written, found.removed)
    if not gone:
        return managed
    rest: Managed = {}
    for who, owned in managed.items():
        kept = owned if who in but else owned.but(difference(owned.fields, gone))
        if kept.fields:
            rest[who] = kept
    return rest


def applied(
    atom: Atom,
    live: Object,
    config: Object,
    managed: Managed,
    who: Manager,
    api_version: str,
    force: bool,
    own: Callable[[FieldSet], FieldSet],
    ignored: FieldSet = EMPTY,
) -> tuple[Object | None, Managed]:
    """The object and its owners after an apply; None for the object when nothing about it changed.

    `own` strips a set of fields that nobody owns. Raises `ApplyConflicts` when others own what would change and
    `force` is not given.
    """
    merged = merge(atom, live, config)
    last = managed.get(who)
    fields = field_set(atom, config)
    fields = without_subtrees(fields, ignored) if ignored else fields
    time = last.time if last else ""
    managed = {**managed, who: Owned(fields, api_version, time)}
    if last is not None and last.fields:
        merged = _pruned(atom, merged, managed, last.fields)
    found = compare(atom, live, merged)
    if ignored:
        found = Comparison(*(without_subtrees(part, ignored) for part in found))
    _refuse_conflicts(managed, found, who, force)
    managed = _taken_away(managed, found, (who,))
    kept = own(managed[who].fields) if who in managed else EMPTY
    if kept:
        same = last is not None and last.fields == kept and last.api_version == api_version
        managed[who] = last if same and last is not None else Owned(kept, api_version, time)
    else:
        managed.pop(who, None)
    return (None if live == merged else merged), managed


def _refuse_conflicts(managed: Managed, found: Comparison, who: Manager, force: bool) -> None:
    if force:
        return
    written = found.written
    clashes = {
        other: clash
        for other, owned in managed.items()
        if other != who and (clash := intersection(owned.fields, written))
    }
    if clashes:
        raise ApplyConflicts(clashes)


def _pruned(atom: Atom, merged: Object, managed: Managed, last: FieldSet) -> Object:
    """The merged object without what the applier named last time and nobody names now."""
    named_last = with_named_fields(atom, last)
    pruned = remove(atom, merged, named_last) or {}
    everything = with_named_fields(atom, field_set(atom, merged))
    owned: FieldSet = EMPTY
    for one in managed.values():
        owned = union(owned, one.fields)
    # What anybody owns comes back, and so does what the applier did not name last time.
    kept = union(with_named_fields(atom, field_set(atom, pruned)), with_named_fields(atom, owned))
    pruned = remove(atom, merged, difference(everything, kept)) or {}
    left = with_named_fields(atom, field_set(atom, pruned))
    gone = intersection(difference(everything, left), named_last)
    return remove(atom, merged, gone) or {}
