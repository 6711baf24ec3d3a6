"""The patch that ``kubectl apply`` sends: three objects in, a strategic merge patch out.

Additions and changes are the difference between what is there now and what the file says; deletions are what
the last applied file had and this one has not.  What others have set in the meantime stays.
Upstream: ``CreateThreeWayMergePatch`` in ``apimachinery/pkg/util/strategicpatch/patch.go``.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import typetable
from k8scourse.api.kinds import Kind

JSON = Any
Type = typetable.Struct | None


def three_way_strategic(kind: Kind, original: JSON, modified: JSON, current: JSON) -> dict[str, Any]:
    """The strategic merge patch from ``current`` to ``modified``.

    ``original`` is the last applied configuration (``{}`` when there is none).  An empty dict means that
    nothing is to be done.
    """
    struct = typetable.struct(typetable.type_of(kind))
    return _diff_maps(original or {}, modified, current, struct)


def three_way_merge(original: JSON, modified: JSON, current: JSON) -> dict[str, Any]:
    """The same as an RFC 7386 merge patch, for kinds without a table (lists are replaced)."""
    return _diff_maps(original or {}, modified, current, None)


def _diff_maps(original: JSON, modified: JSON, current: JSON, struct: Type) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in modified.items():
        if value is None:
            if key in current:
                patch[key] = None
            continue
        _diff_key(patch, key, original.get(key), value, current.get(key), struct)
    for key in original:
        if key not in modified and key in current:
            patch[key] = None
    return _with_retain_keys(patch, modified, struct)


def _with_retain_keys(patch: dict[str, Any], modified: JSON, struct: Type) -> dict[str, Any]:
    """Tell which keys stay in the fields whose strategy is retainKeys, such as a Deployment's strategy."""
    for key in list(patch):
        strategies = struct.merging.get(key, ((), ""))[0] if struct else ()
        if "retainKeys" in strategies and isinstance(patch[key], dict) and patch[key]:
            patch[key] = {"$retainKeys": sorted(modified[key]), **patch[key]}
    return patch


def _diff_key(patch: dict[str, Any], key: str, old: JSON, new: JSON, now: JSON, struct: Type) -> None:
    if now is None or type_name(now) != type_name(new):
        if now != new:
            patch[key] = new
        return
    strategies, merge_key = struct.merging.get(key, ((), "")) if struct else ((), "")
    inner = _inner(struct, key)
    if isinstance(new, dict):
        part = _diff_maps(old if isinstance(old, dict) else {}, new, now, inner)
        if part:
            patch[key] = part
    elif isinstance(new, list) and "merge" in strategies:
        _diff_lists(
            patch,
            key,
            old if isinstance(old, list) else [],
            new,
            now,
            merge_key,
            inner,
            "retainKeys" in strategies,
        )
    elif new != now:
        patch[key] = new


def type_name(value: JSON) -> str:
    """``object``, ``array`` or ``scalar``."""
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "scalar"


def _inner(struct: Type, key: str) -> Type:
    field = struct.fields.get(key) if struct else None
    return typetable.struct(field.type_name) if field and field.type_name else None


def _diff_lists(
    patch: dict[str, Any],
    key: str,
    old: JSON,
    new: JSON,
    now: JSON,
    merge_key: str,
    inner: Type,
    retain: bool,
) -> None:
    if not merge_key:
        _diff_scalar_lists(patch, key, old, new, now)
        return
    now_by, old_by = _by_key(now, merge_key), _by_key(old, merge_key)
    new_by = _by_key(new, merge_key)
    items = []
    for identity, item in new_by.items():
        if identity not in now_by:
            items.append(item)
            continue
        part = _diff_maps(old_by.get(identity, {}), item, now_by[identity], inner)
        if part:
            keys = {"$retainKeys": sorted(item)} if retain else {}
            items.append({**keys, **part, merge_key: identity})
    items += [
        {"$patch": "delete", merge_key: identity}
        for identity in old_by
        if identity not in new_by and identity in now_by
    ]
    order = [identity for identity in now_by if identity in new_by]
    if items or order != [identity for identity in new_by if identity in now_by]:
        patch[f"$setElementOrder/{key}"] = [{merge_key: identity} for identity in new_by]
        if items:
            patch[key] = items


def _by_key(items: JSON, merge_key: str) -> dict[Any, Any]:
    return {item[merge_key]: item for item in items if isinstance(item, dict) and merge_key in item}


def _diff_scalar_lists(patch: dict[str, Any], key: str, old: JSON, new: JSON, now: JSON) -> None:
    added = [item for item in new if item not in now]
    gone = [item for item in old if item not in new and item in now]
    if added or gone or [item for item in now if item in new] != [item for item in new if item in now]:
        patch[f"$setElementOrder/{key}"] = new
    if added:
        patch[key] = added
    if gone:
        patch[f"$deleteFromPrimitiveList/{key}"] = gone
