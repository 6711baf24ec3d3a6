"""Run, step, rewind and fork: time is a value."""

from __future__ import annotations

import pytest
from cluster.stories import WEB

from k8scourse.cluster import Cluster, LearnerError


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.apply(WEB)
    cluster.run(seconds=5)
    cluster.kubectl("scale deployment web --replicas=4")
    cluster.run(seconds=5)
    cluster.crash("kube-controller-manager")
    cluster.run(seconds=20)
    return cluster


def test_a_fork_has_the_same_past_to_the_last_record(cluster: Cluster) -> None:
    assert cluster.trace.digest() == cluster.fork().trace.digest()


def test_a_fork_goes_the_same_way_when_nothing_else_is_done(cluster: Cluster) -> None:
    one, other = cluster.fork(), cluster.fork()
    one.run(seconds=60)
    other.run(seconds=60)
    assert one.trace.digest() == other.trace.digest()


def test_a_fork_can_take_another_road_and_leaves_the_first_alone(cluster: Cluster) -> None:
    before = cluster.trace.digest()
    twin = cluster.fork()
    twin.kubectl("scale deployment web --replicas=1")
    twin.run(seconds=60)
    assert (1, 4) == tuple(c.find("deployments", "web")["spec"]["replicas"] for c in (twin, cluster))
    assert before == cluster.trace.digest()


def test_rewinding_to_a_time_gives_the_trace_up_to_that_time(cluster: Cluster) -> None:
    past = cluster.rewind(to=cluster.seconds - 12)
    expected = [record for record in cluster.trace.records if record.time <= past.now]
    assert expected == past.trace.records
    assert past.seconds == pytest.approx(cluster.seconds - 12)


def test_rewinding_to_a_step_stops_right_after_it(cluster: Cluster) -> None:
    for number in (1, 2, 7, len(cluster.steps)):
        past = cluster.rewind(step=number)
        assert cluster.steps[:number] == past.steps[:number]
        assert past.steps[number - 1].time == past.now


def test_step_zero_is_the_cluster_as_it_was_when_it_was_ready(cluster: Cluster) -> None:
    past = cluster.rewind(step=0)
    assert [] == past.steps == past.objects("deployments")[1:]


@pytest.mark.parametrize("to", [-1, -0.001, 1e9, "yesterday", None, float("nan")])
def test_rewinding_beyond_history_is_refused_with_a_sentence(cluster: Cluster, to: object) -> None:
    with pytest.raises(LearnerError, match=r"history begins at 0 s and stands at"):
        cluster.rewind(to=to)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [-1, 10_000, 1.5])
def test_rewinding_to_a_step_that_was_not_taken_is_refused(cluster: Cluster, step: object) -> None:
    with pytest.raises(LearnerError, match=r"has taken \d+ steps"):
        cluster.rewind(step=step)  # type: ignore[arg-type]


def test_running_for_some_seconds_ends_exactly_then() -> None:
    cluster = Cluster()
    start = cluster.now
    cluster.run(seconds=2.5)
    assert start + 2_500_000_000 == cluster.now


def test_a_step_ends_at_the_next_thing_worth_a_sentence() -> None:
    cluster = Cluster()
    cluster.apply(WEB)
    taken = len(cluster.steps)
    story = cluster.step()
    assert taken + len(story) == len(cluster.steps)
    assert len(story) >= 1


@pytest.mark.parametrize("until", ["deployment/web", "web available", "dragon/web ready", "", 7, "a/b/c d"])
def test_an_unknown_goal_is_refused_with_a_sentence(until: object) -> None:
    cluster = Cluster()
    with pytest.raises(LearnerError, match="cannot wait for"):
        cluster.run(until=until)


@pytest.mark.parametrize("amount", [-1, "soon", float("nan"), float("inf"), True, [3]])
def test_a_duration_that_is_none_is_refused(amount: object) -> None:
    cluster = Cluster()
    before = cluster.now
    with pytest.raises(LearnerError, match="number of seconds"):
        cluster.run(amount)  # type: ignore[arg-type]
    assert before == cluster.now


def test_a_goal_that_is_never_reached_ends_after_the_time_given_and_says_so() -> None:
    cluster = Cluster()
    start = cluster.seconds
    story = cluster.run(7, until="deployment/ghost available")
    assert "Not there after 7 s" in repr(story)
    assert cluster.seconds - start <= 7
