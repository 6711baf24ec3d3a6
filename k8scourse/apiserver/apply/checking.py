"""Whether what a client applies fits its type; said in the words of the real server.

An apply is checked against the schema before it is read as an object, so an unknown field is no matter of
`fieldValidation` here: it is always refused.

Upstream: ``structured-merge-diff/typed/validate.go``, ``helpers.go``.
"""

from __future__ import annotations

import json
from typing import Any

from k8scourse.apiserver.apply.atoms import ANY, DEDUCED, LIST, MAP, Atom
from k8scourse.apiserver.apply.fieldset import element_text


def problems(atom: Atom, value: Any, duplicates: bool = False) -> str:
    """Why the value does not fit, "" when it does.

    `duplicates` allows two items of one key, which a stored list may have and an applied one may not.
    """
    found = [f"{path}: {text}" if path else text for path, text in _errors(atom, value, duplicates)]
    return (
        found[0]
        if len(found) == 1
        else "\n".join(["errors:", *(f"  {line}" for line in found)])
        if found
        else ""
    )


Errors = list[tuple[str, str]]


def _errors(atom: Atom, value: Any, duplicates: bool) -> Errors:
    if value is None or atom.shape == ANY:
        return []
    if atom.shape == MAP:
        return _map_errors(atom, value, duplicates)
    if atom.shape == LIST:
        return _list_errors(atom, value, duplicates)
    text = _scalar_error(atom.scalar, value)
    return [("", text)] if text else []


def _map_errors(atom: Atom, value: Any, duplicates: bool) -> Errors:
    if not isinstance(value, dict):
        return [("", f"expected map, got &{{{go_text(value)}}}")]
    found: Errors = []
    for key, item in value.items():
        child = atom.fields.get(key) or atom.element
        if child is None:
            return [*found, (f".{key}", "field not declared in schema")]
        found += [(f".{key}{path}", text) for path, text in _errors(child, item, duplicates)]
    return found


def _list_errors(atom: Atom, value: Any, duplicates: bool) -> Errors:
    if not isinstance(value, list):
        return [("", f"expected list, got &{{{go_text(value)}}}")]
    found: Errors = []
    seen: dict[str, bool] = {}
    for index, item in enumerate(value):
        try:
            key = atom.item_key(item) if atom.by_item else f"i:{index}"
        except ValueError as problem:
            return [*found, ("", f"element {index}: {problem}")]
        name = element_text(key)
        if key in seen and not duplicates:
            found.append(("", f"duplicate entries for key {name}"))
        seen[key] = True
        found += [
            (f"{name}{path}", text) for path, text in _errors(atom.element or DEDUCED, item, duplicates)
        ]
    return found


def _scalar_error(scalar: str, value: Any) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if scalar == "numeric":
        return "" if is_number else f"expected numeric (int or float), got {_go_type(value)}"
    if scalar == "string":
        text = f"expected string, got &value.valueUnstructured{{Value:{_go_literal(value)}}}"
        return "" if isinstance(value, str) else text
    if scalar == "boolean":
        return "" if isinstance(value, bool) else f"expected boolean, got &{{{go_text(value)}}}"
    return "" if isinstance(value, (str, int, float)) else f"expected any scalar, got &{{{go_text(value)}}}"


def _go_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "map[string]interface {}"
    return "[]interface {}" if isinstance(value, list) else "float64"


def _go_literal(value: Any) -> str:
    """A JSON value as Go's ``%#v`` prints it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{_go_literal(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{inner}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_go_literal, value))}}}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return "interface {}(nil)" if value is None else go_text(value)


def go_text(value: Any) -> str:
    """A JSON value as Go's ``%v`` prints it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else str(value)
