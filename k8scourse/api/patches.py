"""The three ways to change an object in place: JSON patch, merge patch, strategic merge patch.

JSON patch (RFC 6902) is a list of operations, merge patch (RFC 7386) an object whose nulls delete, strategic
merge patch a merge patch that knows which lists are keyed: containers by name, ports by number.  The keys come
from the field table.  JSON patch is in :mod:`k8scourse.api.json_patches`, what ``kubectl apply`` computes before it
sends a patch in :mod:`k8scourse.api.diffs`.
Upstream: ``apiserver/pkg/endpoints/handlers/patch.go``, ``apimachinery/pkg/util/strategicpatch/patch.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from k8scourse.api import explaining, typetable
from k8scourse.api.diffs import three_way_strategic
from k8scourse.api.errors import BadRequest, InternalError, Invalid
from k8scourse.api.json_patches import json_patch
from k8scourse.api.kinds import Kind

__all__ = ["json_patch", "merge_patch", "strategic_merge", "strategic_merge_type", "three_way_strategic"]

JSON = Any


def merge_patch(obj: JSON, patch: JSON) -> JSON:
    """Apply an RFC 7386 merge patch and answer the new value; lists are replaced, nulls delete.

    As upstream, and beyond the standard, objects inside a new list lose their nulls too.
    """
    if not isinstance(patch, dict):
        return patch if isinstance(obj, dict) else _pruned(patch)
    merged = dict(obj) if isinstance(obj, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _pruned(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in value.items() if item is not None}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


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
_ORDER: Final = "$setElementOrder"
_DELETE: Final = "$deleteFromPrimitiveList"


def _merge_maps(original: JSON, patch: dict[str, Any], struct: Type) -> dict[str, Any]:
    if "$patch" in patch:
        return _map_directive(patch)
    merged = dict(original)
    patch = _retain_keys(merged, patch)
    for name, order in patch.items():
        if name.startswith(_ORDER):
            patch = {key: value for key, value in patch.items() if key != name}
            patch = _merge_ordered(merged, patch, _field_of(name, "setElementOrder"), order, struct)
    for key, value in patch.items():
        if key.startswith(_DELETE):
            _delete_from_list(merged, _field_of(key, "primitive"), value, struct)
        else:
            _merge_key(merged, key, value, struct)
    return merged


def _field_of(directive: str, what: str) -> str:
    """The field that a directive such as ``$setElementOrder/ports`` is about."""
    prefix, slash, name = directive.partition("/")
    if not slash or prefix not in (_ORDER, _DELETE):
        raise BadRequest(f"invalid patch format of {what} list")
    return name


def _merge_key(merged: dict[str, Any], key: str, value: JSON, struct: Type) -> None:
    if value is None:
        merged.pop(key, None)
        return
    old: Any = merged.get(key)
    if key not in merged or _shape(old) != _shape(value):
        merged.pop(key, None)
        cleaned = _without_directives(_pruned(value))
        if cleaned is not _GONE:
            merged[key] = cleaned
    elif isinstance(value, dict):
        strategies, _ = _merging(struct, key)
        merged[key] = value if "replace" in strategies else _merge_maps(old, value, _inner(struct, key))
    elif isinstance(value, list):
        strategies, merge_key = _merging(struct, key)
        merged[key] = (
            _merge_lists(old, value, merge_key, _inner(struct, key), None) if "merge" in strategies else value
        )
    else:
        merged[key] = value


def _map_directive(patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch["$patch"]
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    raise _senseless(f"unknown patch type: {directive} in map: {go_value(patch)}")


def _retain_keys(merged: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Drop from ``merged`` what ``$retainKeys`` does not list; answers the patch without the directive."""
    if "$retainKeys" not in patch:
        return patch
    retained = patch["$retainKeys"]
    rest = {key: value for key, value in patch.items() if key != "$retainKeys"}
    present = [
        key for key, value in rest.items() if value is not None and not key.startswith((_ORDER, _DELETE))
    ]
    if not isinstance(retained, list) or any(key not in retained for key in present):
        raise BadRequest("invalid patch format of retainKeys")
    for key in [key for key in merged if key not in retained]:
        del merged[key]
    return rest


def _delete_from_list(merged: dict[str, Any], name: str, values: JSON, struct: Type) -> None:
    """What the directive lists is taken out; null takes the list away, anything else that is no list nothing."""
    old = merged.get(name)
    if values is None:
        merged.pop(name, None)
    elif isinstance(old, list) and isinstance(values, list) and (old or values):
        _, merge_key = _merging(struct, name)
        if _element_shape(old, values) is dict:
            merged[name] = _merge_lists(old, values, merge_key, _inner(struct, name), None)
        else:
            merged[name] = [item for item in old if item not in values]


def _merging(struct: Type, key: str) -> tuple[tuple[str, ...], str]:
    """Patch strategies and merge key of a field. Raises the 500 of a field that the type does not have."""
    if struct is None:
        raise _senseless("merging an object in json but data type is not struct, instead is: map")
    if key not in struct.fields:
        raise _senseless(f'unable to find api field in struct {struct.bare} for the json field "{key}"')
    return struct.merging.get(key, ((), ""))


def _inner(struct: Type, key: str) -> Type:
    field = struct.fields.get(key) if struct else None
    if field is None or not field.type_name or field.code.startswith("{}"):
        return None
    return typetable.struct(field.type_name)


def _shape(value: JSON) -> type:
    return dict if isinstance(value, dict) else list if isinstance(value, list) else object


_GONE: Final = object()


def _without_directives(value: JSON) -> JSON:
    """The same without the maps that are directives; a directive itself leaves nothing."""
    if isinstance(value, dict):
        if "$patch" in value:
            return _GONE
        kept = {key: _without_directives(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not _GONE}
    if isinstance(value, list):
        items = [_without_directives(item) for item in value]
        return [item for item in items if item is not _GONE]
    return value


# ------------------------------------------------------------------------- lists


def _merge_ordered(
    merged: dict[str, Any], patch: dict[str, Any], name: str, order: JSON, struct: Type
) -> JSON:
    """A list that comes with ``$setElementOrder``: merge it, then place its items as told.

    Answers the patch without that list.
    """
    old, new = merged.get(name, _GONE), patch.get(name, _GONE)
    for value in (order, old, new):
        if value is not _GONE and not isinstance(value, list):
            raise _senseless(f"expected a []interface {{}}, but received a {_go_type(value)}")
    _, merge_key = _merging(struct, name)
    if struct and not struct.fields[name].code.startswith("[]"):
        raise _senseless("expected slice or array type, but got: struct")
    if new is not _GONE:
        _check_order(new, order, merge_key)
    if new is _GONE and old is _GONE:
        return patch
    items: list[Any]
    if old is _GONE:
        items, old = _without_directives(new), []
    elif new is _GONE:
        items, new = old, []
    elif "merge" in _merging(struct, name)[0]:
        items = _merge_lists(old, new, merge_key, _inner(struct, name), order)
    else:
        items = new
    _element_shape(old, new)
    merged[name] = _placed(items, order, old, merge_key)
    return {key: value for key, value in patch.items() if key != name}


def _check_order(items: list[Any], order: list[Any], merge_key: str) -> None:
    """The items of the patch (but the deleted ones) must stand in the order list, and in that order."""
    if not items or not order:
        return
    identify = _identity(merge_key)
    left = [item for item in items if not (isinstance(item, dict) and "$patch" in item)]
    for place in order:
        if left and identify(left[0]) == identify(place):
            left = left[1:]
    if left:
        raise _senseless(
            f"The order in patch list:\n{go_value(items)}\n doesn't match "
            f"$setElementOrder list:\n{go_value(order)}\n"
        )


def _merge_lists(
    old: list[Any], new: list[Any], merge_key: str, inner: Type, order: Sequence[Any] | None
) -> list[Any]:
    """Both lists as one; `order` places the items, or when it is None the patch itself does."""
    if not old and not new:
        return list(old)
    if _element_shape(old, new) is not dict:
        both = [*old, *new]
        merged = [item for index, item in enumerate(both) if item not in both[:index]]
        return _placed(merged, new, old, "")
    if not merge_key:
        raise _senseless("cannot merge lists without merge key for struct")
    old, new, replaces = _special_items(old, new, merge_key)
    if replaces:
        return new
    identify = _identity(merge_key)
    merged = list(old)
    for item in new:
        key = identify(item)
        place = next((index for index, other in enumerate(merged) if other.get(merge_key) == key), None)
        if place is None:
            merged.append(item)
        else:
            merged[place] = _merge_maps(merged[place], item, inner)
    return _placed(merged, new if order is None else order, old, merge_key)


def _special_items(old: list[Any], new: list[Any], merge_key: str) -> tuple[list[Any], list[Any], bool]:
    """The old list without what the patch deletes, the patch without directives, and whether it replaces all."""
    replaces = False
    for item in new:
        directive = item.get("$patch", _GONE)
        if directive == "delete":
            gone = _identity(merge_key)(item)
            old = [other for other in old if other.get(merge_key) != gone]
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            raise _senseless("merging lists cannot yet be specified in the patch")
        elif directive is not _GONE:
            raise _senseless(f"unknown patch type: {directive} in map: {go_value(item)}")
    return old, [item for item in new if "$patch" not in item], replaces


def _element_shape(*lists: list[Any]) -> type:
    """The shape that all items have. Raises the 500 of items of several types, the 422 of lists in lists."""
    types: list[str] = []
    for item in (item for items in lists for item in items):
        types.append(_go_type(item))
        if types[0] == "[]interface {}":
            raise Invalid("the server rejected our request due to an error in our request", details={})
        if types[-1] != types[0]:
            raise _senseless(f"list element types are not identical: [{' '.join(map(go_value, lists))}]")
    if not types:
        raise _senseless("no elements in any of the given slices")
    return dict if types[0].startswith("map") else object


def _identity(merge_key: str) -> Callable[[Any], Any]:
    """How items are told apart: by the merge key's value, or by themselves."""

    def identify(item: Any) -> Any:
        if not merge_key:
            return item
        if not isinstance(item, dict):
            raise _senseless(f"expected a map[string]interface {{}}, but received a {_go_type(item)}")
        if merge_key not in item:
            raise _senseless(f"map: {go_value(item)} does not contain declared merge key: {merge_key}")
        return item[merge_key]

    return identify


def _placed(items: list[Any], order: Sequence[Any], server_order: Sequence[Any], merge_key: str) -> list[Any]:
    """Interleave what the patch named, in its order, with what only the server has, in the server's.

    An item of the patch that the server did not have goes before the server's items that follow: this is why
    a container added without ``$setElementOrder`` ends up first.
    """
    identify = _identity(merge_key)
    ranks = [item.get(merge_key, _GONE) if merge_key and isinstance(item, dict) else item for item in order]
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


def _go_type(value: JSON) -> str:
    """The type of a value in Go, as messages name it."""
    if value is None:
        return "%!s(<nil>)"
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    return {str: "string", bool: "bool", int: "int64"}.get(type(value), "float64")


def go_value(value: JSON) -> str:
    """A value as Go's ``%v`` prints it, for the messages."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_value(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(go_value(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else str(value)
