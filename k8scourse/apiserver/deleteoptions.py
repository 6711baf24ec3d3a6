"""DeleteOptions: how an object is to go. From the body of a DELETE, or from its query when there is no body.

Upstream: ``apimachinery/pkg/apis/meta/v1/{types,conversion}.go``, ``validation/validation.go``
(ValidateDeleteOptions), ``apiserver/pkg/endpoints/handlers/delete.go``.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from k8scourse.api.errors import BadRequest, Cause, invalid
from k8scourse.apiserver.call import Call
from k8scourse.apiserver.routes import number, truth

POLICIES = ("Foreground", "Background", "Orphan")
_GO_TYPES = {"gracePeriodSeconds": "int64", "orphanDependents": "bool", "preconditions": "v1.Preconditions"}
_GO_NAMES: dict[type, str] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}


_FIELD = "Go struct field DeleteOptions."


class Options(NamedTuple):
    """A DeleteOptions: None where the client did not say. `orphan` is the older word for the policy."""

    grace_seconds: int | None = None
    policy: str | None = None
    orphan: bool | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing was said about the dependents."""
        return self.policy is None and self.orphan is None


def options_of(call: Call, body: Any) -> Options:
    """The DeleteOptions of a request. A body counts alone, even against the query."""
    if body is not None:
        return read_options(body)
    query = call.query
    given: dict[str, Any] = {"gracePeriodSeconds": number(query, "gracePeriodSeconds")}
    if "propagationPolicy" in query:
        given["propagationPolicy"] = query["propagationPolicy"]
    if "orphanDependents" in query:
        given["orphanDependents"] = truth(query, "orphanDependents")
    if query.get("dryRun"):
        given["dryRun"] = [query["dryRun"]]
    if "uid" in query:
        given["preconditions"] = {"uid": query["uid"]}
    return read_options(given)


def read_options(given: Any) -> Options:
    """Options from their JSON form. Raises `BadRequest` for wrong types, `Invalid` for wrong values."""
    if not isinstance(given, dict):
        raise BadRequest(_unreadable(_unmarshal(given, "Go value of type", "v1.DeleteOptions")))
    _check_kind(given)
    preconditions = _typed(given, "preconditions", dict) or {}
    policy = _typed(given, "propagationPolicy", str)
    orphan = _typed(given, "orphanDependents", bool)
    dry_run = _typed(given, "dryRun", list) or []
    if wrong := [wish for wish in dry_run if not isinstance(wish, str)]:
        raise BadRequest(_unreadable(_unmarshal(wrong[0], f"{_FIELD}dryRun of type", "string")))
    _check(policy, orphan, dry_run)
    return Options(
        _typed(given, "gracePeriodSeconds", int),
        policy,
        orphan,
        _typed(preconditions, "uid", str, "preconditions."),
        _typed(preconditions, "resourceVersion", str, "preconditions."),
        bool(dry_run),
    )


def _check_kind(given: dict[str, Any]) -> None:
    """The body is a DeleteOptions, of any group, or says nothing about itself."""
    kind, version = given.get("kind"), given.get("apiVersion")
    if kind not in (None, "", "DeleteOptions"):
        where = json.dumps(version or "v1")
        raise BadRequest(f"no kind {json.dumps(kind)} is registered for version {where}")
    if not isinstance(version, str | None):
        raise BadRequest(
            _unreadable(_unmarshal(version, "Go struct field TypeMeta.apiVersion of type", "string"))
        )


def _check(policy: str | None, orphan: bool | None, dry_run: list[Any]) -> None:
    causes: list[Cause] = []
    field = "propagationPolicy"
    if orphan is not None and policy is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        causes.append(Cause(field, "FieldValueInvalid", f"Invalid value: {json.dumps(policy)}: {why}"))
    if policy is not None and policy not in POLICIES:
        known = ", ".join(f'"{name}"' for name in (*POLICIES, "nil"))
        detail = f"Unsupported value: {json.dumps(policy)}: supported values: {known}"
        causes.append(Cause(field, "FieldValueNotSupported", detail))
    if any(wish != "All" for wish in dry_run):
        detail = f'Unsupported value: {json.dumps(dry_run, separators=(",", ":"))}: supported values: "All"'
        causes.append(Cause("dryRun", "FieldValueNotSupported", detail))
    if causes:
        raise invalid("meta.k8s.io", "DeleteOptions", "", causes)


def _typed(given: dict[str, Any], field: str, wanted: type, path: str = "") -> Any:
    """One field, None when it is not there. Raises `BadRequest` when it is of another type."""
    value: Any = given.get(field)
    fits = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
    if value is None or (fits and (wanted is not int or -(2**63) <= value < 2**63)):
        return value
    go_type = _GO_TYPES.get(field, "[]string" if wanted is list else "string")
    raise BadRequest(_unreadable(_unmarshal(value, f"{_FIELD}{path}{field} of type", go_type)))


def _unmarshal(value: Any, where: str, go_type: str) -> str:
    given = f"number {json.dumps(value)}" if type(value) in (int, float) else ""
    if not given:
        given = next((name for kind, name in _GO_NAMES.items() if isinstance(value, kind)), "null")
    return f"json: cannot unmarshal {given} into {where} {go_type}"


def _unreadable(problem: str) -> str:
    return f'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: {problem}'
