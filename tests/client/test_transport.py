from __future__ import annotations

from typing import Any

import pytest
from client.tiny_server import World, config_map

from k8scourse.api.errors import AlreadyExists, NotFound
from k8scourse.client import ConnectionRefused, Request, TimedOut
from k8scourse.client.transport import resource_of


def watch(world: World, version: str = "0") -> tuple[list[Any], list[str], Any]:
    events: list[Any] = []
    closed: list[str] = []
    stream = world.client.watch(
        "configmaps", events.append, lambda: closed.append("closed"), resource_version=version
    )
    return events, closed, stream


def test_a_call_carries_who_calls_with_which_token() -> None:
    world = World()
    world.client.create(config_map("a"))
    request = world.server.requests[-1]
    assert request.source == "kubelet@worker-1"
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.headers["User-Agent"] == "kubelet"
    assert (request.method, request.path) == ("POST", "/api/v1/namespaces/default/configmaps")


def test_a_call_takes_no_virtual_time() -> None:
    world = World()
    world.client.create(config_map("a"))
    assert world.client.get("configmaps", "a", "default")["metadata"]["name"] == "a"
    assert world.sim.now == 0


def test_a_refusal_is_raised_as_its_reason() -> None:
    world = World()
    with pytest.raises(NotFound, match='configmaps "a" not found'):
        world.client.get("configmaps", "a", "default")
    world.client.create(config_map("a"))
    with pytest.raises(AlreadyExists):
        world.client.create(config_map("a"))


def test_a_dead_server_refuses_connections() -> None:
    world = World()
    world.server.crash()
    with pytest.raises(ConnectionRefused, match=r"^dial tcp 10\.0\.0\.10:6443: connect: connection refused$"):
        world.client.list("configmaps")


def test_a_cut_network_times_out() -> None:
    world = World()
    world.sim.network.cut("worker-1")
    with pytest.raises(TimedOut, match=r"^dial tcp 10\.0\.0\.10:6443: i/o timeout$"):
        world.client.list("configmaps")
    world.sim.network.heal("worker-1")
    assert world.client.list("configmaps") == []


def test_a_server_that_lost_power_times_out_for_those_who_knew_it() -> None:
    world = World()
    world.client.list("configmaps")
    world.server.process.kill(silent=True)
    with pytest.raises(TimedOut):
        world.client.list("configmaps")


def test_watch_events_arrive_later_and_in_order() -> None:
    world = World()
    events, _, _ = watch(world)
    for name in ("a", "b", "c"):
        world.direct.create(config_map(name))
    assert events == []
    world.run(1)
    assert [event["object"]["metadata"]["name"] for event in events] == ["a", "b", "c"]


def test_every_delivery_is_recorded_once_when_it_arrives() -> None:
    world = World()
    watch(world)
    world.direct.create(config_map("a"))
    world.run(1)
    (record,) = world.sim.trace.records
    assert (record.kind, record.subject) == ("watch", "configmaps/default/a")
    assert (record.source, record.target) == ("kube-apiserver@control-plane-1", "kubelet@worker-1")
    assert record.detail == {"type": "ADDED", "revision": "2"}
    assert record.time > 0


def test_a_stopped_watch_is_silent_and_the_server_forgets_it() -> None:
    world = World()
    events, closed, stream = watch(world)
    stream.stop()
    world.direct.create(config_map("a"))
    world.run(60)
    assert (events, closed, world.server.watches) == ([], [], [])


def test_what_was_sent_before_the_end_arrives_before_the_end() -> None:
    world = World()
    events, closed, stream = watch(world)
    world.direct.create(config_map("a"))
    world.server.close_watches()
    world.run(1)
    assert (len(events), closed, stream.open) == (1, ["closed"], False)


def test_a_crash_of_the_server_ends_the_watch_at_once() -> None:
    world = World()
    _, closed, _ = watch(world)
    world.server.crash()
    world.run(0.1)
    assert closed == ["closed"]


def test_a_cut_watch_waits_and_goes_on_when_the_cut_is_short() -> None:
    world = World()
    events, closed, _ = watch(world)
    world.sim.network.cut("worker-1")
    world.direct.create(config_map("a"))
    world.run(30)
    assert events == []
    world.sim.network.heal("worker-1")
    world.run(1)
    assert (len(events), closed) == (1, [])


def test_a_cut_watch_breaks_after_45_seconds() -> None:
    world = World()
    _, closed, _ = watch(world)
    world.sim.network.cut("worker-1")
    world.run(44)
    assert closed == []
    world.run(2)
    assert closed == ["closed"]


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/api/v1/pods", "pods"),
        ("/api/v1/namespaces", "namespaces"),
        ("/api/v1/namespaces/default", "namespaces"),
        ("/api/v1/namespaces/default/pods", "pods"),
        ("/apis/apps/v1/namespaces/default/deployments", "deployments"),
        ("/apis/apps/v1/deployments", "deployments"),
    ],
)
def test_the_resource_is_read_from_the_path(path: str, resource: str) -> None:
    assert resource_of(path) == resource


def test_a_request_may_name_its_own_user_agent() -> None:
    world = World()
    world.client.transport.request(Request("GET", "/api/v1/pods", headers={"User-Agent": "kubectl/v1.36"}))
    assert world.server.requests[-1].headers["User-Agent"] == "kubectl/v1.36"
