"""What the tests of the repository share: its root, its files, and a server that says when it is ready."""

from __future__ import annotations

import os
import re
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
    """Run a Jupyter server; gives its address with the token once it listens. A limit in seconds ends it."""
    own = {
        name: str(home / name) for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
    }
    home.mkdir(parents=True, exist_ok=True)
    printed = home / "server.log"  # a file, because nobody empties a pipe while the test goes on
    with (
        printed.open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        guard = threading.Timer(limit, process.kill)
        guard.start()
        try:
            yield _address(process, printed)
        finally:
            guard.cancel()
            process.terminate()


def _address(process: subprocess.Popen[bytes], printed: Path) -> str:
    """Jupyter prints its address a moment before it listens there."""
    while process.poll() is None:
        for address in re.findall(r"http://127\.0\.0\.1:\d+/\S+", printed.read_text()):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", urlsplit(address).port)) == 0:
                    return str(address)
        time.sleep(0.05)
    raise AssertionError(f"the server ended:\n{printed.read_text()}")
