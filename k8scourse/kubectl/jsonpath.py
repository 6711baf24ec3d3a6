"""kubectl's JSONPath: templates such as `{range .items[*]}{.metadata.name}{"\\n"}{end}`.

A small dialect of its own: text outside braces is printed as it stands. Supported: fields, quoted fields,
indices, slices, wildcards, unions, `..field`, filters with one comparison or a bare path, range/end, text.
Upstream: `staging/src/k8s.io/client-go/util/jsonpath`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .yamltext import to_compact_json


class PathError(Exception):
    """The template cannot be read or applied."""


def render(template: str, value: Any, *, allow_missing: bool = True) -> str:
    """The text of a template applied to a JSON value."""
    parts = _split(template)
    rendered, rest = _render(parts, 0, [value], value, allow_missing)
    if rest < len(parts):
        raise PathError("not in range, nothing to end")
    return rendered


def values(path: str, value: Any, *, allow_missing: bool = True) -> list[Any]:
    """What a single path finds; `.spec.x`, `{.spec.x}` and `spec.x` are all the same."""
    inner = path.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    if not inner.startswith((".", "[", "$", "@")):
        inner = "." + inner
    return _walk(inner, [value], value, allow_missing)


def _split(template: str) -> list[tuple[str, str]]:
    """The template as (kind, text): kind is text or action."""
    parts: list[tuple[str, str]] = []
    position = 0
    while position < len(template):
        start = template.find("{", position)
        if start < 0:
            parts.append(("text", template[position:]))
            break
        if start > position:
            parts.append(("text", template[position:start]))
        end = _closing(template, start)
        parts.append(("action", template[start + 1 : end].strip()))
        position = end + 1
    return parts


def _closing(template: str, start: int) -> int:
    quote = ""
    for index in range(start + 1, len(template)):
        letter = template[index]
        if quote:
            quote = "" if letter == quote and template[index - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "}":
            return index
    raise PathError("unclosed action")


def _render(
    parts: list[tuple[str, str]], at: int, here: list[Any], root: Any, missing: bool
) -> tuple[str, int]:
    """Render until `{end}` or the end of the template; the position after it."""
    out: list[str] = []
    while at < len(parts):
        kind, text = parts[at]
        at += 1
        if kind == "text":
            out.append(text)
        elif text == "end":
            return "".join(out), at - 1
        elif text.startswith("range"):
            rendered, at = _range(parts, at, _walk(text[5:].strip(), here, root, missing), root, missing)
            out.append(rendered)
        else:
            out.append(_action(text, here, root, missing))
    return "".join(out), at


def _range(
    parts: list[tuple[str, str]], at: int, items: list[Any], root: Any, missing: bool
) -> tuple[str, int]:
    out: list[str] = []
    end = _skip(parts, at)
    for item in items:
        rendered, _ = _render(parts, at, [item], root, missing)
        out.append(rendered)
    return "".join(out), end + 1


def _skip(parts: list[tuple[str, str]], at: int) -> int:
    depth = 0
    for index in range(at, len(parts)):
        kind, text = parts[index]
        if kind == "action" and text.startswith("range"):
            depth += 1
        elif kind == "action" and text == "end":
            if depth == 0:
                return index
            depth -= 1
    raise PathError("unexpected end of range")


def _action(text: str, here: list[Any], root: Any, missing: bool) -> str:
    if text[:1] in ("'", '"'):
        return _unquoted(text)
    return " ".join(shown(value) for value in _walk(text, here, root, missing))


def shown(value: Any) -> str:
    """How a found value is printed."""
    if isinstance(value, dict | list):
        return to_compact_json(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[-1] != text[0]:
        raise PathError("unterminated quoted string")
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text[1:-1])


_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+|\*)"
    r"|\.(?P<field>(?:\\.|[^.\[\]\\])+)"
    r"|\[(?P<bracket>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*)\]"
)


def _walk(path: str, here: list[Any], root: Any, missing: bool) -> list[Any]:
    if path.startswith("$"):
        here, path = [root], path[1:]
    elif path.startswith("@"):
        path = path[1:]
    if path in ("", "."):
        return here
    if not path.startswith((".", "[")):
        raise PathError(f"unrecognized identifier {path}")
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise PathError(f"unexpected path {path!r}")
        here = _step(match, here, root, missing)
        position = match.end()
    return here


def _step(match: re.Match[str], here: list[Any], root: Any, missing: bool) -> list[Any]:
    if match["deep"]:
        return [found for value in here for found in _deep(value, match["deep"])]
    if match["field"]:
        return _field(re.sub(r"\\(.)", r"\1", match["field"]), here, missing)
    inside = match["bracket"].strip()
    if inside.startswith("?"):
        return _filter(inside[1:].strip()[1:-1], here, root)
    return [found for part in inside.split(",") for found in _bracket(part.strip(), here, missing)]


def _field(name: str, here: list[Any], missing: bool) -> list[Any]:
    if name == "*":
        return [child for value in here for child in _children(value)]
    found = [value[name] for value in here if isinstance(value, dict) and name in value]
    if not found and not missing and here:
        raise PathError(f"{name} is not found")
    return found


def _bracket(part: str, here: list[Any], missing: bool) -> list[Any]:
    if part[:1] in ("'", '"'):
        return _field(_unquoted(part), here, missing)
    if part == "*":
        return [child for value in here for child in _children(value)]
    numbers = (
        [int(number) if number else None for number in part.split(":")] if _SLICE.fullmatch(part) else None
    )
    if numbers is None:
        raise PathError(f"invalid array index {part}")
    lists = [value for value in here if isinstance(value, list)]
    if len(numbers) > 1:
        return [item for items in lists for item in items[slice(*numbers)]]
    index = numbers[0]
    assert index is not None, "an empty index does not match the pattern"
    for items in lists:
        if not -len(items) <= index < len(items):
            raise PathError(f"array index out of bounds: index {index}, length {len(items)}")
    return [items[index] for items in lists]


_SLICE = re.compile(r"-?\d+|-?\d*:-?\d*(:-?\d*)?")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return value if isinstance(value, list) else []


def _deep(value: Any, name: str) -> list[Any]:
    found: list[Any] = []
    if isinstance(value, dict) and name in value:
        found.append(value[name])
    for child in _children(value):
        found += [child] if name == "*" else []
        found += _deep(child, name)
    return found


_COMPARE = re.compile(r"(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)")


def _filter(condition: str, here: list[Any], root: Any) -> list[Any]:
    items = [item for value in here for item in _children(value)]
    match = _COMPARE.fullmatch(condition.strip())
    if match is None:
        return [item for item in items if _walk(condition.strip(), [item], root, True)]
    left, operator, right = match.groups()
    return [
        item for item in items if _holds(_operand(left, item, root), operator, _operand(right, item, root))
    ]


def _operand(text: str, item: Any, root: Any) -> list[Any]:
    text = text.strip()
    if text[:1] in ("'", '"'):
        return [_unquoted(text)]
    if text in ("true", "false"):
        return [text == "true"]
    try:
        return [float(text) if "." in text and not text.startswith(("@", ".")) else int(text)]
    except ValueError:
        return _walk(text, [item], root, True)


def _holds(left: list[Any], operator: str, right: list[Any]) -> bool:
    if not left or not right:
        return False
    one, other = left[0], right[0]
    if operator == "==":
        return bool(one == other)
    if operator == "!=":
        return bool(one != other)
    try:
        return bool({"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[operator])
    except TypeError as error:
        raise PathError("incompatible types for comparison") from error
