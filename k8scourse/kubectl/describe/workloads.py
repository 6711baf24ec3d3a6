"""kubectl describe deployment, replicaset and daemonset. Upstream: `kubectl/pkg/describe/describe.go`."""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import kinds
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import controller_of, is_controlled_by, labels
from k8scourse.api.values import Object, get_in

from ..selecting import selector_text
from ..session import Session
from . import events
from .templates import pod_template
from .writer import Writer, annotation_lines, date, pairs


def deployment(session: Session, obj: Object) -> str:
    """The description of a Deployment, with its ReplicaSets."""
    writer = Writer()
    _names(writer, obj, created=True)
    writer.field("Selector", selector_text(get_in(obj, "spec.selector")))
    spec, status = obj["spec"], obj.get("status") or {}
    counts = (
        f"{spec.get('replicas', 1)} desired | {status.get('updatedReplicas', 0)} updated | {status.get('replicas', 0)} "
        f"total | {status.get('availableReplicas', 0)} available | {status.get('unavailableReplicas', 0)} unavailable"
    )
    writer.field("Replicas", counts)
    writer.field("StrategyType", get_in(spec, "strategy.type", ""))
    writer.field("MinReadySeconds", spec.get("minReadySeconds", 0))
    rolling = get_in(spec, "strategy.rollingUpdate")
    if rolling:
        text = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        writer.field("RollingUpdateStrategy", text)
    pod_template(writer, spec["template"])
    _conditions(writer, obj)
    _replica_sets(writer, session, obj)
    _events(writer, session, obj)
    return writer.text()


def _replica_sets(writer: Writer, session: Session, obj: Object) -> None:
    where = obj["metadata"].get("namespace", "")
    every = session.list(kinds.REPLICA_SET, where, labels=selector_text(get_in(obj, "spec.selector")))
    owned = [one for one in every if is_controlled_by(one, obj)]
    new = _newest(obj, owned)
    old = [one for one in owned if one is not new]
    writer.field("OldReplicaSets", _listed(old))
    writer.field("NewReplicaSet", _listed([new] if new is not None else []))


def _newest(obj: Object, owned: list[Object]) -> Object | None:
    """The ReplicaSet whose template is the Deployment's own, its hash label aside."""
    for one in owned:
        template = get_in(one, "spec.template")
        bare = {key: value for key, value in labels(template).items() if key != "pod-template-hash"}
        if {**template["metadata"], "labels": bare} == obj["spec"]["template"].get("metadata") and template[
            "spec"
        ] == (obj["spec"]["template"]["spec"]):
            return one
    return None


def _listed(replica_sets: Iterable[Object]) -> str:
    texts = []
    for one in replica_sets:
        counts = f"{get_in(one, 'status.replicas', 0)}/{get_in(one, 'spec.replicas', 0)}"
        texts.append(f"{one['metadata']['name']} ({counts} replicas created)")
    return ", ".join(texts) or "<none>"


def replica_set(session: Session, obj: Object) -> str:
    """The description of a ReplicaSet."""
    writer = Writer()
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    writer.field("Selector", selector_text(get_in(obj, "spec.selector")))
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))
    owner = controller_of(obj)
    if owner is not None:
        writer.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    current, desired = get_in(obj, "status.replicas", 0), get_in(obj, "spec.replicas", 0)
    writer.field("Replicas", f"{current} current / {desired} desired")
    writer.field("Pods Status", _phases(session, obj))
    pod_template(writer, obj["spec"]["template"])
    _conditions(writer, obj)
    _events(writer, session, obj)
    return writer.text()


def daemon_set(session: Session, obj: Object) -> str:
    """The description of a DaemonSet."""
    writer = Writer()
    status = obj.get("status") or {}
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    writer.field("Selector", selector_text(get_in(obj, "spec.selector")))
    selector = get_in(obj, "spec.template.spec.nodeSelector", {})
    writer.field("Node-Selector", ",".join(f"{key}={selector[key]}" for key in sorted(selector)) or "<none>")
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))
    for text, field in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        writer.line(0, f"{text}: {status.get(field, 0)}")
    writer.field("Pods Status", _phases(session, obj))
    pod_template(writer, obj["spec"]["template"])
    _events(writer, session, obj)
    return writer.text()


def _names(writer: Writer, obj: Object, *, created: bool) -> None:
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    if created:
        writer.field("CreationTimestamp", date(obj["metadata"].get("creationTimestamp")))
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))


def _phases(session: Session, obj: Object) -> str:
    """How many Pods are in which phase."""
    where = obj["metadata"].get("namespace", "")
    pods = session.list(kinds.POD, where, labels=selector_text(get_in(obj, "spec.selector")))
    phases = [get_in(pod, "status.phase", "") for pod in pods if is_controlled_by(pod, obj)]
    return (
        f"{phases.count('Running')} Running / {phases.count('Pending')} Waiting / "
        f"{phases.count('Succeeded')} Succeeded / {phases.count('Failed')} Failed"
    )


def _conditions(writer: Writer, obj: Object) -> None:
    found = get_in(obj, "status.conditions", [])
    if found:
        writer.line(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------")
        for condition in found:
            writer.line(1, f"{condition['type']} \t{condition['status']}\t{condition.get('reason', '')}")


def _events(writer: Writer, session: Session, obj: Object) -> None:
    if session.flags["show-events"]:
        events.describe(writer, session, events.of(session, obj))
