"""Rewrite constraints.txt: the exact version of everything that the project's extras pull into this environment."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEADER = """\
# Exact versions of everything this project installs: make, Binder and CI all use this one file.
# To change one: edit, run `make clean test`, commit. `make constraints` rewrites the file from .venv.
"""


def closure(name: str, extras: frozenset[str]) -> dict[str, str]:
    """Versions by canonical name of all that `name` with these extras needs here, itself left out."""
    found: dict[str, str] = {}
    waiting = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for requirement in _requirements(*current):
            found[canonicalize_name(requirement.name)] = distribution(requirement.name).version
            waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found


def _requirements(name: str, extras: frozenset[str]) -> list[Requirement]:
    needed = []
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        try:
            distribution(requirement.name)
        except PackageNotFoundError:
            print(f"not installed: {requirement} (wanted by {name})", file=sys.stderr)
            continue
        needed.append(requirement)
    return needed


def frozen() -> str:
    """The text of constraints.txt for this environment."""
    versions = closure("k8scourse", frozenset({"lab", "test", "site"}))
    return HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


if __name__ == "__main__":
    Path("constraints.txt").write_text(frozen(), encoding="utf-8")
