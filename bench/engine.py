"""The engine: import, kernel, boot, and a Deployment from apply to Ready."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from k8scourse import Cluster
from k8scourse.sim import SECOND, Simulation

from .measure import Row, milliseconds

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
"""


def rows() -> list[Row]:
    """All measurements of the engine."""
    return [_import(), _boot(), _deployment(), _kernel()]


def _import() -> Row:
    """In a process of its own; Python's own start is taken off."""

    def spent(statement: str) -> float:
        return milliseconds(lambda: subprocess.run([sys.executable, "-c", statement], check=True), repeat=7)

    return Row("import k8scourse", f"{spent('import k8scourse') - spent('pass'):.0f} ms", "< 300 ms")


def _boot() -> Row:
    return Row("boot of the default cluster", f"{milliseconds(Cluster):.0f} ms", "< 300 ms")


def _deployment() -> Row:
    times = []
    for _ in range(7):
        cluster = Cluster()
        start = time.perf_counter()
        cluster.apply(WEB)
        cluster.run(until="deployment/web available")
        times.append((time.perf_counter() - start) * 1000)
    return Row("Deployment of 3, apply to Ready", f"{statistics.median(times):.0f} ms", "< 50 ms")


def _kernel(events: int = 300_000, width: int = 1_000) -> Row:
    sim = Simulation()

    def again() -> None:
        sim.after(SECOND, again)

    for number in range(width):
        sim.after(number, again)

    def run() -> None:
        for _ in range(events):
            sim.step()

    rate = events / milliseconds(run, repeat=3) * 1000
    return Row("kernel, events per second", f"{rate:,.0f}", "")
