"""kubectl describe service and namespace. Upstream: `describeService`, `describeNamespace`."""

from __future__ import annotations

from typing import Any

from k8scourse.api import kinds
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object, get_in

from ..selecting import equality_text
from ..session import Session
from . import events
from .writer import Writer, annotation_lines, joined, pairs

_SERVICE_LABEL = "kubernetes.io/service-name"
_LONGEST_LIST = 3


def service(session: Session, obj: Object) -> str:
    """The description of a Service, with the addresses behind each port."""
    writer = Writer()
    spec = obj["spec"]
    writer.field("Name", obj["metadata"]["name"])
    writer.field("Namespace", obj["metadata"].get("namespace", ""))
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))
    writer.field("Selector", equality_text(spec.get("selector") or {}) or "<none>")
    writer.field("Type", spec.get("type", ""))
    if spec.get("ipFamilyPolicy"):
        writer.field("IP Family Policy", spec["ipFamilyPolicy"])
    writer.field("IP Families", joined(spec.get("ipFamilies") or ()))
    writer.field("IP", spec.get("clusterIP", ""))
    writer.field("IPs", joined(spec.get("clusterIPs") or ()))
    if spec.get("externalIPs"):
        writer.field("External IPs", ",".join(spec["externalIPs"]))
    if spec.get("externalName"):
        writer.field("External Name", spec["externalName"])
    _ports(writer, session, obj)
    writer.field("Session Affinity", spec.get("sessionAffinity", ""))
    for title, field in (
        ("External Traffic Policy", "externalTrafficPolicy"), ("Internal Traffic Policy", "internalTrafficPolicy"),
    ):  # fmt: skip
        if spec.get(field):
            writer.field(title, spec[field])
    if session.flags["show-events"]:
        events.describe(writer, session, events.of(session, obj))
    return writer.text()


def _ports(writer: Writer, session: Session, obj: Object) -> None:
    slices = _slices(session, obj)
    for port in obj["spec"].get("ports") or ():
        protocol = port.get("protocol", "TCP")
        writer.field("Port", f"{port.get('name') or '<unset>'}\t{port['port']}/{protocol}")
        writer.field("TargetPort", f"{port.get('targetPort', port['port'])}/{protocol}")
        if port.get("nodePort"):
            writer.field("NodePort", f"{port.get('name') or '<unset>'}\t{port['nodePort']}/{protocol}")
        writer.field("Endpoints", _endpoints(slices, str(port.get("name") or "")))


def _slices(session: Session, obj: Object) -> list[Object]:
    selector = f"{_SERVICE_LABEL}={obj['metadata']['name']}"
    return session.list(kinds.ENDPOINT_SLICE, obj["metadata"].get("namespace", ""), labels=selector)


def _endpoints(slices: list[Object], port_name: str) -> str:
    """The ready addresses of a port, the first few of them."""
    found = []
    for one in slices:
        for port in one.get("ports") or ():
            if str(port.get("name") or "") == port_name:
                found += [f"{address}:{port.get('port')}" for address in _addresses(one)]
    more = f" + {len(found) - _LONGEST_LIST} more..." if len(found) > _LONGEST_LIST else ""
    return ",".join(found[:_LONGEST_LIST]) + more if found else ""


def _addresses(endpoint_slice: Object) -> list[Any]:
    return [
        address
        for endpoint in endpoint_slice.get("endpoints") or ()
        if get_in(endpoint, "conditions.ready", True)
        for address in endpoint["addresses"][:1]
    ]


def namespace(session: Session, obj: Object) -> str:
    """The description of a Namespace. Quotas and limits are not in our API yet: there are none."""
    writer = Writer()
    writer.field("Name", obj["metadata"]["name"])
    pairs(writer, "Labels", labels(obj))
    annotation_lines(writer, annotations_of(obj))
    writer.field("Status", get_in(obj, "status.phase", ""))
    writer.line(0, "\nNo resource quota.")
    writer.line(0, "\nNo LimitRange resource.")
    return writer.text()
