"""The arithmetic of a Deployment's rollout, as pure functions over sizes.

Upstream: `pkg/controller/deployment/rolling.go`, `sync.go` (scale) and `util/deployment_util.go`.

All counts are Pods. A step is `(index into the sizes given, new replicas)`; steps are done in order, and the
same ReplicaSet may appear twice (first its unhealthy Pods go, then healthy ones).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from k8scourse.api.values import Object, get_in

Step = tuple[int, int]


class Size(NamedTuple):
    """One ReplicaSet: how many Pods it shall have, how many are available, and (for scaling) the
    `max-replicas` annotation it was last scaled with, 0 when unknown."""

    replicas: int
    available: int = 0
    max_replicas_before: int = 0


def scaled_value(value: int | str, total: int, *, round_up: bool) -> int:
    """An absolute number, or a percentage of `total`: `scaled_value("25%", 10, round_up=True)` is 3."""
    if isinstance(value, int):
        return value
    percent = int(value.removesuffix("%"))
    return -(-percent * total // 100) if round_up else percent * total // 100


def resolve_fenceposts(max_surge: int | str, max_unavailable: int | str, desired: int) -> tuple[int, int]:
    """(surge, unavailable) in Pods. Surge rounds up, unavailable down; both zero would never move, so then
    one may be unavailable."""
    surge = scaled_value(max_surge, desired, round_up=True)
    unavailable = scaled_value(max_unavailable, desired, round_up=False)
    return (surge, 1) if surge == 0 and unavailable == 0 else (surge, unavailable)


def is_rolling(deployment: Object) -> bool:
    """Whether the strategy is RollingUpdate (the default)."""
    return bool(get_in(deployment, "spec.strategy.type", "RollingUpdate") == "RollingUpdate")


def desired_replicas(deployment: Object) -> int:
    """`spec.replicas`, 1 when unset."""
    return int(get_in(deployment, "spec.replicas", 1))


def _fenceposts_of(deployment: Object) -> tuple[int, int]:
    rolling = get_in(deployment, "spec.strategy.rollingUpdate", {})
    return resolve_fenceposts(
        rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%"), desired_replicas(deployment)
    )


def max_surge(deployment: Object) -> int:
    """How many Pods above `spec.replicas` a rollout may have; 0 for Recreate."""
    return _fenceposts_of(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Object) -> int:
    """How many Pods below `spec.replicas` a rollout may have available; never more than `spec.replicas`."""
    desired = desired_replicas(deployment)
    if not is_rolling(deployment) or desired == 0:
        return 0
    return min(_fenceposts_of(deployment)[1], desired)


def new_replica_count(desired: int, surge: int, total: int, new: int) -> int:
    """How big the new ReplicaSet may be now, when all ReplicaSets together ask for `total`."""
    room = desired + surge - total
    return new if room <= 0 else new + min(room, desired - new)


def max_scaled_down(desired: int, unavailable: int, total: int, new: Size) -> int:
    """How many old Pods may go at most. New Pods that are not available yet are counted against it: they may
    never become so, and then the old ones must carry on (rolling.go reconcileOldReplicaSets)."""
    return total - (desired - unavailable) - (new.replicas - new.available)


def clean_unhealthy(old: Sequence[Size], limit: int) -> list[Step]:
    """First take away old replicas that serve nobody, at most `limit`. `old` is sorted oldest first."""
    steps: list[Step] = []
    for index, size in enumerate(old):
        count = min(limit, size.replicas - size.available)
        if limit <= 0:
            break
        if count > 0:
            steps.append((index, size.replicas - count))
            limit -= count
    return steps


def scale_down_old(old: Sequence[Size], available: int, minimum: int) -> list[Step]:
    """Then take away old replicas, oldest first, as long as `available` Pods stay at or above `minimum`."""
    spare, steps = available - minimum, []
    for index, size in enumerate(old):
        count = min(size.replicas, spare)
        if count > 0:
            steps.append((index, size.replicas - count))
            spare -= count
    return steps


def reconcile_old(old: Sequence[Size], new: Size, desired: int, unavailable: int) -> list[Step]:
    """Every step down that a rolling update may take now. `old` is sorted oldest first."""
    total = sum(size.replicas for size in old) + new.replicas
    limit = max_scaled_down(desired, unavailable, total, new)
    if limit <= 0:
        return []
    cleaning = clean_unhealthy(old, limit)
    sizes = dict(cleaning)
    left = [size._replace(replicas=sizes.get(index, size.replicas)) for index, size in enumerate(old)]
    available = sum(size.available for size in old) + new.available
    return cleaning + scale_down_old(left, available, desired - unavailable)


def proportional(sizes: Sequence[Size], desired: int, surge: int, status_replicas: int) -> list[int]:
    """New sizes when a Deployment is scaled in the middle of a rollout: each ReplicaSet by its share.

    `sizes` is sorted biggest first; what rounding leaves over goes to the first. 10 replicas with surge 3
    standing at 8 old and 5 new, scaled to 15, gives 11 and 7.
    """
    allowed = desired + surge if desired > 0 else 0
    to_add = allowed - sum(size.replicas for size in sizes)
    added, result = 0, []
    for size in sizes:
        share = _share(size, desired, surge, status_replicas)
        rest = to_add - added
        share = 0 if size.replicas == 0 or rest == 0 else min(share, rest) if to_add > 0 else max(share, rest)
        added += share
        result.append(size.replicas + share)
    if result and to_add:
        result[0] = max(result[0] + to_add - added, 0)
    return result


def _share(size: Size, desired: int, surge: int, status_replicas: int) -> int:
    """How many Pods a ReplicaSet gains (or loses) when the whole goes to `desired + surge`."""
    if desired == 0:
        return -size.replicas
    before = size.max_replicas_before or status_replicas
    return _round(size.replicas * (desired + surge) / before) - size.replicas if before else 0


def _round(value: float) -> int:
    """To the nearest, halves away from zero (Go's RoundToInt32)."""
    return math.floor(value + 0.5) if value >= 0 else math.ceil(value - 0.5)
