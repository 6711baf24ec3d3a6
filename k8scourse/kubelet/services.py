"""What all workers of one kubelet share, and how the runtime's records of one Pod are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..client import EventRecorder
from ..runtime import ContainerStatus, PodSandboxStatus, RuntimeService
from ..sim import Machine, Process
from .backoff import Backoff
from .config import KubeletConfig, Object, Pod
from .environment import Fetch
from .images import ImagePuller
from .probes import ProbeManager
from .status_manager import StatusManager
from .volumes import Volumes

UID = "io.kubernetes.pod.uid"


@dataclass
class Services:
    """The shared parts. `services()` gives the Services of the cluster, `node()` this node's object."""

    process: Process
    machine: Machine
    config: KubeletConfig
    runtime: RuntimeService
    recorder: EventRecorder
    images: ImagePuller
    statuses: StatusManager
    volumes: Volumes
    backoff: Backoff
    fetch: Fetch
    node: Callable[[], Object | None]
    services: Callable[[], list[Object]]
    probes: ProbeManager


@dataclass(frozen=True)
class Records:
    """The runtime's records of one Pod: its sandboxes, and its containers by name, oldest first."""

    sandboxes: list[PodSandboxStatus]
    containers: dict[str, list[ContainerStatus]]

    @property
    def sandbox(self) -> PodSandboxStatus | None:
        """The newest sandbox."""
        return self.sandboxes[-1] if self.sandboxes else None

    def everything(self) -> list[ContainerStatus]:
        """All container records."""
        return [one for records in self.containers.values() for one in records]


def records_of(runtime: RuntimeService, uid: str) -> Records:
    """Read a Pod's records; raises `Unavailable`."""
    sandboxes = [one for one in runtime.list_pod_sandbox() if one.config.uid == uid]
    containers: dict[str, list[ContainerStatus]] = {}
    for sandbox in sandboxes:
        for status in runtime.list_containers(sandbox.id):
            containers.setdefault(status.name, []).append(status)
    return Records(sandboxes, containers)


def full_name(pod: Pod) -> str:
    """`web_default(uid)`: a Pod in messages."""
    metadata = pod["metadata"]
    return f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
