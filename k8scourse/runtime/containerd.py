"""containerd: the daemon that serves the Container Runtime Interface (upstream containerd, `internal/cri`).

Its truth lies on disk (sandboxes, containers, images) and in the kernel (tasks); the daemon itself may die and
come back at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..api.sessions import Ears, Session
from ..sim import MILLISECOND, Machine, Process
from .cri import (
    ContainerConfig,
    ContainerState,
    ContainerStatus,
    CRIError,
    ExecResult,
    Happening,
    ImageStatus,
    LogLine,
    NotFoundError,
    PodSandboxConfig,
    PodSandboxStatus,
    RuntimeStatus,
)
from .images import ImageRegistry, Pull, images_on, parse_reference
from .network import NOT_READY_MESSAGE, NOT_READY_REASON, Answer, listener, reservations
from .programs import DEFAULT_PROGRAMS, SIGTERM, Program, ProgramFactory
from .programs.session import ExecSession, Told
from .programs.shell_program import execute
from .tasks import EVENTS, LOST_CODE, ExitObserver, PodNetwork, Record, Sandbox, Task, metadata, tasks

SANDBOX_NS = 120 * MILLISECOND
CREATE_NS = 40 * MILLISECOND
START_NS = 60 * MILLISECOND
START_ERROR_CODE = 128


class Containerd:
    """One node's container runtime, serving from its construction on. It takes over what runs.

    `programs` maps a repository ("nginx", "registry.k8s.io/kube-scheduler") to what makes its program, on top
    of `DEFAULT_PROGRAMS`. `network` is the way out of Pods; `on_exit(sandbox, status)` hears of every exit,
    also of those while the daemon is down.
    """

    def __init__(
        self,
        process: Process,
        machine: Machine,
        registry: ImageRegistry | None = None,
        programs: Mapping[str, ProgramFactory] | None = None,
        *,
        network: PodNetwork | None = None,
        on_exit: ExitObserver | None = None,
    ) -> None:
        self.process = process
        self.machine = machine
        self.registry = registry or ImageRegistry()
        self.programs = {**DEFAULT_PROGRAMS, **(programs or {})}
        self._network, self._on_exit = network, on_exit
        self._find_the_lost()

    def _find_the_lost(self) -> None:
        """Containers that ran when the power went: nobody wrote their exit status, so it is unknown."""
        records = metadata(self.machine)
        for record in records.containers.values():
            if record.status.state is ContainerState.RUNNING and record.status.id not in tasks(self.machine):
                now = self.process.now
                _set(
                    record,
                    state=ContainerState.EXITED,
                    finished_at=now,
                    exit_code=LOST_CODE,
                    reason="Unknown",
                )
        if self.machine.kernel.get("boot") != self.machine.boots:
            self.machine.kernel["boot"] = self.machine.boots
            for sandbox in records.sandboxes.values():
                sandbox.ready = False

    # --- images ---------------------------------------------------------------------------------------------

    def pull_image(
        self, image: str, sandbox: PodSandboxConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Fetch an image over the network, at 50 MB/s after 0.6 s of asking."""
        pull = self.registry.pull(image)
        self.process.after(pull.duration_ns, self._pulled, pull, done)

    def _pulled(self, pull: Pull, done: Callable[[str | CRIError], None]) -> None:
        if pull.status is None:
            done(pull.error or CRIError("pull failed"))
            return
        images_on(self.machine)[pull.status.image] = pull.status
        done(pull.status.ref)

    def image_status(self, image: str) -> ImageStatus | None:
        """The image on disk."""
        try:
            return images_on(self.machine).get(parse_reference(image).full)
        except ValueError:
            return None

    def list_images(self) -> list[ImageStatus]:
        """Every image on disk, by name."""
        return [status for _, status in sorted(images_on(self.machine).items())]

    # --- sandboxes ------------------------------------------------------------------------------------------

    def status(self) -> RuntimeStatus:
        """The network is ready once the node's range is known."""
        if reservations(self.machine).cidr:
            return RuntimeStatus(True, True)
        return RuntimeStatus(True, False, NOT_READY_REASON, NOT_READY_MESSAGE)

    def update_runtime_config(self, pod_cidr: str) -> None:
        """Write the CNI configuration for this range."""
        if pod_cidr and reservations(self.machine).cidr != pod_cidr:
            reservations(self.machine).cidr = pod_cidr
            reservations(self.machine).last = ""

    def run_pod_sandbox(self, config: PodSandboxConfig, done: Callable[[str | CRIError], None]) -> None:
        """Make a sandbox; a Pod of its own network gets the next free address."""
        self.process.after(SANDBOX_NS, self._make_sandbox, config, done)

    def _make_sandbox(self, config: PodSandboxConfig, done: Callable[[str | CRIError], None]) -> None:
        sandbox_id, address = self._new_id(), ""
        if not config.host_network:
            why = "cni plugin not initialized"
            found = None
            if reservations(self.machine).cidr:
                found = reservations(self.machine).take(sandbox_id)
                why = f"no IP addresses available in range set: {reservations(self.machine).cidr}"
            if found is None:
                done(CRIError(f'failed to setup network for sandbox "{sandbox_id}": {why}'))
                return
            address = found
        metadata(self.machine).sandboxes[sandbox_id] = Sandbox(sandbox_id, config, self.process.now, address)
        done(sandbox_id)

    def stop_pod_sandbox(self, sandbox_id: str) -> None:
        """Kill what runs in it, release its address."""
        sandbox = metadata(self.machine).sandboxes.get(sandbox_id)
        if sandbox is None:
            return
        for status in self.list_containers(sandbox_id):
            if (task := tasks(self.machine).get(status.id)) is not None:
                task.kill()
        sandbox.ready = False
        reservations(self.machine).release(sandbox_id)

    def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """Forget a sandbox and its containers."""
        self.stop_pod_sandbox(sandbox_id)
        for status in self.list_containers(sandbox_id):
            self.remove_container(status.id)
        metadata(self.machine).sandboxes.pop(sandbox_id, None)

    def list_pod_sandbox(self) -> list[PodSandboxStatus]:
        """All sandboxes, oldest first."""
        return [
            PodSandboxStatus(one.id, one.config, one.ready, one.created_at, one.ip)
            for one in metadata(self.machine).sandboxes.values()
        ]

    # --- containers -----------------------------------------------------------------------------------------

    def create_container(
        self, sandbox_id: str, config: ContainerConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Prepare a container of an image that is on disk."""
        self.process.after(CREATE_NS, self._create, sandbox_id, config, done)

    def _create(
        self, sandbox_id: str, config: ContainerConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        image = self.image_status(config.image)
        if sandbox_id not in metadata(self.machine).sandboxes:
            done(NotFoundError(f'failed to find sandbox id "{sandbox_id}": not found'))
        elif image is None:
            done(NotFoundError(f'failed to resolve image "{config.image}": not found'))
        else:
            status = ContainerStatus(
                id=self._new_id(),
                sandbox_id=sandbox_id,
                name=config.name,
                attempt=config.attempt,
                state=ContainerState.CREATED,
                image=image.image,
                image_ref=image.ref,
                created_at=self.process.now,
                labels=config.labels,
            )
            known = self.registry.find(config.image)
            metadata(self.machine).containers[status.id] = Record(config, status, known)
            done(status.id)

    def start_container(self, container_id: str, done: Callable[[CRIError | None], None]) -> None:
        """Run a prepared container's program."""
        self.process.after(START_NS, self._start, container_id, done)

    def _start(self, container_id: str, done: Callable[[CRIError | None], None]) -> None:
        record = metadata(self.machine).containers.get(container_id)
        sandbox = (
            metadata(self.machine).sandboxes.get(record.status.sandbox_id) if record is not None else None
        )
        if record is None or sandbox is None or not sandbox.ready:
            done(NotFoundError(f'an error occurred when try to find container "{container_id}": not found'))
            return
        try:
            task = Task(self.machine, sandbox, record, self.programs, self._network, self._on_exit)
        except CRIError as error:
            now = self.process.now
            _set(record, state=ContainerState.EXITED, finished_at=now, exit_code=START_ERROR_CODE,
                 reason="StartError", message=str(error))  # fmt: skip
            done(error)
            return
        task.start()
        done(None)

    def stop_container(self, container_id: str, timeout_ns: int) -> None:
        """SIGTERM now, SIGKILL later."""
        task = tasks(self.machine).get(container_id)
        if task is None:
            return
        if timeout_ns <= 0:
            task.kill()
            return
        self.process.after(timeout_ns, task.kill)
        task.terminate(SIGTERM)

    def remove_container(self, container_id: str) -> None:
        """Forget a container; one that runs is killed first."""
        if (task := tasks(self.machine).get(container_id)) is not None:
            task.kill()
        metadata(self.machine).containers.pop(container_id, None)

    def list_containers(self, sandbox_id: str = "") -> list[ContainerStatus]:
        """All containers, or a sandbox's, oldest first."""
        records = metadata(self.machine).containers.values()
        return [one.status for one in records if sandbox_id in ("", one.status.sandbox_id)]

    def container_status(self, container_id: str) -> ContainerStatus | None:
        """One container."""
        record = metadata(self.machine).containers.get(container_id)
        return None if record is None else record.status

    def exec_sync(self, container_id: str, command: tuple[str, ...]) -> ExecResult:
        """Run a command inside a running container."""
        task, own = self._entered(container_id, command)
        return own or execute(task.container, task.ends, command)

    def exec(
        self,
        container_id: str,
        command: tuple[str, ...],
        ears: Ears,
        *,
        stdin: bool = False,
        tty: bool = False,
    ) -> Session:
        """Run a command inside a running container, with its streams open."""
        task, own = self._entered(container_id, command)
        if own is not None:
            return Told(own, ears)
        return ExecSession(task.container, task.ends, command, ears, stdin=stdin, tty=tty)

    def _entered(self, container_id: str, command: tuple[str, ...]) -> tuple[Task, ExecResult | None]:
        """The running task, and what its program answers itself to such a command. Raises `CRIError`."""
        task = tasks(self.machine).get(container_id)
        if task is None or not task.alive:
            raise NotFoundError(f"failed to exec in container: container {container_id} is not running")
        own = task.program.run(command) if isinstance(task.program, Program) else None
        image = task.record.image
        if own is None and image is not None and not image.shell:
            raise CRIError(
                f'failed to exec in container: exec: "{command[0]}": executable file not found in $PATH'
            )
        return task, own

    def container_log(self, container_id: str) -> list[LogLine]:
        """What a container has written."""
        record = metadata(self.machine).containers.get(container_id)
        return [] if record is None else record.log

    # --- what the kubelet sees of the node itself ------------------------------------------------------------

    def http_get(
        self, sandbox_id: str, port: int, path: str, agent: str = "kube-probe/1.36"
    ) -> Answer | None:
        """Ask a sandbox's address, from the node."""
        found = listener(self.machine, self._address(sandbox_id), port)
        if found is not None:
            return found.serve(path, self.machine.address, agent)
        for status in self.list_containers(sandbox_id):
            task = tasks(self.machine).get(status.id)
            ask = getattr(task.program, "http", None) if task is not None else None
            if ask is not None and (answer := ask(port, path)) is not None:
                code, text = answer
                return int(code), str(text)
        return None

    def can_connect(self, sandbox_id: str, port: int) -> bool:
        """Whether anybody listens on a port of a sandbox."""
        return listener(self.machine, self._address(sandbox_id), port) is not None

    def get_container_events(self, on_event: Happening) -> None:
        """Tell the kubelet of starts and exits. Kept in the kernel, so that it outlives this daemon."""
        self.machine.kernel.setdefault(EVENTS, {})["kubelet"] = on_event

    def _address(self, sandbox_id: str) -> str:
        sandbox = metadata(self.machine).sandboxes.get(sandbox_id)
        return (sandbox.ip if sandbox is not None else "") or self.machine.address

    def _new_id(self) -> str:
        return f"{self.process.rng.getrandbits(256):064x}"


def _set(record: Record, **changes: Any) -> None:
    record.status = replace(record.status, **changes)
