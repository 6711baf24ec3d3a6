"""One Pod's worker: compares what the spec wants with what the runtime has, and acts, until they agree.

Upstream: `pkg/kubelet/pod_workers.go` and SyncPod in `pkg/kubelet/kubelet.go` and
`pkg/kubelet/kuberuntime/kuberuntime_manager.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..api import times
from ..runtime import ContainerState, ContainerStatus, CRIError, PodSandboxStatus
from ..sim import SECOND
from .config import SYNC_RETRY_NS, Pod
from .container_start import HASH, ContainerStarter, container_hash, sandbox_config
from .container_statuses import View, container_id, init_done, is_sidecar, restarts, wants_to_run
from .ending import Ending
from .images import StartFailure, field_path
from .services import Records, Services, records_of
from .status import pod_status
from .steps import Job, Steps, wait
from .volumes import MountFailure, shows_objects

RUNTIME_RETRY_NS = 2 * SECOND
VOLUME_REFRESH_NS = 60 * SECOND
DEADLINE = {
    "phase": "Failed",
    "reason": "DeadlineExceeded",
    "message": "Pod was active on the node longer than the specified deadline",
}


class PodWorker:
    """Works for one Pod, one job at a time; `on_gone()` is called when nothing of it is left on the node."""

    def __init__(self, shared: Services, pod: Pod, on_gone: Callable[[], None]) -> None:
        self.pod = pod
        self.removed = False
        self._shared, self._on_gone = shared, on_gone
        self._job: Job | None = None
        self._dirty = False
        self._timer: tuple[int, int] | None = None
        self._reasons: dict[str, tuple[str, str]] = {}
        self._unhealthy: dict[str, str] = {}
        self._stopping: dict[str, int] = {}
        self._ending: Ending | None = None
        self._override: Mapping[str, str] | None = None
        self._gone = False

    # --- being told -----------------------------------------------------------------------------------------

    def update(self, pod: Pod) -> None:
        """The Pod's object changed."""
        self.pod = pod
        if self._must_end() and self._ending is None and self._job is not None:
            self._job.cancel()
            self._job = None
        self.wake()

    def remove(self) -> None:
        """The Pod is no longer wanted here: its object or its manifest is gone."""
        self.removed = True
        self.update(self.pod)

    def refuse(self, why: Mapping[str, str]) -> None:
        """The node cannot take this Pod: it fails with phase, reason and message of `why`."""
        self._override = why
        self._event("Warning", why["reason"], why["message"].removeprefix("Pod was rejected: "))

    @property
    def refused(self) -> bool:
        """Whether the Pod was not admitted."""
        return self._override is not None

    def fail_probe(self, container_id: str, kind: str) -> None:
        """A liveness or startup probe gave up on a container."""
        self._unhealthy[container_id] = kind
        self.wake()

    def wake(self) -> None:
        """Look again, now or when the present job is done."""
        if self._gone:
            return
        if self._job is not None and self._job.running:
            self._dirty = True
            return
        self._dirty = False
        self._job = Job(self._sync(), self._job_ended)
        self._job.start()

    def _job_ended(self) -> None:
        if self._dirty:
            self._wake_in(0)

    def _wake_in(self, delay_ns: int) -> None:
        """Look again later; the earliest of several times counts."""
        due = self._shared.process.now + delay_ns
        if self._timer is not None:
            if self._timer[0] <= due:
                return
            self._shared.process.cancel(self._timer[1])
        self._timer = due, self._shared.process.after(delay_ns, self._alarm)

    def _alarm(self) -> None:
        self._timer = None
        self.wake()

    # --- one look -------------------------------------------------------------------------------------------

    def _sync(self) -> Steps[None]:
        try:
            if self._must_end():
                self._end()
            elif self._has_ended():
                self._wind_down()
            else:
                yield from self._bring_up()
        except CRIError:
            self._wake_in(RUNTIME_RETRY_NS)

    def _must_end(self) -> bool:
        return self.removed or "deletionTimestamp" in self.pod["metadata"]

    def _has_ended(self) -> bool:
        return self._shared.statuses.get(self.pod).get("phase") in ("Succeeded", "Failed")

    def _bring_up(self) -> Steps[None]:
        view = self.report()
        if self._has_ended() or self._deadline_passed():
            self.report()
            self._wind_down()
            return
        if not self._network_ready():
            return
        try:
            volumes = self._shared.volumes.set_up(self.pod, view.ip)
        except MountFailure as failure:
            self._event("Warning", "FailedMount", str(failure))
            self._wake_in(SYNC_RETRY_NS)
            return
        sandbox = yield from self._ensure_sandbox()
        if sandbox is None:
            return
        ip = sandbox.ip or self._shared.machine.address
        starter = ContainerStarter(self._shared, self.pod, sandbox.id, ip, volumes)
        yield from self._run_containers(starter)
        self.report()
        if shows_objects(self.pod):
            self._wake_in(VOLUME_REFRESH_NS)

    def _network_ready(self) -> bool:
        status = self._shared.runtime.status()
        if status.network_ready or self.pod["spec"].get("hostNetwork"):
            return True
        why = f"NetworkReady=false reason:{status.network_reason} message:{status.network_message}"
        self._event(
            "Warning", "NetworkNotReady", f"network is not ready: container runtime network not ready: {why}"
        )
        self._wake_in(SYNC_RETRY_NS)
        return False

    def _ensure_sandbox(self) -> Steps[PodSandboxStatus | None]:
        records = self._records()
        current = records.sandbox
        if current is not None and current.ready:
            return current
        if current is not None:
            if not wants_to_run(self.pod, records.containers):
                return None
            message = "Pod sandbox changed, it will be killed and re-created."
            self._event("Normal", "SandboxChanged", message)
            self._shared.runtime.stop_pod_sandbox(current.id)
        config = sandbox_config(self.pod, len(records.sandboxes))
        made: str | CRIError = yield from wait(
            lambda done: self._shared.runtime.run_pod_sandbox(config, done)
        )
        if isinstance(made, CRIError):
            message = f"Failed to create pod sandbox: {made.message}"
            self._event("Warning", "FailedCreatePodSandBox", message)
            self._wake_in(SYNC_RETRY_NS)
            return None
        self.report()
        return self._records().sandbox

    def _run_containers(self, starter: ContainerStarter) -> Steps[None]:
        yield from self._run_ephemeral(starter)
        view = self._view(self._records())
        mains_ran = any(view.containers.get(one["name"]) for one in self.pod["spec"]["containers"])
        for container in self.pod["spec"].get("initContainers") or ():
            if init_done(container, view) or (mains_ran and not is_sidecar(container)):
                continue
            yield from self._run_one(starter, container, view.latest(container["name"]))
            view = self._view(self._records())
            if not init_done(container, view) and not mains_ran:
                return  # the next one waits for this one
        for container in self.pod["spec"]["containers"]:
            yield from self._run_one(
                starter, container, self._view(self._records()).latest(container["name"])
            )

    def _run_ephemeral(self, starter: ContainerStarter) -> Steps[None]:
        """What was added to look into the Pod is started once, whatever becomes of it."""
        for container in self.pod["spec"].get("ephemeralContainers") or ():
            latest = self._view(self._records()).latest(container["name"])
            if latest is None or latest.state is ContainerState.CREATED:
                yield from self._run_one(starter, container, latest)

    def _run_one(
        self, starter: ContainerStarter, container: Mapping[str, Any], latest: ContainerStatus | None
    ) -> Steps[None]:
        name = container["name"]
        if latest is not None and latest.state is ContainerState.RUNNING:
            self._reasons.pop(name, None)
            if (kind := self._unhealthy.get(latest.id)) is not None:
                self._restart_unhealthy(container, latest, kind)
            elif latest.labels.get(HASH) != container_hash(container):
                message = f"Container {name} definition changed, will be restarted"
                self._stop(container, latest, message, self._grace())
            return
        if latest is not None and latest.state is ContainerState.CREATED:
            self._shared.runtime.remove_container(latest.id)  # left by a kubelet that died between two calls
            latest = self._view(self._records()).latest(name)
        if latest is not None and not restarts(self.pod, container, latest):
            return
        try:
            yield from starter.start(container, latest)
        except StartFailure as failure:
            self._reasons[name] = failure.reason, failure.message
            self._wake_in(SYNC_RETRY_NS if failure.again_ns is None else max(failure.again_ns, SECOND))
            return
        self._reasons.pop(name, None)
        self._prune(name)

    def _restart_unhealthy(self, container: Mapping[str, Any], status: ContainerStatus, kind: str) -> None:
        message = f"Container {container['name']} failed {kind} probe, will be restarted"
        probe = container.get(f"{kind}Probe") or {}
        self._stop(container, status, message, probe.get("terminationGracePeriodSeconds", self._grace()))

    def _grace(self) -> int:
        return int(self.pod["spec"].get("terminationGracePeriodSeconds", 30))

    def _stop(self, container: Mapping[str, Any], status: ContainerStatus, message: str, grace: int) -> None:
        """End one container of a Pod that goes on; its restart follows. Asked again only if it outlives its grace
        period: the runtime may have died on the way."""
        now = self._shared.process.now
        if now < self._stopping.get(status.id, 0):
            return
        patience = grace * SECOND + RUNTIME_RETRY_NS
        self._stopping[status.id] = now + patience
        self._wake_in(patience)
        self._event("Normal", "Killing", message, field_path(self.pod, container))
        self._shared.runtime.stop_container(status.id, grace * SECOND)

    def _prune(self, name: str) -> None:
        """Keep the running record and the one before it, whose log `--previous` shows."""
        for old in self._records().containers.get(name, [])[:-2]:
            self._shared.probes.forget(old.id)
            self._unhealthy.pop(old.id, None)
            self._stopping.pop(old.id, None)
            self._shared.runtime.remove_container(old.id)

    # --- reporting ------------------------------------------------------------------------------------------

    def report(self) -> View:
        """Probe what runs, generate the status, and hand it to the status manager."""
        view = self._view(self._records())
        self._probe(view)  # first: a container with a readiness probe is never ready before its first answer
        old = self._shared.statuses.get(self.pod)
        self._shared.statuses.set(self.pod, pod_status(self.pod, view, old, override=self._override))
        return view

    def _probe(self, view: View) -> None:
        if self._must_end():
            return
        for container in (*(self.pod["spec"].get("initContainers") or ()), *self.pod["spec"]["containers"]):
            latest = view.latest(container["name"])
            if latest is not None and latest.state is ContainerState.RUNNING:
                before = view.before.get(container["name"]) or {}
                self._shared.probes.watch(
                    self.pod,
                    container,
                    latest.id,
                    latest.sandbox_id,
                    view.ip,
                    latest.started_at,
                    before if before.get("containerID") == container_id(latest) else {},
                )

    def _records(self) -> Records:
        return records_of(self._shared.runtime, self.pod["metadata"]["uid"])

    def _view(self, records: Records) -> View:
        sandbox = records.sandbox
        ready = sandbox is not None and sandbox.ready
        host = self._shared.machine.address
        old = self._shared.statuses.get(self.pod)
        rows = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
        before = [one for field in rows for one in old.get(field) or ()]
        ip = (sandbox.ip or host) if sandbox is not None and ready else ""
        return View(
            now=self._shared.process.now,
            ip=ip or (old.get("podIP", "") if self._must_end() or self._has_ended() else ""),
            host_ip=host,
            sandbox_ready=ready,
            containers=records.containers,
            reasons=self._reasons,
            ready=self._shared.probes.ready,
            started=self._shared.probes.started,
            before={one["name"]: one for one in before},
            terminating=self._must_end() or self._override is not None,
        )

    # --- ending ---------------------------------------------------------------------------------------------

    def _deadline_passed(self) -> bool:
        limit = self.pod["spec"].get("activeDeadlineSeconds")
        began = self._shared.statuses.get(self.pod).get("startTime")
        if limit is None or began is None:
            return False
        left = times.parse_time(began) + limit * SECOND - self._shared.process.now
        if left > 0:
            self._wake_in(left)
            return False
        if self._override is None:
            self._override = DEADLINE
            self._event("Normal", "DeadlineExceeded", DEADLINE["message"])
        return True

    def _wind_down(self) -> None:
        """The Pod has ended by itself (or its deadline has): stop what still runs, keep the records."""
        if self._stop_containers():
            self.report()
            records = self._records()
            if records.sandbox is not None and records.sandbox.ready:
                self._shared.runtime.stop_pod_sandbox(records.sandbox.id)
                self.report()

    def _end(self) -> None:
        """The Pod is being deleted: stop everything, then let go of it."""
        if not self._stop_containers():
            return
        uid = self.pod["metadata"]["uid"]
        records = self._records()
        if not self.removed:
            self.report()
        for sandbox in records.sandboxes:
            self._shared.runtime.stop_pod_sandbox(sandbox.id)
        self._shared.volumes.tear_down(uid)
        if self.removed:
            self._clean_up(records)
        else:
            self.report()
            self._shared.statuses.finish(self.pod)

    def _stop_containers(self) -> bool:
        """Ask all containers to end, gracefully; True once they have."""
        if self._ending is None:
            self._ending = Ending(self._shared, self._event)
        left = self._ending.advance(self.pod, self._records())
        if left is None:
            return True
        if not self.removed:
            self.report()
        self._wake_in(left)
        return False

    def _clean_up(self, records: Records) -> None:
        for status in records.everything():
            self._shared.probes.forget(status.id)
        for sandbox in records.sandboxes:
            self._shared.runtime.remove_pod_sandbox(sandbox.id)
        uid = self.pod["metadata"]["uid"]
        self._shared.images.forget(uid)
        self._shared.backoff.forget(f"{uid}_")
        self._shared.statuses.forget(uid)
        self._gone = True
        self._on_gone()

    def _event(self, kind: str, reason: str, message: str, path: str = "") -> None:
        self._shared.recorder.event(self.pod, kind, reason, message, field_path=path)
