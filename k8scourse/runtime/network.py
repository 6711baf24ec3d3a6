"""Pod networking on one machine: addresses from the node's range, and who listens on which of them.

Stands for the CNI plugins `bridge` and `host-local` (containernetworking/plugins): addresses are handed out
upwards, round and round, and one is used again only after its release. Reservations lie on disk, listeners in
the kernel.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..sim import Machine, Process

RESERVATIONS = "/var/lib/cni/networks"
SOCKETS = "sockets"
NOT_READY_REASON = "NetworkPluginNotReady"
NOT_READY_MESSAGE = "Network plugin returns error: cni plugin not initialized"
LOOPBACK = "127.0.0.1"

Answer = tuple[int, str]
Serve = Callable[[str, str, str], Answer | None]
"""What a listener does with a request: path, client address, user agent -> code and text; None: not HTTP."""


class Listener(NamedTuple):
    """Somebody who listens on an address: the process behind it, and how it answers."""

    process: Process
    serve: Serve


@dataclass
class Reservations:
    """host-local's folder: the node's range, and which sandbox has which address."""

    cidr: str = ""
    last: str = ""
    taken: dict[str, str] = field(default_factory=dict)

    def take(self, sandbox_id: str) -> str | None:
        """The next free address above the last one handed out; None when the range is exhausted."""
        network = ipaddress.ip_network(self.cidr)
        first, size = int(network.network_address) + 2, network.num_addresses - 3
        start = int(ipaddress.ip_address(self.last)) + 1 - first if self.last else 0
        for offset in range(size):
            address = str(ipaddress.ip_address(first + (start + offset) % size))
            if address not in self.taken:
                self.taken[address], self.last = sandbox_id, address
                return address
        return None

    def release(self, sandbox_id: str) -> None:
        """Give back what a sandbox held."""
        self.taken = {address: owner for address, owner in self.taken.items() if owner != sandbox_id}


def reservations(machine: Machine) -> Reservations:
    """The machine's address folder."""
    found: Reservations = machine.files.setdefault(RESERVATIONS, Reservations())
    return found


def sockets(machine: Machine) -> dict[tuple[str, int], Listener]:
    """Who listens where on a machine: (address, port) -> listener. Gone with the power."""
    table: dict[tuple[str, int], Listener] = machine.kernel.setdefault(SOCKETS, {})
    return table


def listen(machine: Machine, address: str, port: int, process: Process, serve: Serve) -> bool:
    """Open a listening socket; False when somebody alive already has the port."""
    table = sockets(machine)
    present = table.get((address, port))
    if present is not None and present.process.alive:
        return False
    table[address, port] = Listener(process, serve)
    return True


def listener(machine: Machine, address: str, port: int) -> Listener | None:
    """Who accepts a connection to that address of this machine now; None: refused."""
    found = sockets(machine).get((address, port))
    return found if found is not None and found.process.alive else None
