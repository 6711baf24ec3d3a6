"""The runtime's Unix socket: how a kubelet finds the runtime that runs now, or learns that none does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ..api.sessions import Ears, Session
from ..sim import Process
from .cri import (
    ContainerConfig,
    ContainerStatus,
    CRIError,
    ExecResult,
    Happening,
    ImageStatus,
    LogLine,
    PodSandboxConfig,
    PodSandboxStatus,
    RuntimeService,
    RuntimeStatus,
    Unavailable,
)

Result = TypeVar("Result")


class Serving(RuntimeService, Protocol):
    """A runtime with the process that serves it."""

    process: Process


class RuntimeSocket:
    """A `RuntimeService` for one caller, passing every call to the daemon that listens now.

    `caller` is who calls: when it has died, nothing is answered any more. `find` gives the daemon, or None.
    Raises `Unavailable` when nobody listens. A call whose answer is still due when the daemon dies is answered
    with `Unavailable` too, once.
    """

    def __init__(self, caller: Process, find: Callable[[], Serving | None]) -> None:
        self._caller, self._find = caller, find

    def _daemon(self) -> Serving:
        runtime = self._find()
        if runtime is None or not runtime.process.alive:
            raise Unavailable
        return runtime

    def _call(
        self,
        begin: Callable[[Serving, Callable[[Result | CRIError], None]], None],
        done: Callable[[Result | CRIError], None],
    ) -> None:
        daemon = self._daemon()
        answered = False

        def answer(result: Result | CRIError) -> None:
            nonlocal answered
            forget()
            if not answered and self._caller.alive:
                answered = True
                done(result)

        forget = daemon.process.on_exit(lambda: answer(Unavailable()))
        begin(daemon, answer)

    def pull_image(
        self, image: str, sandbox: PodSandboxConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """See `ImageService`."""
        self._call(lambda daemon, answer: daemon.pull_image(image, sandbox, answer), done)

    def image_status(self, image: str) -> ImageStatus | None:
        """See `ImageService`."""
        return self._daemon().image_status(image)

    def list_images(self) -> list[ImageStatus]:
        """See `ImageService`."""
        return self._daemon().list_images()

    def status(self) -> RuntimeStatus:
        """See `RuntimeService`."""
        return self._daemon().status()

    def update_runtime_config(self, pod_cidr: str) -> None:
        """See `RuntimeService`."""
        self._daemon().update_runtime_config(pod_cidr)

    def run_pod_sandbox(self, config: PodSandboxConfig, done: Callable[[str | CRIError], None]) -> None:
        """See `RuntimeService`."""
        self._call(lambda daemon, answer: daemon.run_pod_sandbox(config, answer), done)

    def stop_pod_sandbox(self, sandbox_id: str) -> None:
        """See `RuntimeService`."""
        self._daemon().stop_pod_sandbox(sandbox_id)

    def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """See `RuntimeService`."""
        self._daemon().remove_pod_sandbox(sandbox_id)

    def list_pod_sandbox(self) -> list[PodSandboxStatus]:
        """See `RuntimeService`."""
        return self._daemon().list_pod_sandbox()

    def create_container(
        self, sandbox_id: str, config: ContainerConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """See `RuntimeService`."""
        self._call(lambda daemon, answer: daemon.create_container(sandbox_id, config, answer), done)

    def start_container(self, container_id: str, done: Callable[[CRIError | None], None]) -> None:
        """See `RuntimeService`."""
        self._call(lambda daemon, answer: daemon.start_container(container_id, answer), done)

    def stop_container(self, container_id: str, timeout_ns: int) -> None:
        """See `RuntimeService`."""
        self._daemon().stop_container(container_id, timeout_ns)

    def remove_container(self, container_id: str) -> None:
        """See `RuntimeService`."""
        self._daemon().remove_container(container_id)

    def list_containers(self, sandbox_id: str = "") -> list[ContainerStatus]:
        """See `RuntimeService`."""
        return self._daemon().list_containers(sandbox_id)

    def container_status(self, container_id: str) -> ContainerStatus | None:
        """See `RuntimeService`."""
        return self._daemon().container_status(container_id)

    def exec_sync(self, container_id: str, command: tuple[str, ...]) -> ExecResult:
        """See `RuntimeService`."""
        return self._daemon().exec_sync(container_id, command)

    def exec(
        self,
        container_id: str,
        command: tuple[str, ...],
        ears: Ears,
        *,
        stdin: bool = False,
        tty: bool = False,
    ) -> Session:
        """See `RuntimeService`."""
        return self._daemon().exec(container_id, command, ears, stdin=stdin, tty=tty)

    def container_log(self, container_id: str) -> list[LogLine]:
        """See `RuntimeService`."""
        return self._daemon().container_log(container_id)

    def http_get(self, sandbox_id: str, port: int, path: str) -> tuple[int, str] | None:
        """See `RuntimeService`."""
        return self._daemon().http_get(sandbox_id, port, path)

    def can_connect(self, sandbox_id: str, port: int) -> bool:
        """See `RuntimeService`."""
        return self._daemon().can_connect(sandbox_id, port)

    def get_container_events(self, on_event: Happening) -> None:
        """See `RuntimeService`."""
        self._daemon().get_container_events(on_event)
