"""The three ways to change an object in place: JSON patch, merge patch, strategic merge patch.

JSON patch (RFC 6902) is a list of operations, merge patch (RFC 7386) an object whose nulls delete, strategic
merge patch a merge patch that knows which lists are keyed: containers by name, ports by number.  The keys come
from the field table.  What ``kubectl apply`` computes before it sends a patch is in :mod:`k8scourse.api.diffs`.
Upstream: ``apiserver/pkg/endpoints/handlers/patch.go``, ``apimachinery/pkg/util/strategicpatch/patch.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from k8scourse.api import explaining, typetable
from k8scourse.api.diffs import three_way_strategic
from k8scourse.api.errors import BadRequest, InternalError, Invalid
from k8scourse.api.kinds import Kind
from k8scourse.api.values import thaw

__all__ = ["json_patch", "merge_patch", "strategic_merge", "strategic_merge_type", "three_way_strategic"]

JSON = Any
_OPERATIONS = ("add", "copy", "move", "remove", "replace", "test")
_LARGEST_JSON_PATCH = 10_000


def json_patch(obj: JSON, operations: JSON) -> JSON:
    """Apply RFC 6902 operations and answer the new value; ``obj`` stays as it is.

    BadRequest when ``operations`` is no list of operations, Invalid (without saying why, as the real server)
    when one of them cannot be applied.
    """
    import jsonpatch
    import jsonpointer

    _check_operations(operations)
    try:
        return jsonpatch.apply_patch(thaw(obj), _with_positive_indexes(thaw(obj), operations))
    except (
        jsonpatch.JsonPatchException,
        jsonpointer.JsonPointerException,
        LookupError,
        TypeError,
        ValueError,
    ):
        raise Invalid("the server rejected our request due to an error in our request", details={}) from None


def _check_operations(operations: JSON) -> None:
    if not isinstance(operations, list):
        word = explaining.json_word(operations)
        raise BadRequest(
            f"error decoding patch: json: cannot unmarshal {word} into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    if len(operations) > _LARGEST_JSON_PATCH:
        raise BadRequest(
            f"The allowed maximum operations in a JSON patch is {_LARGEST_JSON_PATCH}, got {len(operations)}"
        )
    for operation in operations:
        if not isinstance(operation, dict):
            word = explaining.json_word(operation)
            raise BadRequest(
                f"error decoding patch: json: cannot unmarshal {word} into Go value of type "
                "handlers.jsonPatchOp"
            )


def _with_positive_indexes(obj: JSON, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Upstream's library counts ``-1`` from the end of a list; RFC 6902 and ours do not, so translate."""
    if not any("/-1" in str(operation.get("path", "")) for operation in operations):
        return operations
    import jsonpatch

    translated: list[dict[str, Any]] = []
    for operation in operations:
        translated.append({**operation, "path": _positive(obj, str(operation.get("path", "")))})
        obj = jsonpatch.apply_patch(obj, translated[-1:])
    return translated


def _positive(obj: JSON, path: str) -> str:
    parts = path.split("/")
    for index, part in enumerate(parts[1:], start=1):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(obj, list) and key.startswith("-") and key[1:].isdigit():
            parts[index] = key = str(len(obj) + int(key))
        if isinstance(obj, list):
            obj = obj[int(key)] if key.isdigit() and int(key) < len(obj) else None
        else:
            obj = obj.get(key) if isinstance(obj, dict) else None
    return "/".join(parts)


def merge_patch(obj: JSON, patch: JSON) -> JSON:
    """Apply an RFC 7386 merge patch and answer the new value; lists are replaced, nulls delete."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def strategic_merge(kind: Kind, obj: JSON, patch: JSON) -> JSON:
    """Apply a strategic merge patch to an object of ``kind`` and answer the new value.

    Understands ``$patch: replace|delete|merge``, ``$deleteFromPrimitiveList/<field>``,
    ``$setElementOrder/<field>`` and ``$retainKeys``.  BadRequest when the patch is no object,
    InternalError (as the real server answers 500) when its directives make no sense.
    """
    return strategic_merge_type(typetable.type_of(kind), obj, patch)


def strategic_merge_type(type_name: str, obj: JSON, patch: JSON) -> JSON:
    """`strategic_merge` for a part of an object, given the part's type such as ``core.v1.PodSpec``."""
    if not isinstance(patch, dict):
        word = explaining.json_word(patch)
        raise BadRequest(
            f"error decoding patch: json: cannot unmarshal {word} into Go value of type "
            "map[string]interface {}"
        )
    return _merge_maps(obj, patch, typetable.struct(type_name))


def _senseless(message: str) -> InternalError:
    """The 500 without a reason that upstream gives a patch whose directives make no sense."""
    return InternalError(message, reason="")


# ------------------------------------------------------------------------- maps

Type = typetable.Struct | None


def _merge_maps(original: JSON, patch: dict[str, Any], struct: Type) -> dict[str, Any]:
    if "$patch" in patch:
        return _map_directive(patch)
    merged = dict(original)
    patch = _retain_keys(merged, patch)
    ordered = {
        key.partition("/")[2]: order for key, order in patch.items() if key.startswith("$setElementOrder/")
    }
    for name, order in ordered.items():
        _merge_ordered(merged, patch, name, order, struct)
    for key, value in patch.items():
        if key.startswith("$setElementOrder/") or key in ordered:
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            _delete_from_list(merged, key.partition("/")[2], value)
        else:
            _merge_key(merged, key, value, struct)
    return merged


def _merge_key(merged: dict[str, Any], key: str, value: JSON, struct: Type) -> None:
    if value is None:
        merged.pop(key, None)
        return
    old = merged.get(key)
    if key not in merged or _shape(old) != _shape(value):
        cleaned = _without_directives(value)
        if cleaned is not _GONE:
            merged[key] = cleaned
        return
    strategies, merge_key = _merging(struct, key)
    if isinstance(value, dict):
        merged[key] = value if "replace" in strategies else _merge_maps(old, value, _inner(struct, key))
    elif isinstance(value, list):
        merged[key] = (
            _merge_lists(old, value, merge_key, _inner(struct, key), value)
            if "merge" in strategies
            else value
        )
    else:
        merged[key] = value


def _map_directive(patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch["$patch"]
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    raise _senseless(f"unknown patch type: {directive} in map: {_go_map(patch)}")


def _retain_keys(merged: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Drop from ``merged`` what ``$retainKeys`` does not list; answers the patch without the directive."""
    if "$retainKeys" not in patch:
        return patch
    retained = patch["$retainKeys"]
    rest = {key: value for key, value in patch.items() if key != "$retainKeys"}
    present = [key for key, value in rest.items() if value is not None and not key.startswith("$")]
    if not isinstance(retained, list) or any(key not in retained for key in present):
        raise _senseless(
            f"$retainKeys list: {_go_value(retained)} does not contain all keys of {_go_map(rest)}"
        )
    for key in [key for key in merged if key not in retained]:
        del merged[key]
    return rest


def _delete_from_list(merged: dict[str, Any], name: str, values: JSON) -> None:
    if not isinstance(values, list):
        raise _senseless(f"invalid value for special key: $deleteFromPrimitiveList/{name}")
    if isinstance(merged.get(name), list):
        merged[name] = [item for item in merged[name] if item not in values]


def _merging(struct: Type, key: str) -> tuple[tuple[str, ...], str]:
    return struct.merging.get(key, ((), "")) if struct else ((), "")


def _inner(struct: Type, key: str) -> Type:
    field = struct.fields.get(key) if struct else None
    return typetable.struct(field.type_name) if field and field.type_name else None


def _shape(value: JSON) -> type:
    return dict if isinstance(value, dict) else list if isinstance(value, list) else object


_GONE = object()


def _without_directives(value: JSON) -> JSON:
    """A patch value that meets nothing to merge with: directives go, deletions leave nothing."""
    if isinstance(value, dict):
        if value.get("$patch") == "delete":
            return _GONE
        kept = {
            key: _without_directives(item)
            for key, item in value.items()
            if not key.startswith("$") and item is not None
        }
        return {key: item for key, item in kept.items() if item is not _GONE}
    if isinstance(value, list):
        items = [
            _without_directives(item) for item in value if not (isinstance(item, dict) and "$patch" in item)
        ]
        return [item for item in items if item is not _GONE]
    return value


# ------------------------------------------------------------------------- lists


def _merge_ordered(
    merged: dict[str, Any], patch: dict[str, Any], name: str, order: JSON, struct: Type
) -> None:
    """A list that comes with ``$setElementOrder``: merge it, then place its items as told."""
    if not isinstance(order, list):
        raise _senseless(f"invalid value for special key: $setElementOrder/{name}")
    _, merge_key = _merging(struct, name)
    old, new = merged.get(name), patch.get(name)
    _check_order(new, order, merge_key)
    if new is None and old is None:
        return
    if old is None:
        cleaned = _without_directives(new)
        items: list[Any] = cleaned
        old = []
    elif new is None:
        items = old
    else:
        items = _merge_lists(old, new, merge_key, _inner(struct, name), order)
    merged[name] = _placed(items, order, old, merge_key)


def _check_order(items: JSON, order: list[Any], merge_key: str) -> None:
    """Every item of the patch (but the deleted ones) must stand in the order list."""
    identify = _identity(merge_key)
    known = [identify(item) for item in order]
    for item in items or ():
        if isinstance(item, dict) and item.get("$patch") in ("delete", "replace"):
            continue
        if identify(item) not in known:
            raise _senseless(
                f"The order in patch list:\n{_go_value(items)}\n doesn't match "
                f"$setElementOrder list:\n{_go_value(order)}\n"
            )


def _merge_lists(old: JSON, new: JSON, merge_key: str, inner: Type, order: Sequence[Any]) -> list[Any]:
    if not any(isinstance(item, dict) for item in [*old, *new]):
        both = list(old) + [
            item for index, item in enumerate(new) if item not in old and item not in new[:index]
        ]
        return _placed(both, order, old, "")
    if not all(isinstance(item, dict) for item in [*old, *new]):
        raise _senseless("list element types are not identical")
    if not merge_key:
        raise _senseless("cannot merge lists without merge key")
    if any(item.get("$patch") == "replace" for item in new):
        return [item for item in new if "$patch" not in item]
    identify = _identity(merge_key)
    merged = list(old)
    for item in new:
        place = next((index for index, other in enumerate(merged) if identify(other) == identify(item)), None)
        if item.get("$patch") == "delete":
            merged = [other for other in merged if identify(other) != identify(item)]
        elif "$patch" in item and item["$patch"] != "merge":
            raise _senseless(f"unknown patch type: {item['$patch']} in map: {_go_map(item)}")
        elif place is None:
            merged.append(_without_directives(item))
        else:
            merged[place] = _merge_maps(
                merged[place], {key: item[key] for key in item if key != "$patch"}, inner
            )
    return _placed(merged, order, old, merge_key)


def _identity(merge_key: str) -> Callable[[Any], Any]:
    """How items are told apart: by the merge key's value, or by themselves."""

    def identify(item: Any) -> Any:
        if not merge_key:
            return item
        if not isinstance(item, dict) or merge_key not in item:
            raise _senseless(f"map: {_go_map(item)} does not contain declared merge key: {merge_key}")
        return item[merge_key]

    return identify


def _placed(items: list[Any], order: Sequence[Any], server_order: Sequence[Any], merge_key: str) -> list[Any]:
    """Interleave what the patch named, in its order, with what only the server has, in the server's.

    An item of the patch that the server did not have goes before the server's items that follow: this is why
    a container added without ``$setElementOrder`` ends up first.
    """
    identify = _identity(merge_key)
    ranks = [
        identify(item) for item in order if not (isinstance(item, dict) and item.get("$patch") == "replace")
    ]
    server = [identify(item) for item in server_order]
    named = sorted(
        (item for item in items if identify(item) in ranks), key=lambda item: ranks.index(identify(item))
    )
    others = [item for item in items if identify(item) not in ranks]
    placed: list[Any] = []
    while named and others:
        right, left = identify(named[0]), identify(others[0])
        if right in server and left in server and server.index(left) < server.index(right):
            placed.append(others.pop(0))
        else:
            placed.append(named.pop(0))
    return placed + named + others


def _go_map(value: JSON) -> str:
    """A value as Go's ``%v`` prints it, for the messages."""
    return _go_value(value)


def _go_value(value: JSON) -> str:
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_go_value(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(_go_value(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else str(value)
