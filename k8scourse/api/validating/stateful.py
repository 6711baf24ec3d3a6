"""StatefulSet, ReplicationController, PodTemplate and ControllerRevision.

Upstream: ``ValidateStatefulSet`` in ``pkg/apis/apps/validation/validation.go``, ``ValidateReplicationController`` and
``ValidatePodTemplate`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

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
    not_supported,
    required,
)
from k8scourse.api.validating import metadata, pods, workloads
from k8scourse.api.validating.scheduling import label_selector
from k8scourse.api.validating.volumeclaims import claim_spec

Object = dict[str, Any]
_MISMATCH = "`selector` does not match template `labels`"
_RETENTION = ("Retain", "Delete")
_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_UPDATE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def stateful_set(obj: Object) -> Iterator[Cause]:
    """A StatefulSet's spec."""
    spec = obj.get("spec") or {}
    yield from _management(spec)
    yield from _strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    yield from _retention(spec.get("persistentVolumeClaimRetentionPolicy"))
    yield from non_negative("spec.replicas", spec.get("replicas"))
    yield from non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    yield from non_negative("spec.ordinals.start", (spec.get("ordinals") or {}).get("start"))
    service = spec.get("serviceName")
    if service:
        yield from each_invalid("spec.serviceName", service, names.dns_label_problems(service))
    yield from _selector_and_template(spec)
    yield from non_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
        yield from _claim_template(claim, f"spec.volumeClaimTemplates[{index}]")


def _management(spec: Object) -> Iterator[Cause]:
    policy = spec.get("podManagementPolicy")
    if not policy:
        yield required("spec.podManagementPolicy")
    elif policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")


def _strategy(strategy: Object, path: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "OnDelete":
        if rolling is not None:
            yield invalid(
                f"{path}.rollingUpdate",
                _rolling_shown(rolling),
                "only allowed for updateStrategy 'RollingUpdate'",
            )
    elif kind == "RollingUpdate":
        yield from non_negative(f"{path}.rollingUpdate.partition", (rolling or {}).get("partition"))
        yield from _unavailable((rolling or {}).get("maxUnavailable"), f"{path}.rollingUpdate.maxUnavailable")
    elif not kind:
        yield required(path)
    else:
        shown = None if rolling is None else _rolling_shown(rolling)
        yield invalid(path, {"Type": kind, "RollingUpdate": shown}, "must be 'RollingUpdate' or 'OnDelete'")


def _rolling_shown(rolling: Object) -> Object:
    """Rolling parameters as upstream's internal type prints them."""
    return {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}


def _unavailable(value: Any, path: str) -> Iterator[Cause]:
    if value is None:
        return
    yield from workloads.count_or_percent(value, path)
    if value in (0, "0%"):
        yield invalid(path, value, "cannot be 0")
    yield from workloads.at_most_all(value, path)


def _retention(policy: Object | None) -> Iterator[Cause]:
    path = "spec.persistentVolumeClaimRetentionPolicy"
    for field in ("whenDeleted", "whenScaled"):
        value = (policy or {}).get(field, "")
        if policy is not None and value not in _RETENTION:
            yield not_supported(f"{path}.{field}", value, _RETENTION)


def _selector_and_template(spec: Object) -> Iterator[Cause]:
    selector, template = spec.get("selector"), spec.get("template") or {}
    if selector is None:
        yield required("spec.selector")
    else:
        yield from label_selector(selector, "spec.selector")
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            yield invalid("spec.selector", selector, "empty selector is invalid for statefulset")
    matcher = workloads.matcher(selector)
    labels = (template.get("metadata") or {}).get("labels")
    if matcher is None:
        yield invalid("spec.selector", selector, "")
    elif not matcher.empty and not matcher.matches(labels):
        yield invalid("spec.template.metadata.labels", labels, _MISMATCH)
    # Upstream does not look at the containers here: their mounts name volumes that the claims will become.
    own = template.get("metadata") or {}
    yield from metadata.labels(own.get("labels") or {}, "spec.template.labels")
    yield from metadata.annotations(own.get("annotations") or {}, "spec.template.annotations")
    yield from pods.known_annotations(
        own.get("annotations") or {}, template.get("spec") or {}, "spec.template.annotations"
    )
    yield from workloads.runs_for_ever(template.get("spec") or {}, "StatefulSet")


def _claim_template(claim: Object, path: str) -> Iterator[Cause]:
    yield from metadata.common(claim.get("metadata") or {}, f"{path}.metadata")
    yield from claim_spec(claim.get("spec") or {}, f"{path}.spec")


def stateful_set_update(new: Object, old: Object) -> Iterator[Cause]:
    """Only a few fields of the spec may change."""
    after, before = (
        {key: value for key, value in obj["spec"].items() if key not in _MUTABLE} for obj in (new, old)
    )
    if after != before:
        yield forbidden("spec", _UPDATE)


def status(new: Object, old: Object) -> Iterator[Cause]:
    """The counters of a StatefulSet."""
    counted = new.get("status") or {}
    for name in (
        "replicas",
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "availableReplicas",
        "observedGeneration",
        "collisionCount",
    ):
        yield from non_negative(f"status.{name}", counted.get(name))
    for name in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        if counted.get(name, 0) > counted.get("replicas", 0):
            yield invalid(f"status.{name}", counted.get(name, 0), "cannot be greater than status.replicas")
    if counted.get("availableReplicas", 0) > counted.get("readyReplicas", 0):
        yield invalid(
            "status.availableReplicas",
            counted.get("availableReplicas", 0),
            "cannot be greater than status.readyReplicas",
        )
    yield from workloads.collisions(counted, old.get("status") or {})


# -------------------------------------------------------------------------------- the older kinds


def replication_controller(obj: Object) -> Iterator[Cause]:
    """A ReplicationController's spec."""
    spec = obj.get("spec") or {}
    yield from non_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    selector, template = spec.get("selector") or {}, spec.get("template")
    if not selector:
        yield required("spec.selector")
    if spec.get("replicas") is None:
        yield required("spec.replicas")
    yield from non_negative("spec.replicas", spec.get("replicas"))
    if template is None:
        yield required("spec.template")
        return
    labels = (template.get("metadata") or {}).get("labels") or {}
    if selector and not selector.items() <= labels.items():
        yield invalid("spec.template.metadata.labels", labels, _MISMATCH)
    yield from workloads.pod_template(template, "ReplicationController")


def replication_controller_status(new: Object, old: Object) -> Iterator[Cause]:
    """The counters of a ReplicationController."""
    counted = new.get("status") or {}
    for name in (
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
    ):
        yield from non_negative(f"status.{name}", counted.get(name))
    for name in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        if counted.get(name, 0) > counted.get("replicas", 0):
            yield invalid(f"status.{name}", counted.get(name, 0), "cannot be greater than status.replicas")
    if counted.get("availableReplicas", 0) > counted.get("readyReplicas", 0):
        yield invalid(
            "status.availableReplicas",
            counted.get("availableReplicas", 0),
            "cannot be greater than readyReplicas",
        )


def pod_template(obj: Object) -> Iterator[Cause]:
    """A PodTemplate."""
    yield from pods.template(obj.get("template") or {}, "template")


def controller_revision(obj: Object) -> Iterator[Cause]:
    """A ControllerRevision: a number and what it stands for."""
    if obj.get("data") is None:
        yield required("data", "data is mandatory")
    yield from non_negative("revision", obj.get("revision"))


def controller_revision_update(new: Object, old: Object) -> Iterator[Cause]:
    """What a revision stands for never changes."""
    yield from immutable("data", new.get("data"), old.get("data"))
