"""Kinds with little to check: ConfigMap, Secret, ServiceAccount, Namespace, Lease, Scale.

Upstream: ``pkg/apis/core/validation/validation.go`` in ``pkg/apis/coordination/validation``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    each_invalid,
    forbidden,
    immutable,
    invalid,
    non_negative,
    required,
    too_long,
)
from k8scourse.api.validating import metadata

Object = dict[str, Any]
_LARGEST = 1024 * 1024
_IMMUTABLE = "field is immutable when `immutable` is set"


def config_map(obj: Object) -> Iterator[Cause]:
    """Keys of data and binaryData, their overlap and their size."""
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for key in data:
        yield from each_invalid(f"data[{key}]", key, names.config_key_problems(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from each_invalid(f"binaryData[{key}]", key, names.config_key_problems(key))
    if sum(len(value.encode()) for value in data.values()) + _decoded_size(binary) > _LARGEST:
        yield too_long("[]", _LARGEST)


def _decoded_size(encoded: dict[str, str]) -> int:
    return sum(len(value) // 4 * 3 - value[-2:].count("=") for value in encoded.values())


def config_map_update(new: Object, old: Object) -> Iterator[Cause]:
    """An immutable ConfigMap keeps its data."""
    yield from _immutable_data(new, old, ("data", "binaryData"))


def _immutable_data(new: Object, old: Object, fields: tuple[str, ...]) -> Iterator[Cause]:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", _IMMUTABLE)
    for field in fields:
        if (new.get(field) or {}) != (old.get(field) or {}):
            yield forbidden(field, _IMMUTABLE)


_SECRET_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def secret(obj: Object) -> Iterator[Cause]:
    """Keys of data, and what the Secret's type promises."""
    data = obj.get("data") or {}
    for key in data:
        yield from each_invalid(f"data[{key}]", key, names.config_key_problems(key))
    if _decoded_size(data) > _LARGEST:
        yield too_long("data", _LARGEST)
    kind = obj.get("type", "")
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in data or (key == "ssh-privatekey" and not data[key]):
            yield required(f"data[{key}]")
        elif key.startswith(".docker"):
            problem = _json_problem(data[key])
            if problem:
                yield invalid(f"data[{key}]", "<secret contents redacted>", problem)
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        yield required("data[username]")
        yield required("data[password]")
    if kind == "kubernetes.io/service-account-token":
        account = (obj["metadata"].get("annotations") or {}).get("kubernetes.io/service-account.name")
        if not account:
            yield required("metadata.annotations[kubernetes.io/service-account.name]")


_GO_KINDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}


def _json_problem(encoded: str) -> str:
    """Why Go cannot read a value as a JSON object."""
    text = base64.b64decode(encoded).decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError as error:
        position = getattr(error, "pos", 0)
        if position >= len(text.rstrip()):
            return "unexpected end of JSON input"
        return f"invalid character {text[position]!r} looking for beginning of value"
    if value is None or isinstance(value, dict):
        return ""
    return f"json: cannot unmarshal {_GO_KINDS[type(value)]} into Go value of type map[string]interface {{}}"


def secret_update(new: Object, old: Object) -> Iterator[Cause]:
    """The type never changes; an immutable Secret keeps its data."""
    yield from immutable("type", new.get("type", ""), old.get("type", ""))
    yield from _immutable_data(new, old, ("data",))


def namespace(obj: Object) -> Iterator[Cause]:
    """Finalizers of the spec."""
    for finalizer in (obj.get("spec") or {}).get("finalizers") or ():
        yield from metadata.finalizer_name(finalizer, "spec.finalizers")


def namespace_finalizers(obj: Object) -> Iterator[Cause]:
    """Finalizers of the spec, where they may change."""
    for index, finalizer in enumerate((obj.get("spec") or {}).get("finalizers") or ()):
        yield from metadata.finalizer_name(finalizer, f"spec.finalizers[{index}]")


def namespace_status(new: Object, old: Object) -> Iterator[Cause]:
    """The phase of a namespace says whether it is being deleted."""
    phase = (new.get("status") or {}).get("phase", "")
    ends = new["metadata"].get("deletionTimestamp") is not None
    if ends and phase != "Terminating":
        detail = "may only be 'Terminating' if `deletionTimestamp` is not empty"
        yield invalid("status.Phase", phase, detail)
    elif not ends and phase != "Active":
        yield invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")


def lease(obj: Object) -> Iterator[Cause]:
    """A lease's duration and its count of transitions."""
    spec = obj.get("spec") or {}
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        yield invalid("spec.leaseDurationSeconds", duration, "must be greater than 0")
    yield from non_negative("spec.leaseTransitions", spec.get("leaseTransitions"))


def scale(obj: Object) -> Iterator[Cause]:
    """The number of replicas asked for."""
    yield from non_negative("spec.replicas", (obj.get("spec") or {}).get("replicas", 0))
