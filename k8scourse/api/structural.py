"""What the schema of a CustomResourceDefinition does to an object: prune, fill in, judge.

A structural schema says the type of everything, so unknown fields can be cut off and defaults be filled in.
Upstream: ``apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting}``, ``validation/validation.go``,
``kube-openapi/pkg/validation/validate``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.api import times
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, invalid, not_supported, required, shown

Schema = dict[str, Any]

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_EMBEDDED = "x-kubernetes-embedded-resource"
#: What every object has without its schema saying so.
_TYPED = ("apiVersion", "kind", "metadata")


# -- pruning ------------------------------------------------------------------------------------------


def prune(schema: Schema, value: Any, *, root: bool = True) -> tuple[Any, list[str]]:
    """The value without what its schema does not know, and the paths of what was cut off."""
    unknown: list[str] = []
    return _pruned(schema, value, "", unknown, root or bool(schema.get(_EMBEDDED))), unknown


def _pruned(schema: Schema, value: Any, path: str, unknown: list[str], is_object: bool) -> Any:
    if isinstance(value, list):
        items = schema.get("items") or {}
        kept = [_inner(items, item, f"{path}[{index}]", unknown) for index, item in enumerate(value)]
        return kept if any(new is not old for new, old in zip(kept, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        inner = f"{path}.{key}" if path else key
        if is_object and key in _TYPED:
            found[key] = item
        elif key in (schema.get("properties") or {}):
            found[key] = _inner(schema["properties"][key], item, inner, unknown)
        elif isinstance(schema.get("additionalProperties"), dict):
            found[key] = _inner(schema["additionalProperties"], item, inner, unknown)
        elif schema.get(_PRESERVE) or schema.get("additionalProperties"):
            found[key] = item
        else:
            unknown.append(inner)
    same = len(found) == len(value) and all(found[key] is value[key] for key in value)
    return value if same else found


def _inner(schema: Schema, value: Any, path: str, unknown: list[str]) -> Any:
    return _pruned(schema, value, path, unknown, bool(schema.get(_EMBEDDED)))


# -- defaults -----------------------------------------------------------------------------------------


def with_defaults(schema: Schema, value: Any) -> Any:
    """The value with the defaults of its schema; a null where null is not allowed counts as absent."""
    if isinstance(value, dict):
        found = dict(value)
        for key, inner in (schema.get("properties") or {}).items():
            has_default = inner.get("default") is not None
            if key in found and found[key] is None and has_default and not inner.get("nullable"):
                del found[key]
            if key not in found and has_default:
                found[key] = inner["default"]
            if key in found:
                found[key] = with_defaults(inner, found[key])
        rest = schema.get("additionalProperties")
        if isinstance(rest, dict):
            known = schema.get("properties") or {}
            found |= {key: with_defaults(rest, item) for key, item in found.items() if key not in known}
        same = found.keys() == value.keys() and all(found[key] is value[key] for key in found)
        return value if same else found
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        filled = [with_defaults(schema["items"], item) for item in value]
        return filled if any(new is not old for new, old in zip(filled, value, strict=True)) else value
    return value


# -- validation ---------------------------------------------------------------------------------------


def problems(schema: Schema, value: Any, path: str = "") -> Iterator[Cause]:
    """The causes against a value, in the order of upstream's validators: type, text, number, list, object, enum."""
    if value is None:
        if not schema.get("nullable"):
            yield _type_problem(schema.get("type", ""), "null", path)
        return
    wanted = schema.get("type")
    if schema.get(_INT_OR_STRING):
        if not _is_integer(value) and not isinstance(value, str):
            yield _type_problem("integer,string", _type_name(value), path)
            return
    elif wanted and not _TYPES[wanted](value):
        yield _type_problem(wanted, _type_name(value), path)
        return
    yield from _own(schema, value, path)
    yield from _combined(schema, value, path)


def _own(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    if isinstance(value, str):
        yield from _text(schema, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(schema, value, path)
    elif isinstance(value, list):
        yield from _list(schema, value, path)
    elif isinstance(value, dict):
        yield from _object(schema, value, path)
    if schema.get("enum") and value not in schema["enum"]:
        yield not_supported(path, value, schema["enum"])


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


_TYPES: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _type_name(value: Any) -> str:
    if isinstance(value, float):
        return "number"
    return next((name for name, fits in _TYPES.items() if fits(value)), "null")


def _type_problem(wanted: str, found: str, path: str) -> Cause:
    detail = f'{_named(path)} must be of type {wanted}: "{found}"'
    return Cause(path or "<nil>", "FieldValueTypeInvalid", f"Invalid value: {shown(found)}: {detail}")


def _named(path: str) -> str:
    """How upstream calls the place: `spec.size in body`."""
    return f"{path} in body" if path else "in body"


def _text(schema: Schema, value: str, path: str) -> Iterator[Cause]:
    most, least, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
    if most is not None and len(value) > most:
        yield Cause(path, "FieldValueTooLong", f"Too long: may not be more than {most} bytes")
    if least is not None and len(value) < least:
        yield invalid(path, value, f"{_named(path)} should be at least {least} chars long")
    if pattern and re.search(pattern, value) is None:
        yield invalid(path, value, f"{_named(path)} should match '{pattern}'")
    check = _FORMATS.get(schema.get("format", ""))
    if check is not None and not check(value):
        yield invalid(path, value, f"{_named(path)} must be of type {schema['format']}: {shown(value)}")


def _is_time(value: str) -> bool:
    try:
        times.parse_time(value)
    except ValueError:
        return False
    return True


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_time,
    "date": lambda value: re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None,
    "uuid": lambda value: re.fullmatch(r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", value) is not None,
    "ipv4": lambda value: re.fullmatch(r"((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}", value) is not None,
}


def _number(schema: Schema, value: float, path: str) -> Iterator[Cause]:
    most, least, step = schema.get("maximum"), schema.get("minimum"), schema.get("multipleOf")
    if step and value % step:
        yield invalid(path, value, f"{_named(path)} should be a multiple of {step}")
    if most is not None and (value > most or (schema.get("exclusiveMaximum") and value == most)):
        words = "should be less than" if schema.get("exclusiveMaximum") else "should be less than or equal to"
        yield invalid(path, value, f"{_named(path)} {words} {most}")
    if least is not None and (value < least or (schema.get("exclusiveMinimum") and value == least)):
        words = (
            "should be greater than"
            if schema.get("exclusiveMinimum")
            else "should be greater than or equal to"
        )
        yield invalid(path, value, f"{_named(path)} {words} {least}")


def _list(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    most, least = schema.get("maxItems"), schema.get("minItems")
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{_named(path)} should have at least {least} items")
    if most is not None and len(value) > most:
        yield Cause(path, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items")
    if schema.get("uniqueItems") and any(item in value[:index] for index, item in enumerate(value)):
        yield invalid(path, shown(value), f"{_named(path)} shouldn't contain duplicates")
    for index, item in enumerate(value):
        yield from problems(schema.get("items") or {}, item, f"{path}[{index}]")
    yield from _duplicates(schema, value, path)


def _duplicates(schema: Schema, value: list[Any], path: str) -> Iterator[Cause]:
    """Sets and maps among the lists have every item, or key, once."""
    kind = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    seen: list[Any] = []
    for index, item in enumerate(value):
        if kind == "set":
            key = item
        elif kind == "map" and isinstance(item, dict):
            key = {name: item[name] for name in keys if name in item}
        else:
            continue
        if key in seen:
            yield duplicate(f"{path}[{index}]", key)
        seen.append(key)


def _object(schema: Schema, value: dict[str, Any], path: str) -> Iterator[Cause]:
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{_named(path)} should have at least {least} properties")
    if most is not None and len(value) > most:
        yield Cause(path, "FieldValueTooMany", f"Too many: {len(value)}: must have at most {most} items")
    for name in schema.get("required") or ():
        if name not in value:
            yield required(f"{path}.{name}" if path else name)
    known = schema.get("properties") or {}
    rest = schema.get("additionalProperties")
    for key in sorted(value):
        inner = known.get(key, rest if isinstance(rest, dict) else None)
        if isinstance(inner, dict):
            yield from problems(inner, value[key], f"{path}.{key}" if path else key)


def _combined(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    """anyOf, oneOf, not: only the number of those that fit counts."""
    for inner in schema.get("allOf") or ():
        yield from problems(_untyped(inner), value, path)
    fits = [not any(problems(_untyped(inner), value, path)) for inner in schema.get("anyOf") or ()]
    if fits and not any(fits):
        yield invalid(path, "", f'"{path}" must validate at least one schema (anyOf)')
    fits = [not any(problems(_untyped(inner), value, path)) for inner in schema.get("oneOf") or ()]
    if fits and sum(fits) != 1:
        found = f"Found {sum(fits)} valid alternatives" if sum(fits) else "Found none valid"
        yield invalid(path, "", f'"{path}" must validate one and only one schema (oneOf). {found}')
    if schema.get("not") and not any(problems(_untyped(schema["not"]), value, path)):
        yield invalid(path, "", f'"{path}" must not validate the schema (not)')


def _untyped(schema: Schema) -> Schema:
    """Inside of a combination nothing speaks of null."""
    return {"nullable": True, **schema}
