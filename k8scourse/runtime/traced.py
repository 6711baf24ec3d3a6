"""Instruments: a runtime that writes down what is asked of it, and a witness of exits.

Wrapped around, never sprinkled in: neither kubelet nor containerd knows that it is watched.
"""

from __future__ import annotations

from collections.abc import Callable

from ..sim import Machine, Trace
from .cri import ContainerConfig, ContainerStatus, CRIError, PodSandboxConfig, RuntimeService
from .tasks import ExitObserver


def subject_of(sandbox: PodSandboxConfig) -> str:
    """A Pod as the trace's subject."""
    return f"pods/{sandbox.namespace}/{sandbox.name}"


class TracedRuntime:
    """A runtime with a `container` record per changing call: at its end, with its outcome ("ok" or why not).

    A pull also gets a record at its begin, with outcome "started", since it takes seconds. All other calls go
    straight to the runtime inside.
    """

    def __init__(self, inner: RuntimeService, trace: Trace, source: str, target: str) -> None:
        self._inner, self._trace, self._source, self._target = inner, trace, source, target
        self.image_status = inner.image_status
        self.list_images = inner.list_images
        self.status = inner.status
        self.update_runtime_config = inner.update_runtime_config
        self.list_pod_sandbox = inner.list_pod_sandbox
        self.list_containers = inner.list_containers
        self.container_status = inner.container_status
        self.exec_sync = inner.exec_sync
        self.exec = inner.exec
        self.container_log = inner.container_log
        self.http_get = inner.http_get
        self.can_connect = inner.can_connect
        self.get_container_events = inner.get_container_events
        self.stop_pod_sandbox = inner.stop_pod_sandbox
        self.remove_container = inner.remove_container

    def _record(
        self, call: str, sandbox_id: str, container: str = "", image: str = "", outcome: str = "ok"
    ) -> None:
        try:
            known = [one for one in self._inner.list_pod_sandbox() if one.id == sandbox_id]
        except CRIError:
            known = []
        self._add(call, subject_of(known[0].config) if known else "", container, image, outcome)

    def _add(self, call: str, subject: str, container: str, image: str, outcome: str) -> None:
        detail = {"call": call, "container": container, "image": image, "outcome": outcome}
        self._trace.add("container", self._source, self._target, subject, **detail)

    def pull_image(
        self, image: str, sandbox: PodSandboxConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Record the begin and the end of a pull."""

        def finished(result: str | CRIError) -> None:
            self._add("PullImage", subject_of(sandbox), "", image, _outcome(result))
            done(result)

        self._inner.pull_image(image, sandbox, finished)
        self._add("PullImage", subject_of(sandbox), "", image, "started")

    def run_pod_sandbox(self, config: PodSandboxConfig, done: Callable[[str | CRIError], None]) -> None:
        """Record a sandbox."""

        def finished(result: str | CRIError) -> None:
            self._add("RunPodSandbox", subject_of(config), "", "", _outcome(result))
            done(result)

        self._inner.run_pod_sandbox(config, finished)

    def create_container(
        self, sandbox_id: str, config: ContainerConfig, done: Callable[[str | CRIError], None]
    ) -> None:
        """Record a container's creation."""

        def finished(result: str | CRIError) -> None:
            self._record("CreateContainer", sandbox_id, config.name, config.image, _outcome(result))
            done(result)

        self._inner.create_container(sandbox_id, config, finished)

    def start_container(self, container_id: str, done: Callable[[CRIError | None], None]) -> None:
        """Record a container's start."""
        status = self._inner.container_status(container_id)

        def finished(result: CRIError | None) -> None:
            if status is not None:
                self._record("StartContainer", status.sandbox_id, status.name, status.image, _outcome(result))
            done(result)

        self._inner.start_container(container_id, finished)

    def stop_container(self, container_id: str, timeout_ns: int) -> None:
        """Record a stop."""
        status = self._inner.container_status(container_id)
        if status is not None:
            self._record("StopContainer", status.sandbox_id, status.name, status.image)
        self._inner.stop_container(container_id, timeout_ns)

    def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """Record the end of a sandbox."""
        self._record("RemovePodSandbox", sandbox_id)
        self._inner.remove_pod_sandbox(sandbox_id)


def record_exits(trace: Trace, machine: Machine) -> ExitObserver:
    """A witness for `Containerd(on_exit=…)`: an `exit` record whenever a container's program ends."""

    def witness(sandbox: PodSandboxConfig, status: ContainerStatus) -> None:
        source = f"{sandbox.name}@{machine.name}"
        detail = {"container": status.name, "code": status.exit_code, "reason": status.reason}
        trace.add("exit", source, "", subject_of(sandbox), **detail)

    return witness


def _outcome(result: object) -> str:
    return result.message if isinstance(result, CRIError) else "ok"
