"""Cuts, latency and lost power look to both ends as they do on a real network."""

from __future__ import annotations

import pytest

from k8scourse.sim import SECOND, Connection, Machine, Process, Simulation, seconds


class Wire:
    """A server on one host streaming to a client on another."""

    def __init__(self, tie_break: int | None = None) -> None:
        self.sim = Simulation(tie_break=tie_break)
        self.control = Machine(self.sim, "control-plane-1", address="10.0.0.10")
        self.worker = Machine(self.sim, "worker-1", address="10.0.0.11")
        self.server = self.control.spawn("kube-apiserver")
        self.client = self.worker.spawn("kubelet")
        self.got: list[object] = []
        self.closed_at: list[int] = []

    def connect(self) -> Connection:
        return self.sim.network.connect(
            server=self.server,
            client=self.client,
            on_message=self.got.append,
            on_close=lambda: self.closed_at.append(self.sim.now),
        )


@pytest.mark.parametrize("tie_break", [None, 1, 2, 3])
def test_a_connection_keeps_the_order_of_its_messages(tie_break: int | None) -> None:
    wire = Wire(tie_break)
    connection = wire.connect()
    for number in range(20):
        connection.send(number)
    wire.sim.run(SECOND)
    assert list(range(20)) == wire.got


def test_messages_wait_through_a_short_cut_and_arrive_in_order() -> None:
    wire = Wire()
    connection = wire.connect()
    wire.sim.network.cut("worker-1")
    connection.send("one")
    connection.send("two")
    wire.sim.run(30 * SECOND)
    assert [] == wire.got
    wire.sim.network.heal("worker-1")
    connection.send("three")
    wire.sim.run(31 * SECOND)
    assert (["one", "two", "three"], []) == (wire.got, wire.closed_at)


def test_a_long_cut_breaks_the_connection_after_45_seconds() -> None:
    wire = Wire()
    wire.connect().send("lost")
    wire.sim.network.cut("kubelet@worker-1", "control-plane-1")
    wire.sim.run(seconds(60))
    wire.sim.network.heal("kubelet@worker-1", "control-plane-1")
    wire.sim.run(seconds(90))
    assert ([], [45 * SECOND]) == (wire.got, wire.closed_at)


def test_a_crash_of_the_server_is_noticed_at_once_a_loss_of_power_is_not() -> None:
    crash, power = Wire(), Wire()
    crash.connect(), power.connect()
    crash.server.kill()
    power.control.power_off()
    crash.sim.run(seconds(50))
    power.sim.run(seconds(50))
    assert crash.closed_at[0] < seconds(0.01)
    assert [45 * SECOND] == power.closed_at


def test_a_cut_host_still_reaches_itself() -> None:
    wire = Wire()
    neighbour = wire.worker.spawn("containerd")
    wire.sim.network.cut("worker-1")
    assert wire.sim.network.reachable(wire.client, neighbour)
    assert not wire.sim.network.reachable(wire.client, wire.server)


def test_a_pair_can_be_cut_and_leaves_everybody_else_alone() -> None:
    wire = Wire()
    proxy = wire.worker.spawn("kube-proxy")
    wire.sim.network.cut(wire.client.id, wire.server.id)
    assert not wire.sim.network.reachable(wire.client, wire.server)
    assert wire.sim.network.reachable(proxy, wire.server)


def test_a_slow_link_delays_and_a_lossy_one_loses() -> None:
    wire = Wire()
    wire.sim.network.set_link("worker-1", latency_ns=seconds(2), loss=0.5)
    for number in range(200):
        wire.sim.network.send(wire.server, wire.client, wire.got.append, number)
    wire.sim.run(seconds(1.9))
    assert [] == wire.got
    wire.sim.run(seconds(2))
    assert 60 < len(wire.got) < 140


def test_a_lossy_connection_loses_nothing_and_keeps_order() -> None:
    wire = Wire()
    wire.sim.network.set_link("worker-1", loss=0.5)
    connection = wire.connect()
    for number in range(50):
        connection.send(number)
    wire.sim.run(SECOND)
    assert list(range(50)) == wire.got


def test_the_dead_receive_nothing() -> None:
    wire = Wire()
    wire.sim.network.send(wire.server, wire.client, wire.got.append, "hello")
    wire.client.kill()
    wire.sim.run(SECOND)
    assert [] == wire.got


def test_power_off_loses_memory_and_keeps_the_disk() -> None:
    wire = Wire()
    wire.worker.files["/etc/hostname"] = "worker-1"
    wire.worker.kernel["rules"] = ["…"]
    wire.worker.power_off()
    assert ({"/etc/hostname": "worker-1"}, {}, False) == (
        wire.worker.files,
        wire.worker.kernel,
        wire.client.alive,
    )


def test_processes_are_named_after_their_host() -> None:
    assert "kubelet@worker-1" == Wire().client.id
    assert "kubectl" == Process(Simulation(), "kubectl").id


def test_connections_that_have_ended_are_forgotten() -> None:
    wire = Wire()
    for _ in range(50):
        connection = wire.connect()
        connection.send("once")
        wire.sim.run(wire.sim.now + SECOND)
        connection.close()
    wire.connect()
    wire.sim.network.cut("worker-1")
    wire.sim.run(wire.sim.now + seconds(60))
    assert len(wire.closed_at) == 1
    assert (len(wire.server._on_exit), len(wire.client._on_exit)) == (0, 0)
