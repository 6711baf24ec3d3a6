"""A load balancer in front of the API servers: what the clients' one address leads to.

It passes connections on and understands nothing of what is said on them. New ones go round robin to the servers
that its health checks call ready; a client keeps the connection it has until that breaks. The numbers are those of
HAProxy, which kubeadm's guide to high availability puts there: a check every 2 s, down after 3, up after 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..apiserver import Request, Response, TracedApiServer
from ..sim import SECOND, Network, Process

NAME = "load-balancer"
ADDRESS = "10.0.0.5"
CHECK_NS = 2 * SECOND
FALL, RISE = 3, 2
Server = tuple[Process, TracedApiServer]


class Held(NamedTuple):
    """A client's open connection: who opened it, and to which machine's server it leads."""

    client: Process
    machine: str
    server: Server


class LoadBalancer:
    """Chooses a server for each new connection. `servers` are the API servers of now, by machine."""

    def __init__(self, process: Process, network: Network, servers: Callable[[], dict[str, Server]]) -> None:
        self.process = process
        self._network = network
        self._servers = servers
        self._held: dict[str, Held] = {}
        self._turn = 0
        self._up: dict[str, bool] = {}
        self._streak: dict[str, int] = {}

    def start(self) -> None:
        """Call everybody up who is ready now, and look again every two seconds."""
        for machine in self._servers():
            self._up[machine] = self._is_ready(machine)
        self.process.after(CHECK_NS, self.process.every, CHECK_NS, self._check)

    def take_over(self, machine: str, clients: list[Process]) -> None:
        """These clients have a connection to a machine's server already."""
        server = self._servers()[machine]
        for client in clients:
            self._held[client.id] = Held(client, machine, server)

    # --- passing on -----------------------------------------------------------------------------------------

    def find(self, client: Process) -> Server | None:
        """The server that a client's connection leads to; None when nobody takes it."""
        if not self.process.alive:
            return None
        held = self._held.get(client.id)
        if held is not None and held.client is client and self._stands(held):
            return held.server
        machine = self._choose()
        if machine is None:
            self._held.pop(client.id, None)
            return None
        server = self._servers()[machine]
        self._held[client.id] = Held(client, machine, server)
        return server

    def hang_up(self, client: Process) -> None:
        """The client's connection is over: its next request opens a new one."""
        self._held.pop(client.id, None)

    def _stands(self, held: Held) -> bool:
        """Whether the connection is still good, as far as the balancer knows."""
        return self._up.get(held.machine, False) and not _refuses(held.server)

    def _choose(self) -> str | None:
        """The next server whose turn it is: one that is up and does not refuse the connection."""
        servers = self._servers()
        names = list(servers)
        for step in range(len(names)):
            place = (self._turn + step) % len(names)
            if self._up.get(names[place], False) and not _refuses(servers[names[place]]):
                self._turn = place + 1
                return names[place]
        return None

    # --- health ---------------------------------------------------------------------------------------------

    def _check(self) -> None:
        for machine, (process, _) in self._servers().items():
            ready, up = self._is_ready(machine), self._up.setdefault(machine, False)
            self._streak[machine] = self._streak.get(machine, 0) + 1 if ready != up else 0
            if self._streak[machine] >= (FALL if up else RISE):
                self._streak[machine], self._up[machine] = 0, ready
                if up:
                    self._down(machine, process)

    def _down(self, machine: str, process: Process) -> None:
        """A server that is marked down loses its connections, so that clients look for another."""
        self._held = {name: held for name, held in self._held.items() if held.machine != machine}
        self._network.drop(process)

    def _is_ready(self, machine: str) -> bool:
        """What `/readyz` says; asked past the trace, as a probe each second would drown everything else."""
        process, server = self._servers()[machine]
        if not self._network.reachable(self.process, process):
            return False
        answer = server.server.handle(Request("GET", "/readyz", source=NAME))
        return isinstance(answer, Response) and answer.code == 200

    def is_up(self, machine: str) -> bool:
        """Whether new connections go to a machine's server."""
        return self._up.get(machine, False)

    # --- looking --------------------------------------------------------------------------------------------

    def inspect(self) -> dict[str, Any]:
        """Who is up, and how many clients are connected to each."""
        rows = []
        for machine, (process, _) in self._servers().items():
            count = sum(held.machine == machine and held.client.alive for held in self._held.values())
            rows.append(f"{process.id}: {'up' if self._up.get(machine) else 'down'}, {count}")
        return {"address": f"{ADDRESS}:6443", "backends": rows}


def _refuses(server: Server) -> bool:
    """Nobody listens on the port any more, and the machine says so; one without power says nothing."""
    return not server[0].alive and not server[0].silent
