"""Bodies to begin with: what the golden cases send, and an object of every kind out of the field table."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from k8scourse.api import kinds, typetable
from k8scourse.api.kinds import Kind

CASES = Path(os.environ.get("K8SCOURSE_GOLDEN", Path(__file__).parents[2] / "../shared/golden/cases"))
NAMESPACES = ("default", "team-a", "team-b")


class Seed(NamedTuple):
    """A request that was once sent: the body is a JSON value, or text."""

    method: str
    path: str
    body: Any
    content_type: str = ""
    user: str = "admin"


def seeds(with_golden: bool = True) -> list[Seed]:
    """All seeds, in a fixed order."""
    found = [
        _own(kind, random.Random(f"{kind.plural}/{number}")) for kind in kinds.ALL for number in range(3)
    ]
    if with_golden and CASES.is_dir():
        found += golden()
    return found


def golden() -> list[Seed]:
    """The requests of the golden cases, each in one of our namespaces."""
    found: list[Seed] = []
    for number, path in enumerate(sorted(CASES.glob("*.json"))):
        case = json.loads(_in_namespaces(path.read_text(), number))
        found += _of_steps(case.get("steps") or ())
        found += [
            Seed("POST", one_path, obj) for obj in case.get("objects") or () if (one_path := _path(obj))
        ]
    return found


def _in_namespaces(text: str, number: int) -> str:
    one, other = NAMESPACES[number % 3], NAMESPACES[(number + 1) % 3]
    return text.replace("{ns}", one).replace("{ns2}", other)


def _of_steps(steps: Any) -> Iterator[Seed]:
    for step in steps:
        if "method" not in step:
            continue
        body = step.get("body", step.get("bodyText"))
        yield Seed(step["method"], step["path"], body, step.get("contentType", ""), step.get("as", "admin"))


def _path(obj: Any) -> str:
    kind = kinds.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
    return collection(kind, obj.get("metadata", {}).get("namespace", "default")) if kind else ""


def collection(kind: Kind, namespace: str = "default") -> str:
    """The path of a kind's objects."""
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    return f"{root}/namespaces/{namespace}/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"


def _own(kind: Kind, rng: random.Random) -> Seed:
    return Seed("POST", collection(kind), an_object(kind, rng))


# -- objects out of the field table -----------------------------------------------------------------

WORDS = ("a", "web", "x-1", "example.com/a", "v1", "Pod", "Always", "TCP", "kubernetes.io/b", "10.0.0.1", "c")


def an_object(kind: Kind, rng: Any) -> dict[str, Any]:
    """An object whose fields have the right types; whether they make sense is another question."""
    try:
        name = typetable.type_of(kind)
    except KeyError:
        return {"metadata": {"name": "a"}}
    obj = _struct(name, rng, 0)
    metadata = {"name": rng.choice(("a", "b", "web", "x-1")), "labels": {"app": "web"}}
    return {**obj, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}


def _struct(name: str, rng: Any, depth: int) -> dict[str, Any]:
    fields = list(typetable.struct(name).fields.values())
    share = (1.0, 0.9, 0.5, 0.35, 0.25)[min(depth, 4)]
    chosen = [field for field in fields if field.always or rng.random() < share]
    return {field.name: a_value(field.code, rng, depth + 1) for field in chosen}


def a_value(code: str, rng: Any, depth: int = 0) -> Any:
    """A value of the type with this code in the field table."""
    if code.startswith("[]"):
        return (
            [a_value(code[2:], rng, depth + 1) for _ in range(rng.choice((0, 1, 1, 2)))] if depth < 9 else []
        )
    if code.startswith("{}"):
        return {rng.choice(WORDS): a_value(code[2:], rng, depth + 1)} if depth < 9 else {}
    if code.startswith("@"):
        return _struct(code[1:], rng, depth) if depth < 9 else {}
    choices: dict[str, tuple[Any, ...]] = {
        "s": WORDS, "b": (True, False), "i": (0, 1, 80, 3), "l": (0, 1, 30), "f": (0.5, 1), "x": (80, "http", "25%"),
        "q": ("1", "100m", "1Gi"), "t": ("2026-01-01T00:00:00Z",), "u": ("2026-01-01T00:00:00.000000Z",),
        "y": ("YQ==",), "a": ({"a": 1}, "x"),
    }  # fmt: skip
    return rng.choice(choices[code])
