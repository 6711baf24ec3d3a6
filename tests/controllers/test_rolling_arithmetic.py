"""The arithmetic of rollouts, as `pkg/controller/deployment` does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8scourse.controllers.deployment_rolling import (
    Size,
    clean_unhealthy,
    new_replica_count,
    proportional,
    reconcile_old,
    resolve_fenceposts,
    scale_down_old,
    scaled_value,
)


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [
        ("25%", 10, 3, 2),
        ("25%", 4, 1, 1),
        ("0%", 7, 0, 0),
        ("100%", 3, 3, 3),
        (2, 10, 2, 2),
        ("34%", 3, 2, 1),
    ],
)
def test_percentages_round_up_for_surge_and_down_for_unavailable(
    value: int | str, total: int, up: int, down: int
) -> None:
    assert up == scaled_value(value, total, round_up=True)
    assert down == scaled_value(value, total, round_up=False)


@pytest.mark.parametrize(
    ("surge", "unavailable", "desired", "expected"),
    [
        ("25%", "25%", 4, (1, 1)),
        (0, 0, 5, (0, 1)),
        (0, "10%", 5, (0, 1)),
        ("50%", 0, 2, (1, 0)),
        (1, 0, 3, (1, 0)),
    ],
)
def test_a_rollout_that_could_never_move_may_have_one_pod_unavailable(
    surge: int | str, unavailable: int | str, desired: int, expected: tuple[int, int]
) -> None:
    assert expected == resolve_fenceposts(surge, unavailable, desired)


@pytest.mark.parametrize(
    ("desired", "surge", "total", "new", "expected"),
    [(4, 1, 4, 0, 1), (4, 1, 5, 1, 1), (3, 3, 3, 0, 3), (1, 0, 1, 0, 0), (10, 3, 8, 0, 5), (2, 5, 2, 0, 2)],
)
def test_the_new_replica_set_grows_into_the_room_that_surge_leaves(
    desired: int, surge: int, total: int, new: int, expected: int
) -> None:
    assert expected == new_replica_count(desired, surge, total, new)


def test_unhealthy_old_pods_go_before_healthy_ones() -> None:
    old = [Size(4, available=1), Size(3, available=3)]
    assert [(0, 2)] == clean_unhealthy(old, 2)
    assert [(0, 1)] == clean_unhealthy(old, 5)


def test_old_pods_go_oldest_first_while_enough_stay_available() -> None:
    assert [(0, 0), (1, 2)] == scale_down_old([Size(2, 2), Size(3, 3)], available=6, minimum=3)
    assert [] == scale_down_old([Size(2, 2)], available=3, minimum=3)


def test_a_rollout_of_four_whose_new_pods_never_get_ready_stands_at_three_and_two() -> None:
    assert [(0, 3)] == reconcile_old([Size(4, 4)], Size(1, 0), desired=4, unavailable=1)
    assert [] == reconcile_old([Size(3, 3)], Size(2, 0), desired=4, unavailable=1)


def test_scaling_in_the_middle_of_a_rollout_gives_each_its_share() -> None:
    sizes = [Size(8, max_replicas_before=13), Size(5, max_replicas_before=13)]
    assert [11, 7] == proportional(sizes, desired=15, surge=3, status_replicas=13)


def test_scaling_to_zero_in_the_middle_of_a_rollout_leaves_nothing() -> None:
    sizes = [Size(8, max_replicas_before=13), Size(5, max_replicas_before=13)]
    assert [0, 0] == proportional(sizes, desired=0, surge=0, status_replicas=13)


_SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=5)


@given(replicas=_SIZES, desired=st.integers(1, 60), surge=st.integers(0, 10))
def test_shares_always_add_up_to_what_is_allowed(replicas: list[int], desired: int, surge: int) -> None:
    before = sum(replicas)
    sizes = [Size(each, max_replicas_before=before) for each in sorted(replicas, reverse=True)]
    assert desired + surge == sum(proportional(sizes, desired, surge, before))


@given(
    desired=st.integers(1, 20),
    surge=st.integers(0, 8),
    unavailable=st.integers(0, 8),
    ready=st.randoms(use_true_random=False),
)
def test_a_rollout_keeps_its_bounds_at_every_step_and_ends(
    desired: int, surge: int, unavailable: int, ready: object
) -> None:
    """The pure loop: grow, shrink, let some new Pods become available, until nothing is old."""
    unavailable = min(unavailable, desired) or (0 if surge else 1)
    old, new = Size(desired, desired), Size(0, 0)
    for _ in range(20 * desired + 20):
        total = old.replicas + new.replicas
        grown = new_replica_count(desired, surge, total, new.replicas)
        if grown != new.replicas:
            new = new._replace(replicas=grown)
        else:
            for _, replicas in reconcile_old([old], new, desired, unavailable):
                old = Size(replicas, replicas)
        assert old.replicas + new.replicas <= desired + surge
        assert old.available + new.available >= desired - unavailable
        if new.available < new.replicas and ready.random() < 0.7:  # type: ignore[attr-defined]
            new = new._replace(available=new.available + 1)
        if old.replicas == 0 and new.available == desired:
            return
    raise AssertionError(f"the rollout stands at {old} and {new}")
