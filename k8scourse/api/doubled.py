"""Bodies that say something twice: what strict decoding finds in the text, which the parsed value no longer shows.

Of a field that is given twice the last value counts; the object is as good as any. Only who asks for strictness (or
for warnings) must hear of it, so the root of such a body carries the finding along:

    {"spec": {"replicas": 1, "replicas": 2}}   ->   duplicate field "spec.replicas"
    replicas: 1                                ->   line 2: key "replicas" already set in map
    replicas: 2

Upstream: ``sigs.k8s.io/json`` (strict errors, one hundred at most), ``apimachinery/pkg/runtime/serializer/json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from k8scourse.api import typetable
from k8scourse.api.typetable import Struct

LIMIT = 100
_YAML = "yaml: unmarshal errors:\n  "


class Pairs(list[tuple[str, Any]]):
    """An object of JSON with all of its pairs, doubled ones too."""


class Doubled(dict[str, Any]):
    """The root of such a body: a plain object, and beside it where something is said twice.

    `pairs` is the body as JSON had it, `lines` what the YAML reader said; one of them is empty.
    """

    def __init__(self, value: dict[str, Any], pairs: Pairs | None = None, lines: Sequence[str] = ()) -> None:
        super().__init__(value)
        self.pairs = Pairs() if pairs is None else pairs
        self.lines = list(lines)

    def found(self, type_name: str, unknown: Sequence[str]) -> list[str]:
        """All that is to be warned of, in upstream's order; `type_name` is "" when the fields are not known here.

        `unknown` are the unknown fields of the plain object; where fields are known they are found again, among
        the doubled ones.
        """
        if self.lines:
            return [*self.lines, *unknown]
        if type_name:
            return _first(_problems(typetable.struct(type_name), self.pairs, ""))
        return [*self.in_text(), *unknown]

    def in_text(self) -> list[str]:
        """The doubled fields alone."""
        return list(self.lines) or _first(_problems(None, self.pairs, ""))

    def sentence(self, found: Sequence[str]) -> str:
        """The findings as one error; those of YAML come as the one error that its reader raises."""
        if self.lines:
            lines = "\n  ".join(self.lines)
            return ", ".join([f"{_YAML}{lines}", *found[len(self.lines) :]])
        return ", ".join(found)


def parse(text: str, **options: Any) -> Any:
    """`json.loads`, with a `Doubled` root when an object within has a key twice."""
    doubled = False

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        found = dict(pairs)
        doubled = doubled or len(found) != len(pairs)
        return found

    value = json.loads(text, object_pairs_hook=made, **options)
    if doubled and isinstance(value, dict):
        return Doubled(value, json.loads(text, object_pairs_hook=Pairs))
    return value


def _first(problems: Iterator[str]) -> list[str]:
    """Each problem once, and not more than upstream tells."""
    found = dict.fromkeys(problems)
    return list(found)[:LIMIT]


def _problems(struct: Struct | None, value: Any, path: str) -> Iterator[str]:
    """Unknown and doubled fields in the order of the text; without a struct only the doubled ones."""
    if isinstance(value, Pairs):
        seen: dict[str, bool] = {}
        for key, inner in value:
            place = f"{path}.{key}" if path else key
            field = struct.fields.get(key) if struct else None
            if struct and field is None:
                yield f'unknown field "{place}"'
                continue
            if key in seen:
                yield f'duplicate field "{place}"'
            seen[key] = True
            type_name = field.type_name if field else ""
            is_map = field is not None and field.code.startswith("{}")
            yield from _within(type_name, is_map, inner, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(struct, item, f"{path}[{index}]")


def _within(type_name: str, is_map: bool, value: Any, path: str) -> Iterator[str]:
    struct = typetable.struct(type_name) if type_name else None
    if not is_map or struct is None:
        yield from _problems(struct, value, path)
        return
    seen: dict[str, bool] = {}
    for key, inner in value if isinstance(value, Pairs) else ():
        if key in seen:
            yield f'duplicate field "{path}.{key}"'
        seen[key] = True
        yield from _problems(struct, inner, f"{path}.{key}")
