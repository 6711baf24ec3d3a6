"""Jobs: every Pod is counted once, failures wait and end, and what the policies say."""

from __future__ import annotations

from typing import Any

import pytest
from controllers.harness import World, condition_of

from k8scourse.api import metadata
from k8scourse.controllers import job_indexes
from k8scourse.controllers.job_backoff import Backoff

Object = dict[str, Any]
FINALIZER = "batch.kubernetes.io/job-tracking"


def job(name: str = "j", *, restart: str = "Never", **spec: Any) -> Object:
    containers = [{"name": "c", "image": "task:1"}]
    base = {"template": {"spec": {"restartPolicy": restart, "containers": containers}}}
    named = {"name": name, "namespace": "default"}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": named, "spec": {**base, **spec}}


def world_with(created: Object) -> World:
    world = World()
    world.run(6)
    world.client.create(created)
    world.run(2)
    return world


def living(world: World) -> list[Object]:
    return [pod for pod in world.list("pods") if pod["status"].get("phase") in ("Pending", "Running")]


def status(world: World) -> Object:
    return world.get("jobs", "j")["status"]


def index(pod: Object) -> str:
    return pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]


def test_a_job_is_complete_when_enough_pods_have_succeeded() -> None:
    world = world_with(job(completions=3, parallelism=2))
    assert 2 == len(living(world))
    world.end(living(world)[0])
    world.run(4)
    assert 2 == len(living(world))
    for pod in living(world):
        world.end(pod)
    world.run(4)
    assert 3 == status(world)["succeeded"]
    assert {} == status(world)["uncountedTerminatedPods"]
    reached = ("True", "CompletionsReached", "Reached expected number of succeeded pods")
    assert reached == condition_of(world.get("jobs", "j"), "SuccessCriteriaMet")
    assert reached == condition_of(world.get("jobs", "j"), "Complete")
    assert "completionTime" in status(world)
    assert ("Completed", "Job completed") in world.events("j")


def test_a_pod_keeps_its_finalizer_until_it_is_counted() -> None:
    world = world_with(job())
    pod = living(world)[0]
    assert [FINALIZER] == pod["metadata"]["finalizers"]
    world.kill_manager()
    world.end(pod)
    world.client.delete("pods", metadata.name(pod), "default", grace_period_seconds=0)
    world.run(5)
    assert metadata.is_terminating(world.get("pods", metadata.name(pod)))
    world.start_manager()
    world.run(10)
    assert 1 == status(world)["succeeded"]
    assert world.find("pods", metadata.name(pod)) is None


def test_a_crash_between_noting_and_counting_counts_once() -> None:
    """Both Pods are noted, and one of them has lost its finalizer already, when the controller dies."""
    world = world_with(job(completions=2, parallelism=2))
    world.kill_manager()
    found = living(world)
    for pod in found:
        world.end(pod)
    noted = {**status(world), "uncountedTerminatedPods": {"succeeded": [metadata.uid(pod) for pod in found]}}
    world.client.update_status({**world.get("jobs", "j"), "status": noted})
    world.patch("pods", metadata.name(found[0]), {"metadata": {"finalizers": None}})
    world.start_manager()
    world.run(15)
    assert 2 == status(world)["succeeded"]
    assert "True" == condition_of(world.get("jobs", "j"), "Complete")[0]


def test_a_failed_pod_is_replaced_after_ten_seconds_and_then_twenty() -> None:
    world = world_with(job())
    for wait in (10, 20):
        world.end(living(world)[0], 1)
        world.run(wait - 3)
        assert [] == living(world)
        world.run(5)
        assert 1 == len(living(world))
    assert 2 == status(world)["failed"]


def test_too_many_failures_fail_the_job() -> None:
    world = world_with(job(backoffLimit=0, parallelism=2, completions=2))
    world.end(living(world)[0], 1)
    world.run(5)
    found = world.get("jobs", "j")
    said = ("True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    assert said == condition_of(found, "FailureTarget") == condition_of(found, "Failed")
    assert 2 == found["status"]["failed"], "the Pod that still ran counts as failed too"
    assert [] == living(world)


def test_indexed_pods_know_their_index() -> None:
    world = world_with(job(completionMode="Indexed", completions=3, parallelism=2))
    assert ["0", "1"] == [index(pod) for pod in living(world)]
    pod = living(world)[1]
    assert pod["metadata"]["name"].startswith("j-1-")
    assert "j-1" == pod["spec"]["hostname"]
    field = {"apiVersion": "v1", "fieldPath": "metadata.labels['batch.kubernetes.io/job-completion-index']"}
    variable = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": field}}
    assert [variable] == pod["spec"]["containers"][0]["env"]
    world.end(pod)
    world.run(4)
    assert "1" == status(world)["completedIndexes"]
    assert ["0", "2"] == [index(pod) for pod in living(world)]


def test_with_a_limit_per_index_one_bad_index_does_not_stop_the_others() -> None:
    world = world_with(job(completionMode="Indexed", completions=2, parallelism=2, backoffLimitPerIndex=1))
    world.end(living(world)[0], 1)
    world.run(14)
    second = living(world)[0]
    assert "1" == second["metadata"]["annotations"]["batch.kubernetes.io/job-index-failure-count"]
    world.end(second, 1)
    world.run(4)
    assert "0" == status(world)["failedIndexes"]
    assert ["1"] == [index(pod) for pod in living(world)]
    world.end(living(world)[0])
    world.run(4)
    found = world.get("jobs", "j")
    assert ("True", "FailedIndexes", "Job has failed indexes") == condition_of(found, "Failed")
    assert "1" == found["status"]["completedIndexes"]


def test_a_failure_policy_may_ignore_a_code_and_fail_at_once_for_another() -> None:
    codes = [("Ignore", 3), ("FailJob", 42)]
    rules = [{"action": action, "onExitCodes": {"operator": "In", "values": [n]}} for action, n in codes]
    world = world_with(job(backoffLimit=0, podFailurePolicy={"rules": rules}))
    world.end(living(world)[0], 3)
    world.run(15)
    assert "failed" not in status(world)
    pod = living(world)[0]
    world.end(pod, 42)
    world.run(5)
    reason, message = condition_of(world.get("jobs", "j"), "Failed")[1:]
    name = metadata.name(pod)
    assert "PodFailurePolicy" == reason
    assert (
        message
        == f"Container c for pod default/{name} failed with exit code 42 matching FailJob rule at index 1"
    )


def test_a_success_policy_ends_the_job_when_its_indexes_have_succeeded() -> None:
    policy = {"rules": [{"succeededIndexes": "0"}]}
    world = world_with(job(completionMode="Indexed", completions=3, parallelism=3, successPolicy=policy))
    world.end(living(world)[0])
    world.run(6)
    found = world.get("jobs", "j")
    assert ("True", "SuccessPolicy", "Matched rules at index 0") == condition_of(found, "Complete")
    assert [] == living(world)
    assert 1 == found["status"]["succeeded"]


def test_a_suspended_job_has_no_pods_and_no_clock() -> None:
    world = world_with(job(suspend=True, activeDeadlineSeconds=5))
    assert [] == world.list("pods")
    world.run(10)
    assert "startTime" not in status(world)
    world.patch("jobs", "j", {"spec": {"suspend": False}})
    world.run(2)
    assert 1 == len(living(world))
    world.run(5)
    said = ("True", "DeadlineExceeded", "Job was active longer than specified deadline")
    assert said == condition_of(world.get("jobs", "j"), "Failed")
    assert [("Suspended", "Job suspended"), ("Resumed", "Job resumed")] == [
        event for event in world.events("j") if event[0] in ("Suspended", "Resumed")
    ]


def test_lowering_parallelism_deletes_pods_without_counting_them() -> None:
    world = world_with(job(completions=9, parallelism=3))
    world.patch("jobs", "j", {"spec": {"parallelism": 1}})
    world.run(4)
    assert 1 == len(world.list("pods"))
    assert "failed" not in status(world)


def test_a_replacement_waits_for_the_end_when_only_failed_pods_are_replaced() -> None:
    world = world_with(job(podReplacementPolicy="Failed"))
    pod = living(world)[0]
    world.hollow.silent = set(world.hollow.names)
    world.client.delete("pods", metadata.name(pod), "default")
    world.run(20)
    assert 1 == status(world)["terminating"]
    assert [metadata.name(pod)] == [metadata.name(each) for each in world.list("pods")]


def test_a_job_of_another_controller_is_left_alone() -> None:
    world = world_with(job(managedBy="example.com/queue"))
    assert [] == world.list("pods")


def test_the_pods_of_a_deleted_job_lose_the_finalizer() -> None:
    world = world_with(job())
    world.client.delete("jobs", "j", "default", propagation_policy="Orphan")
    world.run(5)
    assert "finalizers" not in living(world)[0]["metadata"]


def test_a_finished_job_goes_after_its_ttl_with_its_pods() -> None:
    world = world_with(job(ttlSecondsAfterFinished=30))
    world.end(living(world)[0])
    world.run(28)
    assert "True" == condition_of(world.get("jobs", "j"), "Complete")[0]
    world.run(10)
    assert world.find("jobs", "j") is None
    assert [] == world.list("pods")


@pytest.mark.parametrize(
    ("indexes", "text"), [([], ""), ([3], "3"), ([0, 1], "0,1"), ([0, 1, 2, 5], "0-2,5"), ([4, 2, 3], "2-4")]
)
def test_indexes_are_written_as_intervals(indexes: list[int], text: str) -> None:
    assert text == job_indexes.text(job_indexes.of_indexes(indexes))
    assert job_indexes.of_indexes(indexes) == job_indexes.parse(text, 100)


def test_a_success_ends_the_row_of_failures() -> None:
    def pod(finished: str) -> Object:
        state = {"terminated": {"finishedAt": finished}}
        return {"metadata": {}, "status": {"containerStatuses": [{"state": state}]}}

    early, late = pod("2026-01-01T00:00:01Z"), pod("2026-01-01T00:00:09Z")
    assert 2 == Backoff().after([], [early, late]).failures
    assert 1 == Backoff(5, 0).after([early], [late]).failures
    assert Backoff() == Backoff(5, 0).after([late], [early])
