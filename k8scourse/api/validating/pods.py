"""Pods: their spec on create, what of it may change, and their status.

Upstream: ``ValidatePodSpec`` and ``ValidatePodUpdate`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import internal_form, names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, forbidden, invalid, not_supported, required
from k8scourse.api.validating import containers, metadata, scheduling, volumes
from k8scourse.api.values import without

Object = dict[str, Any]
RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_LARGEST_ID = 2**31 - 1


def pod(obj: Object) -> Iterator[Cause]:
    """A new Pod."""
    yield from spec(obj.get("spec") or {}, "spec")


def spec(obj: Object, path: str) -> Iterator[Cause]:
    """The spec of a Pod or of a template."""
    mountable: list[str] = []
    if obj.get("volumes"):
        yield from volumes.all_volumes(obj["volumes"], f"{path}.volumes", mountable)
    yield from containers.all_containers(obj, path, mountable)
    if obj.get("restartPolicy") not in RESTART_POLICIES:
        yield from _choice(f"{path}.restartPolicy", obj.get("restartPolicy"), RESTART_POLICIES)
    if obj.get("dnsPolicy") not in _DNS_POLICIES:
        yield from _choice(f"{path}.dnsPolicy", obj.get("dnsPolicy"), _DNS_POLICIES)
    elif obj["dnsPolicy"] == "None" and not (obj.get("dnsConfig") or {}).get("nameservers"):
        yield required(f"{path}.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")
    if obj.get("nodeSelector"):
        yield from metadata.labels(obj["nodeSelector"], f"{path}.nodeSelector")
    if obj.get("securityContext"):
        yield from _security(obj["securityContext"], f"{path}.securityContext")
    yield from _placement(obj, path)
    yield from _names(obj, path)
    yield from _numbers(obj, path)


def _choice(path: str, value: Any, supported: tuple[str, ...]) -> Iterator[Cause]:
    yield not_supported(path, value, supported) if value else required(path)


def _security(context: Object, path: str) -> Iterator[Cause]:
    for field in ("runAsUser", "runAsGroup", "fsGroup"):
        value = context.get(field)
        if value is not None and not 0 <= value <= _LARGEST_ID:
            yield invalid(f"{path}.{field}", value, "must be between 0 and 2147483647, inclusive")


def _placement(obj: Object, path: str) -> Iterator[Cause]:
    for index, secret in enumerate(obj.get("imagePullSecrets") or ()):
        if not secret.get("name"):
            yield required(f"{path}.imagePullSecrets[{index}].name")
    if obj.get("affinity"):
        yield from scheduling.affinity(obj["affinity"], f"{path}.affinity")
    for index, gate in enumerate(obj.get("schedulingGates") or ()):
        yield from each_invalid(
            f"{path}.schedulingGates[{index}]",
            gate.get("name", ""),
            names.qualified_name_problems(gate.get("name", "")),
        )
    if obj.get("topologySpreadConstraints"):
        yield from scheduling.topology_spread(
            obj["topologySpreadConstraints"], f"{path}.topologySpreadConstraints"
        )
    for index, gate in enumerate(obj.get("readinessGates") or ()):
        condition = gate.get("conditionType", "")
        yield from each_invalid(
            f"{path}.readinessGates[{index}].conditionType",
            condition,
            names.qualified_name_problems(condition),
        )
    if obj.get("tolerations"):
        yield from scheduling.tolerations(obj["tolerations"], f"{path}.tolerations")


def _names(obj: Object, path: str) -> Iterator[Cause]:
    for field, problems in (
        ("serviceAccountName", names.dns_subdomain_problems),
        ("nodeName", names.dns_subdomain_problems),
        ("hostname", names.dns_label_problems),
        ("subdomain", names.dns_label_problems),
        ("priorityClassName", names.dns_subdomain_problems),
        ("runtimeClassName", names.dns_subdomain_problems),
    ):
        if obj.get(field):
            yield from each_invalid(f"{path}.{field}", obj[field], problems(obj[field]))


def _numbers(obj: Object, path: str) -> Iterator[Cause]:
    deadline = obj.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _LARGEST_ID:
        yield invalid(
            f"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive"
        )
    grace = obj.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0")


# ------------------------------------------------------------------------- updates

_MUTABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)


def update(new: Object, old: Object) -> Iterator[Cause]:
    """A Pod's spec is nearly immutable: images, deadline, added tolerations and removed gates are the exceptions."""
    after, before = new["spec"], old["spec"]
    if after == before:
        return
    for field, word in (("containers", "containers"), ("initContainers", "initContainers")):
        if len(after.get(field) or ()) != len(before.get(field) or ()):
            yield forbidden(f"spec.{field}", f"pod updates may not add or remove {word}")
            return
    yield from _deadline_update(after, before)
    yield from _toleration_update(after.get("tolerations") or [], before.get("tolerations") or [])
    gates = [gate.get("name") for gate in before.get("schedulingGates") or ()]
    added = [
        (index, gate.get("name", ""))
        for index, gate in enumerate(after.get("schedulingGates") or ())
        if gate.get("name") not in gates
    ]
    for index, gate in added:
        yield forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate}'",
        )
    masked = _masked(after, before, bool(gates))
    if masked != before and not added:
        diff = internal_form.pod_diff(before, masked)
        yield forbidden("spec", f"pod updates may not change fields other than {_MUTABLE}\n{diff}")


def _deadline_update(after: Object, before: Object) -> Iterator[Cause]:
    new, old = after.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    if new is not None:
        if not 0 <= new <= _LARGEST_ID:
            yield invalid("spec.activeDeadlineSeconds", new, "must be between 0 and 2147483647, inclusive")
        elif old is not None and new > old:
            yield invalid("spec.activeDeadlineSeconds", new, "must be less than or equal to previous value")
    elif old is not None:
        yield invalid(
            "spec.activeDeadlineSeconds", None, "must not update from a positive integer to nil value"
        )


def _toleration_update(new: list[Object], old: list[Object]) -> Iterator[Cause]:
    def unlimited(toleration: Object) -> Object:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [unlimited(toleration) for toleration in new]
    if any(unlimited(toleration) not in kept for toleration in old):
        yield forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )


def _masked(after: Object, before: Object, gated: bool) -> Object:
    """The new spec with its mutable fields set back: what still differs is forbidden."""
    masked = dict(after)
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates", "ephemeralContainers"):
        masked = without(masked, field)
        if field in before:
            masked[field] = before[field]
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and after.get(
        "terminationGracePeriodSeconds"
    ) == 1:
        masked["terminationGracePeriodSeconds"] = before["terminationGracePeriodSeconds"]
    if gated:
        masked = _with_gated_fields(masked, before)
    for field in ("containers", "initContainers"):
        if masked.get(field):
            masked[field] = [
                {**new, "image": old["image"]} if new.get("image") and "image" in old else new
                for new, old in zip(masked[field], before[field], strict=True)
            ]
    return masked


def _with_gated_fields(masked: Object, before: Object) -> Object:
    """While a Pod is gated its node selector may grow."""
    old = before.get("nodeSelector") or {}
    if old.items() <= (masked.get("nodeSelector") or {}).items():
        masked = without(masked, "nodeSelector")
        if "nodeSelector" in before:
            masked = {**masked, "nodeSelector": before["nodeSelector"]}
    return masked


def status(new: Object, old: Object) -> Iterator[Cause]:
    """A Pod's status: addresses, and the node it is nominated for."""
    reported = new.get("status") or {}
    nominated = reported.get("nominatedNodeName")
    if nominated and nominated != (old.get("status") or {}).get("nominatedNodeName"):
        yield from each_invalid(
            "status.nominatedNodeName", nominated, names.dns_subdomain_problems(nominated)
        )
        if (new.get("spec") or {}).get("nodeName"):
            yield forbidden(
                "status.nominatedNodeName", "may not be set on pods that are already bound to a node"
            )
    for field in ("podIPs", "hostIPs"):
        for index, row in enumerate(reported.get(field) or ()):
            yield from each_invalid(
                f"status.{field}[{index}]", row.get("ip", ""), names.ip_problems(row.get("ip", ""))
            )
