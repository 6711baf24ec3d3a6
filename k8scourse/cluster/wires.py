"""What lies between Pods: who has an address, whether a cable is whole, and the way through a node's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kubeproxy import CoreDNS, Hop, KernelRules, Source, walk
from ..kubeproxy.walk import Place
from ..runtime.network import Answer, listener
from ..runtime.tasks import metadata
from ..sim import Machine, Process, Random
from .manifests import DNS_ADDRESS

if TYPE_CHECKING:
    from .world import World


class PodWires:
    """The Pods' network of one world, seen from below: `kubeproxy.Wires` and `runtime.PodNetwork`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ends: dict[str, Process] = {}
        self._affinity: dict[tuple[str, str], str] = {}

    def owner(self, address: str) -> Place | None:
        """The node or the Pod that has this address."""
        for machine in self._world.machines.values():
            if machine.address == address:
                return Place(machine.name, machine.name)
            for sandbox in metadata(machine).sandboxes.values():
                if sandbox.ready and sandbox.ip == address:
                    return Place(f"{sandbox.config.namespace}/{sandbox.config.name}", machine.name)
        return None

    def connected(self, one: str, other: str) -> bool:
        """Whether both machines have power and no cut lies between them."""
        machines = self._world.machines
        if not (machines[one].powered and machines[other].powered):
            return False
        return not self._world.sim.network.is_cut(self._end(one), self._end(other))

    def listens(self, address: str, port: int) -> bool:
        """Whether a program accepts connections there."""
        owner = self.owner(address)
        return owner is not None and listener(self._world.machines[owner.node], address, port) is not None

    def walk(self, source: Source, destination: str, port: int) -> list[Hop]:
        """Follow one connection through the rules of the source's node."""
        rules = KernelRules(self._world.machines[source.node]).read()
        return walk(
            rules,
            source,
            destination,
            port,
            rng=self._rng(source),
            wires=self,
            resolve=lambda name, namespace: self._resolve(source, name, namespace),
            affinity=self._affinity,
        )

    def connect(self, machine: Machine, source_ip: str, address: str, port: int, path: str) -> Answer | None:
        """Send a request from a Pod; None when nobody answers."""
        last = self.walk(Source(source_ip, machine.name, source_ip), address, port)[-1]
        if last.what != "delivered":
            return None
        target, _, target_port = last.detail.rpartition(":")
        owner = self.owner(target)
        found = listener(self._world.machines[owner.node], target, int(target_port)) if owner else None
        return None if found is None else (found.serve(path, source_ip, "Wget") or (200, ""))

    def resolve(self, machine: Machine, name: str, namespace: str) -> str | None:
        """Ask the cluster's DNS for a name, from a Pod of this machine."""
        return self._resolve(Source("resolver", machine.name, machine.address), name, namespace)

    def _resolve(self, source: Source, name: str, namespace: str) -> str | None:
        """The query itself is a packet to the DNS Service; TCP's port stands in for UDP's, the rules are alike."""
        last = self.walk(source, DNS_ADDRESS, 53)[-1]
        if last.what != "delivered":
            return None
        server = self._server_at(last.detail)
        return server.lookup(name, namespace) if server is not None else None

    def _server_at(self, detail: str) -> CoreDNS | None:
        """The CoreDNS that has the address at which the query arrived."""
        for process, component in self._world.running(CoreDNS):
            pod = process.name.partition("/")[2]
            owner = self.owner(detail.rpartition(" ")[2].rpartition(":")[0])
            if owner is not None and owner.name.endswith(f"/{pod}") and component.ready:
                return component
        return None

    def _rng(self, source: Source) -> Random:
        return self._world.sim.rng(f"kernel@{source.node}")

    def _end(self, name: str) -> Process:
        if name not in self._ends:
            self._ends[name] = Process(self._world.sim, "kernel", name)
        return self._ends[name]
