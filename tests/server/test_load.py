"""Many clients at once, and those that do not behave: nothing is lost, nobody waits for somebody else."""

from __future__ import annotations

import json
import socket
import time

import pytest

from bench.http_load import load
from k8scourse import Cluster
from k8scourse.server import Served

from .wire import PATIENCE, Wire, ask

PLACE = "/api/v1/namespaces/default/configmaps"


def test_every_watcher_sees_every_revision_once_and_in_order() -> None:
    done = load(2, watchers=50, writers=16)
    assert done.errors == []
    assert done.events == 50 * (done.writes + 1)


def test_a_watcher_that_stops_reading_holds_nobody_up(served: Served) -> None:
    with Wire(served) as wedged:
        wedged.send(f"GET {PLACE}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for number in range(60):  # more than the buffers between the two hold
            body = {"metadata": {"name": f"large-{number}"}, "data": {"key": "x" * 300_000}}
            assert ask(served, "POST", PLACE, json.dumps(body).encode())[0] == 201
        assert ask(served, "GET", "/readyz")[0] == 200


def test_a_clock_that_breaks_is_noted_and_requests_are_still_answered() -> None:
    one = Cluster(workers=0).serve()
    try:
        one.engine.submit(lambda: one.cluster.sim.after(1, lambda: 1 // 0)).result(PATIENCE)
        end = time.monotonic() + PATIENCE
        while one.engine.broken is None and time.monotonic() < end:
            time.sleep(0.01)
        assert "ZeroDivisionError" in str(one.engine.broken)
        assert ask(one, "GET", "/version")[0] == 200
    finally:
        one.stop()


def test_stopping_frees_the_port_and_takes_the_way_in_along() -> None:
    one = Cluster(workers=0).serve(speed=0)
    with Wire(one) as wire:
        wire.send(f"GET {PLACE}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert wire.read().status == 200
        one.stop()
    assert not one.kubeconfig.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((one.host, one.port), timeout=1)
    again = Cluster(workers=0).serve(one.port, speed=0)
    again.stop()
