"""Tables of Services, of what is behind them, and of Nodes.

Upstream: ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8scourse.api import conditions
from k8scourse.api.pod_tables import Cell, age_of
from k8scourse.api.values import get_in

Object = Mapping[str, Any]
_NONE = "<none>"
_MOST = 3


def name_of(obj: Object) -> str:
    """The Name column."""
    return str(obj["metadata"].get("name", ""))


def label_text(labels: Mapping[str, str] | None) -> str:
    """Labels as text."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or _NONE


def balanced(obj: Object) -> list[str]:
    """Where a load balancer can be reached: each address or name once, in order."""
    listed = get_in(obj, "status.loadBalancer.ingress", ())
    found = {entry.get("ip") or entry.get("hostname", "") for entry in listed}
    return sorted(found - {""})


def service(obj: Object, now_ns: int) -> list[Cell]:
    """A Service."""
    spec = obj.get("spec") or {}
    return [
        name_of(obj),
        spec.get("type", ""),
        (spec.get("clusterIPs") or [_NONE])[0],
        _external_ip(obj),
        ",".join(_service_port(port) for port in spec.get("ports") or ()) or _NONE,
        age_of(obj, now_ns),
        label_text(spec.get("selector")),
    ]


def _external_ip(obj: Object) -> str:
    spec = obj.get("spec") or {}
    extra = spec.get("externalIPs") or []
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    if spec.get("type") != "LoadBalancer":
        return ",".join(extra) or _NONE
    return ",".join([*balanced(obj), *extra]) or "<pending>"


def _service_port(port: Object) -> str:
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port', 0)}{node_port}/{port.get('protocol', '')}"


def _some(items: list[str]) -> str:
    """The first three, and how many more."""
    if not items:
        return "<unset>"
    more = f" + {len(items) - _MOST} more..." if len(items) > _MOST else ""
    return ",".join(items[:_MOST]) + more


def endpoint_slice(obj: Object, now_ns: int) -> list[Cell]:
    """An EndpointSlice."""
    ports = ["*" if port.get("port") is None else str(port["port"]) for port in obj.get("ports") or ()]
    addresses = [
        address for endpoint in obj.get("endpoints") or () for address in endpoint.get("addresses") or ()
    ]
    return [name_of(obj), obj.get("addressType", ""), _some(ports), _some(addresses), age_of(obj, now_ns)]


def node(obj: Object, now_ns: int) -> list[Cell]:
    """A Node."""
    info = get_in(obj, "status.nodeInfo", {})
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("kernelVersion") and info.get("architecture"):
        kernel = f"{kernel} ({info['architecture']})"
    return [
        name_of(obj),
        node_status(obj),
        node_roles(obj),
        age_of(obj, now_ns),
        info.get("kubeletVersion", ""),
        _node_address(obj, "InternalIP"),
        _node_address(obj, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def node_status(obj: Object) -> str:
    """``Ready``, ``NotReady`` or ``Unknown``, and ``SchedulingDisabled`` when cordoned."""
    ready = conditions.get(obj, "Ready")
    word = "Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if get_in(obj, "spec.unschedulable") else word


_ROLE = "node-role.kubernetes.io/"


def node_roles(obj: Object) -> str:
    """The roles that a Node's labels give it, ``<none>`` without any."""
    roles = []
    for key, value in (obj["metadata"].get("labels") or {}).items():
        if key.startswith(_ROLE) and key != _ROLE:
            roles.append(key.removeprefix(_ROLE))
        elif key == "kubernetes.io/role" and value:
            roles.append(value)
    return ",".join(sorted(dict.fromkeys(roles))) or _NONE


def _node_address(obj: Object, kind: str) -> str:
    for address in get_in(obj, "status.addresses", ()):
        if address.get("type") == kind:
            return str(address.get("address", ""))
    return _NONE
