"""Services: ports, addresses, policies.

Upstream: ``ValidateService`` in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    one_of,
    required,
)
from k8scourse.api.validating import metadata, probes

Object = dict[str, Any]
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_LONGEST_AFFINITY = 86_400


def service(obj: Object) -> Iterator[Cause]:
    """A Service's spec."""
    spec = obj.get("spec") or {}
    kind, ports = spec.get("type", ""), spec.get("ports") or []
    if not ports and not is_headless(spec) and kind != "ExternalName":
        yield required("spec.ports")
    yield from _by_type(spec, kind)
    names_seen: list[str] = []
    for index, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{index}]", len(ports) > 1, is_headless(spec), names_seen)
    if spec.get("selector"):
        yield from metadata.labels(spec["selector"], "spec.selector")
    yield from _affinity(spec)
    yield from _cluster_ips(spec, kind)
    for index, address in enumerate(spec.get("externalIPs") or ()):
        problems = names.ip_problems(address) or names.special_ip_problems(address)
        yield from each_invalid(f"spec.externalIPs[{index}]", address, problems)
    yield from one_of("spec.type", kind, _TYPES)
    yield from _node_ports(ports, kind)
    yield from _load_balancer(spec, kind)
    yield from _policies(spec, kind)


def is_headless(spec: Object) -> bool:
    """Whether the Service asks for no address of its own."""
    return spec.get("clusterIP") == "None"


def _by_type(spec: Object, kind: str) -> Iterator[Cause]:
    if kind in ("LoadBalancer", "NodePort") and is_headless(spec):
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind != "ExternalName":
        return
    if spec.get("clusterIP"):
        yield forbidden("spec.clusterIPs", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        yield from each_invalid("spec.externalName", name, names.dns_subdomain_problems(name))
    else:
        yield required("spec.externalName")


def _port(port: Object, path: str, need_name: bool, headless: bool, seen: list[str]) -> Iterator[Cause]:
    name = port.get("name", "")
    if name:
        yield from each_invalid(f"{path}.name", name, names.dns_label_problems(name))
        if name in seen:
            yield duplicate(f"{path}.name", name)
        seen.append(name)
    elif need_name:
        yield required(f"{path}.name")
    number, target = port.get("port", 0), port.get("targetPort", 0)
    yield from each_invalid(f"{path}.port", number, names.port_number_problems(number))
    yield from one_of(f"{path}.protocol", port.get("protocol"), _PROTOCOLS)
    yield from probes.port(target, f"{path}.targetPort")
    if port.get("appProtocol"):
        yield from each_invalid(
            f"{path}.appProtocol", port["appProtocol"], names.qualified_name_problems(port["appProtocol"])
        )


def _affinity(spec: Object) -> Iterator[Cause]:
    affinity, config = spec.get("sessionAffinity"), spec.get("sessionAffinityConfig")
    yield from one_of("spec.sessionAffinity", affinity, _AFFINITIES)
    if affinity == "ClientIP":
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
        if seconds is None:
            yield required("spec.sessionAffinityConfig", "when session affinity type is ClientIP")
        elif not 0 < seconds <= _LONGEST_AFFINITY:
            yield invalid(
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                seconds,
                f"must be greater than 0 and less than {_LONGEST_AFFINITY}",
            )
    elif affinity == "None" and config is not None:
        yield forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")


def _cluster_ips(spec: Object, kind: str) -> Iterator[Cause]:
    if kind == "ExternalName":
        return
    addresses = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    for index, address in enumerate(addresses):
        if address != "None":
            yield from each_invalid(f"spec.clusterIPs[{index}]", address, names.ip_problems(address))
    families = spec.get("ipFamilies") or []
    if spec.get("ipFamilyPolicy") == "RequireDualStack" and (
        families != ["IPv4", "IPv6"] or spec.get("selector")
    ):
        yield invalid(
            "spec.ipFamilyPolicy",
            "RequireDualStack",
            "this cluster is not configured for dual-stack services",
        )
    for index, family in enumerate(families):
        if family not in ("IPv4", "IPv6"):
            yield not_supported(f"spec.ipFamilies[{index}]", family, ("IPv4", "IPv6"))


def _node_ports(ports: list[Object], kind: str) -> Iterator[Cause]:
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                yield forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
    node_ports: list[tuple[str, int]] = []
    numbers: list[tuple[str, int]] = []
    for index, port in enumerate(ports):
        used = (port.get("protocol", ""), port.get("nodePort", 0))
        if used[1] and used in node_ports:
            yield duplicate(f"spec.ports[{index}].nodePort", _key(port["protocol"], 0, used[1]))
        node_ports.append(used)
        exposed = (port.get("protocol", ""), port.get("port", 0))
        if exposed in numbers:
            yield duplicate(f"spec.ports[{index}]", _key(port["protocol"], exposed[1], 0))
        numbers.append(exposed)


def _key(protocol: str, port: int, node_port: int) -> Object:
    """A port as upstream's internal type prints it."""
    return {
        "Name": "",
        "Protocol": protocol,
        "AppProtocol": None,
        "Port": port,
        "TargetPort": 0,
        "NodePort": node_port,
    }


def _load_balancer(spec: Object, kind: str) -> Iterator[Cause]:
    if kind == "LoadBalancer":
        for index, network in enumerate(spec.get("loadBalancerSourceRanges") or ()):
            yield from each_invalid(
                f"spec.loadBalancerSourceRanges[{index}]", network, names.cidr_problems(network)
            )
        return
    if spec.get("loadBalancerSourceRanges"):
        yield forbidden("spec.loadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'")
    if spec.get("allocateLoadBalancerNodePorts") is not None:
        yield forbidden(
            "spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"
        )
    if spec.get("loadBalancerClass") is not None:
        yield forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")


def _policies(spec: Object, kind: str) -> Iterator[Cause]:
    external = spec.get("externalTrafficPolicy")
    reachable = kind in ("LoadBalancer", "NodePort") or (
        kind == "ClusterIP" and bool(spec.get("externalIPs"))
    )
    if not reachable:
        if external:
            yield invalid(
                "spec.externalTrafficPolicy", external, "may only be set for externally-accessible services"
            )
    elif not external:
        yield required("spec.externalTrafficPolicy")
    elif external not in ("Cluster", "Local"):
        yield not_supported("spec.externalTrafficPolicy", external, ("Cluster", "Local"))
    internal = spec.get("internalTrafficPolicy")
    if kind in ("ClusterIP", "LoadBalancer", "NodePort") and internal is None:
        yield required("spec.internalTrafficPolicy")
    elif internal is not None and internal not in ("Cluster", "Local"):
        yield not_supported("spec.internalTrafficPolicy", internal, ("Cluster", "Local"))


def update(new: Object, old: Object) -> Iterator[Cause]:
    """The cluster IP stays while the type keeps having one."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    if "ExternalName" in (after.get("type"), before.get("type")):
        return
    if before.get("clusterIP") and after.get("clusterIP") != before["clusterIP"]:
        shown = after.get("clusterIPs") or ([after["clusterIP"]] if after.get("clusterIP") else [])
        yield invalid("spec.clusterIPs[0]", shown, "may not change once set")
