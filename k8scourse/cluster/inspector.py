"""What one part sees right now: the rows of its inspector, from the component itself.

Looking changes nothing and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..apiserver import TracedApiServer
from ..controllers import ControllerManager
from ..etcd import EtcdMember
from ..kubelet import Kubelet
from ..kubeproxy import CoreDNS, KubeProxy
from ..runtime import Containerd
from ..runtime.cri import ContainerState
from ..scheduler import Scheduler
from .balancer import LoadBalancer

if TYPE_CHECKING:
    from .world import World

Rows = dict[str, Any]


def inspect(world: World, part: str) -> Rows:
    """Name to value of everything worth knowing about a part; empty when it does not run.

    The names are keys of the catalogue's table [fact]; values are numbers, texts or lists of texts.
    """
    component = world.component(part)
    for kind, look in _LOOKS.items():
        if isinstance(component, kind):
            return look(world, component)
    return {}


def _etcd(world: World, member: EtcdMember) -> Rows:
    status = member.status()
    return {
        "revision": status.revision,
        "keys": status.keys,
        "compacted": status.compact_revision,
        "leases": status.leases,
    }


def _api_server(world: World, server: TracedApiServer) -> Rows:
    caches = server.server.caches
    watchers = {name: cache.watchers for name, cache in sorted(caches.items()) if cache.watchers}
    rows = {"endpoint": world.endpoint, "watchers": [f"{name}: {count}" for name, count in watchers.items()]}
    flow = server.server.flow
    if not flow.service_ns:
        return rows
    levels = flow.inspect().items()
    return {
        **rows,
        "seats": [f"{name}: {taken}/{seats}, {waiting}" for name, (seats, taken, waiting) in levels],
    }


def _balancer(world: World, balancer: LoadBalancer) -> Rows:
    return balancer.inspect()


def _scheduler(world: World, scheduler: Scheduler) -> Rows:
    return {f"queue_{place.replace(' ', '_')}": pods for place, pods in scheduler.queue.places().items()}


def _controller_manager(world: World, manager: ControllerManager) -> Rows:
    waiting = {name: len(controller.queue) for name, controller in manager.controllers.items()}
    return {
        "controllers": len(manager.controllers),
        "queues": [f"{name}: {count}" for name, count in waiting.items() if count],
    }


def _kubelet(world: World, kubelet: Kubelet) -> Rows:
    node = kubelet.process.host
    lease = next((each for each in world.objects("leases") if each["metadata"]["name"] == node), None)
    renewed = lease["spec"].get("renewTime", "") if lease else ""
    return {**kubelet.inspect(), "lease_renewed": renewed}


def _containerd(world: World, runtime: Containerd) -> Rows:
    running = [status.name for status in runtime.list_containers() if status.state is ContainerState.RUNNING]
    return {"containers": running, "images": [image.image for image in runtime.list_images()]}


def _watcher(world: World, component: KubeProxy | CoreDNS) -> Rows:
    return component.inspect()


_LOOKS: dict[type, Callable[[World, Any], Rows]] = {
    EtcdMember: _etcd,
    LoadBalancer: _balancer,
    TracedApiServer: _api_server,
    Scheduler: _scheduler,
    ControllerManager: _controller_manager,
    Kubelet: _kubelet,
    Containerd: _containerd,
    KubeProxy: _watcher,
    CoreDNS: _watcher,
}
