"""Categories A, B and C once more, through a real port: TLS, HTTP/1.1 and bearer tokens, all cases in one cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import served
from .test_replay import REPLAY, ROOT, cases

pytestmark = pytest.mark.skipif(not REPLAY.is_file(), reason="no golden cases beside the repository")


def test_the_port_answers_as_recorded(tmp_path: Path) -> None:
    pytest.importorskip("requests")
    files = cases("ABC")
    api = served.ServedApi()
    try:
        authority = tmp_path / "ca.crt"
        authority.write_bytes(api.served.authority.certificate)
        tokens = [option for user in ("admin", "viewer") for option in ("--token", f"{user}={user}")]
        command = [sys.executable, str(REPLAY), "--server", api.served.url, "--ca", str(authority), *tokens]
        done = subprocess.run(
            [*command, *map(str, files)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        api.served.stop()
    assert done.stdout.endswith(f"{len(files)} passed, 0 failed\n"), done.stdout + done.stderr
