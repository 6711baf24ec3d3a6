"""What the control plane's images run: the components themselves, built inside their containers.

Each factory gets a container and builds its component on the container's process: when the container dies, the
component dies with it, and its kubelet starts the next one. This is what a static Pod is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..api.sessions import Command, Opener
from ..apiserver import Request, Response, TracedApiServer
from ..client import Client, Transport
from ..controllers import ControllerManager
from ..etcd import Etcd, EtcdMember, MvccStore
from ..kubelet import Kubelet
from ..kubeproxy import CoreDNS, KubeProxy
from ..runtime import Container, Program, ProgramFactory
from ..scheduler import Scheduler
from ..sim import Process
from .credentials import certificate_of
from .etcd_link import EtcdLink
from .manifests import COREDNS_IMAGE, ETCD_IMAGE, image_of

if TYPE_CHECKING:
    from .world import World

ETCD_FOLDER = "/var/lib/etcd"
TOKEN_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
API_PORT, DNS_PORT, ETCD_PORT = 6443, 53, 2379


class ComponentProgram(Program):
    """A component in a container: healthy while it runs, unless `healthy` says otherwise."""

    def __init__(self, container: Container, healthy: Callable[[str], bool] = lambda path: True) -> None:
        super().__init__(container)
        self._healthy = healthy

    def http(self, port: int, path: str) -> tuple[int, str]:
        """The health endpoints that kubeadm's probes ask."""
        return (200, "ok") if self._healthy(path) else (500, "not ready")


def programs(world: World) -> Mapping[str, ProgramFactory]:
    """Image repository to program, for everything that belongs to the cluster itself."""
    factories: dict[str, ProgramFactory] = {
        ETCD_IMAGE: lambda container: _etcd(world, container),
        image_of("kube-apiserver"): lambda container: _api_server(world, container),
        image_of("kube-controller-manager"): lambda container: _controller_manager(world, container),
        image_of("kube-scheduler"): lambda container: _scheduler(world, container),
        image_of("kube-proxy"): lambda container: _kube_proxy(world, container),
        COREDNS_IMAGE: lambda container: _coredns(world, container),
    }
    return {image.rpartition(":")[0]: factory for image, factory in factories.items()}


def client_for(world: World, process: Process, user: str) -> Client:
    """A client of the API server for a component: its own way over the network, its own certificate."""
    transport = Transport(
        process,
        lambda: world.find_server(process),
        world.sim.network,
        certificate=certificate_of(user),
        user_agent=process.name,
        address=lambda: world.endpoint,
    )
    return Client(transport)


def _client_in_pod(world: World, container: Container) -> Client:
    """A client of the API server for a Pod: with the token that its kubelet put into its file system."""
    transport = Transport(
        container.process,
        lambda: world.find_server(container.process),
        world.sim.network,
        token=lambda: container.files.get(TOKEN_FILE, ""),
        user_agent=container.process.name,
        address=lambda: world.endpoint,
    )
    return Client(transport)


def _etcd(world: World, container: Container) -> Program:
    store = container.machine.files.setdefault(ETCD_FOLDER, MvccStore())
    world.etcd = EtcdMember(container.process, store)
    container.listen(ETCD_PORT)
    world.adopt(container.process, world.etcd)
    return ComponentProgram(container)


def _api_server(world: World, container: Container) -> Program:
    address = container.machine.address
    process = container.process
    server = TracedApiServer(
        process,
        _etcd_of(world, process),
        world.tokens,
        Kubelets(world, process),
        address,
        webhooks=world.hooks,
        audit=world.audit,
        encryption=world.encryption,
    )
    world.serve(process, server)
    server.start()

    def healthy(path: str) -> bool:
        """Asked past the trace: a probe each second would drown everything else."""
        answer = server.server.handle(Request("GET", path, source="kubelet"))
        return isinstance(answer, Response) and answer.code == 200

    program = ComponentProgram(container, healthy)
    container.listen(API_PORT, lambda path: program.http(API_PORT, path))
    return program


def _etcd_of(world: World, process: Process) -> Callable[[], Etcd]:
    """etcd as this API server finds it: beside itself, or over the network."""
    if process.host == world.control_plane:
        return world.find_etcd
    link = EtcdLink(process, world.sim.network, lambda: world.etcd)
    return lambda: link


class Kubelets:
    """One API server's way to the kubelets."""

    def __init__(self, world: World, server: Process) -> None:
        self._world, self._server = world, server

    def logs(self, node: str, namespace: str, pod: str, container: str, **options: Any) -> str:
        """See `KubeletConnector`."""
        kubelet = self._kubelet(node, f"/containerLogs/{namespace}/{pod}/{container}")
        return kubelet.logs(namespace, pod, container, **options)

    def ended(self, node: str, namespace: str, pod: str, container: str) -> bool:
        """See `KubeletConnector`."""
        return self._kubelet(node, "/pods").ended(namespace, pod, container)

    def exec(self, node: str, namespace: str, pod: str, container: str, command: Command) -> Opener:
        """See `KubeletConnector`."""
        verb = "exec" if command.words else "attach"
        kubelet = self._kubelet(node, f"/{verb}/{namespace}/{pod}/{container}")
        return kubelet.exec(namespace, pod, container, command)

    def http(self, node: str, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        """See `KubeletConnector`."""
        return self._kubelet(node, f"/portForward/{namespace}/{pod}").http(namespace, pod, port, path)

    def _kubelet(self, node: str, path: str) -> Kubelet:
        return self._world.kubelet_of(self._server, node, path)


def _controller_manager(world: World, container: Container) -> Program:
    client = client_for(world, container.process, "system:kube-controller-manager")
    manager = ControllerManager(container.process, client)
    world.adopt(container.process, manager)
    manager.start()
    return ComponentProgram(container)


def _scheduler(world: World, container: Container) -> Program:
    client = client_for(world, container.process, "system:kube-scheduler")
    scheduler = Scheduler(container.process, client, on_decision=world.record_decision)
    world.adopt(container.process, scheduler)
    scheduler.start()
    return ComponentProgram(container)


def _kube_proxy(world: World, container: Container) -> Program:
    client = _client_in_pod(world, container)
    proxy = KubeProxy(container.process, client, world.rule_table(container.machine))
    world.adopt(container.process, proxy)
    proxy.start()
    return ComponentProgram(container)


def _coredns(world: World, container: Container) -> Program:
    client = _client_in_pod(world, container)
    dns = CoreDNS(container.process, client)
    world.adopt(container.process, dns)
    dns.start()
    container.listen(DNS_PORT)
    return ComponentProgram(container, lambda path: dns.ready)
