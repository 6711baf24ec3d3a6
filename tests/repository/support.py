"""What the tests of the repository share: its root, its files, and a server that says when it is ready."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def files(*patterns: str) -> list[Path]:
    """The files that are, or are about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [ROOT / name.strip('"') for name in names if (ROOT / name).is_file()]


@contextmanager
def serving(command: list[str], folder: Path, home: Path, limit: float = 60.0) -> Iterator[str]:
    """Run a Jupyter server; gives its address with the token once it prints it. A limit in seconds ends it."""
    own = {name: str(home / name) for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **own}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        guard = threading.Timer(limit, process.kill)
        guard.start()
        try:
            yield _address(process)
        finally:
            guard.cancel()
            process.terminate()
            assert process.stdout is not None
            process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    printed = []
    assert process.stdout is not None
    for line in process.stdout:
        printed.append(line)
        address = line.rpartition(" ")[2].strip()
        if address.startswith("http://127.0.0.1:"):
            return address
    raise AssertionError("the server ended:\n" + "".join(printed))
