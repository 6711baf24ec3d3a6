"""The recorded answers of a real API server, replayed against ours.

The cases lie beside the repository (``../shared/golden``) or where ``K8SCOURSE_GOLDEN`` says, with the program that
replays them. Categories A (defaults), B (errors) and C (patches and apply) run here. A case that asks for something
which is not served at all yet is left out, and what that is is found out from the case, not from its name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("K8SCOURSE_GOLDEN", ROOT / "../shared/golden/cases")).resolve()
REPLAY = CASES.parent / "replay.py"
ADAPTER = "tests.golden.adapter:open_api"

pytestmark = pytest.mark.skipif(not REPLAY.is_file(), reason=f"no golden cases at {CASES}")


def beyond(case: dict[str, Any]) -> list[str]:
    """What a case asks for that is not served yet."""
    found = []
    for step in case["steps"]:
        body = (step.get("expect") or {}).get("body")
        if step.get("path") == "/api/v1" and isinstance(body, dict) and body.get("kind") == "APIResourceList":
            found.append("every subresource of the core group, as discovery lists them")
    return found


def replay(files: list[Path], *options: str) -> str:
    """Run the program on files and return what it says."""
    command = [sys.executable, str(REPLAY), "--adapter", ADAPTER, *options, *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def reached(categories: str) -> list[Path]:
    """The cases of these categories that ask for what is served."""
    files = sorted(path for path in CASES.glob("*.json") if path.name[0] in categories)
    return [path for path in files if not beyond(json.loads(path.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("category", "ABC")
def test_the_api_server_answers_as_recorded(category: str) -> None:
    files = reached(category)
    said = replay(files)
    assert said.endswith(f"{len(files)} passed, 0 failed\n"), said


def test_nothing_leaks_from_case_to_case() -> None:
    files = reached("ABC")
    said = replay(files, "--reuse", "--seed", "1")
    assert said.endswith(f"{len(files)} passed, 0 failed\n"), said
