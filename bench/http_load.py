"""A served cluster under load: many watchers and many writers over loopback, each with a TLS connection of its own.

Every watcher must see every revision of the writers once and in order; nothing may fail. Clients run in a process of
their own, so that what is measured is the server and not Python's lock between the two.

python -m bench.http_load [SECONDS]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from k8scourse import Cluster

from .measure import Row, table

WATCHERS, WRITERS = 50, 16


class Load(NamedTuple):
    """What came of it. Latencies in milliseconds; `grown` is by how many bytes a write makes the server grow."""

    seconds: float
    writes: int
    events: int
    errors: list[str]
    p50: float
    p99: float
    grown: float


def load(seconds: float, watchers: int = WATCHERS, writers: int = WRITERS) -> Load:
    """Serve a cluster, let clients write and watch for some seconds, and look at what they saw."""
    served = Cluster(workers=1).serve()
    try:
        arguments = [str(served.kubeconfig), str(seconds), str(watchers), str(writers)]
        with subprocess.Popen(
            [sys.executable, "-m", "bench.http_clients", *arguments], stdout=subprocess.PIPE, text=True
        ) as clients:
            assert clients.stdout is not None
            clients.stdout.readline()  # all watchers are connected, writing begins
            before = memory()
            found = json.loads(clients.stdout.readline())
            grown = memory() - before
    finally:
        served.stop()
    times = sorted(found["times"])
    return Load(
        found["seconds"], len(times), found["events"], found["errors"],
        statistics.median(times), times[int(len(times) * 0.99)], grown / len(times),
    )  # fmt: skip


def memory() -> int:
    """This process' resident memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def rows(seconds: float = 60) -> list[Row]:
    """The measurements as rows of the table. Raises AssertionError when a client saw anything wrong."""
    done = load(seconds)
    assert not done.errors, done.errors
    who = f"{WATCHERS} watchers, {WRITERS} writers, {done.seconds:.0f} s"
    return [
        Row(f"over HTTPS, writes per second ({who})", f"{done.writes / done.seconds:,.0f}", ""),
        Row("… events per second at the watchers", f"{done.events / done.seconds:,.0f}", ""),
        Row("… a write, p50 / p99", f"{done.p50:.0f} / {done.p99:.0f} ms", ""),
        Row("… memory kept of a write, for rewinding", f"{done.grown / 1024:.1f} kB", ""),
    ]


if __name__ == "__main__":
    print(table(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 60)))
