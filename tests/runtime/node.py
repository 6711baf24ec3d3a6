"""A machine with a containerd, for the tests of this folder."""

from __future__ import annotations

from typing import Any

from k8scourse.runtime import (
    ContainerConfig,
    Containerd,
    CRIError,
    PodSandboxConfig,
    RuntimeSocket,
    record_exits,
)
from k8scourse.sim import Machine, Simulation, seconds


class Node:
    """A machine with a containerd, and a kubelet's way to it."""

    def __init__(self) -> None:
        self.sim = Simulation()
        self.machine = Machine(self.sim, "worker-1", address="10.0.0.21")
        self.daemon = self.start_daemon()
        kubelet = self.machine.spawn("kubelet")
        self.runtime = RuntimeSocket(kubelet, lambda: self.daemon)
        self.runtime.update_runtime_config("10.244.1.0/24")

    def start_daemon(self) -> Containerd:
        witness = record_exits(self.sim.trace, self.machine)
        self.daemon = Containerd(self.machine.spawn("containerd"), self.machine, on_exit=witness)
        return self.daemon

    def call(self, function: Any, *args: Any) -> Any:
        answers: list[Any] = []
        function(*args, answers.append)
        while not answers and self.sim.step():
            pass
        return answers[0]

    def sandbox(self, name: str = "web", **more: Any) -> str:
        return str(
            self.call(self.runtime.run_pod_sandbox, PodSandboxConfig(name, "default", f"uid-{name}", **more))
        )

    def container(self, sandbox: str, image: str, **more: Any) -> str:
        pod = PodSandboxConfig("web", "default", "uid")
        assert not isinstance(self.call(self.runtime.pull_image, image, pod), CRIError)
        created = self.call(self.runtime.create_container, sandbox, ContainerConfig("main", image, **more))
        self.started = self.call(self.runtime.start_container, created)
        return str(created)

    def run(self, amount: float) -> None:
        self.sim.run(self.sim.now + seconds(amount))

    def log(self, container: str) -> list[str]:
        return [line.text for line in self.runtime.container_log(container)]
