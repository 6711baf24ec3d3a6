"""Starting one container: back-off, image, environment, create, start, the postStart hook.

Upstream: `pkg/kubelet/kuberuntime/kuberuntime_container.go` startContainer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..runtime import ContainerConfig, ContainerState, ContainerStatus, CRIError, PodSandboxConfig
from .config import Pod
from .container_statuses import RESOURCES, resources_hash
from .durations import go_duration
from .environment import ConfigError, EnvironmentMaker, expand, service_links
from .images import StartFailure, field_path
from .probes import port_number
from .services import UID, Services, full_name
from .steps import Steps, wait
from .volumes import Directory, hostname_of, mounts_of

Container = Mapping[str, Any]
HASH = "io.kubernetes.container.hash"


def sandbox_config(pod: Pod, attempt: int) -> PodSandboxConfig:
    """A Pod as CRI's sandbox configuration."""
    metadata = pod["metadata"]
    return PodSandboxConfig(
        name=metadata["name"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        attempt=attempt,
        hostname=hostname_of(pod),
        host_network=bool(pod["spec"].get("hostNetwork")),
        labels={**(metadata.get("labels") or {}), UID: metadata["uid"]},
    )


def container_hash(container: Container) -> str:
    """A container's definition in short: when it differs, the running container is an old one."""
    text = json.dumps([container.get(field) for field in ("name", "image")])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class ContainerStarter:
    """Starts containers of one Pod in its present sandbox."""

    def __init__(
        self, shared: Services, pod: Pod, sandbox_id: str, ip: str, volumes: Mapping[str, Directory]
    ) -> None:
        self._shared, self._pod, self._sandbox_id, self._ip, self._volumes = (
            shared,
            pod,
            sandbox_id,
            ip,
            volumes,
        )

    def start(self, container: Container, latest: ContainerStatus | None) -> Steps[None]:
        """Start a container, `latest` being its newest record; raises `StartFailure`."""
        if latest is not None:
            self._back_off(container, latest)
        config = sandbox_config(self._pod, 0)
        try:
            yield from self._shared.images.ensure(self._pod, container, config)
        except StartFailure as refusal:
            self._fail(container, refusal.reason)
            raise
        settings = self._settings(container, latest)
        created: str | CRIError = yield from wait(
            lambda done: self._shared.runtime.create_container(self._sandbox_id, settings, done)
        )
        if isinstance(created, CRIError):
            self._fail(container, created.message)
            raise StartFailure("CreateContainerError", created.message)
        self._event(container, "Normal", "Created", f"Created container: {container['name']}")
        failure: CRIError | None = yield from wait(
            lambda done: self._shared.runtime.start_container(str(created), done)
        )
        if failure is not None:
            self._fail(container, str(failure))
            raise StartFailure("RunContainerError", str(failure), 0)
        self._event(container, "Normal", "Started", f"Started container {container['name']}")
        self._post_start(container, str(created))

    def _back_off(self, container: Container, latest: ContainerStatus) -> None:
        now, name = self._shared.process.now, container["name"]
        key = f"{self._pod['metadata']['uid']}_{name}"
        ended = latest.finished_at if latest.state is ContainerState.EXITED else now
        left = self._shared.backoff.remaining(key, ended, now)
        if left > 0:
            delay = go_duration(self._shared.backoff.delay(key))
            what = f"restarting failed container {name} in pod {full_name(self._pod)}"
            self._event(container, "Warning", "BackOff", f"Back-off {what}")
            message = f"back-off {delay} restarting failed container={name} pod={full_name(self._pod)}"
            raise StartFailure("CrashLoopBackOff", message, left)
        self._shared.backoff.next(key, ended, now)

    def _settings(self, container: Container, latest: ContainerStatus | None) -> ContainerConfig:
        shared, pod = self._shared, self._pod
        node = shared.node() or {}
        maker = EnvironmentMaker(pod, shared.fetch, node, self._ip, shared.machine.address)
        links = service_links(
            shared.services(),
            pod["metadata"]["namespace"],
            all_links=pod["spec"].get("enableServiceLinks", True),
        )
        try:
            env = maker.make(container, links)
        except ConfigError as error:
            self._fail(container, str(error))
            raise StartFailure("CreateContainerConfigError", str(error)) from None
        return ContainerConfig(
            name=container["name"],
            image=container["image"],
            attempt=0 if latest is None else latest.attempt + 1,
            command=tuple(expand(word, env) for word in container.get("command") or ()),
            args=tuple(expand(word, env) for word in container.get("args") or ()),
            env=env,
            working_directory=container.get("workingDir", ""),
            mounts=mounts_of(pod, container, self._volumes, self._ip, shared.config.cluster_dns),
            ports=tuple(port["containerPort"] for port in container.get("ports") or ()),
            labels={
                "io.kubernetes.container.name": container["name"],
                UID: pod["metadata"]["uid"],
                HASH: container_hash(container),
                **({RESOURCES: resources} if (resources := resources_hash(container)) else {}),
            },
        )

    def _post_start(self, container: Container, container_id: str) -> None:
        hook = (container.get("lifecycle") or {}).get("postStart")
        if not hook:
            return
        problem = run_hook(self._shared, container, container_id, self._sandbox_id, hook)[0]
        if problem:
            self._event(container, "Warning", "FailedPostStartHook", f"PostStartHook failed: {problem}")
            grace = self._pod["spec"].get("terminationGracePeriodSeconds", 30)
            self._event(container, "Normal", "Killing", "FailedPostStartHook")
            self._shared.runtime.stop_container(container_id, grace * 1_000_000_000)

    def _fail(self, container: Container, message: str) -> None:
        self._event(container, "Warning", "Failed", f"Error: {message}")

    def _event(self, container: Container, kind: str, reason: str, message: str) -> None:
        path = field_path(self._pod, container)
        self._shared.recorder.event(self._pod, kind, reason, message, field_path=path)


def run_hook(
    shared: Services, container: Container, container_id: str, sandbox_id: str, hook: Mapping[str, Any]
) -> tuple[str, int]:
    """Run a lifecycle hook: (what went wrong or "", how long it takes in nanoseconds)."""
    try:
        if (action := hook.get("exec")) is not None:
            result = shared.runtime.exec_sync(container_id, tuple(action["command"]))
            took = max(result.duration_ns, 0) if result.duration_ns >= 0 else 1 << 60
            return ("" if result.code == 0 else f"command exited with {result.code}: {result.stderr}", took)
        if (action := hook.get("httpGet")) is not None:
            port = port_number(container, action["port"])
            answer = shared.runtime.http_get(sandbox_id, port, action.get("path") or "/")
            return ("" if answer is not None and answer[0] < 400 else "request failed", 0)
        if (action := hook.get("sleep")) is not None:
            return "", int(action["seconds"]) * 1_000_000_000
    except CRIError as error:
        return error.message, 0
    return "", 0
