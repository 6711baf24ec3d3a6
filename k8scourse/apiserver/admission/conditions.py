"""Expressions at work: what they see of a request, and matchConditions, a last sieve before anybody is asked.

Upstream: ``apiserver/pkg/admission/plugin/cel/{activation,condition}.go``,
``apiserver/pkg/admission/plugin/webhook/matchconditions/matcher.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from k8scourse.api.cel import CelError, Program, Value
from k8scourse.api.errors import forbidden
from k8scourse.api.expressions import admission_variables, compiled
from k8scourse.apiserver.admission import reviewing
from k8scourse.apiserver.admission.base import AdmissionRequest, Object, Reader

_NAMESPACE_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")


class Undecided(Exception):
    """Whether the conditions hold cannot be told; `str` of it says why."""


@lru_cache(maxsize=256)
def _condition(expression: str, has_params: bool) -> Program:
    return compiled(expression, admission_variables(has_params))


def activation(request: AdmissionRequest, reader: Reader) -> dict[str, Value]:
    """The variables of an expression of admission, without params and the policy's own."""
    is_namespace = request.kind.kind == "Namespace" and not request.kind.group
    namespace = None
    if request.namespace and not is_namespace:
        namespace = reader.get("namespaces", "", request.namespace)
    return {
        "object": request.object,
        "oldObject": request.old,
        "request": reviewing.request_of(request),
        "namespaceObject": _shown(namespace),
    }


def _shown(namespace: Object | None) -> Object | None:
    """A namespace as expressions see it: not who owns it, nor who manages which field."""
    if namespace is None:
        return None
    hidden = ("managedFields", "ownerReferences")
    metadata = {key: value for key, value in namespace["metadata"].items() if key not in hidden}
    return {**{key: namespace[key] for key in _NAMESPACE_FIELDS if key in namespace}, "metadata": metadata}


def evaluated(program: Program, text: str, variables: Mapping[str, Value], budget: int) -> tuple[Any, int]:
    """The value of an expression and its cost. Raises `CelError` that names the expression."""
    try:
        return program.run(variables, budget)
    except CelError as problem:
        raise CelError(f"expression '{text}' resulted in error: {problem}") from None


def first_that_fails(
    conditions: Sequence[Object], variables: Mapping[str, Value], has_params: bool, budget: int
) -> str | None:
    """The name of a condition that does not hold, None when all hold. Raises `Undecided`."""
    problems: list[str] = []
    for condition in conditions:
        text = condition["expression"].strip()
        try:
            found, _ = evaluated(_condition(text, has_params), text, variables, budget)
        except CelError as problem:
            problems.append(str(problem))
            continue
        if found is False:
            return str(condition["name"])
    if problems:
        raise Undecided(problems[0] if len(problems) == 1 else f"[{', '.join(dict.fromkeys(problems))}]")
    return None


def conditions_hold(
    conditions: Sequence[Object], failure_policy: str, request: AdmissionRequest, reader: Reader, budget: int
) -> bool:
    """Whether all conditions of a webhook hold. Raises `Forbidden` when that cannot be told and the policy is Fail."""
    try:
        return first_that_fails(conditions, activation(request, reader), False, budget) is None
    except Undecided as problem:
        if failure_policy == "Ignore":
            return False
        kind = request.kind
        raise forbidden(kind.group, kind.plural, request.name, str(problem)) from None
