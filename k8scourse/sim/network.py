"""The network: latency, loss and cuts per pair, so that faults need no code in any component."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .kernel import Simulation
    from .process import Process

SAME_HOST_NS = 50_000
LATENCY_NS = 1_000_000
RETRANSMIT_NS = 200_000_000
"""TCP's smallest retransmission timeout on Linux: what a lost segment of a connection costs."""
BROKEN_NS = 45_000_000_000
"""HTTP/2 health check of client-go: 30 s without a frame, then a ping that is not answered for 15 s
(apimachinery `pkg/util/net/http.go`, readIdleTimeout and pingTimeout)."""


class Link(NamedTuple):
    """What lies between two ends: nanoseconds one way, and the share of messages that are lost."""

    latency_ns: int
    loss: float


class Network:
    """Every message of the cluster passes here. Ends are process ids ("kubelet@worker-1") or hosts ("worker-1")."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._cuts: dict[tuple[str, str], None] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._connections: list[Connection] = []
        self.relays: dict[str, Process] = {}
        """Who stands in front of a process: all ways to it lead through that one, as through a load balancer."""

    @property
    def cuts(self) -> list[tuple[str, str]]:
        """The pairs that are cut now, in the order in which they were cut; "*" means everybody else."""
        return list(self._cuts)

    def cut(self, one: str, other: str = "*") -> None:
        """Nothing passes between the two ends any more. Cutting a host cuts it from all other hosts."""
        self._cuts[_pair(one, other)] = None
        for connection in list(self._connections):
            connection.check()

    def heal(self, one: str, other: str = "*") -> None:
        """Undo exactly that cut; what waited in open connections arrives now."""
        self._cuts.pop(_pair(one, other), None)
        for connection in list(self._connections):
            connection.check()

    def set_link(
        self, one: str, other: str = "*", *, latency_ns: int = LATENCY_NS, loss: float = 0.0
    ) -> None:
        """Make the way between two ends slow or lossy."""
        self._links[_pair(one, other)] = Link(latency_ns, loss)

    def is_cut(self, one: Process, other: Process) -> bool:
        """Whether a cut lies on the way from one process to another. Processes of one host reach each other past
        a host's cut."""
        relay = self.relay(one, other)
        if relay is not None:
            return self.is_cut(one, relay) or self._is_cut(relay, other)
        return self._is_cut(one, other)

    def _is_cut(self, one: Process, other: Process) -> bool:
        return bool(self._cuts) and any(pair in self._cuts for pair in _pairs(one, other))

    def relay(self, source: Process, target: Process) -> Process | None:
        """Who passes on what `source` sends to `target`, if anybody does."""
        relay = self.relays.get(target.id) if self.relays else None
        return None if relay is None or relay.id == source.id else relay

    def reachable(self, source: Process, target: Process) -> bool:
        """Whether a call from one process to another can succeed now."""
        relay = self.relay(source, target)
        return target.alive and (relay is None or relay.alive) and not self.is_cut(source, target)

    def link(self, one: Process, other: Process) -> Link:
        """The link from one process to another: the one that was set, or the defaults; two behind one another
        where somebody passes things on."""
        relay = self.relay(one, other)
        if relay is not None:
            near, far = self.link(one, relay), self._link(relay, other)
            return Link(near.latency_ns + far.latency_ns, 1 - (1 - near.loss) * (1 - far.loss))
        return self._link(one, other)

    def _link(self, one: Process, other: Process) -> Link:
        if self._links:
            for pair in _pairs(one, other):
                if pair in self._links:
                    return self._links[pair]
        same = one.host == other.host and one.host != ""
        return Link(SAME_HOST_NS if same else LATENCY_NS, 0.0)

    def send(self, source: Process, target: Process, function: Callable[..., object], *args: Any) -> None:
        """A datagram: `function(*args)` runs at the target after the link's latency, or never."""
        link = self.link(source, target)
        if self.is_cut(source, target) or self._is_lost(link):
            return
        self._sim.after(link.latency_ns, target._fire, function, args)

    def connect(
        self,
        *,
        server: Process,
        client: Process,
        on_message: Callable[[Any], None],
        on_close: Callable[[], None],
    ) -> Connection:
        """Open a stream on which the server sends to the client. The caller has checked `reachable`."""
        connection = Connection(self, self._sim, server, client, on_message, on_close)
        self._connections.append(connection)
        return connection

    def drop(self, server: Process) -> None:
        """Break all open connections to a process, and tell both ends."""
        for connection in list(self._connections):
            if connection.server is server:
                connection.lose()

    def _is_lost(self, link: Link) -> bool:
        return link.loss > 0 and self._sim.rng("network").random() < link.loss


class Connection:
    """An ordered stream from a server to a client, as TCP gives it.

    Messages arrive in order. While the network is cut they wait; after 45 s of cut the connection is broken
    and both ends are told. A peer's crash is told at once, a peer's loss of power only after those 45 s.
    """

    def __init__(
        self,
        network: Network,
        sim: Simulation,
        server: Process,
        client: Process,
        on_message: Callable[[Any], None],
        on_close: Callable[[], None],
    ) -> None:
        self.open = True
        self.on_server_close: Callable[[], None] | None = None
        self._network, self._sim = network, sim
        self.server, self._client = server, client
        self._on_message, self._on_close = on_message, on_close
        self._waiting: deque[Any] = deque()
        self._stalled = 0
        self._doom: int | None = None
        relay = network.relay(client, server)
        self._exits = [server.on_exit(self._server_gone), client.on_exit(self.close)]
        if relay is not None:
            self._exits.append(relay.on_exit(self.lose))

    def send(self, message: Any) -> None:
        """Queue a message for the client; ignored when the connection is closed."""
        if self.open:
            self._waiting.append(message)
            self._travel()

    def close(self) -> None:
        """End the stream quietly; what was under way is lost. Safe to call twice."""
        if not self.open:
            return
        self.open = False
        self._cancel_doom()
        self._waiting.clear()
        for forget in self._exits:
            forget()
        self._network._connections.remove(self)
        if self.on_server_close is not None:
            self.on_server_close()

    def check(self) -> None:
        """Look again whether the way is free: called by the network after a cut or a heal."""
        if self._network.is_cut(self._client, self.server):
            if self._doom is None:
                self._doom = self._sim.after(BROKEN_NS, self._break)
        elif self.server.alive:
            self._cancel_doom()
            stalled, self._stalled = self._stalled, 0
            for _ in range(stalled):
                self._travel()

    def _travel(self) -> None:
        link = self._network.link(self._client, self.server)
        delay = link.latency_ns + (RETRANSMIT_NS if self._network._is_lost(link) else 0)
        self._sim.after(delay, self._arrive)

    def _arrive(self) -> None:
        if not self.open or not self._waiting:
            return
        if self._network.is_cut(self._client, self.server):
            self._stalled += 1
        else:
            self._on_message(self._waiting.popleft())

    def _server_gone(self) -> None:
        if not self.open:
            return
        self._waiting.clear()
        cut = self.server.silent or self._network.is_cut(self._client, self.server)
        if self._doom is None:
            latency = self._network.link(self._client, self.server).latency_ns
            self._doom = self._sim.after(BROKEN_NS if cut else latency, self._break)

    def lose(self) -> None:
        """Somebody on the way ends the connection."""
        self._waiting.clear()
        self._sim.after(self._network.link(self._client, self.server).latency_ns, self._break)

    def _break(self) -> None:
        self._doom = None
        if self.open:
            self.close()
            if self._client.alive:
                self._on_close()

    def _cancel_doom(self) -> None:
        if self._doom is not None:
            self._sim.cancel(self._doom)
            self._doom = None


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _pairs(one: Process, other: Process) -> Iterator[tuple[str, str]]:
    """The names under which a cut or a link between two processes may be written, most exact first."""
    yield _pair(one.id, other.id)
    yield _pair(one.id, "*")
    yield _pair(other.id, "*")
    if one.host != other.host:
        yield _pair(one.id, other.host)
        yield _pair(one.host, other.id)
        yield _pair(one.host, other.host)
        yield _pair(one.host, "*")
        yield _pair(other.host, "*")
