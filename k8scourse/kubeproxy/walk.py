"""The packet walker: follow a packet through the rules, hop by hop, to whoever takes it, or to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from ..sim import Random
from .rules import Endpoint, Rules, ServicePort

What = Literal[
    "resolved", "unknown_name", "matched", "chose", "remembered", "rewrote", "rejected", "travelled", "no_way",
    "no_owner", "delivered", "refused",
]  # fmt: skip


class Hop(NamedTuple):
    """One thing that happened to a packet: where, what, the address or chain it is about.

    `choices` is the number of endpoints among which the kernel chose, else 0.
    """

    place: str
    what: What
    detail: str
    choices: int = 0


class Source(NamedTuple):
    """Who sends: a name for the trace, the node it sends from, its address, and its namespace for DNS."""

    name: str
    node: str
    address: str
    namespace: str = "default"


@dataclass(frozen=True, slots=True)
class Place:
    """Who has an address: a Pod or a node, and the node it is on."""

    name: str
    node: str


class Wires(Protocol):
    """What lies below the rules: addresses, cables, and listening programs."""

    def owner(self, address: str) -> Place | None:
        """Who has this address; None for nobody (every ClusterIP: no interface has it)."""

    def connected(self, one: str, other: str) -> bool:
        """Whether packets pass between two nodes."""

    def listens(self, address: str, port: int) -> bool:
        """Whether a program accepts connections there."""


def walk(
    rules: Rules,
    source: Source,
    destination: str,
    port: int,
    *,
    rng: Random,
    wires: Wires,
    resolve: Callable[[str, str], str | None] | None = None,
    affinity: dict[tuple[str, str], str] | None = None,
) -> list[Hop]:
    """The hops of one TCP connection from `source` to `destination` (an address or a name) and port.

    `rules` are those of the source's node. `rng` makes the choice that the kernel makes by chance.
    `affinity` remembers (client, Service) to endpoint for Services that ask for it, and is updated.
    """
    hops: list[Hop] = []
    address = destination
    if not _is_address(destination):
        found = resolve(destination, source.namespace) if resolve else None
        if found is None:
            return [Hop("dns", "unknown_name", destination)]
        hops.append(Hop("dns", "resolved", f"{destination} -> {found}"))
        address = found
    service = rules.find(address, port) or _node_port(rules, wires, address, port)
    if service is None:
        return [*hops, *_travel(wires, source.node, address, port)]
    hops.append(Hop(source.node, "matched", f"KUBE-SERVICES -> {service.chain} ({service.name})"))
    if not service.endpoints:
        return [*hops, Hop(source.node, "rejected", service.name)]
    endpoint, how = _choose(service, source, rng, affinity)
    hops.append(Hop(source.node, how, endpoint.chain, len(service.endpoints)))
    hops.append(Hop(source.node, "rewrote", f"{address}:{port} -> {endpoint.address}:{endpoint.port}"))
    return [*hops, *_travel(wires, source.node, endpoint.address, endpoint.port)]


def _is_address(text: str) -> bool:
    return text.count(".") == 3 and all(part.isdigit() for part in text.split("."))


def _node_port(rules: Rules, wires: Wires, address: str, port: int) -> ServicePort | None:
    owner = wires.owner(address)
    return rules.find_node_port(port) if owner is not None and owner.name == owner.node else None


def _choose(
    service: ServicePort, source: Source, rng: Random, affinity: dict[tuple[str, str], str] | None
) -> tuple[Endpoint, What]:
    """Rule after rule, each with its own chance, as the statistic match does; or the one that affinity remembers."""
    key = (source.address, service.name)
    if service.affinity_seconds and affinity is not None:
        for endpoint in service.endpoints:
            if affinity.get(key) == endpoint.chain:
                return endpoint, "remembered"
    count = len(service.endpoints)
    chosen = next((i for i in range(count - 1) if rng.random() < 1 / (count - i)), count - 1)
    endpoint = service.endpoints[chosen]
    if service.affinity_seconds and affinity is not None:
        affinity[key] = endpoint.chain
    return endpoint, "chose"


def _travel(wires: Wires, node: str, address: str, port: int) -> list[Hop]:
    owner = wires.owner(address)
    if owner is None:
        return [Hop(node, "no_owner", address)]
    hops = [Hop(owner.node, "travelled", f"{node} -> {owner.node}")] if owner.node != node else []
    if owner.node != node and not wires.connected(node, owner.node):
        return [Hop(node, "no_way", f"{node} -> {owner.node}")]
    if not wires.listens(address, port):
        return [*hops, Hop(owner.name, "refused", f"{address}:{port}")]
    return [*hops, Hop(owner.name, "delivered", f"{address}:{port}")]
