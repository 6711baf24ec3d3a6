"""The world behind a cluster: its machines, what systemd starts on them, and what kubeadm did before you came."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..api import conditions, kinds
from ..api.errors import AlreadyExists, InternalError, StatusError
from ..apiserver import Certificate, TracedApiServer, UserInfo
from ..client import Client, Request, Response, Transport, Unreachable
from ..etcd import Etcd, EtcdMember, Unavailable
from ..kubelet import Kubelet, KubeletConfig
from ..kubeproxy import KernelRules, RuleTable, TracedRules
from ..runtime import Containerd, ImageRegistry, RuntimeSocket, TracedRuntime, preload, record_exits
from ..sim import SECOND, Machine, Process, Simulation, seconds
from . import at_rest, auditing, inspector, operations
from .balancer import ADDRESS, LoadBalancer, Server
from .balancer import NAME as BALANCER
from .components import ETCD_FOLDER, client_for, programs
from .credentials import certificate_of
from .history import History
from .hooks import Hooks
from .manifests import (
    CONTROL_PLANE_LABEL,
    CONTROL_PLANE_TAINT,
    COREDNS_IMAGE,
    MANIFEST_FOLDER,
    STATIC_PODS,
    VERSION,
    addons,
    image_of,
    static_pod,
)
from .targets import MachineView, Part
from .wires import PodWires

Component = TypeVar("Component")
CONTROL_PLANE, SECOND_PLANE = "control-plane-1", "control-plane-2"
SECOND_HOST = 9
SERVICES = ("containerd", "kubelet")
RESTART_NS = {"containerd": seconds(5), "kubelet": seconds(10), BALANCER: SECOND // 10}
"""systemd's RestartSec: 5 s in containerd's unit, 10 s in kubeadm's drop-in for the kubelet, 100 ms by default."""
ADMINISTRATOR = "kubernetes-admin"


class World:
    """Everything that is there before anybody types a command, and that no component knows as a whole."""

    control_plane = CONTROL_PLANE
    services = SERVICES

    def __init__(self, sim: Simulation, *, workers: int, encryption: Mapping[str, Any] | None = None) -> None:
        self.sim = sim
        self.encryption = encryption
        self.machines: dict[str, Machine] = {}
        self.tokens: dict[str, UserInfo | str] = {}
        self.users: dict[str, Certificate] = {}
        self.etcd: EtcdMember | None = None
        self.held: dict[str, Any] = {}
        self.processes: dict[str, Process] = {}
        self.components: dict[str, Any] = {}
        self.servers: dict[str, Server] = {}
        self.balancer: LoadBalancer | None = None
        self._registry = ImageRegistry()
        self._rules_told: dict[str, Any] = {}
        self._joined = {CONTROL_PLANE: True}
        self._programs = programs(self)
        self.wires = PodWires(self)
        self.hooks = Hooks()
        self.service_ns = 0
        self.audit = auditing.log_of(self)
        self._add_machine(CONTROL_PLANE, 10, schedulable=workers == 0, static=STATIC_PODS)
        for number in range(1, workers + 1):
            self._add_machine(f"worker-{number}", 10 + number)
        self.kubectl = Process(sim, "kubectl")
        self._kubeadm = Process(sim, "kubeadm", CONTROL_PLANE)
        self._addons = addons()

    # --- machines -------------------------------------------------------------------------------------------

    def _add_machine(
        self, name: str, host: int, *, schedulable: bool = True, static: Sequence[str] = ()
    ) -> None:
        """A machine as kubeadm leaves it; `static` are the components that its kubelet finds on its disk."""
        machine = Machine(self.sim, name, address=f"10.0.{host // 250}.{host % 250}")
        self.machines[name] = machine
        images = [image_of("kube-proxy"), COREDNS_IMAGE]
        if static:
            machine.labels = {CONTROL_PLANE_LABEL: ""}
            machine.files["/etc/kubernetes/taints"] = [] if schedulable else [CONTROL_PLANE_TAINT]
            images += [image_of(component) for component in static]
            for component in static:
                machine.files[self.manifest_path(component)] = static_pod(component)
        preload(machine, self._registry, images)

    def power_on_all(self) -> None:
        """Switch on every machine for the first time; kubeadm then makes a cluster of them."""
        for name in self.machines:
            self._boot(name)
        self._kubeadm.after(SECOND, self._init)
        self._kubeadm.after(SECOND, self._mark_control_plane, CONTROL_PLANE)

    def add_api_server(self) -> None:
        """`kubeadm join --control-plane` of a machine that runs an API server, and a load balancer before both."""
        self.start_balancer()
        self._add_machine(SECOND_PLANE, SECOND_HOST, schedulable=False, static=("kube-apiserver",))
        self._joined[SECOND_PLANE] = True
        self._boot(SECOND_PLANE)
        self._kubeadm.after(SECOND, self._mark_control_plane, SECOND_PLANE)

    def start_balancer(self) -> None:
        """Start the load balancer, which from now on stands before every API server."""
        process = Process(self.sim, BALANCER)
        balancer = LoadBalancer(process, self.sim.network, lambda: self.servers)
        self.adopt(process, balancer)
        for machine in (CONTROL_PLANE, SECOND_PLANE):
            self.sim.network.relays[f"kube-apiserver@{machine}"] = process
        balancer.start()
        if self.balancer is None and CONTROL_PLANE in self.servers:
            clients = [each for each in self.processes.values() if each.alive and each is not process]
            balancer.take_over(CONTROL_PLANE, clients)
        self.balancer = balancer
        process.on_exit(lambda: self._balancer_gone(process))

    def _balancer_gone(self, process: Process) -> None:
        """systemd starts it again."""
        if BALANCER not in self.held:
            self.sim.after(RESTART_NS[BALANCER], self._restart_balancer, process)

    def _restart_balancer(self, ended: Process) -> None:
        if self.processes[BALANCER] is ended and BALANCER not in self.held:
            self.start_balancer()

    def power_off(self, name: str) -> None:
        """Pull the plug of a machine."""
        self.machines[name].power_off()

    def power_on(self, name: str) -> None:
        """Switch a machine on; its services start unless they are held."""
        if not self.machines[name].powered:
            self.machines[name].power_on()
            self._boot(name)

    def _boot(self, name: str) -> None:
        for service in SERVICES:
            if f"{service}@{name}" not in self.held and (service != "kubelet" or name in self._joined):
                self.start_service(service, name)

    def start_service(self, service: str, name: str) -> None:
        """What systemd does at boot and after a crash: start a machine's service anew."""
        machine = self.machines[name]
        process = machine.spawn(service)
        if service == "containerd":
            component: Any = Containerd(
                process,
                machine,
                self._registry,
                self._programs,
                network=self.wires,
                on_exit=record_exits(self.sim.trace, machine),
            )
        else:
            component = self._kubelet(process, machine)
        self.adopt(process, component)
        process.on_exit(lambda: self._exited(service, name, process))

    def _kubelet(self, process: Process, machine: Machine) -> Kubelet:
        socket = RuntimeSocket(process, lambda: self.component(f"containerd@{machine.name}"))
        runtime = TracedRuntime(socket, self.sim.trace, process.id, f"containerd@{machine.name}")
        config = KubeletConfig(version=VERSION, taints=machine.files.get("/etc/kubernetes/taints", []))
        client = client_for(self, process, f"system:node:{machine.name}")
        kubelet = Kubelet(process, client, machine, runtime, config)
        kubelet.start()
        return kubelet

    def _exited(self, service: str, name: str, process: Process) -> None:
        """systemd starts a service again that ended without being told to."""
        if not process.silent and process.id not in self.held:
            self.sim.after(RESTART_NS[service], self._restart_service, service, name, process)

    def _restart_service(self, service: str, name: str, ended: Process) -> None:
        if self.processes[ended.id] is ended and self.machines[name].powered and ended.id not in self.held:
            self.start_service(service, name)

    # --- who runs -------------------------------------------------------------------------------------------

    def adopt(self, process: Process, component: Any) -> None:
        """Remember that this component runs as this process."""
        self.processes[process.id] = process
        self.components[process.id] = component

    def component(self, part: str) -> Any:
        """The component that runs as `part` now; None when it does not run."""
        process = self.processes.get(part)
        return self.components[part] if process is not None and process.alive else None

    def serve(self, process: Process, server: TracedApiServer) -> None:
        """An API server listens from now on."""
        self.adopt(process, server)
        server.server.flow.service_ns = self.service_ns
        self.servers[process.host] = (process, server)

    @property
    def endpoint(self) -> str:
        """Where the API server listens, as kubeconfigs name it."""
        address = self.machines[CONTROL_PLANE].address if self.balancer is None else ADDRESS
        return f"{address}:6443"

    def find_server(self, client: Process | None = None) -> Server | None:
        """The API server behind the endpoint, if one listens there; which one is the load balancer's choice."""
        if self.balancer is not None:
            return self.balancer.find(client or self.kubectl)
        server = self.servers.get(CONTROL_PLANE)
        return server if server is not None and server[0].alive else None

    def find_etcd(self) -> Etcd:
        """The etcd member that the API server talks to; raises `Unavailable` when it does not answer."""
        if self.etcd is None or not self.etcd.process.alive:
            raise Unavailable()
        return self.etcd

    def client(self, process: Process, user: str = ADMINISTRATOR) -> Client:
        """A client for somebody outside the components."""
        return client_for(self, process, user)

    # --- kubeadm --------------------------------------------------------------------------------------------

    def _init(self) -> None:
        """`kubeadm init`: install the add-ons, and again until the API server has taken them all."""
        client = self.client(self._kubeadm)
        try:
            while self._addons:
                self._install(client, self._addons[0])
                self._addons.pop(0)
        except (Unreachable, StatusError):
            self._kubeadm.after(SECOND // 4, self._init)
        else:
            self._join()

    def _mark_control_plane(self, name: str) -> None:
        """The role of a Node: its own kubelet may not claim it (NodeRestriction), so kubeadm writes it."""
        try:
            self.client(self._kubeadm).patch(
                "nodes", name, {"metadata": {"labels": {CONTROL_PLANE_LABEL: ""}}}
            )
        except (Unreachable, StatusError):
            self._kubeadm.after(SECOND // 4, self._mark_control_plane, name)

    def _install(self, client: Client, addon: dict[str, Any]) -> None:
        with contextlib.suppress(AlreadyExists):
            client.create(addon)

    def _join(self) -> None:
        """`kubeadm join` on every worker, once the control plane is up and DNS has found its place there."""
        dns = [pod for pod in self.objects("pods") if pod["metadata"]["name"].startswith("coredns-")]
        if len(dns) == 2 and all(pod["spec"].get("nodeName") for pod in dns):
            for name in self.machines:
                if name not in self._joined:
                    self._joined[name] = True
                    self.start_service("kubelet", name)
        else:
            self._kubeadm.after(SECOND // 4, self._join)

    # --- outside --------------------------------------------------------------------------------------------

    def outside_client(self, history: History) -> Client:
        """kubectl's client: everything it sends is written into the history."""
        return Client(_Recorded(self, history))

    def send_from_outside(self, request: Request) -> None:
        """Send a request of the past again; that nobody answers is part of that past."""
        with contextlib.suppress(Unreachable):
            Transport(self.kubectl, self.find_server, self.sim.network).request(request)

    def kubelet_of(self, server: Process, node: str, path: str) -> Kubelet:
        """An API server's way to a node's kubelet. Raises `InternalError` when nobody answers `path` there."""
        kubelet = self.component(f"kubelet@{node}")
        if isinstance(kubelet, Kubelet) and self.sim.network.reachable(server, kubelet.process):
            return kubelet
        machine = self.machines.get(node)
        address = f"{machine.address if machine is not None else node}:10250"
        why = f'Get "https://{address}{path}": dial tcp {address}: connect: connection refused'
        raise InternalError(why)

    # --- the outside's view ---------------------------------------------------------------------------------

    def parts(self) -> list[Part]:
        """Every component, wherever it runs, with its state."""
        return operations.parts(self)

    def machine_views(self) -> list[MachineView]:
        """Every machine, the control plane first."""
        return operations.machine_views(self)

    def inspect(self, part: str) -> dict[str, Any]:
        """What a part sees right now."""
        return inspector.inspect(self, part)

    def running(self, kind: type[Component]) -> list[tuple[Process, Component]]:
        """The components of a class that run now, with their processes."""
        return [
            (self.processes[part], component)
            for part, component in self.components.items()
            if isinstance(component, kind) and self.processes[part].alive
        ]

    def rule_table(self, machine: Machine) -> RuleTable:
        """A machine's rule table, watched by the trace."""
        return TracedRules(
            KernelRules(machine), self.sim.trace, f"kube-proxy@{machine.name}", machine.name, self._rules_told
        )

    @staticmethod
    def manifest_path(component: str) -> str:
        """Where a static Pod's manifest lies on the control plane's disk."""
        return f"{MANIFEST_FOLDER}/{component}.yaml"

    def objects(self, resource: str) -> list[dict[str, Any]]:
        """All objects of a resource as etcd's disk has them."""
        store = self.machines[CONTROL_PLANE].files.get(ETCD_FOLDER)
        if store is None:
            return []
        prefix = kinds.resource(resource).storage_prefix
        found = store.range(f"{prefix}/", f"{prefix}0").kvs
        return at_rest.opened(self.encryption, found)

    def is_ready(self) -> bool:
        """Whether every node and every Pod of kube-system is Ready, and nothing is missing."""
        nodes, pods = self.objects("nodes"), self.objects("pods")
        expected = len(STATIC_PODS) + len(self.machines) + 2
        system = [pod for pod in pods if pod["metadata"]["namespace"] == "kube-system"]
        complete = len(nodes) == len(self.machines) and len(system) >= expected
        return complete and _all_ready(nodes) and _all_ready(system)

    def record_decision(self, decision: Any) -> None:
        """Write a scheduler's decision into the trace."""
        self.sim.trace.add(
            "decision",
            f"kube-scheduler@{CONTROL_PLANE}",
            decision.node,
            f"pods/{decision.pod}",
            node=decision.node,
            message=decision.message,
            nodes=decision.nodes,
        )


class _Recorded(Transport):
    """kubectl's transport: a request is an input of the history before it is anything else."""

    def __init__(self, world: World, history: History) -> None:
        super().__init__(
            world.kubectl,
            world.find_server,
            world.sim.network,
            certificate=certificate_of(ADMINISTRATOR),
            user_agent="kubectl",
            address=lambda: world.endpoint,
        )
        self._world, self._history = world, history

    def request(self, request: Request) -> Response:
        """Write the request down, then send it."""
        signed = self._signed(request)
        self._history.note(self._world.sim, "request", signed)
        return super().request(signed)


def _all_ready(objects: Iterable[dict[str, Any]]) -> bool:
    return all(conditions.is_true(obj, "Ready") for obj in objects)
