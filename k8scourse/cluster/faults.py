"""Breaking and repairing a cluster from outside.

`prepare` looks at everything that can be wrong with a call before anything is done: it answers a function that
does the deed, or raises a LearnerError and nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import operations
from .errors import LearnerError
from .targets import end_of_link, find_machine, find_part, find_pod

if TYPE_CHECKING:
    from .world import World

Deed = Callable[[], None]


def prepare(world: World, verb: str, arguments: tuple[str | None, ...]) -> Deed:
    """The deed that `verb(*arguments)` means, checked and ready to be done."""
    return _VERBS[verb](world, *arguments)


def _tell(world: World, action: str, target: str, deed: Deed, **detail: str) -> Deed:
    def told() -> None:
        world.sim.trace.add("fault", "you", target, "", action=action, **detail)
        deed()

    return told


def _crash(world: World, name: str) -> Deed:
    pod = None if any(name in (part.id, part.component) for part in world.parts()) else find_pod(world, name)
    if pod is not None:
        namespace, pod_name = pod
        target = f"pods/{namespace}/{pod_name}"
        return _tell(world, "crash", target, lambda: operations.crash_pod(world, namespace, pod_name))
    part = find_part(world, name)
    return _tell(world, "crash", part.id, lambda: operations.kill(world, part))


def _stop(world: World, name: str) -> Deed:
    part = find_part(world, name)
    if part.component == "kube-proxy":
        raise LearnerError("cannot_stop", name=part.id)
    return _tell(world, "stop", part.id, lambda: operations.hold(world, part))


def _restart(world: World, name: str) -> Deed:
    part = find_part(world, name)
    if part.node and not world.machines[part.node].powered:
        raise LearnerError("node_has_no_power", node=part.node)
    return _tell(world, "restart", part.id, lambda: operations.start(world, part))


def _cut(world: World, one: str, other: str) -> Deed:
    ends = end_of_link(world, one), end_of_link(world, other)
    return _tell(world, "cut", ends[0], lambda: world.sim.network.cut(*ends), other=ends[1])


def _heal(world: World, one: str | None, other: str) -> Deed:
    cuts = world.sim.network.cuts
    if not cuts:
        raise LearnerError("nothing_cut")
    if one is not None:
        ends = end_of_link(world, one), end_of_link(world, other)
        if tuple(sorted(ends)) not in cuts:
            listed = ", ".join(f"{a} - {b}" for a, b in cuts)
            raise LearnerError("not_cut", one=ends[0], other=ends[1], cuts=listed)
        cuts = [ends]

    def heal() -> None:
        for pair in cuts:
            world.sim.network.heal(*pair)

    first = next(end for end in cuts[0] if end != "*")
    return _tell(world, "heal", first, heal, other=next((end for end in cuts[0] if end != first), "*"))


def _power_off(world: World, node: str) -> Deed:
    name = find_machine(world, node)
    return _tell(world, "power_off", name, lambda: world.power_off(name))


def _power_on(world: World, node: str) -> Deed:
    name = find_machine(world, node)
    return _tell(world, "power_on", name, lambda: world.power_on(name))


_VERBS: dict[str, Callable[..., Deed]] = {
    "crash": _crash,
    "stop": _stop,
    "restart": _restart,
    "cut": _cut,
    "heal": _heal,
    "power_off": _power_off,
    "power_on": _power_on,
}
