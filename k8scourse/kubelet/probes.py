"""Readiness, liveness and startup probes: one small loop per probe of a running container.

Upstream: `pkg/kubelet/prober/{worker,prober,prober_manager}.go`. Ours answers gRPC probes by whether the port
is open, and does not spread the first probes after a kubelet's start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..client import EventRecorder
from ..runtime import ContainerState, CRIError, RuntimeService
from ..sim import SECOND, Process
from .config import Pod
from .images import field_path

KINDS = {"startup": "startupProbe", "liveness": "livenessProbe", "readiness": "readinessProbe"}
Outcome = tuple[bool, str]
"""Whether it succeeded, and what it said."""


@dataclass
class _Worker:
    pod: Pod
    container: Mapping[str, Any]
    container_id: str
    sandbox_id: str
    ip: str
    kind: str
    started_at: int
    successes: int = 0
    failures: int = 0

    @property
    def probe(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.container[KINDS[self.kind]]
        return found


class ProbeManager:
    """All probes of a node. `ready` and `started` say per container id what they have found so far.

    `on_change(uid)` is called when one of them changed, `on_failure(uid, container_id, kind)` when a container
    must be restarted.
    """

    def __init__(
        self,
        process: Process,
        runtime: RuntimeService,
        recorder: EventRecorder,
        on_change: Callable[[str], None],
        on_failure: Callable[[str, str, str], None],
    ) -> None:
        self.ready: dict[str, bool] = {}
        self.started: dict[str, bool] = {}
        self._process, self._runtime, self._recorder = process, runtime, recorder
        self._on_change, self._on_failure = on_change, on_failure
        self._workers: dict[tuple[str, str], _Worker] = {}
        self._over: dict[tuple[str, str], None] = {}

    def watch(
        self,
        pod: Pod,
        container: Mapping[str, Any],
        container_id: str,
        sandbox_id: str,
        ip: str,
        started_at: int,
        before: Mapping[str, Any],
    ) -> None:
        """Probe a running container from now on; known ones are left alone, and so are probes that are over: a
        container that failed one is not probed again, its successor is.

        `before` is what was last reported of this very container, if anything was: a kubelet that comes back
        takes its predecessor's word until the first answer (KEP-4781).
        """
        if before.get("started") and "startupProbe" in container:
            self._over[container_id, "startup"] = None
        for kind, field in KINDS.items():
            key = container_id, kind
            if field not in container or key in self._workers or key in self._over:
                continue
            worker = _Worker(pod, container, container_id, sandbox_id, ip, kind, started_at)
            self._workers[key] = worker
            if kind == "readiness":
                self.ready.setdefault(container_id, bool(before.get("ready")))
            if kind == "startup":
                self.started.setdefault(container_id, False)
            due = started_at + worker.probe.get("initialDelaySeconds", 0) * SECOND
            self._process.after(max(0, due - self._process.now), self._tick, worker)

    def stop(self, container_id: str, *kinds: str) -> None:
        """End the probes of a container: all, or those kinds."""
        for kind in kinds or tuple(KINDS):
            self._workers.pop((container_id, kind), None)
            self._over[container_id, kind] = None

    def forget(self, container_id: str) -> None:
        """A container is gone."""
        self.stop(container_id)
        for kind in KINDS:
            self._over.pop((container_id, kind), None)
        self.ready.pop(container_id, None)
        self.started.pop(container_id, None)

    def _tick(self, worker: _Worker) -> None:
        key = worker.container_id, worker.kind
        if self._workers.get(key) is not worker:
            return
        try:
            status = self._runtime.container_status(worker.container_id)
            if status is None or status.state is not ContainerState.RUNNING:
                self.stop(worker.container_id)
                return
            waits = worker.kind != "startup" and not self.started.get(worker.container_id, True)
            outcome = None if waits else self._run(worker)
        except CRIError:
            outcome = None
        if outcome is not None:
            self._judge(worker, *outcome)
        self._process.after(worker.probe.get("periodSeconds", 10) * SECOND, self._tick, worker)

    def _judge(self, worker: _Worker, success: bool, message: str) -> None:
        if success:
            worker.successes, worker.failures = worker.successes + 1, 0
            if worker.successes >= worker.probe.get("successThreshold", 1):
                self._conclude(worker, True)
            return
        worker.successes, worker.failures = 0, worker.failures + 1
        text = f"{worker.kind.capitalize()} probe failed: {message}"
        path = field_path(worker.pod, worker.container)
        self._recorder.event(worker.pod, "Warning", "Unhealthy", text, field_path=path)
        if worker.failures >= worker.probe.get("failureThreshold", 3):
            self._conclude(worker, False)

    def _conclude(self, worker: _Worker, success: bool) -> None:
        uid, container_id = worker.pod["metadata"]["uid"], worker.container_id
        if worker.kind != "readiness" and not success:
            self.stop(container_id)
            self._on_failure(uid, container_id, worker.kind)
            return
        if worker.kind == "liveness":
            return
        results = self.ready if worker.kind == "readiness" else self.started
        if worker.kind == "startup":
            self.stop(container_id, "startup")
        if results.get(container_id) != success:
            results[container_id] = success
            self._on_change(uid)

    def _run(self, worker: _Worker) -> Outcome:
        probe = worker.probe
        timeout_ns = probe.get("timeoutSeconds", 1) * SECOND
        if (action := probe.get("exec")) is not None:
            return self._exec(worker, tuple(action["command"]), timeout_ns)
        if (action := probe.get("httpGet")) is not None:
            return self._http(worker, action)
        action = probe.get("tcpSocket") or probe.get("grpc") or {}
        port = port_number(worker.container, action.get("port", 0))
        if self._runtime.can_connect(worker.sandbox_id, port):
            return True, ""
        return False, f"dial tcp {action.get('host') or worker.ip}:{port}: connect: connection refused"

    def _exec(self, worker: _Worker, command: tuple[str, ...], timeout_ns: int) -> Outcome:
        result = self._runtime.exec_sync(worker.container_id, command)
        if result.duration_ns < 0 or result.duration_ns > timeout_ns:
            return False, f'command timed out: "{" ".join(command)}" timed out after {timeout_ns // SECOND}s'
        return result.code == 0, result.stdout + result.stderr

    def _http(self, worker: _Worker, action: Mapping[str, Any]) -> Outcome:
        port = port_number(worker.container, action["port"])
        path = action.get("path") or "/"
        answer = self._runtime.http_get(worker.sandbox_id, port, path)
        if answer is None:
            where = f"{action.get('host') or worker.ip}:{port}"
            scheme = action.get("scheme", "HTTP").lower()
            return False, f'Get "{scheme}://{where}{path}": dial tcp {where}: connect: connection refused'
        return 200 <= answer[0] < 400, f"HTTP probe failed with statuscode: {answer[0]}"


def port_number(container: Mapping[str, Any], port: int | str) -> int:
    """A port by number or by the name that the container gives it; 0 when there is none of that name."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    named = (one["containerPort"] for one in container.get("ports") or () if one.get("name") == port)
    return int(next(named, 0))
