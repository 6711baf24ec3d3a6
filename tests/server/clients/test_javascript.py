"""The JavaScript client from npm, run by Node.js: javascript/client.mjs says what it found."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from k8scourse.server import Served

from ..wire import ask
from .conftest import WIDGETS

FOLDER = Path(__file__).with_name("javascript")
NODE = shutil.which("node")


@pytest.fixture(scope="module")
def found(served: Served) -> dict[str, Any]:
    """What the script says, by name."""
    if NODE is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip(f"no JavaScript client here: npm ci --prefix {FOLDER}")
    ask(
        served,
        "POST",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        json.dumps(WIDGETS).encode(),
    )
    done = subprocess.run(
        [NODE, "client.mjs", str(served.kubeconfig)],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_typed_objects_are_made_read_changed_and_deleted(found: dict[str, Any]) -> None:
    assert found["typed"] == [{"key": "2"}, True]
    assert found["missing"] == [404, "NotFound"]


def test_every_type_of_patch_is_understood(found: dict[str, Any]) -> None:
    assert found["patches"] == {"a": "1", "b": "2", "c": "3", "d": "4"}


def test_an_informer_hears_everything(found: dict[str, Any]) -> None:
    verbs = ["add", "update", "delete"]
    assert [each for each in found["informer"] if each[1] == "informed"] == [[v, "informed"] for v in verbs]


def test_a_deployment_becomes_ready_in_a_watch(found: dict[str, Any]) -> None:
    assert found["deployment"] == [2, ["Running", "Running"]]


def test_a_shell_is_talked_to_and_tells_its_exit_code(found: dict[str, Any]) -> None:
    assert found["exec"] == ["42\n", "bad\n", "NonZeroExitCode", "3"]


def test_a_log_is_followed_to_its_end(found: dict[str, Any]) -> None:
    assert found["log"] == "one\ntwo\n"


def test_custom_objects_have_a_schema(found: dict[str, Any]) -> None:
    assert found["widgets"] == [3]
    assert found["invalid"] == 422
