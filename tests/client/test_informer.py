from __future__ import annotations

from typing import Any

from client.tiny_server import World, config_map
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.api.errors import InternalError
from k8scourse.client import Informer, InformerFactory


def started(world: World) -> tuple[Informer, list[str]]:
    """A synced informer of config maps and the log of what its handlers heard."""
    informers = InformerFactory(world.process, world.client)
    informer = informers.get("configmaps")
    heard: list[str] = []
    informer.on(
        added=lambda obj: heard.append(f"added {obj['metadata']['name']}"),
        updated=lambda _, new: heard.append(f"updated {new['metadata']['name']}"),
        deleted=lambda obj: heard.append(f"deleted {obj['metadata']['name']}"),
    )
    informers.start()
    return informer, heard


def cache(informer: Informer) -> dict[str, Any]:
    return {key: informer.lister.get(key) for key in informer.lister.all_keys()}


def put(world: World, name: str, value: str) -> None:
    old = world.server.objects.get(("configmaps", f"default/{name}"))
    if old is None:
        world.direct.create(config_map(name, value=value))
    else:
        world.direct.update({**old, "data": {"value": value}})


def test_the_first_list_fills_the_cache_before_any_event() -> None:
    world = World()
    world.direct.create(config_map("a"))
    informer, heard = started(world)
    assert (informer.synced, heard) == (True, ["added a"])


def test_handlers_hear_of_every_change_in_order() -> None:
    world = World()
    informer, heard = started(world)
    put(world, "a", "1")
    put(world, "a", "2")
    world.direct.delete("configmaps", "a", "default")
    world.run(1)
    assert heard == ["added a", "updated a", "deleted a"]
    assert cache(informer) == {}


def test_the_cache_holds_the_very_objects_of_the_store() -> None:
    world = World()
    put(world, "before", "1")
    informer, _ = started(world)
    put(world, "after", "1")
    world.run(1)
    for key, obj in world.server.cache("configmaps").items():
        assert informer.lister.get(key) is obj


def test_one_informer_serves_all_who_ask_for_the_same() -> None:
    world = World()
    informers = InformerFactory(world.process, world.client)
    assert informers.get("pods") is informers.get("pods")
    assert informers.get("pods") is not informers.get("pods", field_selector="spec.nodeName=worker-1")


def test_a_late_handler_is_told_of_what_is_there() -> None:
    world = World()
    world.direct.create(config_map("a"))
    informer, _ = started(world)
    late: list[str] = []
    informer.on(added=lambda obj: late.append(obj["metadata"]["name"]))
    assert late == ["a"]


def test_an_index_follows_its_objects() -> None:
    world = World()
    informer, _ = started(world)
    informer.add_index("value", lambda obj: [obj["data"]["value"]])
    put(world, "a", "red")
    put(world, "b", "red")
    world.run(1)
    put(world, "a", "blue")
    world.run(1)
    assert [obj["metadata"]["name"] for obj in informer.lister.by_index("value", "red")] == ["b"]
    assert [obj["metadata"]["name"] for obj in informer.lister.by_index("value", "blue")] == ["a"]
    assert informer.lister.by_index("value", "green") == []


def test_a_namespace_is_a_range_of_keys() -> None:
    world = World()
    informer, _ = started(world)
    for namespace in ("app", "app-2", "apple"):
        obj = config_map("a")
        world.direct.create({**obj, "metadata": {**obj["metadata"], "namespace": namespace}})
    world.run(1)
    assert [obj["metadata"]["namespace"] for obj in informer.lister.list("app")] == ["app"]


def test_when_synced_waits_for_every_informer() -> None:
    world = World()
    informers = InformerFactory(world.process, world.client)
    informers.get("pods")
    informers.get("nodes")
    done: list[int] = []
    world.server.crash()
    informers.start()
    informers.when_synced(lambda: done.append(world.sim.now))
    assert (informers.synced, done) == (False, [])
    world.restart_server()
    world.run(5)
    assert informers.synced
    assert len(done) == 1


def test_a_closed_watch_resumes_without_a_new_list() -> None:
    world = World()
    informer, heard = started(world)
    world.run(10)
    lists = sum("watch" not in request.query for request in world.server.requests)
    world.server.close_watches()
    put(world, "a", "1")
    world.run(1)
    assert heard == ["added a"]
    assert sum("watch" not in request.query for request in world.server.requests) == lists + 1  # the create
    assert cache(informer) == world.server.cache("configmaps")


def test_a_crash_of_the_server_is_resumed_from_the_last_version() -> None:
    world = World()
    informer, heard = started(world)
    put(world, "a", "1")
    world.run(10)
    world.server.crash()
    world.run(3)
    world.restart_server()
    put(world, "b", "1")
    world.direct.delete("configmaps", "a", "default")
    world.run(90)
    assert heard == ["added a", "added b", "deleted a"]
    assert cache(informer) == world.server.cache("configmaps")


def test_a_forgotten_version_means_a_new_list_and_tells_what_was_missed() -> None:
    world = World()
    informer, heard = started(world)
    put(world, "gone", "1")
    put(world, "kept", "1")
    world.run(10)
    world.server.crash()
    world.run(1)
    world.restart_server()
    world.direct.delete("configmaps", "gone", "default")
    put(world, "kept", "2")
    put(world, "new", "1")
    world.server.compact()
    world.run(90)
    assert heard == ["added gone", "added kept", "deleted gone", "updated kept", "added new"]
    assert cache(informer) == world.server.cache("configmaps")


def test_a_server_that_fails_is_asked_less_and_less_often() -> None:
    world = World()
    world.server.refuse = InternalError("etcdserver: leader changed")
    informer, _ = started(world)
    world.run(100)
    asked = len(world.server.requests)
    assert 4 <= asked <= 8  # 0.8 s doubling to 30 s, each stretched by up to as much again
    world.server.refuse = None
    world.run(60)
    assert informer.synced


def test_a_watch_that_ends_at_once_does_not_spin() -> None:
    world = World()
    started(world)
    for _ in range(20):
        world.server.close_watches()
        world.run(0.1)
    assert len(world.server.requests) < 12


def test_a_dead_process_hears_nothing() -> None:
    world = World()
    _, heard = started(world)
    world.process.kill()
    put(world, "a", "1")
    world.run(60)
    assert (heard, world.server.watches) == ([], [])


STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("abc"), st.sampled_from("12")),
    st.tuples(st.just("delete"), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["cut", "heal", "crash", "restart", "compact", "close"])),
    st.tuples(st.just("run"), st.sampled_from([0.0005, 0.01, 2, 50])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_whatever_breaks_the_cache_ends_equal_to_the_store(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    informer, _ = started(world)
    seen: dict[str, str] = {}
    informer.on(
        added=lambda obj: seen.__setitem__(obj["metadata"]["name"], obj["data"]["value"]),
        updated=lambda _, new: seen.__setitem__(new["metadata"]["name"], new["data"]["value"]),
        deleted=lambda obj: seen.__delitem__(obj["metadata"]["name"]),
    )
    for step in steps:
        _apply(world, *step)
    _apply(world, "heal")
    _apply(world, "restart")
    world.run(200)
    assert cache(informer) == world.server.cache("configmaps")
    assert seen == {obj["metadata"]["name"]: obj["data"]["value"] for obj in informer.lister.list()}


def _apply(world: World, action: str, *args: Any) -> None:
    alive = world.server.process.alive
    if action == "put" and alive:
        put(world, *args)
    elif action == "delete" and alive and ("configmaps", f"default/{args[0]}") in world.server.objects:
        world.direct.delete("configmaps", args[0], "default")
    elif action == "cut":
        world.sim.network.cut("worker-1")
    elif action == "heal":
        world.sim.network.heal("worker-1")
    elif action == "crash" and alive:
        world.server.crash()
    elif action == "restart" and not alive:
        world.restart_server()
        world.direct = world.client_for(world.server.process)
    elif action == "compact":
        world.server.compact()
    elif action == "close":
        world.server.close_watches()
    elif action == "run":
        world.run(args[0])
