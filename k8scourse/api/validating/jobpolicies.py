"""What a Job makes of Pods that fail, and of a part of them that succeeds.

Upstream: ``validatePodFailurePolicy`` and ``validateSuccessPolicy`` in ``pkg/apis/batch/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    invalid,
    invalid_unshown,
    non_negative,
    not_supported,
    required,
    too_many,
)

Object = dict[str, Any]
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES, _MOST_CODES, _MOST_PATTERNS = 20, 255, 20


def _choice(path: str, value: str, supported: tuple[str, ...]) -> Iterator[Cause]:
    if not value:
        yield required(
            path, f"valid values: [{' '.join(f'{name!r}' for name in supported)}]".replace("'", '"')
        )
    elif value not in supported:
        yield not_supported(path, value, supported)


def failure(spec: Object, path: str) -> Iterator[Cause]:
    """The rules about Pods that failed; the first that fits counts."""
    rules = spec["podFailurePolicy"].get("rules") or ()
    template = (spec.get("template") or {}).get("spec") or {}
    known = [
        one.get("name") for field in ("containers", "initContainers") for one in template.get(field) or ()
    ]
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for index, rule in enumerate(rules):
        yield from _failure_rule(rule, f"{path}.rules[{index}]", spec, known)


def _failure_rule(rule: Object, path: str, spec: Object, containers: list[Any]) -> Iterator[Cause]:
    action, codes, patterns = (
        rule.get("action", ""),
        rule.get("onExitCodes"),
        rule.get("onPodConditions") or (),
    )
    if action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set")
    yield from _choice(f"{path}.action", action, _ACTIONS)
    if codes is not None:
        yield from _exit_codes(codes, f"{path}.onExitCodes", containers)
    if len(patterns) > _MOST_PATTERNS:
        yield too_many(f"{path}.onPodConditions", len(patterns), _MOST_PATTERNS)
    for index, pattern in enumerate(patterns):
        where, kind = f"{path}.onPodConditions[{index}]", pattern.get("type", "")
        yield from each_invalid(f"{where}.type", kind, names.qualified_name_problems(kind))
        yield from _choice(f"{where}.status", pattern.get("status", ""), _STATUSES)
    if codes is not None and patterns:
        yield invalid_unshown(path, "specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not patterns:
        yield invalid_unshown(path, "specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(codes: Object, path: str, containers: list[Any]) -> Iterator[Cause]:
    operator, values, name = codes.get("operator", ""), codes.get("values") or (), codes.get("containerName")
    yield from _choice(f"{path}.operator", operator, _OPERATORS)
    if name is not None and name not in containers:
        yield invalid(
            f"{path}.containerName",
            name,
            "must be one of the container or initContainer names in the pod template",
        )
    if not values:
        yield invalid(f"{path}.values", codes.get("values"), "at least one value is required")
    elif len(values) > _MOST_CODES:
        yield too_many(f"{path}.values", len(values), _MOST_CODES)
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid(f"{path}.values[{index}]", value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield duplicate(f"{path}.values[{index}]", value)
    if list(values) != sorted(values):
        yield invalid(f"{path}.values", list(values), "must be ordered")


def success(spec: Object, path: str) -> Iterator[Cause]:
    """The rules about which indexes are enough."""
    policy = spec["successPolicy"]
    rules = policy.get("rules") or ()
    if spec.get("completionMode") != "Indexed":
        yield invalid(path, _shown(policy), "requires indexed completion mode")
        return
    if not rules:
        yield required(
            f"{path}.rules", "at least one rules must be specified when the successPolicy is specified"
        )
    if len(rules) > _MOST_RULES:
        yield too_many(f"{path}.rules", len(rules), _MOST_RULES)
    for index, rule in enumerate(rules):
        yield from _success_rule(rule, f"{path}.rules[{index}]", spec.get("completions") or 0)


def _shown(policy: Object) -> Object:
    return {
        "Rules": [
            {"SucceededIndexes": rule.get("succeededIndexes"), "SucceededCount": rule.get("succeededCount")}
            for rule in policy.get("rules") or ()
        ]
        or None
    }


def _success_rule(rule: Object, path: str, completions: int) -> Iterator[Cause]:
    count, indexes, total = rule.get("succeededCount"), rule.get("succeededIndexes"), 0
    if count is None and indexes is None:
        yield required(path, "at least one of succeededCount or succeededIndexes must be specified")
    if indexes is not None:
        total, problem = counted_indexes(indexes, completions)
        if problem:
            detail = f"error parsing succeededIndexes: {problem}"
            yield invalid(f"{path}.succeededIndexes", indexes, detail)
    if count is None:
        return
    where = f"{path}.succeededCount"
    yield from non_negative(where, count)
    if count > completions:
        detail = f"must be less than or equal to {completions} (the number of specified completions)"
        yield invalid(where, count, detail)
    if indexes is not None and count > total:
        yield invalid(
            where,
            count,
            f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)",
        )


def counted_indexes(text: str, completions: int) -> tuple[int, str]:
    """How many indexes ``1,3-5`` names, and what is wrong with it: it must rise and stay below ``completions``."""
    total, last = 0, -1
    for part in text.split(",") if text else ():
        first, last_of_part, problem = _interval(part, completions)
        if not problem and first <= last:
            previous, given = last, first
            problem = f"non-increasing order, previous: {previous}, current: {given}"
        if problem:
            return 0, problem
        total, last = total + last_of_part - first + 1, last_of_part
    return total, ""


def _interval(text: str, completions: int) -> tuple[int, int, str]:
    limits = text.split("-")
    if len(limits) > 2:
        rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
        return 0, 0, f'the fragment "{text}" {rule}'
    numbers = []
    for limit in limits:
        if not (limit.isascii() and limit.isdigit()):
            return 0, 0, f'cannot convert string to integer for index: "{limit}"'
        if int(limit) >= completions:
            return 0, 0, f'too large index: "{limit}"'
        numbers.append(int(limit))
    if len(numbers) == 2 and numbers[0] >= numbers[1]:
        return 0, 0, f"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}"
    return numbers[0], numbers[-1], ""
