"""The rule tables of a node as the kernel holds them in iptables mode.

Upstream: `pkg/proxy/iptables/proxier.go` (chain names, probabilities), `pkg/proxy/topology.go`
(CategorizeEndpoints: ready endpoints, or those that still serve while they terminate when none is ready).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ..api.values import get_in
from ..sim import Machine, Trace

SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One KUBE-SEP chain: where a packet is sent in the end."""

    chain: str
    address: str
    port: int
    node: str


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One KUBE-SVC chain: a port of a Service, and the endpoints among which the kernel chooses.

    `node_port` is 0 when there is none; `affinity_seconds` is 0 without ClientIP affinity. `local` holds the
    endpoints for traffic from outside when externalTrafficPolicy is Local, else None.
    """

    name: str
    chain: str
    address: str
    port: int
    protocol: str
    node_port: int
    affinity_seconds: int
    endpoints: tuple[Endpoint, ...]
    local: tuple[Endpoint, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one node."""

    services: tuple[ServicePort, ...] = ()

    def find(self, address: str, port: int, protocol: str = "TCP") -> ServicePort | None:
        """The Service behind an address and port, if any: a ClusterIP, never a node's address."""
        for service in self.services:
            if (service.address, service.port, service.protocol) == (address, port, protocol):
                return service
        return None

    def find_node_port(self, port: int, protocol: str = "TCP") -> ServicePort | None:
        """The Service that a port of every node belongs to, if any."""
        return next(
            (each for each in self.services if each.node_port == port and each.protocol == protocol), None
        )

    def lines(self) -> list[str]:
        """The rules as `iptables-save` prints the ones that matter."""
        return [line for service in self.services for line in _lines(service)]


class RuleTable(Protocol):
    """A node's tables, as the proxy sees them: they outlive it."""

    def read(self) -> Rules:
        """What the kernel holds now."""

    def write(self, rules: Rules) -> None:
        """Replace everything at once, as `iptables-restore` does."""


class KernelRules:
    """The rule table of one machine: in its kernel's memory, gone with the power."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def read(self) -> Rules:
        """What the kernel holds now; nothing after a boot."""
        rules: Rules = self._machine.kernel.get("rules", Rules())
        return rules

    def write(self, rules: Rules) -> None:
        """Replace the table."""
        self._machine.kernel["rules"] = rules


class TracedRules:
    """A rule table that writes each change into the trace.

    All nodes write the same rules within a moment. `told` is shared by all tables of a cluster: the record's
    detail `first` says whether this node was the first to write what it wrote.
    """

    def __init__(self, table: RuleTable, trace: Trace, writer: str, host: str, told: dict[str, Any]) -> None:
        self._table, self._trace, self._told = table, trace, told
        self._writer, self._host = writer, host

    def read(self) -> Rules:
        """What the kernel holds now."""
        return self._table.read()

    def write(self, rules: Rules) -> None:
        """Replace the table, and record which Services look different now."""
        old = {service.name: service for service in self._table.read().services}
        new = {service.name: service for service in rules.services}
        changed = sorted(name for name in {**old, **new} if old.get(name) != new.get(name))
        self._table.write(rules)
        endpoints = {name: len(new[name].endpoints) if name in new else 0 for name in changed}
        news = {name: new[name].endpoints if name in new else None for name in changed}
        first = any(self._told.get(name, ()) != value for name, value in news.items())
        self._told.update(news)
        subject = f"services/{changed[0].partition(':')[0]}" if changed else ""
        self._trace.add(
            "rules", self._writer, self._host, subject,
            services=len(new), endpoints=sum(endpoints.values()), changed=changed, first=first,
        )  # fmt: skip


def build_rules(services: Iterable[dict[str, Any]], slices: Iterable[dict[str, Any]], node: str) -> Rules:
    """The rules of `node` for these Services and EndpointSlices, in the order of the Services' names."""
    by_service: dict[str, list[dict[str, Any]]] = {}
    for endpoint_slice in slices:
        metadata = endpoint_slice["metadata"]
        owner = metadata.get("labels", {}).get(SERVICE_NAME, "")
        by_service.setdefault(f"{metadata['namespace']}/{owner}", []).append(endpoint_slice)
    ports: list[ServicePort] = []
    for service in services:
        address = service["spec"].get("clusterIP", "")
        if address and address != "None":
            key = f"{service['metadata']['namespace']}/{service['metadata']['name']}"
            ports += _ports(service, key, by_service.get(key, []), node)
    return Rules(tuple(sorted(ports, key=lambda port: port.name)))


def _ports(
    service: dict[str, Any], key: str, slices: list[dict[str, Any]], node: str
) -> Iterator[ServicePort]:
    spec = service["spec"]
    affinity = spec.get("sessionAffinity") == "ClientIP"
    seconds = get_in(spec, "sessionAffinityConfig.clientIP.timeoutSeconds", 10800) if affinity else 0
    for port in spec.get("ports") or ():
        name = f"{key}:{port['name']}" if port.get("name") else key
        protocol = port.get("protocol", "TCP")
        everywhere = _endpoints(slices, port.get("name", ""), name, protocol)
        here = [each for each in everywhere if each[1].node == node]
        inside = here if spec.get("internalTrafficPolicy") == "Local" else everywhere
        yield ServicePort(
            name, f"KUBE-SVC-{chain_hash(name, protocol)}", spec["clusterIP"], port["port"], protocol,
            port.get("nodePort", 0), seconds, _usable(inside),
            _usable(here) if spec.get("externalTrafficPolicy") == "Local" else None,
        )  # fmt: skip


Candidate = tuple[dict[str, Any], Endpoint]


def _endpoints(slices: list[dict[str, Any]], port_name: str, name: str, protocol: str) -> list[Candidate]:
    """Every endpoint of a Service's port with its conditions, once, in the order of addresses."""
    found: dict[str, Candidate] = {}
    for endpoint_slice in slices:
        numbers = [
            port["port"] for port in endpoint_slice.get("ports") or () if port.get("name", "") == port_name
        ]
        for each in endpoint_slice.get("endpoints") or ():
            for number in numbers:
                target = f"{each['addresses'][0]}:{number}"
                chain = f"KUBE-SEP-{chain_hash(name, protocol, target)}"
                endpoint = Endpoint(chain, each["addresses"][0], number, each.get("nodeName", ""))
                found[target] = (each.get("conditions", {}), endpoint)
    return [found[target] for target in sorted(found)]


def _usable(candidates: list[Candidate]) -> tuple[Endpoint, ...]:
    ready = tuple(endpoint for conditions, endpoint in candidates if conditions.get("ready", True))
    if ready:
        return ready
    return tuple(
        endpoint
        for conditions, endpoint in candidates
        if conditions.get("serving", False) and conditions.get("terminating", False)
    )


def chain_hash(name: str, protocol: str, endpoint: str = "") -> str:
    """The 16 characters that end a chain's name (proxier.go portProtoHash and servicePortEndpointChainName)."""
    digest = hashlib.sha256(f"{name}{protocol.lower()}{endpoint}".encode()).digest()
    return base64.b32encode(digest).decode()[:16]


def probability(index: int, count: int) -> str:
    """The chance that rule `index` of `count` takes what came to it: 1/(count − index), as iptables is told."""
    return f"{1 / (count - index):.10f}"


def _lines(service: ServicePort) -> Iterator[str]:
    protocol = service.protocol.lower()
    match = f"-d {service.address}/32 -p {protocol} -m comment --comment"
    target = f"-m {protocol} --dport {service.port}"
    if not service.endpoints:
        reject = "-j REJECT --reject-with icmp-port-unreachable"
        yield f'-A KUBE-SERVICES {match} "{service.name} has no endpoints" {target} {reject}'
        return
    yield f'-A KUBE-SERVICES {match} "{service.name} cluster IP" {target} -j {service.chain}'
    if service.node_port:
        port = f"-m {protocol} --dport {service.node_port}"
        yield f'-A KUBE-NODEPORTS -p {protocol} -m comment --comment "{service.name}" {port} -j {service.chain}'
    count = len(service.endpoints)
    for index, endpoint in enumerate(service.endpoints):
        comment = f'-m comment --comment "{service.name} -> {endpoint.address}:{endpoint.port}"'
        chance = (
            f" -m statistic --mode random --probability {probability(index, count)}"
            if index < count - 1
            else ""
        )
        yield f"-A {service.chain} {comment}{chance} -j {endpoint.chain}"
        destination = f"-j DNAT --to-destination {endpoint.address}:{endpoint.port}"
        yield f'-A {endpoint.chain} -p {protocol} -m comment --comment "{service.name}" -m {protocol} {destination}'
