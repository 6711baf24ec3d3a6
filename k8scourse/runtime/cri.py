"""The Container Runtime Interface: what a kubelet may ask of a runtime (upstream `cri-api/pkg/apis/runtime/v1`).

Names are CRI's in snake_case. Calls that take time in reality take virtual time here and answer through
`done(result)`: the result is the value, or a `CRIError`. A runtime that dies while it works never answers; the
socket (`socket.py`) then reports `Unavailable`, as gRPC would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from ..api.sessions import Ears, Session

SOCKET = "unix:///run/containerd/containerd.sock"


class CRIError(Exception):
    """A call failed; the message is what the runtime's gRPC status says, without `rpc error: code = …`."""

    code = "Unknown"

    @property
    def message(self) -> str:
        """The error as a kubelet prints it."""
        return f"rpc error: code = {self.code} desc = {self}"


class NotFoundError(CRIError):
    """There is no such image, sandbox or container."""

    code = "NotFound"


class Unavailable(CRIError):
    """Nobody listens at the runtime's socket."""

    code = "Unavailable"

    def __init__(self) -> None:
        path = SOCKET.removeprefix("unix://")
        super().__init__(
            f'connection error: desc = "transport: Error while dialing: dial unix {path}: '
            'connect: connection refused"'
        )


class ContainerState(Enum):
    """Where a container is in its life; CRI's CONTAINER_CREATED and so on."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PodSandboxConfig:
    """What a kubelet knows of a Pod when it asks for its sandbox."""

    name: str
    namespace: str
    uid: str
    attempt: int = 0
    hostname: str = ""
    host_network: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PodSandboxStatus:
    """One sandbox: the part of a Pod that has an address. `ip` is empty for host-network Pods."""

    id: str
    config: PodSandboxConfig
    ready: bool
    created_at: int
    ip: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A directory of the machine inside a container: `files` maps paths below it to text."""

    path: str
    files: MutableMapping[str, str]
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ContainerConfig:
    """What is to run. `command` and `args` are empty when the image's own apply, as in a Pod's spec."""

    name: str
    image: str
    attempt: int = 0
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = ""
    mounts: tuple[Mount, ...] = ()
    ports: tuple[int, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """One container as the runtime knows it. Times are nanoseconds; 0 means not yet."""

    id: str
    sandbox_id: str
    name: str
    attempt: int
    state: ContainerState
    image: str
    image_ref: str
    created_at: int
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageStatus:
    """An image on the machine's disk: the name it was pulled by, its digest reference, its size in bytes."""

    image: str
    ref: str
    size: int


@dataclass(frozen=True, slots=True)
class RuntimeStatus:
    """`Status`: whether the runtime works, and whether its network plugin is ready for Pods."""

    runtime_ready: bool
    network_ready: bool
    network_reason: str = ""
    network_message: str = ""


class LogLine(NamedTuple):
    """One line that a container wrote: when (nanoseconds), on which stream ("stdout", "stderr"), what."""

    time: int
    stream: str
    text: str


class ExecResult(NamedTuple):
    """What a command inside a container printed, its exit code, and how long it took (-1: it never ends)."""

    stdout: str
    stderr: str
    code: int
    duration_ns: int = 0


Done = Callable[[object], None]
Happening = Callable[[str], None]
"""Called with a sandbox's id when one of its containers changed (CRI's GetContainerEvents)."""


class ImageService(Protocol):
    """CRI's second service: images."""

    def pull_image(
        self, image: str, sandbox: PodSandboxConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Fetch an image for a Pod; answers its reference (digest), or why it could not be had."""

    def image_status(self, image: str) -> ImageStatus | None:
        """The image on this machine's disk; None when it is not there."""

    def list_images(self) -> list[ImageStatus]:
        """Every image on this machine's disk, by name."""


class RuntimeService(ImageService, Protocol):
    """CRI's first service: sandboxes and containers. Ours serves both on one socket, as containerd does."""

    def status(self) -> RuntimeStatus:
        """Whether the runtime and its network are ready."""

    def update_runtime_config(self, pod_cidr: str) -> None:
        """Tell the network plugin which range this node's Pods get their addresses from."""

    def run_pod_sandbox(self, config: PodSandboxConfig, done: Callable[[str | CRIError], None]) -> None:
        """Make a sandbox with its network; answers its id."""

    def stop_pod_sandbox(self, sandbox_id: str) -> None:
        """Kill what still runs in a sandbox and release its address. Fine to repeat."""

    def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """Forget a sandbox and its containers. Fine to repeat."""

    def list_pod_sandbox(self) -> list[PodSandboxStatus]:
        """All sandboxes, ready or not, oldest first."""

    def create_container(
        self, sandbox_id: str, config: ContainerConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Prepare a container; answers its id."""

    def start_container(self, container_id: str, done: Callable[[CRIError | None], None]) -> None:
        """Run a prepared container's program; answers None, or why it could not start."""

    def stop_container(self, container_id: str, timeout_ns: int) -> None:
        """SIGTERM now, SIGKILL after `timeout_ns`. Returns at once; the exit shows in the status."""

    def remove_container(self, container_id: str) -> None:
        """Forget an exited container and its log. Fine to repeat."""

    def list_containers(self, sandbox_id: str = "") -> list[ContainerStatus]:
        """All containers, or a sandbox's, oldest first."""

    def container_status(self, container_id: str) -> ContainerStatus | None:
        """One container; None when it is not known."""

    def exec_sync(self, container_id: str, command: tuple[str, ...]) -> ExecResult:
        """Run a command inside a running container."""

    def exec(
        self,
        container_id: str,
        command: tuple[str, ...],
        ears: Ears,
        *,
        stdin: bool = False,
        tty: bool = False,
    ) -> Session:
        """Run a command with its streams open; it begins with `start`. Raises `CRIError`."""

    def container_log(self, container_id: str) -> list[LogLine]:
        """What a container has written so far. (CRI writes a file and the kubelet reads it.)"""

    def http_get(self, sandbox_id: str, port: int, path: str) -> tuple[int, str] | None:
        """What a sandbox's address answers on a port; None when the connection is refused.

        Not of CRI: in reality the kubelet opens a connection to the Pod's address.
        """

    def can_connect(self, sandbox_id: str, port: int) -> bool:
        """Whether anybody listens on a port of a sandbox. Not of CRI either."""

    def get_container_events(self, on_event: Happening) -> None:
        """Call `on_event(sandbox_id)` whenever a container of a sandbox started or ended."""
