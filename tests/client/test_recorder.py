from __future__ import annotations

from client.tiny_server import World, config_map

from k8scourse.client import EventRecorder


def fresh() -> tuple[World, EventRecorder, dict[str, object]]:
    world = World()
    pod = world.client.create(config_map("web"))
    return world, EventRecorder(world.process, world.client, "default-scheduler"), pod


def events(world: World) -> list[tuple[str, int]]:
    return [(event["message"], event["count"]) for event in world.server.cache("events").values()]


def test_an_event_says_what_happened_to_what() -> None:
    world, recorder, pod = fresh()
    recorder.event(pod, "Normal", "Scheduled", "Successfully assigned default/web to worker-1")
    (event,) = world.server.cache("events").values()
    assert event["involvedObject"]["name"] == "web"
    assert (event["type"], event["reason"], event["count"]) == ("Normal", "Scheduled", 1)
    assert event["source"] == {"component": "default-scheduler"}
    assert event["metadata"]["name"].startswith("web.18")
    assert event["firstTimestamp"] == event["lastTimestamp"] == "2026-01-01T00:00:00Z"


def test_the_same_event_again_raises_its_count() -> None:
    world, recorder, pod = fresh()
    for _ in range(3):
        recorder.event(pod, "Warning", "BackOff", "Back-off restarting failed container")
        world.run(10)
    assert events(world) == [("Back-off restarting failed container", 3)]
    (event,) = world.server.cache("events").values()
    assert event["lastTimestamp"] == "2026-01-01T00:00:20Z"


def test_from_the_tenth_different_message_on_they_are_combined() -> None:
    world, recorder, pod = fresh()
    for number in range(12):
        recorder.event(pod, "Normal", "SuccessfulCreate", f"Created pod: web-{number}")
    listed = events(world)
    assert listed[:9] == [(f"Created pod: web-{number}", 1) for number in range(9)]
    assert listed[9:] == [("(combined from similar events): Created pod: web-11", 3)]


def test_a_flood_about_one_object_is_cut_after_25() -> None:
    world, recorder, pod = fresh()
    for _ in range(100):
        recorder.event(pod, "Warning", "Unhealthy", "Readiness probe failed")
    assert events(world) == [("Readiness probe failed", 25)]
    world.run(300)
    recorder.event(pod, "Warning", "Unhealthy", "Readiness probe failed")
    recorder.event(pod, "Warning", "Unhealthy", "Readiness probe failed")
    assert events(world) == [("Readiness probe failed", 26)]


def test_an_event_that_expired_is_written_anew() -> None:
    world, recorder, pod = fresh()
    recorder.event(pod, "Normal", "Pulled", "done")
    name = next(iter(world.server.cache("events").values()))["metadata"]["name"]
    world.client.delete("events", name, "default")
    recorder.event(pod, "Normal", "Pulled", "done")
    assert events(world) == [("done", 1)]


def test_events_wait_while_the_server_is_away_and_keep_their_order() -> None:
    world, recorder, pod = fresh()
    world.server.crash()
    recorder.event(pod, "Normal", "Pulling", "first")
    recorder.event(pod, "Normal", "Pulled", "second")
    world.run(25)
    world.restart_server()
    world.run(10)
    assert [message for message, _ in events(world)] == ["first", "second"]
    (first, second) = world.server.cache("events").values()
    assert first["firstTimestamp"] == second["firstTimestamp"] == "2026-01-01T00:00:00Z"


def test_after_twelve_tries_an_event_is_given_up() -> None:
    world, recorder, pod = fresh()
    world.server.crash()
    recorder.event(pod, "Normal", "Pulling", "too late")
    world.run(200)
    world.restart_server()
    world.run(100)
    assert events(world) == []


def test_a_refused_event_is_dropped() -> None:
    world, recorder, _ = fresh()
    recorder.event({**config_map("x"), "metadata": {"name": "x"}}, "Normal", "One", "goes to default")
    (event,) = world.server.cache("events").values()
    assert event["metadata"]["namespace"] == "default"
