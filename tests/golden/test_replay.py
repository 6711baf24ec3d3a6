"""The recorded answers of a real API server, replayed against ours.

The cases lie beside the repository (``../shared/golden``) or where ``K8SCOURSE_GOLDEN`` says, with the program that
replays them. Categories A (defaults), B (errors) and C (patches and apply) are reached and run here, all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("K8SCOURSE_GOLDEN", ROOT / "../shared/golden/cases")).resolve()
REPLAY = CASES.parent / "replay.py"
ADAPTER = "tests.golden.adapter:open_api"

pytestmark = pytest.mark.skipif(not REPLAY.is_file(), reason=f"no golden cases at {CASES}")


def replay(files: list[Path], *options: str) -> str:
    """Run the program on files and return what it says."""
    command = [sys.executable, str(REPLAY), "--adapter", ADAPTER, *options, *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def cases(categories: str) -> list[Path]:
    """The cases of these categories."""
    return sorted(path for path in CASES.glob("*.json") if path.name[0] in categories)


@pytest.mark.parametrize("category", "ABC")
def test_the_api_server_answers_as_recorded(category: str) -> None:
    files = cases(category)
    said = replay(files)
    assert said.endswith(f"{len(files)} passed, 0 failed\n"), said


def test_nothing_leaks_from_case_to_case() -> None:
    files = cases("ABC")
    said = replay(files, "--reuse", "--seed", "1")
    assert said.endswith(f"{len(files)} passed, 0 failed\n"), said
