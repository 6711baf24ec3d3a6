"""PriorityClass, StorageClass and RuntimeClass.

Upstream: ``pkg/apis/scheduling/validation``, ``pkg/apis/storage/validation``, ``pkg/apis/node/validation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names, quantities
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
    too_long,
)
from k8scourse.api.validating import metadata, scheduling

Object = dict[str, Any]
SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
HIGHEST_PRIORITY = 1_000_000_000
_POLICIES = ("Never", "PreemptLowerPriority")
_RECLAIM = ("Delete", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")


def priority_class(obj: Object) -> Iterator[Cause]:
    """A PriorityClass: the highest numbers and the prefix ``system-`` are the system's."""
    name, value = (obj.get("metadata") or {}).get("name", ""), obj.get("value", 0)
    if name.startswith("system-"):
        if SYSTEM_PRIORITIES.get(name) != value:
            yield forbidden(
                "metadata.name",
                "priority class names with 'system-' prefix are reserved for system use "
                "only. error: system priority class names and values must match",
            )
    elif value > HIGHEST_PRIORITY:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {HIGHEST_PRIORITY}")
    policy = obj.get("preemptionPolicy")
    if policy is not None:
        if not policy:
            yield required("preemptionPolicy")
        elif policy not in _POLICIES:
            yield not_supported("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))


def priority_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """The number of a class and its policy never change."""
    if new.get("value") != old.get("value"):
        yield forbidden("value", "may not be changed in an update.")
    yield from immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))


# ------------------------------------------------------------------------------------------- storage


def storage_class(obj: Object) -> Iterator[Cause]:
    """A StorageClass."""
    provisioner = obj.get("provisioner", "")
    if not provisioner:
        yield required("provisioner", provisioner)
    else:
        yield from each_invalid(
            "provisioner", provisioner, names.qualified_name_problems(provisioner.lower())
        )
    yield from _parameters(obj.get("parameters") or {})
    reclaim = obj.get("reclaimPolicy")
    if reclaim and reclaim not in _RECLAIM:
        yield not_supported("reclaimPolicy", reclaim, _RECLAIM)
    mode = obj.get("volumeBindingMode")
    if mode is None:
        yield required("volumeBindingMode")
    elif mode not in _BINDING:
        yield not_supported("volumeBindingMode", mode, _BINDING)
    yield from _topologies(obj.get("allowedTopologies") or ())


def _topologies(terms: Any) -> Iterator[Cause]:
    """Where volumes may be: zones by label, no term twice."""
    seen: list[dict[str, list[str]]] = []
    for index, term in enumerate(terms):
        path, asked = f"allowedTopologies[{index}].matchLabelExpressions", dict[str, list[str]]()
        for position, requirement in enumerate(term.get("matchLabelExpressions") or ()):
            yield from _topology(requirement, f"{path}[{position}]", asked)
        if asked in seen:
            yield duplicate(path, "")
        seen.append(asked)


def _topology(requirement: Object, path: str, asked: dict[str, list[str]]) -> Iterator[Cause]:
    key, values = requirement.get("key", ""), requirement.get("values") or []
    if not values:
        yield required(f"{path}.values")
    for index, value in enumerate(values):
        if value in values[:index]:
            yield duplicate(f"{path}.values[{index}]", value)
    yield from each_invalid(f"{path}.key", key, names.qualified_name_problems(key))
    if key in asked:
        yield duplicate(f"{path}.key", key)
    asked[key] = sorted(set(values))


def _parameters(parameters: dict[str, str]) -> Iterator[Cause]:
    if len(parameters) > 512:
        yield too_long("parameters", 512)
        return
    for key in parameters:
        if not key:
            yield invalid("parameters", key, "field can not be empty.")
    if sum(len(key) + len(value) for key, value in parameters.items()) > 256 * 1024:
        yield too_long("parameters", 256 * 1024)


def storage_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """How volumes of a class are made never changes."""
    if (new.get("parameters") or {}) != (old.get("parameters") or {}):
        yield forbidden("parameters", "updates to parameters are forbidden.")
    if new.get("provisioner") != old.get("provisioner"):
        yield forbidden("provisioner", "updates to provisioner are forbidden.")
    if new.get("reclaimPolicy") != old.get("reclaimPolicy"):
        yield forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.")
    yield from immutable("volumeBindingMode", new.get("volumeBindingMode"), old.get("volumeBindingMode"))


# ------------------------------------------------------------------------------------- runtime classes


def runtime_class(obj: Object) -> Iterator[Cause]:
    """A RuntimeClass: the handler, what it costs, where it runs."""
    handler = obj.get("handler", "")
    yield from each_invalid("handler", handler, names.dns_label_problems(handler))
    for name, amount in ((obj.get("overhead") or {}).get("podFixed") or {}).items():
        path = f"overhead.podFixed[{name}]"
        yield from each_invalid(path, name, names.qualified_name_problems(name))
        if quantities.parse(amount) < 0:
            yield invalid(path, str(amount), "must be greater than or equal to 0")
    placing = obj.get("scheduling")
    if placing is not None:
        yield from metadata.labels(placing.get("nodeSelector") or {}, "scheduling.nodeSelector")
        yield from scheduling.tolerations(placing.get("tolerations") or [], "scheduling.tolerations")


def runtime_class_update(new: Object, old: Object) -> Iterator[Cause]:
    """The handler never changes."""
    yield from immutable("handler", new.get("handler"), old.get("handler"))
