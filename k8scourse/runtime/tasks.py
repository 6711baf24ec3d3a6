"""Running containers: one task per container, a process of the machine.

Stands for containerd's shim (`containerd-shim-runc-v2`): parent of the container's program, outlives the
daemon, and writes the exit status into the container's record, which lies on disk. A loss of power kills both
without a word; the record then says "running" of something that is gone, and the daemon finds that out when it
starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..sim import Machine
from .catalogue import Image
from .cri import ContainerConfig, ContainerState, ContainerStatus, CRIError, LogLine, PodSandboxConfig
from .network import LOOPBACK, Answer, listener
from .programs import DEFAULT_PROGRAMS, SIGKILL, Container, Program, ProgramFactory, Server, ShellProgram
from .programs.commands import COMMANDS
from .programs.files import ContainerFiles
from .programs.shell_program import Ends, base_name

DISK = "/var/lib/containerd"
TASKS = "tasks"
EVENTS = "container events"
LOST_CODE = 255
KILLED_CODE = 128 + SIGKILL

ExitObserver = Callable[[PodSandboxConfig, ContainerStatus], None]
Programs = Mapping[str, ProgramFactory]


class PodNetwork(Protocol):
    """The way out of a Pod. Whoever builds the cluster knows the other machines and their rules."""

    def connect(self, machine: Machine, source_ip: str, address: str, port: int, path: str) -> Answer | None:
        """Send a request from a Pod; None when nobody answers."""

    def resolve(self, machine: Machine, name: str, namespace: str) -> str | None:
        """Ask the cluster's DNS; None when there is no such name, or nobody answers."""


@dataclass
class Sandbox:
    """A sandbox' record on disk."""

    id: str
    config: PodSandboxConfig
    created_at: int
    ip: str
    ready: bool = True


@dataclass
class Record:
    """A container's record on disk: what it is, how it stands, what it wrote and stored."""

    config: ContainerConfig
    status: ContainerStatus
    image: Image | None
    log: list[LogLine] = field(default_factory=list)
    own_files: dict[str, str] = field(default_factory=dict)


@dataclass
class Metadata:
    """containerd's database: sandboxes and containers by id, in order of creation."""

    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    containers: dict[str, Record] = field(default_factory=dict)


def metadata(machine: Machine) -> Metadata:
    """The database on a machine's disk."""
    found: Metadata = machine.files.setdefault(DISK, Metadata())
    return found


def tasks(machine: Machine) -> dict[str, Task]:
    """The running containers of a machine, by container id."""
    found: dict[str, Task] = machine.kernel.setdefault(TASKS, {})
    return found


class Task:
    """One running container."""

    def __init__(
        self,
        machine: Machine,
        sandbox: Sandbox,
        record: Record,
        programs: Programs,
        network: PodNetwork | None,
        on_exit: ExitObserver | None,
    ) -> None:
        self.record = record
        self.argv = command_line(record.config, record.image)
        self._machine, self._sandbox, self._network, self._on_exit = machine, sandbox, network, on_exit
        self._factory = program_for(self.argv, record.config.image, record.image, programs)
        process = machine.spawn(process_name(sandbox.config, record))
        process.on_exit(self._exited)
        files = ContainerFiles(record.config.mounts, record.own_files)
        ip = sandbox.ip or machine.address
        self.container = Container(
            machine, process, sandbox.config, record.config, self.argv, ip, files, record.log
        )
        self.ends = Ends(self._connect, self._resolve, self._own_program)
        self.program: object = None

    def start(self) -> None:
        """Run the program."""
        tasks(self._machine)[self.record.status.id] = self
        self._set(state=ContainerState.RUNNING, started_at=self._machine.sim.now)
        self._announce()
        if self._factory is None:
            self.program = ShellProgram(self.container, self.ends)
        else:
            self.program = self._build(self._factory)
        if isinstance(self.program, Program):
            self.program.start()

    def terminate(self, signal: int) -> None:
        """Deliver a signal that a program may catch."""
        if not self.container.ended:
            handler = getattr(self.program, "terminate", None)
            if handler is None:
                self.container.exit(0)
            else:
                handler(signal)

    def kill(self) -> None:
        """SIGKILL."""
        self.container.process.kill()

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self.container.process.alive

    def _exited(self) -> None:
        process = self.container.process
        if process.silent:
            return
        tasks(self._machine).pop(self.record.status.id, None)
        code = self.container.code if self.container.ended else KILLED_CODE
        self.container.ended = True
        reason = self.container.reason or ("Completed" if code == 0 else "Error")
        self._set(state=ContainerState.EXITED, finished_at=process.now, exit_code=code, reason=reason)
        if self._on_exit is not None:
            self._on_exit(self._sandbox.config, self.record.status)
        self._announce()

    def _announce(self) -> None:
        listeners: dict[str, Callable[[str], None]] = self._machine.kernel.get(EVENTS, {})
        for callback in listeners.values():
            callback(self._sandbox.id)

    def _set(self, **changes: Any) -> None:
        self.record.status = replace(self.record.status, **changes)

    def _connect(self, address: str, port: int, path: str) -> Answer | None:
        own = address in (LOOPBACK, self.container.ip)
        if own or self._network is None:
            target = self.container.ip if own else address
            found = listener(self._machine, target, port)
            return None if found is None else (found.serve(path, self.container.ip, "Wget") or (200, ""))
        return self._network.connect(self._machine, self.container.ip, address, port, path)

    def _resolve(self, name: str) -> str | None:
        if self._network is None:
            return None
        return self._network.resolve(self._machine, name, self._sandbox.config.namespace)

    def _own_program(self, words: list[str]) -> Program | None:
        """The image's own server, when a shell inside the container starts it by name."""
        image = self.record.image
        if image is None or base_name(words[0]) not in own_names(image):
            return None
        made = self._build(DEFAULT_PROGRAMS.get(image.repository, Server))
        return made if isinstance(made, Program) else None

    def _build(self, factory: ProgramFactory) -> object:
        if isinstance(factory, type) and issubclass(factory, Server):
            return factory(self.container, self.record.image)
        return factory(self.container)


def command_line(config: ContainerConfig, image: Image | None) -> tuple[str, ...]:
    """What really runs: `command` replaces the image's entrypoint and arguments, `args` its arguments.

    The rule of the documentation's page on `command` and `args`. An entrypoint script that is given a program
    runs that program, which is what the public images' scripts do.
    """
    own_entry, own_arguments = (image.entrypoint, image.arguments) if image is not None else ((), ())
    if config.command:
        return (*config.command, *config.args)
    argv = (*own_entry, *(config.args or own_arguments))
    if len(argv) > 1 and argv[0].endswith("entrypoint.sh") and not argv[1].startswith("-"):
        return argv[1:]
    return argv


def own_names(image: Image) -> list[str]:
    """The names under which an image's own program is started."""
    words = (*image.entrypoint[:1], *image.arguments[:1], *image.binaries)
    return [name for word in words if (name := base_name(word)) not in COMMANDS]


def program_for(
    argv: tuple[str, ...], name: str, image: Image | None, programs: Programs
) -> ProgramFactory | None:
    """What makes the program of a command line; None means a shell. `CRIError` when there is no such file."""
    if not argv:
        raise CRIError(f'failed to generate container spec: no command specified for image "{name}"')
    if image is None:
        return Server
    if base_name(argv[0]) in own_names(image):
        return programs.get(image.repository, DEFAULT_PROGRAMS.get(image.repository, Server))
    if image.shell and base_name(argv[0]) in COMMANDS:
        return None
    why = (
        f"stat {argv[0]}: no such file or directory"
        if "/" in argv[0]
        else "executable file not found in $PATH"
    )
    raise CRIError(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        "runc create failed: unable to start container process: error during container init: "
        f'exec: "{argv[0]}": {why}'
    )


def process_name(sandbox: PodSandboxConfig, record: Record) -> str:
    """The machine's name for a container's process: a component's own name, else "container/pod"."""
    if record.image is not None and record.image.component:
        return record.config.name
    return f"{record.config.name}/{sandbox.name}"
