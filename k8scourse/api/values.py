"""API objects as values: plain JSON dicts that nobody mutates.

A writer builds a new object with `evolve`, which copies only the path to what changed and shares the rest.
The store freezes what it accepts: from then on a mutation fails at the line that tries it. Frozen nodes
are still `dict` and `list`, so `json`, `==` and `{**pod}` work; the latter gives a plain dict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

JSON = Any
Object = dict[str, Any]
Path = str | Sequence[str | int]
Value = TypeVar("Value")


def _refuse(self: object, *args: object, **kwargs: object) -> NoReturn:
    raise TypeError("API objects are values: build a new one with evolve(), never change one in place")


class FrozenDict(dict[str, Any]):
    """A dict without its mutators."""

    __slots__ = ()
    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: object) -> FrozenDict:
        return self

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    """A list without its mutators."""

    __slots__ = ()
    __setitem__ = __delitem__ = append = extend = insert = pop = remove = _refuse
    clear = sort = reverse = __iadd__ = __imul__ = _refuse

    def __copy__(self) -> FrozenList:
        return self

    def __deepcopy__(self, memo: object) -> FrozenList:
        return self

    def __reduce__(self) -> tuple[type[FrozenList], tuple[list[Any]]]:
        return FrozenList, (list(self),)


def freeze(value: Any) -> Any:
    """The same JSON value, read-only all the way down. Parts that are frozen already are shared, not copied."""
    kind = type(value)
    if kind is dict:
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if kind is list:
        return FrozenList([freeze(item) for item in value])
    return value


def thaw(value: Any) -> Any:
    """A plain, independent copy of a JSON value, for the rare code that must change one in place."""
    if isinstance(value, dict):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list):
        return [thaw(item) for item in value]
    return value


def keys_of(path: Path) -> Sequence[str | int]:
    """`"status.phase"` as its keys; a sequence (for keys that hold dots) passes unchanged."""
    return path.split(".") if isinstance(path, str) else path


def get_in(obj: Any, path: Path, default: Any = None) -> Any:
    """What lies at `path`, or `default` when any part of the way is missing or null."""
    for key in keys_of(path):
        try:
            obj = obj[key]
        except (KeyError, IndexError, TypeError):
            return default
    return default if obj is None else obj


def evolve(obj: Value, path: Path, value: Any) -> Value:
    """A new object that has `value` at `path`; missing dicts on the way are made, everything else is shared."""
    evolved: Value = _evolve(obj, keys_of(path), 0, value)
    return evolved


def _evolve(node: Any, keys: Sequence[str | int], depth: int, value: Any) -> Any:
    if depth == len(keys):
        return value
    key = keys[depth]
    if isinstance(node, list):
        assert isinstance(key, int), f"a list is indexed by numbers, not by {key!r}"
        return [*node[:key], _evolve(node[key], keys, depth + 1, value), *node[key + 1 :]]
    assert node is None or isinstance(node, dict), f"{key!r} is looked for in a {type(node).__name__}"
    branch: dict[Any, Any] = {**node} if node else {}
    branch[key] = _evolve(branch.get(key), keys, depth + 1, value)
    return branch


def without(obj: Value, path: Path) -> Value:
    """A new object that lacks what is at `path`; the same object when nothing was there."""
    keys = keys_of(path)
    parent = get_in(obj, keys[:-1]) if len(keys) > 1 else obj
    if not isinstance(parent, dict) or keys[-1] not in parent:
        return obj
    rest = {key: item for key, item in parent.items() if key != keys[-1]}
    shorter: Value = _evolve(obj, keys[:-1], 0, rest)
    return shorter
