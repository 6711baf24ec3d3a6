"""The recorded answers of the real kubectl (category F), replayed through the kubectl of this machine.

Not reached: `F-explain` expects the reference manual's sentences, which are not repeated here.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from . import served
from .test_replay import CASES, REPLAY

NOT_REACHED = ("F-explain",)

Difference = tuple[str, Any, Any]

pytestmark = [
    pytest.mark.skipif(not REPLAY.is_file(), reason=f"no golden cases at {CASES}"),
    pytest.mark.skipif(
        served.kubectl_path() is None, reason="no kubectl on this machine (K8SCOURSE_KUBECTL)"
    ),
]


def _replayer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", REPLAY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["replay"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", sorted(CASES.glob("F-*.json")), ids=lambda path: path.stem)
def test_kubectl_prints_what_was_recorded(path: Path) -> None:
    if path.stem in NOT_REACHED:
        pytest.skip("sentences of the reference manual")
    api = served.ServedApi()
    try:
        differences = _replayer().replay_case(json.loads(path.read_text()), api)
    finally:
        api.served.stop()
    if path.stem == "F-drain":
        differences = _without_chance(differences)
    assert not differences


def _without_chance(differences: list[Difference]) -> list[Difference]:
    """What differs in a step by more than the order of what is said.

    kubectl 1.32 keeps the reasons for and against a drain in a map, and Go goes through maps in any order.
    """
    steps: dict[str, list[Difference]] = {}
    for one in differences:
        steps.setdefault(one[0].partition(".")[0], []).append(one)
    return [one for step in steps.values() if _words(step, 1) != _words(step, 2) for one in step]


def _words(step: list[Difference], side: int) -> list[str]:
    return sorted(word.strip("[],;") for one in step for word in str(one[side]).split())
