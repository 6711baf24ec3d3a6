"""The API server alone, in process: how many requests a second, and what a write costs among many objects.

Times are this process' own (`process_time`), the best of several rounds: what else runs on the machine matters less.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from k8scourse.apiserver import ApiServer, Request, Response, Watch
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.sim import Process, Simulation, seconds

from .measure import Row

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
HEADERS = {"Authorization": "Bearer admin"}
SIZES = (1_000, 10_000, 100_000)


class Server:
    """An API server over one etcd member, and nobody else."""

    def __init__(self) -> None:
        self.sim = Simulation(0)
        etcd = EtcdMember(Process(self.sim, "etcd", "c"), MvccStore())
        self.server = ApiServer(
            Process(self.sim, "kube-apiserver", "c"), lambda: etcd, {"admin": "kubernetes-admin"}
        )
        self.server.start()
        self.sim.run(seconds(1))
        self.made = 0

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; anything but success is an error of the bench."""
        answer = self.server.handle(Request(method, path, {}, {**HEADERS, **headers}, body))
        assert isinstance(answer, Response), answer
        assert answer.code < 300, answer.body
        return answer.body

    def create(self) -> None:
        """A new ConfigMap with one key."""
        self.send("POST", CONFIG_MAPS, config_map(f"c-{self.made}"))
        self.made += 1

    def fill(self, size: int) -> None:
        """Create until there are so many."""
        while self.made < size:
            self.create()


def config_map(name: str, value: str = "1") -> dict[str, Any]:
    """The object that is created and changed."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": value}}


def rate(function: Callable[[], object], count: int, rounds: int = 5) -> float:
    """Calls per second of this process' time: the best round of `count` calls each."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(count):
            function()
        best = min(best, time.process_time() - start)
    return count / best


def rows() -> list[Row]:
    """All measurements of requests."""
    return [*_simple(), _fan_out(), _growth()]


def _simple() -> Iterator[Row]:
    server = Server()
    yield _row("create of a ConfigMap", rate(server.create, 1_000), "> 5,000")
    one = f"{CONFIG_MAPS}/c-0"
    request = Request("GET", one, {}, HEADERS)
    yield _row("get", rate(lambda: server.server.handle(request), 10_000), "> 50,000")
    values = itertools.cycle("ab")

    def changed() -> dict[str, Any]:
        return config_map("c-0", next(values))

    patch = {"Content-Type": "application/merge-patch+json"}
    apply = {"Content-Type": "application/apply-patch+yaml"}
    yield _row("update", rate(lambda: server.send("PUT", one, changed()), 500), "")
    yield _row("merge patch", rate(lambda: server.send("PATCH", one, changed(), **patch), 500), "")
    applied = f"{one}?fieldManager=bench&force=true"
    yield _row("apply", rate(lambda: server.send("PATCH", applied, changed(), **apply), 500), "")
    listed = f"{CONFIG_MAPS}?limit=500"
    yield _row("list of 500", rate(lambda: server.send("GET", listed), 200), "")


def _row(what: str, figure: float, aim: str) -> Row:
    return Row(f"{what}, requests per second", f"{figure:,.0f}", aim)


def _fan_out(watchers: int = 100) -> Row:
    """Events per second that arrive at a hundred watchers."""
    server = Server()
    server.create()
    seen: list[Any] = []
    for _ in range(watchers):
        answer = server.server.handle(Request("GET", CONFIG_MAPS, {"watch": "1"}, HEADERS))
        assert isinstance(answer, Watch)
        answer.connect(seen.append, lambda: None)
    server.sim.run(server.sim.now + seconds(1))

    def one() -> None:
        server.create()
        server.sim.run(server.sim.now + seconds(1))

    figure = rate(one, 50) * watchers
    assert len(seen) >= 250 * watchers
    return Row("watch events to 100 watchers, per second", f"{figure:,.0f}", "")


def _growth() -> Row:
    """What a create costs when there are a thousand objects, ten thousand, and a hundred thousand."""
    server = Server()
    costs = []
    for size in SIZES:
        server.fill(size)
        gc.collect()
        costs.append(1e6 / rate(server.create, 200))
    figures = " → ".join(f"{cost:.0f} µs" for cost in costs)
    return Row("create among 1,000 → 10,000 → 100,000 objects", figures, "flat")
