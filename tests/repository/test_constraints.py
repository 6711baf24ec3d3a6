"""One file of exact versions, and nothing installed that it does not name."""

from __future__ import annotations

import re
import tomllib

from freeze_constraints import frozen
from repository.support import ROOT

CONSTRAINTS = (ROOT / "constraints.txt").read_text()


def test_every_package_that_the_project_pulls_in_has_its_exact_version() -> None:
    assert CONSTRAINTS == frozen()


def test_no_constraint_is_a_range() -> None:
    lines = [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]
    assert [] == [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9A-Za-z.]*", line)]


def test_the_build_tools_are_pinned_too() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [] == [name for name in needed if f"\n{name}==" not in CONSTRAINTS]
