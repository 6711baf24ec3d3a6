"""What a learner can do to the parts of a world: kill them, hold them down, start them, and see how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..runtime.tasks import metadata, tasks
from ..sim import Machine
from .balancer import NAME as BALANCER
from .manifests import CONTROL_PLANE_LABEL, STATIC_PODS
from .targets import MachineView, Part, State

if TYPE_CHECKING:
    from .world import World

MANIFEST = "manifest"


def parts(world: World) -> list[Part]:
    """Every component in the order of the board: the control plane, then each node's agents."""
    found = []
    if world.balancer is not None:
        found.append(_balancer(world))
    for name in _in_order(world):
        static = _static_pods(world, name)
        found += [
            _part(world, component, name) for component in (*static, "kubelet", "containerd", "kube-proxy")
        ]
    return found


def _in_order(world: World) -> list[str]:
    """The machines, the control plane first."""
    return sorted(world.machines, key=lambda name: not is_control_plane(world, name))


def _static_pods(world: World, machine: str) -> tuple[str, ...]:
    if machine == world.control_plane:
        return STATIC_PODS
    return ("kube-apiserver",) if is_control_plane(world, machine) else ()


def is_control_plane(world: World, machine: str) -> bool:
    """Whether a machine belongs to the control plane."""
    return CONTROL_PLANE_LABEL in world.machines[machine].labels


def _balancer(world: World) -> Part:
    alive = world.processes[BALANCER].alive
    cut = any(BALANCER in pair for pair in world.sim.network.cuts)
    return Part(BALANCER, BALANCER, "", "running" if alive else "crashed", cut)


def machine_views(world: World) -> list[MachineView]:
    """Every machine, the control plane first."""
    cuts = world.sim.network.cuts
    return [
        MachineView(
            name,
            "control-plane" if is_control_plane(world, name) else "worker",
            world.machines[name].powered,
            any(name in pair and "*" in pair for pair in cuts),
        )
        for name in _in_order(world)
    ]


def _part(world: World, component: str, node: str) -> Part:
    """A part as it is. The runtime speaks with its kubelet over a socket of the machine: a node's cut spares it."""
    part = f"{component}@{node}"
    ends = (part,) if component == "containerd" else (part, node)
    cut = any(end in pair and (end == part or "*" in pair) for pair in world.sim.network.cuts for end in ends)
    return Part(part, component, node, _state(world, part, node), cut)


def _state(world: World, part: str, node: str) -> State:
    if not world.machines[node].powered:
        return "off"
    process = world.processes.get(part)
    if process is None:
        return "starting"
    return "running" if process.alive else "crashed"


def kill(world: World, part: Part) -> None:
    """End a part's process, as a crash does: whoever watches over it starts it again."""
    process = world.processes.get(part.id)
    if process is not None:
        process.kill()


def hold(world: World, part: Part) -> None:
    """End a part and keep it down: a service is stopped, a static Pod's manifest is moved away. Once is enough."""
    if part.id in world.held:
        return
    if part.component in STATIC_PODS:
        machine = world.machines[part.node]
        world.held[part.id] = machine.files.pop(world.manifest_path(part.component), MANIFEST)
        _tell_kubelet(world, part.node)
    else:
        world.held[part.id] = MANIFEST
        kill(world, part)


def start(world: World, part: Part) -> None:
    """Start a part now, whatever held it; one that runs is ended first."""
    held = world.held.pop(part.id, None)
    if part.component == BALANCER:
        kill(world, part)
        world.start_balancer()
    elif part.component in world.services:
        kill(world, part)
        world.start_service(part.component, part.node)
    elif held is not None:
        world.machines[part.node].files[world.manifest_path(part.component)] = held
        _tell_kubelet(world, part.node)
    else:
        kill(world, part)
        kubelet = world.component(f"kubelet@{part.node}")
        if kubelet is not None:
            kubelet.retry_now(part.component)


def _tell_kubelet(world: World, node: str) -> None:
    kubelet = world.component(f"kubelet@{node}")
    if kubelet is not None:
        kubelet.manifests_changed()


def crash_pod(world: World, namespace: str, name: str) -> None:
    """Kill the programs of a Pod's running containers, wherever it runs."""
    for machine in world.machines.values():
        for task_id in _running(machine, namespace, name):
            tasks(machine)[task_id].kill()


def _running(machine: Machine, namespace: str, name: str) -> list[str]:
    records = metadata(machine)
    mine = [
        sandbox.id
        for sandbox in records.sandboxes.values()
        if (sandbox.config.namespace, sandbox.config.name) == (namespace, name)
    ]
    return [task_id for task_id, task in tasks(machine).items() if task.record.status.sandbox_id in mine]
