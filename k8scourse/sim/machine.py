"""A machine: a disk that survives, a kernel's memory that does not, and the processes that run on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .process import Process

if TYPE_CHECKING:
    from .kernel import Simulation


class Machine:
    """One computer of the cluster.

    `files` is the disk: path to content (text, a JSON value, or a durable object such as etcd's store);
    it survives a loss of power. `kernel` is what the operating system holds in memory (forwarding rules,
    containers): it outlives every single process and is gone with the power. `cpu` and `memory` are
    Kubernetes quantities, `pods` the most Pods its kubelet admits.
    """

    def __init__(
        self,
        sim: Simulation,
        name: str,
        *,
        address: str,
        cpu: str = "4",
        memory: str = "8Gi",
        pods: int = 110,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.sim = sim
        self.name = name
        self.address = address
        self.cpu = cpu
        self.memory = memory
        self.pods = pods
        self.labels = dict(labels or {})
        self.files: dict[str, Any] = {}
        self.kernel: dict[str, Any] = {}
        self.powered = True
        self.boots = 1
        self._processes: list[Process] = []

    def spawn(self, name: str) -> Process:
        """Start a process of that name here; the machine must be powered."""
        assert self.powered, f"{self.name} has no power"
        process = Process(self.sim, name, self.name)
        self._processes = [*(other for other in self._processes if other.alive), process]
        return process

    def power_off(self) -> None:
        """Pull the plug: every process dies without a word, the kernel's memory is lost."""
        self.powered = False
        processes, self._processes = self._processes, []
        for process in processes:
            process.kill(silent=True)
        self.kernel = {}

    def power_on(self) -> None:
        """Switch on again. What starts at boot is the composition root's business."""
        self.powered = True
        self.boots += 1
