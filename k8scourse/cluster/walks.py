"""A packet's way, asked for by a learner: from a node or a Pod to a name or an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import words
from ..kubeproxy import Hop, Source
from .errors import LearnerError
from .targets import find_pod

if TYPE_CHECKING:
    from .world import World


class Walk:
    """The hops of one packet. Shown as a line a hop; `delivered` says whether somebody took it."""

    def __init__(self, hops: list[Hop]) -> None:
        self.hops = hops

    @property
    def delivered(self) -> bool:
        """Whether the packet arrived at a program that listens."""
        return self.hops[-1].what == "delivered"

    def __repr__(self) -> str:
        width = max(len(hop.place) for hop in self.hops)
        return "\n".join(f"{hop.place:{width}}  {_sentence(hop)}" for hop in self.hops)


def _sentence(hop: Hop) -> str:
    return words.text(f"packet.{hop.what}", detail=hop.detail, count=hop.choices)


def source_of(world: World, name: str) -> Source:
    """Where a packet starts: a node, or a Pod that runs. LearnerError when it is neither."""
    if name in world.machines:
        return Source(name, name, world.machines[name].address)
    pod = find_pod(world, name)
    if pod is not None:
        namespace, pod_name = pod
        found = next(
            each
            for each in world.objects("pods")
            if (each["metadata"]["namespace"], each["metadata"]["name"]) == pod
        )
        node, address = found["spec"].get("nodeName", ""), found["status"].get("podIP", "")
        if node and address and found["status"].get("phase") == "Running":
            return Source(f"{namespace}/{pod_name}", node, address, namespace)
    raise LearnerError("walk_from", name=name, nodes=", ".join(world.machines))


def take(world: World, source: Source, to: str, port: int) -> Walk:
    """Send the packet, and write its hops into the trace."""
    hops = world.wires.walk(source, to, port)
    for hop in hops:
        world.sim.trace.add(
            "packet", source.name, hop.place, "", what=hop.what, text=hop.detail, count=hop.choices
        )
    return Walk(hops)
