"""JSON patch, as the library of the real server applies it.

That library is older than the last word of RFC 6902 and does not hold to all of it: "replace" makes a key that is
not there, an index may count from the end, "copy" of what is not there gives a null. Scripts rely on that, so we do
the same.
Upstream: ``gopkg.in/evanphx/json-patch.v4``, ``apiserver/pkg/endpoints/handlers/patch.go`` (jsonPatchOp).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from k8scourse.api import explaining
from k8scourse.api.errors import BadRequest, Invalid, TooLarge

JSON = Any
Operation = dict[str, Any]
LARGEST: Final = 10_000
#: A whole document's "copy" operations may not make it larger than a request may be.
_MOST_COPIED: Final = 3 * 1024 * 1024
_INDEX = re.compile(r"[+-]?[0-9]+").fullmatch
_ABSENT: Final = object()


class _Refused(Exception):
    """The operation cannot be applied."""


def json_patch(obj: JSON, operations: JSON) -> JSON:
    """Apply RFC 6902 operations and answer the new value; ``obj`` stays as it is.

    BadRequest when ``operations`` is no list of operations, TooLarge when it is too long, Invalid (without saying
    why, as the real server) when one of them cannot be applied.
    """
    _check_operations(operations)
    copied = [0]
    try:
        for operation in operations or ():
            obj = _apply(obj, operation, copied)
    except _Refused:
        raise Invalid("the server rejected our request due to an error in our request", details={}) from None
    return obj


def unknown_fields(operations: Any) -> list[str]:
    """What strict decoding says of fields that no operation has."""
    return [
        f'json patch unknown field "[{index}].{key}"'
        for index, operation in enumerate(operations or ())
        if isinstance(operation, dict)
        for key in operation
        if key not in ("op", "path", "from", "value")
    ]


def _check_operations(operations: JSON) -> None:
    if operations is None:
        return
    if not isinstance(operations, list):
        raise _undecodable(operations, "value of type []handlers.jsonPatchOp")
    for operation in operations:
        if operation is None:
            continue
        if not isinstance(operation, dict):
            raise _undecodable(operation, "value of type handlers.jsonPatchOp")
        for field in ("op", "path", "from"):
            if not isinstance(operation.get(field, ""), (str, type(None))):
                raise _undecodable(operation[field], f"struct field jsonPatchOp.{field} of type string")
    if len(operations) > LARGEST:
        raise TooLarge(
            "Request entity too large: The allowed maximum operations in a JSON patch is "
            f"{LARGEST}, got {len(operations)}"
        )


def _undecodable(value: JSON, wanted: str) -> BadRequest:
    word = explaining.json_word(value)
    return BadRequest(f"error decoding patch: json: cannot unmarshal {word} into Go {wanted}")


# ---------------------------------------------------------------------- operations


def _apply(obj: JSON, operation: Operation | None, copied: list[int]) -> JSON:
    operation = operation or {}
    path, name = operation.get("path"), operation.get("op")
    if not isinstance(path, str):
        raise _Refused
    if name == "add":
        return _at(obj, path, lambda holder, key: _added(holder, key, operation.get("value")))
    if name == "remove":
        return _at(obj, path, _removed)
    if name == "replace":
        return _replaced_at(obj, path, operation)
    if name == "test":
        return _tested(obj, path, operation)
    source = operation.get("from")
    if name not in ("move", "copy") or not isinstance(source, str):
        raise _Refused
    value = _found(obj, source)
    if name == "move":
        obj = _at(obj, source, _removed)
    else:
        copied[0] += len(json.dumps(value))
        if copied[0] > _MOST_COPIED:
            raise _Refused
    return _at(obj, path, lambda holder, key: _added(holder, key, value))


def _replaced_at(obj: JSON, path: str, operation: Operation) -> JSON:
    value = operation.get("value")
    if path == "":
        if not isinstance(value, (dict, list)):
            raise _Refused
        return value
    return _at(obj, path, lambda holder, key: _replaced(holder, key, value))


def _tested(obj: JSON, path: str, operation: Operation) -> JSON:
    found = obj if path == "" else _found(obj, path)
    value = operation.get("value", _ABSENT)
    if value is _ABSENT or json.dumps(found, sort_keys=True) != json.dumps(value, sort_keys=True):
        raise _Refused
    return obj


# ---------------------------------------------------------------------- places


def _parts(path: str) -> list[str]:
    """The keys of a pointer. What stands before the first slash counts for nothing, as upstream."""
    parts = path.split("/")
    if len(parts) < 2:
        raise _Refused
    return [part.replace("~1", "/").replace("~0", "~") for part in parts[1:]]


def _found(obj: JSON, path: str) -> JSON:
    """The value at a path; null for a key that its object does not have."""
    for key in _parts(path)[:-1]:
        obj = _inside(obj, key)
    return _get(obj, _parts(path)[-1])


def _at(obj: JSON, path: str, change: Callable[[JSON, str], JSON]) -> JSON:
    """The value with the object or list that holds the path's end changed; the rest is shared."""
    return _changed(obj, _parts(path), 0, change)


def _changed(obj: JSON, keys: list[str], depth: int, change: Callable[[JSON, str], JSON]) -> JSON:
    key = keys[depth]
    if depth == len(keys) - 1:
        return change(obj, key)
    inner = _changed(_inside(obj, key), keys, depth + 1, change)
    return _replaced(obj, key, inner)


def _inside(obj: JSON, key: str) -> JSON:
    found = _get(obj, key)
    if not isinstance(found, (dict, list)):
        raise _Refused
    return found


def _get(obj: JSON, key: str) -> JSON:
    return obj.get(key) if isinstance(obj, dict) else obj[_index(obj, key, len(obj) - 1)]


def _added(obj: JSON, key: str, value: JSON) -> JSON:
    if isinstance(obj, dict):
        return {**obj, key: value}
    index = len(obj) if key == "-" else _index(obj, key, len(obj))
    return [*obj[:index], value, *obj[index:]]


def _replaced(obj: JSON, key: str, value: JSON) -> JSON:
    if isinstance(obj, dict):
        return {**obj, key: value}
    index = _index(obj, key, len(obj) - 1)
    return [*obj[:index], value, *obj[index + 1 :]]


def _removed(obj: JSON, key: str) -> JSON:
    if isinstance(obj, dict):
        if key not in obj:
            raise _Refused
        return {name: item for name, item in obj.items() if name != key}
    index = _index(obj, key, len(obj) - 1)
    return [*obj[:index], *obj[index + 1 :]]


def _index(items: list[Any], key: str, last: int) -> int:
    """The place that a key means; a negative one counts from behind the last possible place."""
    if not _INDEX(key) or len(key) > 20:
        raise _Refused
    index = int(key)
    index = index if index >= 0 else index + last + 1
    if not 0 <= index <= last:
        raise _Refused
    return index
