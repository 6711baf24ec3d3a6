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
from k8scourse.api.validating import metadata, probes, serviceaddresses

Object = dict[str, Any]
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES = ("ClientIP", "None")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_LONGEST_AFFINITY = 86_400
_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"
_HEALTH_CHECK_ONLY = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"


def service(obj: Object) -> Iterator[Cause]:
    """A Service's spec."""
    spec = obj.get("spec") or {}
    kind, ports = spec.get("type", ""), spec.get("ports") or []
    unfit = list(serviceaddresses.problems(spec))
    if unfit:  # upstream's allocator stops here, before the rest is looked at
        yield from unfit
        return
    if not ports and not is_headless(spec) and kind != "ExternalName":
        yield required("spec.ports")
    yield from _by_type(spec, kind)
    names_seen: list[str] = []
    for index, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{index}]", len(ports) > 1, is_headless(spec), names_seen)
    if spec.get("selector"):
        yield from metadata.labels(spec["selector"], "spec.selector")
    yield from _affinity(spec)
    for index, address in enumerate(spec.get("externalIPs") or ()):
        problems = names.ip_problems(address) or names.special_ip_problems(address)
        yield from each_invalid(f"spec.externalIPs[{index}]", address, problems)
    yield from one_of("spec.type", kind, _TYPES)
    yield from _node_ports(ports, kind)
    yield from _source_ranges(obj, spec, kind)
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
    for field in ("ipFamilies", "ipFamilyPolicy"):
        if spec.get(field):
            yield forbidden(f"spec.{field}", "may not be set for ExternalName services")
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
            yield duplicate(f"spec.ports[{index}].nodePort", used[1])
        node_ports.append(used)
        exposed = (port.get("protocol", ""), port.get("port", 0))
        if exposed in numbers:
            yield duplicate(f"spec.ports[{index}]", _key(port["protocol"], exposed[1]))
        numbers.append(exposed)


def _key(protocol: str, port: int) -> Object:
    """A port as upstream's internal type prints it."""
    return {
        "Name": "",
        "Protocol": protocol,
        "AppProtocol": None,
        "Port": port,
        "TargetPort": 0,
        "NodePort": 0,
    }


def _source_ranges(obj: Object, spec: Object, kind: str) -> Iterator[Cause]:
    """Who may reach the load balancer; upstream writes the field with a capital letter."""
    ranges, annotations = spec.get("loadBalancerSourceRanges"), obj["metadata"].get("annotations") or {}
    if ranges:
        path = "spec.LoadBalancerSourceRanges"
        where = [(f"{path}[{index}]", network.strip()) for index, network in enumerate(ranges)]
    elif _RANGES_ANNOTATION in annotations:
        path, given = f"metadata.annotations[{_RANGES_ANNOTATION}]", annotations[_RANGES_ANNOTATION].strip()
        where = [(path, network.strip()) for network in given.split(",")] if given else []
    else:
        return
    if kind != "LoadBalancer":
        yield forbidden(path, _BALANCER_ONLY)
    for place, network in where:
        yield from each_invalid(place, network, names.cidr_problems(network))


def _load_balancer(spec: Object, kind: str) -> Iterator[Cause]:
    owner = spec.get("loadBalancerClass")
    if kind != "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") is not None:
            yield forbidden("spec.allocateLoadBalancerNodePorts", _BALANCER_ONLY)
        if owner is not None:
            yield forbidden("spec.loadBalancerClass", _BALANCER_ONLY)
    elif owner is not None:
        yield from each_invalid("spec.loadBalancerClass", owner, names.qualified_name_problems(owner))


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
    health = spec.get("healthCheckNodePort") or 0
    if health and not needs_health_check(spec):
        yield invalid("spec.healthCheckNodePort", health, _HEALTH_CHECK_ONLY)
    elif health:
        yield from each_invalid("spec.healthCheckNodePort", health, names.port_number_problems(health))
    internal = spec.get("internalTrafficPolicy")
    if kind in ("ClusterIP", "LoadBalancer", "NodePort") and internal is None:
        yield required("spec.internalTrafficPolicy")
    elif internal is not None and internal not in ("Cluster", "Local"):
        yield not_supported("spec.internalTrafficPolicy", internal, ("Cluster", "Local"))
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        yield not_supported("spec.trafficDistribution", distribution, _DISTRIBUTIONS)


def needs_health_check(spec: Object) -> bool:
    """Whether the nodes answer a load balancer on a port of their own."""
    return bool(spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local")


def update(new: Object, old: Object) -> Iterator[Cause]:
    """Addresses, families and the load balancer's owner stay, while the type keeps having them."""
    after, before = new.get("spec") or {}, old.get("spec") or {}
    unfit = any(serviceaddresses.problems(after))
    if not unfit:
        yield from serviceaddresses.changes(after, before)
    both = after.get("type") == before.get("type") == "LoadBalancer"
    owner = after.get("loadBalancerClass")
    if not unfit and both and owner != before.get("loadBalancerClass"):
        yield invalid("spec.loadBalancerClass", owner, "may not change once set")
    checked = needs_health_check(after) and needs_health_check(before)
    if not unfit and checked and after.get("healthCheckNodePort") != before.get("healthCheckNodePort"):
        yield forbidden("spec.healthCheckNodePort", "field is immutable")


# --------------------------------------------------------------------------------------------- status


def status(new: Object, old: Object) -> Iterator[Cause]:
    """What the load balancer says of itself."""
    kind = (new.get("spec") or {}).get("type", "")
    ingresses = ((new.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    path = "status.loadBalancer.ingress"
    if ingresses and kind != "LoadBalancer":
        yield forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")
        return
    for index, ingress in enumerate(ingresses):
        yield from _ingress(ingress, f"{path}[{index}]")


def _ingress(ingress: Object, path: str) -> Iterator[Cause]:
    address, mode, host = (ingress.get(field, "") for field in ("ip", "ipMode", "hostname"))
    if address:
        yield from each_invalid(f"{path}.ip", address, names.ip_problems(address))
        if not mode:
            yield required(f"{path}.ipMode", "must be specified when `ip` is set")
    elif mode:
        yield forbidden(f"{path}.ipMode", "may not be specified when `ip` is not set")
    if mode and mode not in ("Proxy", "VIP"):
        yield not_supported(f"{path}.ipMode", mode, ("Proxy", "VIP"))
    if host:
        yield from each_invalid(f"{path}.hostname", host, names.dns_subdomain_problems(host))
        if not names.ip_problems(host):
            yield invalid(f"{path}.hostname", host, "must be a DNS name, not an IP address")
