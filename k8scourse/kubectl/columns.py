"""`-o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName`.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/get/customcolumn.go`.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.api.values import Object

from . import jsonpath, tabwriter
from .errors import CommandError


def render(spec: str, items: Sequence[Object], *, headers: bool = True) -> str:
    """The table that the specification describes, a row for each object."""
    pairs = [_column(part) for part in spec.split(",")]
    rows = [[title for title, _ in pairs]] if headers else []
    rows += [[_cell(path, item) for _, path in pairs] for item in items]
    return tabwriter.table(rows)


def _column(part: str) -> tuple[str, str]:
    title, colon, path = part.partition(":")
    if not colon or not title or not path:
        raise CommandError(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
    return title, path


def _cell(path: str, item: Object) -> str:
    try:
        found = jsonpath.values(path, item)
    except jsonpath.PathError as error:
        raise CommandError(str(error)) from None
    return ",".join(_text(value) for value in found) if found else "<none>"


def _text(value: object) -> str:
    """A value as Go's fmt prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_text(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(_text(item) for item in value) + "]"
    return "<nil>" if value is None else jsonpath.shown(value)
