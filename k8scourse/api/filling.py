"""Three small tools for filling in values: they copy only what changes, and answer the argument when nothing does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Object = dict[str, Any]


def fill(obj: Object, **missing: Any) -> Object:
    """``obj`` with these keys where it lacks them."""
    for key in missing:
        if key not in obj:
            return {**obj, **{name: value for name, value in missing.items() if name not in obj}}
    return obj


def change(obj: Object, key: str, function: Callable[[Any], Any], absent: Any = None) -> Object:
    """``obj`` with ``function`` applied to the value at ``key``; to ``absent`` (unless None) when there is none."""
    value = obj.get(key)
    if value is None:
        return obj if absent is None else {**obj, key: function(absent)}
    changed = function(value)
    return obj if changed is value else {**obj, key: changed}


def each(obj: Object, key: str, function: Callable[[Any], Any]) -> Object:
    """``obj`` with ``function`` applied to every item of the list at ``key``."""
    items = obj.get(key)
    if not items:
        return obj
    changed = [function(item) for item in items]
    for old, new in zip(items, changed, strict=True):
        if old is not new:
            return {**obj, key: changed}
    return obj
