"""Which part of the cluster a learner means by a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .errors import LearnerError

if TYPE_CHECKING:
    from .world import World

State = Literal["running", "starting", "crashed", "off"]


@dataclass(frozen=True, slots=True)
class Part:
    """One component as a diagram shows it. `id` is "kubelet@worker-1"; `node` is empty for clients."""

    id: str
    component: str
    node: str
    state: State
    cut: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class MachineView:
    """One machine as a diagram shows it."""

    name: str
    role: Literal["control-plane", "worker"]
    powered: bool
    cut: bool


def find_machine(world: World, name: str) -> str:
    """The machine called `name`; LearnerError with the list of all when there is none."""
    if name in world.machines:
        return name
    raise LearnerError("unknown_node", name=name, nodes=", ".join(world.machines))


def find_part(world: World, name: str) -> Part:
    """The part called `name`: an id, or a component's name where only one runs it. LearnerError otherwise."""
    parts = world.parts()
    found = [part for part in parts if name in (part.id, part.component)]
    if len(found) == 1:
        return found[0]
    known = found or parts
    key = "ambiguous_part" if found else "unknown_part"
    raise LearnerError(key, name=name, parts=", ".join(part.id for part in known))


def find_pod(world: World, name: str) -> tuple[str, str] | None:
    """(namespace, name) of the Pod that "web-abc", "pod/web-abc" or "pods/default/web-abc" means, if any."""
    words = name.split("/")
    namespace = words[1] if len(words) == 3 else ""
    for pod in world.objects("pods"):
        metadata = pod["metadata"]
        if metadata["name"] == words[-1] and namespace in ("", metadata["namespace"]):
            return metadata["namespace"], metadata["name"]
    return None


def end_of_link(world: World, name: str) -> str:
    """What the network calls `name`: a machine, a part's id, or "*" for everybody else."""
    return name if name == "*" or name in world.machines else find_part(world, name).id
