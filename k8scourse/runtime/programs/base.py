"""What a container looks like from inside, and what a program has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ...sim import MILLISECOND, Machine, Process
from ..cri import ContainerConfig, ExecResult, LogLine, PodSandboxConfig
from ..network import Answer, listen
from .files import ContainerFiles

SIGINT, SIGKILL, SIGTERM = 2, 9, 15
Handler = Callable[[str], Answer]


class Container:
    """The world as the program inside sees it.

    `command` and `args` are what really runs (the Pod's, or the image's own); `files` maps absolute paths to
    text; `ip` is the Pod's address. `peer` is (address, user agent) of the request being answered.
    """

    def __init__(
        self,
        machine: Machine,
        process: Process,
        sandbox: PodSandboxConfig,
        config: ContainerConfig,
        argv: tuple[str, ...],
        ip: str,
        files: ContainerFiles,
        log: list[LogLine],
    ) -> None:
        self.machine = machine
        self.process = process
        self.name = config.name
        self.pod_name = sandbox.name
        self.namespace = sandbox.namespace
        self.hostname = sandbox.hostname or sandbox.name
        self.image = config.image
        self.attempt = config.attempt
        self.command = argv[:1]
        self.args = argv[1:]
        self.ports = config.ports
        self.env: Mapping[str, str] = config.env
        self.working_directory = config.working_directory or "/"
        self.ip = ip
        self.files = files
        self.is_ready = False
        self.peer = ("", "")
        self.ended = False
        self.code = 0
        self.reason = ""
        self._log = log
        self._unfinished: dict[str, int] = {}

    def log(self, line: str, stream: str = "stdout") -> None:
        """Write one line to the container's log (several, when it holds line ends)."""
        self.write(line + "\n", stream)

    def write(self, text: str, stream: str = "stdout") -> None:
        """Write text to the container's log; what has no line end yet goes on with the next write."""
        *lines, rest = text.split("\n")
        for line in lines:
            self._put(line, stream)
            self._unfinished.pop(stream, None)
        if rest:
            self._put(rest, stream)

    def _put(self, text: str, stream: str) -> None:
        if (at := self._unfinished.get(stream)) is not None:
            self._log[at] = self._log[at]._replace(text=self._log[at].text + text)
            return
        self._unfinished[stream] = len(self._log)
        self._log.append(LogLine(self.process.now, stream, text))

    def exit(self, code: int = 0, reason: str = "") -> None:
        """End the program: the container has exited when this returns."""
        if not self.ended:
            self.ended, self.code, self.reason = True, code, reason
            self.process.kill()

    def ready(self) -> None:
        """Say that the program has come up. For whoever looks; probes ask for themselves."""
        self.is_ready = True

    def listen(self, port: int, handler: Handler | None = None) -> bool:
        """Accept connections on a port of the Pod's address; `handler(path)` answers HTTP, None is bare TCP.

        False when the port is taken, as happens to two Pods on the host's network.
        """

        def serve(path: str, client: str, agent: str) -> Answer | None:
            self.peer = (client, agent)
            return handler(path) if handler is not None else None

        return listen(self.machine, self.ip, port, self.process, serve)

    def after_ms(self, milliseconds: int, function: Callable[..., object], *args: Any) -> None:
        """Call a function later, if the program still runs then."""
        self.process.after(milliseconds * MILLISECOND, function, *args)


class Program:
    """A simulated program; the defaults are those of one that does nothing until it is told to end."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def start(self) -> None:
        """Begin: called once, in the container's process."""

    def terminate(self, signal: int) -> None:
        """A signal arrived (SIGKILL never does: the kernel sees to that)."""
        self.container.exit(0)

    def http(self, port: int, path: str) -> Answer | None:
        """What the program answers itself to a request on a port it has not opened with `listen`."""
        return None

    def run(self, argv: tuple[str, ...]) -> ExecResult | None:
        """Run a command of the program's own inside the container (`exec`); None: it has no such command."""
        return None


class ProgramFactory(Protocol):
    """Makes what runs inside a container. What comes back may be a `Program`, or any object, or None:

    the latter for components that live on `container.process` and need no more than to be killed.
    """

    def __call__(self, container: Container, /) -> object:
        """Build the program for one start of one container."""
