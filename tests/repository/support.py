"""What the tests of the repository share: its root, its files, and a server that says when it is ready."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

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
            address = _address(process)
            _connect(process, address)
            yield address
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


def _connect(process: subprocess.Popen[str], address: str) -> None:
    """Jupyter prints its address a moment before it listens there."""
    port = urlsplit(address).port
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server ended before it listened at {address}")
