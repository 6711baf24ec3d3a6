"""How long a Job waits before it replaces a Pod that failed: 10 s, doubled with every failure, at most 10 minutes.

Counted are the failures since the last success, and the time from when the last failed Pod ended. With
`backoffLimitPerIndex` every index waits for itself.

Upstream: `pkg/controller/job/backoff_utils.go`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from k8scourse.api import conditions, times
from k8scourse.api.values import Object, get_in
from k8scourse.sim import MINUTE, SECOND

from .job_indexes import all_failures_of

FIRST_NS = 10 * SECOND
MAX_NS = 10 * MINUTE


class Backoff(NamedTuple):
    """How many Pods have failed since the last success, and when the last of them ended."""

    failures: int = 0
    last_ns: int = 0

    def after(self, succeeded: Iterable[Object], failed: Iterable[Object]) -> Backoff:
        """The same with Pods that ended since."""
        successes = sorted(finished_ns(pod) for pod in succeeded)
        failures = sorted(finished_ns(pod) for pod in failed)
        if not successes:
            return Backoff(self.failures + len(failures), failures[-1]) if failures else self
        later = [when for when in failures if when > successes[-1]]
        return Backoff(len(later), later[-1]) if later else Backoff()

    def remaining_ns(self, now_ns: int) -> int:
        """Nanoseconds until the next Pod may be made."""
        return _remaining_ns(self.failures, self.last_ns, now_ns)


def remaining_of_index_ns(last_failed: Object | None, now_ns: int) -> int:
    """The same for one index, whose last failed Pod tells how often it failed."""
    if last_failed is None:
        return 0
    return _remaining_ns(all_failures_of(last_failed) + 1, finished_ns(last_failed), now_ns)


def _remaining_ns(failures: int, last_ns: int, now_ns: int) -> int:
    if failures == 0:
        return 0
    delay_ns = min(FIRST_NS << min(failures - 1, 32), MAX_NS)
    return max(0, last_ns + delay_ns - now_ns)


def finished_ns(pod: Object) -> int:
    """When a Pod ended: its last container, else when it stopped to be ready, else when it was deleted."""
    ends = [
        get_in(each, "state.terminated.finishedAt") for each in get_in(pod, "status.containerStatuses", [])
    ]
    if ends and all(ends):
        return max(times.parse_time(end) for end in ends)
    ready = conditions.get(pod, "Ready") or {}
    if ready.get("status") == "False" and ready.get("lastTransitionTime"):
        return times.parse_time(ready["lastTransitionTime"])
    deleted: str | None = get_in(pod, "metadata.deletionTimestamp")
    if deleted:
        grace: int = get_in(pod, "metadata.deletionGracePeriodSeconds", 0)
        return times.parse_time(deleted) - grace * SECOND
    return times.parse_time(pod["metadata"]["creationTimestamp"])
