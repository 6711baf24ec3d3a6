"""The container runtime: what stands between a kubelet and the Linux kernel.

The real one is a daemon (containerd, CRI-O) that a kubelet calls through the Container Runtime Interface: it
pulls images, makes a sandbox per Pod (the network namespace, with an address from the CNI plugin), and starts
containers through a shim per container. Shims and containers are processes of the machine, not of the daemon:
they survive its crash, and so do Services' traffic and the programs themselves.

Ours has the same calls under the same names, the same records on disk, and **simulated programs**: a container
runs a small Python object that listens on ports, writes log lines, sleeps, fails and obeys signals. What it
leaves out: layers, cgroups (nothing is throttled or killed for memory), user namespaces, devices, streaming
exec, and every image that `images.py` does not list. Lesson 00 shows it at work; a later lesson opens it.
"""

from .containerd import Containerd
from .cri import (
    ContainerConfig,
    ContainerState,
    ContainerStatus,
    CRIError,
    ExecResult,
    ImageService,
    ImageStatus,
    LogLine,
    Mount,
    PodSandboxConfig,
    PodSandboxStatus,
    RuntimeService,
    RuntimeStatus,
    Unavailable,
)
from .images import ImageRegistry, preload
from .programs import DEFAULT_PROGRAMS, Container, Program, ProgramFactory
from .socket import RuntimeSocket
from .traced import TracedRuntime, record_exits

__all__ = [
    "DEFAULT_PROGRAMS",
    "CRIError",
    "Container",
    "ContainerConfig",
    "ContainerState",
    "ContainerStatus",
    "Containerd",
    "ExecResult",
    "ImageRegistry",
    "ImageService",
    "ImageStatus",
    "LogLine",
    "Mount",
    "PodSandboxConfig",
    "PodSandboxStatus",
    "Program",
    "ProgramFactory",
    "RuntimeService",
    "RuntimeSocket",
    "RuntimeStatus",
    "TracedRuntime",
    "Unavailable",
    "preload",
    "record_exits",
]
