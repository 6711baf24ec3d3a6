"""Label selectors as the text of a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def selector_text(selector: Mapping[str, Any] | None) -> str:
    """`{"matchLabels": …, "matchExpressions": …}` as `a=b,c in (d,e)`."""
    if not selector:
        return ""
    parts = equality_text(selector.get("matchLabels") or {})
    return ",".join(
        [*([parts] if parts else []), *(_text(one) for one in selector.get("matchExpressions") or ())]
    )


def equality_text(labels: Mapping[str, Any]) -> str:
    """`{"a": "b"}` as `a=b`, keys sorted."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))


def _text(expression: Mapping[str, Any]) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator == "Exists":
        return str(key)
    if operator == "DoesNotExist":
        return f"!{key}"
    return (
        f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(sorted(expression.get('values') or ()))})"
    )
