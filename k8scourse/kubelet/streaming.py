"""The kubelet's streaming server: commands in containers, attaching to them, and the way to their ports.

Upstream: `pkg/kubelet/kubelet_pods.go` (GetExec, GetAttach, GetPortForward), `pkg/kubelet/server/server.go`.
"""

from __future__ import annotations

from ..api.errors import InternalError, NotFound
from ..api.sessions import Command, Ears, Opener, Session
from ..runtime import ContainerState, ContainerStatus, CRIError, RuntimeService
from ..sim import Process
from .config import Pod
from .services import records_of

FOLLOW_NS = 100_000_000


def exec_in(
    process: Process, runtime: RuntimeService, pod: Pod | None, container: str, command: Command
) -> Opener:
    """The way to run a command in a running container, or to what its own program writes (attach: no words).

    Raises `NotFound` or `InternalError` in upstream's words.
    """
    status = _running(runtime, pod, container)

    def open_session(ears: Ears) -> Session:
        if not command.words:
            return _Attached(process, runtime, status.id, ears)
        return runtime.exec(status.id, command.words, ears, stdin=command.stdin, tty=command.tty)

    return open_session


def ended(runtime: RuntimeService, pod: Pod | None, container: str) -> bool:
    """Whether the last container of that name has ended, or is gone."""
    last = _last(runtime, pod, container)
    return last is None or last.state is ContainerState.EXITED


def http(runtime: RuntimeService, pod: Pod | None, port: int, path: str) -> tuple[int, str] | None:
    """What a Pod's program answers on a port; None when nobody listens there."""
    if pod is None:
        return None
    sandbox = records_of(runtime, pod["metadata"]["uid"]).sandbox
    return None if sandbox is None else runtime.http_get(sandbox.id, port, path)


class _Attached:
    """Connected to a container's own program: what it writes from now on, until it ends."""

    def __init__(self, process: Process, runtime: RuntimeService, container_id: str, ears: Ears) -> None:
        self._process, self._runtime, self._id, self._ears = process, runtime, container_id, ears
        self._seen = 0
        self._over = False

    def start(self) -> None:
        """Begin with what comes from now on."""
        self._seen = len(self._runtime.container_log(self._id))
        self._process.after(FOLLOW_NS, self._look)

    def _look(self) -> None:
        if self._over:
            return
        lines = self._runtime.container_log(self._id)
        for line in lines[self._seen :]:
            self._ears.output(line.stream, line.text + "\n")
        self._seen = len(lines)
        status = self._runtime.container_status(self._id)
        if status is None or status.state is ContainerState.EXITED:
            self._over = True
            self._ears.exit(0 if status is None else status.exit_code)
        else:
            self._process.after(FOLLOW_NS, self._look)

    def write(self, text: str) -> None:
        """The simulated programs read nothing from their terminal."""

    def close_input(self) -> None:
        """Nothing was read."""

    def end(self) -> None:
        """The client has gone; the container goes on."""
        self._over = True


def _last(runtime: RuntimeService, pod: Pod | None, container: str) -> ContainerStatus | None:
    if pod is None:
        return None
    records = records_of(runtime, pod["metadata"]["uid"]).containers.get(container)
    return records[-1] if records else None


def _running(runtime: RuntimeService, pod: Pod | None, container: str) -> ContainerStatus:
    if pod is None:
        raise NotFound("pod does not exist")
    status = _last(runtime, pod, container)
    if status is None or status.state is not ContainerState.RUNNING:
        raise NotFound(f'container not found ("{container}")')
    try:
        runtime.status()
    except CRIError as error:
        raise InternalError(error.message) from error
    return status
