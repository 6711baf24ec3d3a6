"""Expressions in API objects: which variables they see, what they must come to, and how a mistake is told.

Upstream: ``staging/src/k8s.io/apiserver/pkg/admission/plugin/cel/compile.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from k8scourse.api.cel import DYN, Problems, Program, Type, compile_expression
from k8scourse.api.cel.types import BOOL, INT, NULL, STRING, TIMESTAMP, list_of, map_of, object_type

_TEXTS = map_of(STRING, STRING)
_KIND = object_type("kubernetes.GroupVersionKind", {"group": STRING, "version": STRING, "kind": STRING})
_RESOURCE = object_type(
    "kubernetes.GroupVersionResource", {"group": STRING, "version": STRING, "resource": STRING}
)
_USER = object_type(
    "kubernetes.UserInfo",
    {
        "username": STRING,
        "uid": STRING,
        "groups": list_of(STRING),
        "extra": map_of(STRING, list_of(STRING)),
    },
)
REQUEST: Final = object_type(
    "kubernetes.AdmissionRequest",
    {
        "kind": _KIND,
        "resource": _RESOURCE,
        "subResource": STRING,
        "requestKind": _KIND,
        "requestResource": _RESOURCE,
        "requestSubResource": STRING,
        "name": STRING,
        "namespace": STRING,
        "operation": STRING,
        "userInfo": _USER,
        "dryRun": BOOL,
        "options": DYN,
    },
)
_NAMESPACE_METADATA = object_type(
    "kubernetes.NamespaceMetadata",
    {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "UID": STRING,
        "creationTimestamp": TIMESTAMP,
        "deletionGracePeriodSeconds": INT,
        "deletionTimestamp": TIMESTAMP,
        "generation": INT,
        "resourceVersion": STRING,
        "finalizers": list_of(STRING),
    },
)
_CONDITION = object_type(
    "kubernetes.NamespaceCondition",
    {"status": STRING, "type": STRING, "lastTransitionTime": TIMESTAMP, "message": STRING, "reason": STRING},
)
NAMESPACE: Final = object_type(
    "kubernetes.Namespace",
    {
        "metadata": _NAMESPACE_METADATA,
        "spec": object_type("kubernetes.NamespaceSpec", {"finalizers": list_of(STRING)}),
        "status": object_type(
            "kubernetes.NamespaceStatus", {"conditions": list_of(_CONDITION), "phase": STRING}
        ),
    },
)
_ADMISSION: Final[Mapping[str, Type]] = {
    "object": DYN,
    "oldObject": DYN,
    "namespaceObject": NAMESPACE,
    "request": REQUEST,
}
TEXT_OR_NULL = (STRING, NULL)


class Invalid(Exception):
    """An expression that cannot be stored; `str` of it is the detail of the field's error."""


def admission_variables(
    has_params: bool = False, composed: Mapping[str, Type] | None = None
) -> dict[str, Type]:
    """The variables of an expression of admission; `composed` are a policy's own, by name, None for no such thing."""
    found = dict(_ADMISSION)
    if has_params:
        found["params"] = DYN
    if composed is not None:
        found["variables"] = object_type("kubernetes.variables", composed)
    return found


def compiled(text: str, variables: Mapping[str, Type], results: tuple[Type, ...] = ()) -> Program:
    """The program of an expression that must come to one of `results` (none: to anything). Raises `Invalid`."""
    try:
        program = compile_expression(text, variables)
    except Problems as problems:
        raise Invalid(f"compilation failed: {problems}") from None
    if results and program.type not in results:
        got = program.type.name if program.type == NULL else program.type
        wanted = str(results[0])
        if len(results) > 1:
            raise Invalid(
                f"must evaluate to one of [{' '.join(each.name for each in results)}] but got {got}"
            )
        raise Invalid(f"must evaluate to {wanted} but got {got}")
    return program
