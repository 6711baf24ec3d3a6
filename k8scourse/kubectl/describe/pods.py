"""kubectl describe pod. Upstream: `describePod` in `kubectl/pkg/describe/describe.go`."""

from __future__ import annotations

from typing import Any

from k8scourse.api import kinds
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import controller_of, labels
from k8scourse.api.pods import qos_class
from k8scourse.api.times import parse_time
from k8scourse.api.values import Object, get_in

from ..session import Session
from . import events, templates
from .writer import Writer, annotation_lines, date, pairs


def describe(session: Session, pod: Object) -> str:
    """The description of one Pod."""
    writer = Writer()
    spec = pod.get("spec") or {}
    _head(writer, session, pod)
    statuses = _statuses(pod, "initContainerStatuses")
    if spec.get("initContainers"):
        templates.containers(writer, "Init Containers", spec["initContainers"], statuses, pod=pod)
    statuses = _statuses(pod, "containerStatuses")
    templates.containers(writer, "Containers", spec.get("containers") or (), statuses, pod=pod)
    if spec.get("readinessGates"):
        writer.line(0, "Readiness Gates:\n  Type\tStatus")
        for gate in spec["readinessGates"]:
            writer.line(1, f"{gate['conditionType']} \t<none> ")
    _conditions(writer, pod)
    templates.volumes(writer, spec.get("volumes") or ())
    qos = get_in(pod, "status.qosClass") or qos_class(pod)
    writer.line(0, f"QoS Class:\t{qos}")
    templates.node_selectors(writer, spec.get("nodeSelector") or {})
    templates.tolerations(writer, spec.get("tolerations") or ())
    if session.flags["show-events"]:
        uid = annotations_of(pod).get("kubernetes.io/config.mirror")
        events.describe(writer, session, events.of(session, pod, uid=uid))
    return writer.text()


def _head(writer: Writer, session: Session, pod: Object) -> None:
    metadata, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    writer.field("Name", metadata["name"])
    writer.field("Namespace", metadata.get("namespace", ""))
    writer.field("Priority", spec.get("priority", 0))
    if spec.get("priorityClassName"):
        writer.field("Priority Class Name", spec["priorityClassName"])
    if spec.get("runtimeClassName"):
        writer.field("Runtime Class Name", spec["runtimeClassName"])
    if spec.get("serviceAccountName"):
        writer.field("Service Account", spec["serviceAccountName"])
    node = spec.get("nodeName")
    writer.field("Node", f"{node}/{status.get('hostIP', '')}" if node else "<none>")
    if status.get("startTime"):
        writer.field("Start Time", date(status["startTime"]))
    pairs(writer, "Labels", labels(pod))
    annotation_lines(writer, annotations_of(pod))
    _status(writer, session, pod)
    if get_in(pod, "spec.securityContext.seccompProfile.type"):
        writer.field("SeccompProfile", get_in(pod, "spec.securityContext.seccompProfile.type"))
    writer.field("IP", status.get("podIP", ""))
    _addresses(writer, status)
    owner = controller_of(pod)
    if owner is not None:
        writer.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    if status.get("nominatedNodeName"):
        writer.field("NominatedNodeName", status["nominatedNodeName"])


def _status(writer: Writer, session: Session, pod: Object) -> None:
    status = pod.get("status") or {}
    ending = pod["metadata"].get("deletionTimestamp")
    if ending:
        late = session.now - parse_time(ending)
        writer.field(
            "Status",
            f"Terminating (lasts {events.since(session, ending)})"
            if late >= 0
            else "Terminating (lasts <invalid>)",
        )
        writer.field("Termination Grace Period", f"{pod['metadata'].get('deletionGracePeriodSeconds', 0)}s")
    else:
        writer.field("Status", status.get("phase", ""))
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if status.get(field):
            writer.field(title, status[field])


def _addresses(writer: Writer, status: Any) -> None:
    if not status.get("podIPs"):
        writer.line(0, "IPs:\t<none>")
        return
    writer.line(0, "IPs:")
    for address in status["podIPs"]:
        writer.line(1, f"IP:\t{address.get('ip', '')}")


def _statuses(pod: Object, field: str) -> dict[str, Any]:
    return {status["name"]: status for status in get_in(pod, f"status.{field}", [])}


def _conditions(writer: Writer, pod: Object) -> None:
    found = get_in(pod, "status.conditions", [])
    if found:
        writer.line(0, "Conditions:\n  Type\tStatus")
        for condition in found:
            writer.line(1, f"{condition['type']} \t{condition['status']} ")


KIND = kinds.POD
