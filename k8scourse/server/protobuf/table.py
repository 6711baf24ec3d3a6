"""The table of fields. A line is a message and its fields, each `number name type`:

    apps.DeploymentSpec: 1 replicas int?, 3 template core.PodTemplateSpec, …

`[T]` is a list, `{T}` a map from strings to T, `<T>` a message whose fields stand in the JSON of the outer one, `int?`
a pointer in Go: it is sent only when it is set, so that its zero counts. Every other number, text or truth is always
sent, and its zero means nothing. Time, Quantity, IntOrString, Duration and Raw have a JSON form of their own.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import NamedTuple

SCALARS = ("int", "bool", "string", "bytes", "double")
SPECIAL = ("Time", "MicroTime", "Quantity", "IntOrString", "Duration", "Raw")
_PACKAGES = {
    "v1": "core",
    "apps/v1": "apps",
    "authentication.k8s.io/v1": "authentication",
    "authorization.k8s.io/v1": "authorization",
    "autoscaling/v1": "autoscaling1",
    "autoscaling/v2": "autoscaling2",
    "batch/v1": "batch",
    "certificates.k8s.io/v1": "certificates",
    "networking.k8s.io/v1": "networking",
    "policy/v1": "policy",
    "rbac.authorization.k8s.io/v1": "rbac",
    "scheduling.k8s.io/v1": "scheduling",
}


class Field(NamedTuple):
    """One field: its name in JSON, its type, and how it is held ("", "list", "map" or "inline")."""

    name: str
    type: str
    holder: str
    pointer: bool


Message = dict[int, Field]


def message_of(api_version: str, kind: str) -> str | None:
    """The name of the message that a body of this kind holds; None when the table has none."""
    if kind in ("DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions"):
        return f"meta.{kind}"
    name = f"{_PACKAGES.get(api_version)}.{kind}"
    return name if name in messages() else None


@functools.cache
def messages() -> dict[str, Message]:
    """All messages of the table by name."""
    folder = resources.files(__package__)
    lines = [
        line for file in ("core.txt", "groups.txt") for line in folder.joinpath(file).read_text().splitlines()
    ]
    return dict(_message(line) for line in lines if line and not line.startswith("#"))


def _message(line: str) -> tuple[str, Message]:
    name, _, fields = line.partition(": ")
    package = name.partition(".")[0]
    return name, dict(_field(text, package) for text in fields.split(", ") if text)


_HOLDERS = {"[": "list", "{": "map", "<": "inline"}


def _field(text: str, package: str) -> tuple[int, Field]:
    number, name, kind = text.split(" ")
    holder = _HOLDERS.get(kind[0], "")
    if holder:
        kind = kind[1:-1]
    pointer = kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind not in SCALARS and kind not in SPECIAL and "." not in kind:
        kind = f"{package}.{kind}"
    return int(number), Field(name, kind, holder, pointer)
