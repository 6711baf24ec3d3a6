"""What of a Pod may change: nearly nothing of its spec, and not everything of its status.

Upstream: ``ValidatePodUpdate``, ``ValidatePodStatusUpdate`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import internal_form, names, pods
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import duplicate, each_invalid, forbidden, immutable, invalid, required
from k8scourse.api.validating import pods as pod_specs
from k8scourse.api.values import without

Object = dict[str, Any]
_LARGEST = 2**31 - 1
_MIRROR = "kubernetes.io/config.mirror"
_MUTABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def update(new: Object, old: Object) -> Iterator[Cause]:
    """Images, deadline, added tolerations and removed gates are the exceptions."""
    yield from _annotation_changes(new, old)
    after, before = new["spec"], old["spec"]
    if after == before:
        return
    yield from pod_specs.whole(new)
    for field in ("containers", "initContainers"):
        if len(after.get(field) or ()) != len(before.get(field) or ()):
            yield forbidden(f"spec.{field}", "pod updates may not add or remove containers")
            return
        for index, container in enumerate(after.get(field) or ()):
            yield from _image(container.get("image", ""), f"spec.{field}[{index}].image")
    deadline = list(_deadline(after, before))
    yield from deadline
    if deadline and after.get("activeDeadlineSeconds") is not None:
        return
    yield from _tolerations(after.get("tolerations") or [], before.get("tolerations") or [])
    yield from _gates(after, before)
    yield from _rest(after, before)


def _annotation_changes(new: Object, old: Object) -> Iterator[Cause]:
    after, before = ((obj["metadata"].get("annotations") or {}).get(_MIRROR) for obj in (new, old))
    path = f"metadata.annotations[{_MIRROR}]"
    if before is not None and after != before:
        yield forbidden(path, "may not remove or update mirror pod annotation")
    elif before is None and after is not None:
        yield forbidden(path, "may not add mirror pod annotation")


def _image(image: str, path: str) -> Iterator[Cause]:
    if not image:
        yield required(path)
    if image != image.strip():
        yield invalid(path, image, "must not have leading or trailing whitespace")


def _deadline(after: Object, before: Object) -> Iterator[Cause]:
    new, old, path = (
        after.get("activeDeadlineSeconds"),
        before.get("activeDeadlineSeconds"),
        "activeDeadlineSeconds",
    )
    if new is not None:
        if not 0 <= new <= _LARGEST:
            yield invalid(f"spec.{path}", new, f"must be between 0 and {_LARGEST}, inclusive")
        elif old is not None and new > old:
            yield invalid(f"spec.{path}", new, "must be less than or equal to previous value")
    elif old is not None:
        yield invalid(f"spec.{path}", None, "must not update from a positive integer to nil value")


def _tolerations(new: list[Object], old: list[Object]) -> Iterator[Cause]:
    def unlimited(toleration: Object) -> Object:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}

    kept = [unlimited(toleration) for toleration in new]
    if any(unlimited(toleration) not in kept for toleration in old):
        yield forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )


def _gates(after: Object, before: Object) -> Iterator[Cause]:
    known = [gate.get("name") for gate in before.get("schedulingGates") or ()]
    for index, gate in enumerate(after.get("schedulingGates") or ()):
        if gate.get("name") not in known:
            yield forbidden(
                f"spec.schedulingGates[{index}].name",
                f"only deletion is allowed, but found new scheduling gate '{gate.get('name', '')}'",
            )


def _rest(after: Object, before: Object) -> Iterator[Cause]:
    """The new spec with its mutable fields set back: what still differs is forbidden."""
    masked = dict(after)
    for field in ("activeDeadlineSeconds", "tolerations", "schedulingGates", "ephemeralContainers"):
        masked = _field_of(masked, before, field)
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and after.get(
        "terminationGracePeriodSeconds"
    ) == 1:
        masked["terminationGracePeriodSeconds"] = before["terminationGracePeriodSeconds"]
    for field in ("containers", "initContainers"):
        if masked.get(field):
            masked[field] = [
                {**new, "image": old["image"]} if new.get("image") and "image" in old else new
                for new, old in zip(masked[field], before[field], strict=True)
            ]
    if before.get("schedulingGates"):
        yield from _gated_selector(masked, before)
        masked = _field_of(masked, before, "nodeSelector")
        yield from _gated_affinity(masked, before)
        masked = _with_node_affinity_of(masked, before)
    if masked != before:
        diff = internal_form.pod_diff(before, masked)
        yield forbidden("spec", f"pod updates may not change fields other than {_MUTABLE}\n{diff}")


def _field_of(target: Object, source: Object, field: str) -> Object:
    target = without(target, field)
    return {**target, field: source[field]} if field in source else target


def _gated_selector(masked: Object, before: Object) -> Iterator[Cause]:
    """While a Pod is gated its node selector may grow."""
    new, old = masked.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if not old.items() <= new.items():
        yield invalid(
            "spec.nodeSelector",
            new or None,
            "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
        )


def _node_terms(spec: Object) -> Any:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    return (affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms")


def _gated_affinity(masked: Object, before: Object) -> Iterator[Cause]:
    """And its terms about nodes may become stricter."""
    new, old = _node_terms(masked), _node_terms(before) or []
    path = f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
    if old and len(old) != len(new or ()):
        yield invalid(
            path,
            internal_form.plain(new),
            "no additions/deletions to non-empty NodeSelectorTerms list are allowed",
        )
        return
    for index, term in enumerate(old):
        for field in ("matchExpressions", "matchFields"):
            kept, given = term.get(field) or [], new[index].get(field) or []
            if given[: len(kept)] != kept:
                yield invalid(
                    f"{path}[{index}]",
                    internal_form.plain(new[index]),
                    "only additions are allowed (no mutations or deletions)",
                )
                break


def _with_node_affinity_of(masked: Object, before: Object) -> Object:
    old, new = before.get("affinity"), masked.get("affinity")
    if new is None and not (old or {}).get("nodeAffinity"):
        return masked
    merged = _field_of(new or {}, old or {}, "nodeAffinity")
    return {**masked, "affinity": merged} if merged or old is not None else without(masked, "affinity")


# -------------------------------------------------------------------------------------------- status


def status(new: Object, old: Object) -> Iterator[Cause]:
    """A Pod's status: conditions, addresses, the node it is nominated for, containers that have ended."""
    reported, before = new.get("status") or {}, old.get("status") or {}
    for index, condition in enumerate(reported.get("conditions") or ()):
        kind = condition.get("type", "")
        if kind not in ("PodScheduled", "Ready", "Initialized"):
            yield from each_invalid(
                f"metadata.conditions[{index}].Type", kind, names.qualified_name_problems(kind)
            )
    nominated = reported.get("nominatedNodeName")
    if nominated and nominated != before.get("nominatedNodeName"):
        yield from each_invalid(
            "status.nominatedNodeName", nominated, names.dns_subdomain_problems(nominated)
        )
        if (new.get("spec") or {}).get("nodeName"):
            yield forbidden(
                "status.nominatedNodeName", "may not be set on pods that are already bound to a node"
            )
    yield from immutable("status.qosClass", reported.get("qosClass", ""), before.get("qosClass", ""))
    yield from _ended(new, old)
    yield from _addresses(reported.get("podIPs") or [], "status.podIPs")
    hosts = reported.get("hostIPs") or []
    if hosts and hosts[0].get("ip", "") != reported.get("hostIP", ""):
        yield invalid("status.hostIPs[0].ip", hosts[0].get("ip", ""), "must be equal to `hostIP`")
    yield from _addresses(hosts, "status.hostIPs")


def _addresses(rows: list[Object], path: str) -> Iterator[Cause]:
    addresses = [row.get("ip", "") for row in rows]
    for index, address in enumerate(addresses):
        yield from each_invalid(f"{path}[{index}]", address, names.ip_problems(address))
    families = [names.is_ipv4(address) for address in addresses]
    if len(addresses) > 2 or (len(addresses) == 2 and len(set(families)) == 1):
        yield invalid(
            path,
            [{"IP": address} for address in addresses],
            "may specify no more than one IP for each IP family",
        )
    for index, address in enumerate(addresses):
        if address in addresses[:index]:
            yield duplicate(f"{path}[{index}]", {"IP": address})


def _ended(new: Object, old: Object) -> Iterator[Cause]:
    """A container that has ended for good does not run again."""
    spec = old.get("spec") or {}
    policy = spec.get("restartPolicy")
    sidecars = [one.get("name") for one in spec.get("initContainers") or () if pods.is_sidecar(one)]
    if policy == "Always":
        return
    own_rules = [
        one.get("name")
        for field in ("containers", "initContainers")
        for one in spec.get(field) or ()
        if one.get("restartPolicy") or one.get("restartPolicyRules")
    ]
    for field in ("containerStatuses", "initContainerStatuses"):
        after = {row.get("name"): row for row in (new.get("status") or {}).get(field) or ()}
        for index, row in enumerate((old.get("status") or {}).get(field) or ()):
            ended = (row.get("state") or {}).get("terminated")
            if ended is None or (ended.get("exitCode", 0) != 0 and policy == "OnFailure"):
                continue
            if row.get("name") in sidecars or row.get("name") in own_rules or row.get("name") not in after:
                continue
            if (after[row["name"]].get("state") or {}).get("terminated") is None:
                yield forbidden(
                    f"status.{field}[{index}].state", "may not be transitioned to non-terminated state"
                )
