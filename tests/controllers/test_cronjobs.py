"""CronJobs: a Job at every time, and what happens to those that are late, too many or old."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World

from k8scourse.api import metadata
from k8scourse.api.times import format_time, parse_time
from k8scourse.controllers import cron_schedule

Object = dict[str, Any]
FIRST = 1_767_225_600 // 60  # the first minute of virtual time


def cron_job(schedule: str = "* * * * *", **spec: Any) -> Object:
    pod = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "task:1"}]}}
    template = {"metadata": {"labels": {"from": "cj"}}, "spec": {"template": pod}}
    named = {"name": "cj", "namespace": "default"}
    kind = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": named}
    return {**kind, "spec": {"schedule": schedule, "jobTemplate": template, **spec}}


def world_with(created: Object, seconds: float = 0) -> World:
    world = World()
    world.run(6)
    world.client.create(created)
    world.run(seconds)
    return world


def names(world: World) -> list[str]:
    return [metadata.name(each) for each in world.list("jobs")]


def finish(world: World) -> None:
    """What the Jobs run ends well."""
    for pod in world.list("pods"):
        if pod["status"]["phase"] != "Succeeded":
            world.end(pod)
    world.run(4)


def test_a_job_starts_at_every_time_and_is_named_after_it() -> None:
    world = world_with(cron_job(), 56)
    assert [f"cj-{FIRST + 1}"] == names(world)
    job = world.list("jobs")[0]
    assert "cj" == metadata.labels(job)["from"]
    annotation = metadata.annotations(job)["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    assert "2026-01-01T00:01:00Z" == annotation
    status = world.get("cronjobs", "cj")["status"]
    assert "2026-01-01T00:01:00Z" == status["lastScheduleTime"]
    assert [f"cj-{FIRST + 1}"] == [each["name"] for each in status["active"]]
    assert ("SuccessfulCreate", f"Created job cj-{FIRST + 1}") in world.events("cj")
    world.run(60)
    assert 2 == len(names(world))


def test_a_job_that_ended_leaves_the_list_of_active_ones() -> None:
    world = world_with(cron_job(), 56)
    finish(world)
    status = world.get("cronjobs", "cj")["status"]
    assert "active" not in status
    assert "lastSuccessfulTime" in status
    assert ("SawCompletedJob", f"Saw completed job: cj-{FIRST + 1}, condition: Complete") in world.events(
        "cj"
    )


@pytest.mark.parametrize(("policy", "left"), [("Allow", [1, 2]), ("Forbid", [1]), ("Replace", [2])])
def test_the_concurrency_policy_says_what_happens_while_the_last_still_runs(
    policy: str, left: list[int]
) -> None:
    world = world_with(cron_job(concurrencyPolicy=policy), 118)
    assert [f"cj-{FIRST + number}" for number in left] == names(world)
    said = [reason for reason, _ in world.events("cj")]
    assert ("JobAlreadyActive" in said) == (policy == "Forbid")


def test_of_many_missed_times_only_the_latest_is_made_up_for() -> None:
    world = world_with(cron_job())
    world.kill_manager()
    world.run(600)
    world.start_manager()
    world.run(10)
    assert [f"cj-{FIRST + 10}"] == names(world)


def test_a_hundred_missed_times_are_complained_about() -> None:
    world = world_with(cron_job())
    world.kill_manager()
    world.run(101 * 60)
    world.start_manager()
    world.run(10)
    assert 1 == len(names(world))
    assert "TooManyMissedTimes" in [reason for reason, _ in world.events("cj")]


def test_a_time_that_is_missed_by_more_than_the_deadline_is_let_go() -> None:
    world = world_with(cron_job("0 * * * *", startingDeadlineSeconds=20))
    world.kill_manager()
    world.run(3640)
    world.start_manager()
    world.run(10)
    assert [] == names(world)


def test_only_the_last_few_jobs_are_kept() -> None:
    world = world_with(cron_job(successfulJobsHistoryLimit=2))
    for _ in range(4):
        world.run(56)
        finish(world)
    world.run(5)
    assert [f"cj-{FIRST + 3}", f"cj-{FIRST + 4}"] == names(world)


def test_a_suspended_cron_job_starts_nothing() -> None:
    assert [] == names(world_with(cron_job(suspend=True), 200))


def test_a_new_schedule_does_not_make_up_for_its_past() -> None:
    world = world_with(cron_job("0 0 1 1 *"), 200)
    world.patch("cronjobs", "cj", {"spec": {"schedule": "* * * * *"}})
    world.run(10)
    assert [] == names(world)
    world.run(60)
    assert 1 == len(names(world))


def test_a_crash_after_the_start_does_not_start_twice() -> None:
    world = world_with(cron_job(), 56)
    world.kill_manager()
    found = world.get("cronjobs", "cj")
    world.client.update_status({**found, "status": {}})
    world.start_manager()
    world.run(10)
    assert [f"cj-{FIRST + 1}"] == names(world)
    assert [f"cj-{FIRST + 1}"] == [each["name"] for each in world.get("cronjobs", "cj")["status"]["active"]]


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "expected"),
    [
        ("0 9 * * *", "Asia/Taipei", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
        ("0 9 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z"),
        ("*/15 * * * *", "", "2026-01-01T00:07:00Z", "2026-01-01T00:15:00Z"),
        ("0 0 ? * MON", "", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"),
        ("@hourly", "", "2026-01-01T00:07:00Z", "2026-01-01T01:00:00Z"),
        ("@every 1m30s", "", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"),
        ("0 0 29 2 *", "", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ],
)
def test_schedules_come_round(schedule: str, zone: str, after: str, expected: str) -> None:
    found = cron_schedule.parse(schedule, zone).after(parse_time(after))
    assert found is not None
    assert expected == format_time(found)


def test_a_day_that_never_comes_has_no_next_time() -> None:
    assert cron_schedule.parse("0 0 31 2 *").after(0) is None


def test_the_annotation_tells_the_time_of_the_zone() -> None:
    assert "2026-01-01T08:00:00+08:00" == cron_schedule.local_time(0, "Asia/Taipei")
