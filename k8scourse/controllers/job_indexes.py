"""Completion indexes of an Indexed Job: which Pod stands for which, and lists of them in short form.

A list of indexes is kept as intervals, since a Job may have 100,000 of them:

    parse("0-2,5", 8)            [(0, 2), (5, 5)]
    text([(0, 2), (4, 5)])       "0-2,4,5"
    first_missing([(0, 2), (5, 5)], 3, 8)   [3, 4, 6]

Upstream: `pkg/controller/job/indexed_job_utils.go`.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import metadata
from k8scourse.api.values import Object, evolve, get_in

INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count"
ENVIRONMENT = "JOB_COMPLETION_INDEX"
GENERATE_NAME_MAX = 58
"""A name has 63 characters at most, five of them random."""

Intervals = list[tuple[int, int]]


def parse(written: str, completions: int) -> Intervals:
    """The intervals of `status.completedIndexes`; what is not a number or beyond `completions` is left out."""
    found: Intervals = []
    for part in written.split(",") if written else ():
        first, _, last = part.partition("-")
        try:
            low, high = int(first), int(last or first)
        except ValueError:
            continue
        if low < completions:
            found.append((low, min(high, completions - 1)))
    return merge(found)


def of_indexes(indexes: Iterable[int]) -> Intervals:
    """Intervals of single numbers in any order."""
    return merge([(index, index) for index in indexes])


def merge(*lists: Intervals) -> Intervals:
    """One list of what is in any; neighbours become one interval."""
    merged: Intervals = []
    for low, high in sorted(interval for intervals in lists for interval in intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def total(intervals: Intervals) -> int:
    """How many indexes there are."""
    return sum(high - low + 1 for low, high in intervals)


def has(intervals: Intervals, index: int) -> bool:
    """Whether an index is among them."""
    return any(low <= index <= high for low, high in intervals)


def overlap(one: Intervals, two: Intervals) -> int:
    """How many indexes are in both."""
    return sum(
        max(0, min(high, other_high) - max(low, other_low) + 1)
        for low, high in one
        for other_low, other_high in two
    )


def text(intervals: Intervals) -> str:
    """The short form; two neighbours are written with a comma."""
    parts = []
    for low, high in intervals:
        if low == high:
            parts.append(str(low))
        else:
            parts.append(f"{low},{high}" if high == low + 1 else f"{low}-{high}")
    return ",".join(parts)


def first_missing(taken: Intervals, count: int, completions: int) -> list[int]:
    """The first `count` indexes below `completions` that are not taken."""
    found: list[int] = []
    candidate = 0
    for low, high in [*taken, (completions, completions)]:
        while candidate < min(low, completions) and len(found) < count:
            found.append(candidate)
            candidate += 1
        candidate = max(candidate, high + 1)
    return found


# -- Pods ------------------------------------------------------------------------------------------


def index_of(pod: Object) -> int | None:
    """The completion index of a Pod, None without a proper one."""
    number = _number(pod, INDEX, -1)
    return None if number < 0 else number


def failures_of(pod: Object) -> int:
    """How often the index of this Pod has failed before it."""
    return _number(pod, FAILURES, 0)


def all_failures_of(pod: Object) -> int:
    """As `failures_of`, those included that a policy ignores."""
    return failures_of(pod) + _number(pod, IGNORED_FAILURES, 0)


def _number(pod: Object, annotation: str, default: int) -> int:
    written = metadata.annotations(pod).get(annotation, "")
    return int(written) if written.isascii() and written.isdecimal() else default


def with_index(pod: Object, job: Object, index: int) -> Object:
    """A Pod that is to be made, as the one of this index: name, host name, label, annotation."""
    suffix = f"-{index}-"
    name = metadata.name(job)
    prefix = f"{name}{suffix}"
    if len(prefix) > GENERATE_NAME_MAX:
        prefix = f"{prefix[: GENERATE_NAME_MAX - len(suffix)]}{suffix}"
    pod = evolve(pod, "metadata.generateName", prefix)
    pod = evolve(pod, ("metadata", "annotations", INDEX), str(index))
    pod = evolve(pod, ("metadata", "labels", INDEX), str(index))
    return evolve(pod, "spec.hostname", f"{name}-{index}")


def with_environment(spec: Object) -> Object:
    """A Pod's spec whose containers find their index in an environment variable."""
    source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
    variable = {"name": ENVIRONMENT, "valueFrom": source}
    made = dict(spec)
    for field in ("initContainers", "containers"):
        if spec.get(field):
            made[field] = [_with_variable(container, variable) for container in spec[field]]
    return made


def _with_variable(container: Object, variable: Object) -> Object:
    known = get_in(container, "env", [])
    if any(each["name"] == ENVIRONMENT for each in known):
        return container
    return {**container, "env": [*known, variable]}
