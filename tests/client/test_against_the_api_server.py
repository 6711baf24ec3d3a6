"""The informer over the real API server and etcd: whatever breaks, the cache ends equal to the store."""

from __future__ import annotations

from typing import Any

import pytest
from client.real_world import RealWorld
from client.tiny_server import config_map
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.api.errors import Conflict, NotFound
from k8scourse.api.values import evolve
from k8scourse.client import EventRecorder, Informer


def cache(informer: Informer) -> dict[str, Any]:
    return {key: informer.lister.get(key) for key in informer.lister.all_keys()}


def put(world: RealWorld, name: str, value: str) -> None:
    try:
        world.direct.update({**world.direct.get("configmaps", name, "default"), "data": {"value": value}})
    except NotFound:
        world.direct.create(config_map(name, value=value))


def test_the_cache_shares_the_objects_of_the_store() -> None:
    world = RealWorld()
    put(world, "before", "1")
    informer = world.informer()
    put(world, "after", "1")
    world.run(1)
    stored = world.stored()
    assert cache(informer) == stored
    assert all(informer.lister.get(key) is obj for key, obj in stored.items())
    with pytest.raises(TypeError):
        informer.lister.list()[0]["data"]["value"] = "changed in place"


def test_a_stale_update_is_refused_and_a_patch_is_not() -> None:
    world = RealWorld()
    put(world, "a", "1")
    old = world.client.get("configmaps", "a", "default")
    put(world, "a", "2")
    with pytest.raises(Conflict):
        world.client.update(evolve(old, "data.value", "3"))
    world.client.patch("configmaps", "a", {"data": {"value": "3"}}, "default", patch_type="merge")
    assert world.client.get("configmaps", "a", "default")["data"] == {"value": "3"}


def test_a_field_selector_narrows_list_and_watch() -> None:
    world = RealWorld()
    put(world, "a", "1")
    informer = world.informer(field_selector="metadata.name=b")
    put(world, "b", "1")
    world.run(1)
    assert informer.lister.all_keys() == ["default/b"]


def test_a_label_that_goes_takes_the_object_out_of_the_selection() -> None:
    world = RealWorld()
    informer = world.informer(label_selector="app=web")
    put(world, "a", "1")
    world.direct.patch("configmaps", "a", {"metadata": {"labels": {"app": "web"}}}, "default")
    world.run(1)
    assert informer.lister.all_keys() == ["default/a"]
    world.direct.patch("configmaps", "a", {"metadata": {"labels": {"app": "db"}}}, "default")
    world.run(1)
    assert informer.lister.all_keys() == []


def test_a_restarted_server_is_resumed() -> None:
    world = RealWorld()
    informer = world.informer()
    put(world, "a", "1")
    world.run(10)
    world.crash_server()
    world.run(5)
    world.start_server()
    put(world, "b", "1")
    world.direct.delete("configmaps", "a", "default")
    world.run(90)
    assert cache(informer) == world.stored()


def test_a_compacted_revision_means_a_new_list() -> None:
    world = RealWorld()
    informer = world.informer()
    put(world, "gone", "1")
    world.run(10)
    world.crash_server()
    world.run(1)
    world.start_server()
    world.direct.delete("configmaps", "gone", "default")
    put(world, "new", "1")
    world.etcd.compact(world.store.revision)
    world.crash_server()
    world.run(1)
    world.start_server()
    world.run(90)
    assert cache(informer) == world.stored()


def test_the_recorder_counts_on_the_real_server_too() -> None:
    world = RealWorld()
    put(world, "a", "1")
    recorder = EventRecorder(world.process, world.client, "kubelet")
    about = world.client.get("configmaps", "a", "default")
    for number in range(12):
        recorder.event(about, "Normal", "Created", f"Created container {number}")
    recorder.event(about, "Normal", "Pulled", "Pulled image")
    recorder.event(about, "Normal", "Pulled", "Pulled image")
    rows = {event["message"]: event["count"] for event in world.client.list("events", "default")}
    assert len(rows) == 11
    assert rows["(combined from similar events): Created container 11"] == 3
    assert rows["Pulled image"] == 2


STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("abc"), st.sampled_from("12")),
    st.tuples(st.just("delete"), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["cut", "heal", "crash", "restart", "compact"])),
    st.tuples(st.just("run"), st.sampled_from([0.0005, 0.01, 2, 50])),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_whatever_breaks_the_cache_ends_equal_to_the_store(steps: list[tuple[Any, ...]]) -> None:
    world = RealWorld()
    informer = world.informer()
    for step in [*steps, ("heal",), ("restart",)]:
        _apply(world, *step)
    world.run(200)
    assert cache(informer) == world.stored()


def _apply(world: RealWorld, action: str, *args: Any) -> None:
    alive = world.server_process.alive
    match action:
        case "put" if alive:
            put(world, *args)
        case "delete" if alive and f"default/{args[0]}" in world.stored():
            world.direct.delete("configmaps", args[0], "default")
        case "cut":
            world.sim.network.cut("worker-1")
        case "heal":
            world.sim.network.heal("worker-1")
        case "crash" if alive:
            world.crash_server()
        case "restart" if not alive:
            world.start_server()
        case "compact" if world.store.compact_revision < world.store.revision:
            world.etcd.compact(world.store.revision)
        case "run":
            world.run(args[0])
