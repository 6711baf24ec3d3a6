"""The parts of a Pod that change by paths of their own: its ephemeral containers, and its containers' resources.

Upstream: ``ValidatePodEphemeralContainersUpdate``, ``ValidatePodResize`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from k8scourse.api import pods
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import forbidden, invalid
from k8scourse.api.validating import pods as pod_specs

Object = dict[str, Any]
_MIRROR = "kubernetes.io/config.mirror"
_RESIZABLE = ("cpu", "memory")


def ephemeral_containers(new: Object, old: Object) -> Iterator[Cause]:
    """They may be added, and neither changed nor removed."""
    if _is_mirror(old):
        yield forbidden("[]", "static pods do not support ephemeral containers")
        return
    yield from pod_specs.whole(new)
    added = {one.get("name"): one for one in new["spec"].get("ephemeralContainers") or ()}
    for before in old["spec"].get("ephemeralContainers") or ():
        after = added.get(before["name"])
        if after != before:
            what = "removed" if after is None else "changed"
            name = json.dumps(before["name"])
            yield forbidden(
                "spec.ephemeralContainers", f"existing ephemeral containers {name} may not be {what}\n"
            )


def resize(new: Object, old: Object) -> Iterator[Cause]:
    """CPU and memory of containers and sidecars may change, so far as the Pod stays in its class."""
    if _is_mirror(old):
        yield forbidden("[]", "static pods cannot be resized")
        return
    if (old["spec"].get("os") or {}).get("name") == "windows":
        yield forbidden("[]", "windows pods cannot be resized")
        return
    yield from pod_specs.whole(new)
    order = list(_other_containers(new["spec"], old["spec"]))
    yield from order
    if order:
        return
    yield from _removed(new["spec"], old["spec"])
    yield from _too_much(new["spec"], old["spec"])
    if pods.qos_class(new) != pods.qos_class(old):
        yield invalid("spec", pods.qos_class(new), "Pod QOS Class may not change as a result of resizing")


def _is_mirror(pod: Object) -> bool:
    return _MIRROR in (pod["metadata"].get("annotations") or {})


def _other_containers(new: Object, old: Object) -> Iterator[Cause]:
    for field in ("containers", "initContainers"):
        after, before = new.get(field) or (), old.get(field) or ()
        if len(after) != len(before):
            yield forbidden(f"spec.{field}", "containers may not be added or removed on resize")
            continue
        for index, (one, other) in enumerate(zip(after, before, strict=True)):
            if one.get("name") != other.get("name"):
                yield forbidden(
                    f"spec.{field}[{index}].name", "containers may not be renamed or reordered on resize"
                )


def _removed(new: Object, old: Object) -> Iterator[Cause]:
    """What is asked for, or limited, stays so, by some amount."""
    for field in ("containers", "initContainers"):
        for index, (after, before) in enumerate(_pairs(new, old, field)):
            if field == "initContainers" and not pods.is_sidecar(before):
                continue
            for part in ("requests", "limits"):
                left = set(_amounts(before, part)) - set(_amounts(after, part))
                if left & set(_RESIZABLE):
                    yield forbidden(
                        f"spec.{field}[{index}].resources.{part}", f"resource {part} cannot be removed"
                    )


def _too_much(new: Object, old: Object) -> Iterator[Cause]:
    for after, before in _pairs(new, old, "containers"):
        if _other_resources(after, before):
            yield forbidden("spec", "only cpu and memory resources are mutable")
    for after, before in _pairs(new, old, "initContainers"):
        if pods.is_sidecar(before):
            if _other_resources(after, before):
                yield forbidden("spec", "only cpu and memory resources for sidecar containers are mutable")
        elif after != before:
            yield forbidden("spec", "resources for non-sidecar init containers are immutable")


def _pairs(new: Object, old: Object, field: str) -> Iterator[tuple[Object, Object]]:
    return zip(new.get(field) or (), old.get(field) or (), strict=True)


def _amounts(container: Object, part: str) -> Object:
    found: Object = (container.get("resources") or {}).get(part) or {}
    return found


def _other_resources(after: Object, before: Object) -> bool:
    """Whether more than CPU and memory differ."""
    return _masked(after) != _masked(before)


def _masked(container: Object) -> Object:
    resources = dict(container.get("resources") or {})
    for part in ("requests", "limits"):
        amounts = resources.pop(part, None) or {}
        rest = {name: amount for name, amount in amounts.items() if name not in _RESIZABLE}
        if rest:
            resources[part] = rest
    return {**container, "resources": resources}
