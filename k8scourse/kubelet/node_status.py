"""The Node object: registration, and its status every ten seconds (posted on change, or every five minutes).

Upstream: `pkg/kubelet/kubelet_node_status.go`, `pkg/kubelet/nodestatus/setters.go`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from ..api import conditions, quantities
from ..api.errors import AlreadyExists, NotFound, StatusError
from ..api.times import format_time
from ..api.values import get_in
from ..client import Client, EventRecorder, Unreachable
from ..runtime import CRIError, RuntimeService
from ..sim import MILLISECOND, SECOND, Machine, Process
from .config import NODE_REPORT_NS, NODE_STATUS_NS, KubeletConfig, Object

REGISTER_RETRY_NS = 100 * MILLISECOND
REGISTER_RETRY_MAX_NS = 7 * SECOND
RUNTIME_GRACE_NS = 30 * SECOND
EVICTION_MEMORY = 100 * 1024 * 1024
DISK_BYTES = 100 * 1024**3
RUNTIME_VERSION = "containerd://2.1.4"
MOST_IMAGES = 50
_GOOD = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


class NodeStatus:
    """Registers this node and keeps its status true. `node()` gives the Node as last heard, once it is known."""

    def __init__(
        self,
        process: Process,
        client: Client,
        machine: Machine,
        runtime: RuntimeService,
        recorder: EventRecorder,
        config: KubeletConfig,
        node: Callable[[], Object | None],
    ) -> None:
        self._process, self._client, self._machine = process, client, machine
        self._runtime, self._recorder, self._config, self._node = runtime, recorder, config, node
        self._registered = False
        self._posted: Object | None = None
        self._posted_at = 0
        self._runtime_seen = process.now
        self._ready: str | None = None

    @property
    def reference(self) -> Object:
        """What Events about this node refer to: its uid is its name, as upstream."""
        name = self._machine.name
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name}}

    def start(self) -> None:
        """Register as soon as the API server answers, then report."""
        self._recorder.event(self.reference, "Normal", "Starting", "Starting kubelet.")
        self._register(REGISTER_RETRY_NS)

    def _register(self, retry_ns: int) -> None:
        try:
            self._try_to_register()
        except (StatusError, Unreachable):
            again = min(2 * retry_ns, REGISTER_RETRY_MAX_NS)
            self._process.after(retry_ns, self._register, again)
            return
        self._registered = True
        self._process.every(NODE_STATUS_NS, self.report)

    def _try_to_register(self) -> None:
        try:
            self._client.create(self._new_node())
        except AlreadyExists:
            self._reconcile_labels(self._client.get("nodes", self._machine.name))

    def _reconcile_labels(self, node: Object) -> None:
        wanted = self._labels()
        present = node["metadata"].get("labels") or {}
        if any(present.get(key) != text for key, text in wanted.items()):
            self._client.patch("nodes", self._machine.name, {"metadata": {"labels": wanted}})

    def report(self) -> None:
        """Compute the status; post it when it differs from what the API server has, or is old.

        The node is read anew each time (upstream `kubelet_node_status.go`, tryUpdateNodeStatus): others write
        into it too, above all the node controller when it has heard nothing for too long.
        """
        if not self._registered:
            return
        try:
            node = self._client.get("nodes", self._machine.name)
            status = self._status(node)
            self._announce(status)
            self._announce_boot(node["status"], status)
            if self._is_due(node["status"], status):
                self._client.patch("nodes", self._machine.name, {"status": status}, subresource="status")
                self._posted, self._posted_at = status, self._process.now
        except NotFound:
            self._registered = False
            self._register(REGISTER_RETRY_NS)
        except (StatusError, Unreachable):
            return

    def _is_due(self, stored: Object, status: Object) -> bool:
        if self._process.now - self._posted_at >= NODE_REPORT_NS or self._posted is None:
            return True
        # The API leaves an empty list out.
        return _stable({key: stored.get(key) or [] for key in status}) != _stable(status)

    def _announce(self, status: Object) -> None:
        """Events of conditions that changed."""
        first = self._ready is None
        ready = conditions.status({"status": status}, "Ready")
        if first:
            for _, reason, _ in _GOOD:
                self._node_event(reason.replace("Kubelet", "Node"))
        if ready != self._ready and not (first and ready == "False"):
            self._node_event("NodeReady" if ready == "True" else "NodeNotReady")
        self._ready = ready

    def _announce_boot(self, stored: Object, status: Object) -> None:
        """The machine has started anew since its node was last reported on."""
        before, now = (get_in(each, "nodeInfo.bootID", "") for each in (stored, status))
        if before and before != now:
            message = f"Node {self._machine.name} has been rebooted, boot id: {now}"
            self._recorder.event(self.reference, "Warning", "Rebooted", message)

    def _node_event(self, reason: str) -> None:
        message = f"Node {self._machine.name} status is now: {reason}"
        self._recorder.event(self.reference, "Normal", reason, message)

    def _labels(self) -> dict[str, str]:
        return {
            "beta.kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": self._machine.name,
            "kubernetes.io/os": "linux",
            **self._config.labels,
        }

    def _new_node(self) -> Object:
        spec: Object = (
            {"taints": [dict(taint) for taint in self._config.taints]} if self._config.taints else {}
        )
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self._machine.name,
                "labels": self._labels(),
                "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
            },
            "spec": spec,
            "status": self._status(None),
        }

    def _status(self, node: Object | None) -> Object:
        """The whole status; conditions keep the times of what was posted last."""
        machine = self._machine
        old = (node or {}).get("status") or self._posted or {}
        holder: Object = {"status": {"conditions": list(old.get("conditions") or ())}}
        beat = format_time(self._process.now)
        for kind, reason, message in _GOOD:
            row = {
                "type": kind,
                "status": "False",
                "reason": reason,
                "message": message,
                "lastHeartbeatTime": beat,
            }
            holder = conditions.with_condition(holder, row, self._process.now)
        holder = conditions.with_condition(
            holder, {**self._ready_condition(), "lastHeartbeatTime": beat}, self._process.now
        )
        return {
            "addresses": [
                {"type": "InternalIP", "address": machine.address},
                {"type": "Hostname", "address": machine.name},
            ],
            "capacity": _capacity(machine),
            "allocatable": _allocatable(machine),
            "conditions": holder["status"]["conditions"],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": self._images(),
            "nodeInfo": self._info(),
        }

    def _ready_condition(self) -> Object:
        problem = self._problem()
        if problem:
            return {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": problem}
        message = "kubelet is posting ready status"
        return {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": message}

    def _problem(self) -> str:
        now = self._process.now
        try:
            status = self._runtime.status()
        except CRIError:
            return "container runtime is down" if now - self._runtime_seen > RUNTIME_GRACE_NS else ""
        self._runtime_seen = now
        if status.network_ready:
            return ""
        return (
            "container runtime network not ready: NetworkReady=false "
            f"reason:{status.network_reason} message:{status.network_message}"
        )

    def _images(self) -> list[Object]:
        try:
            images = self._runtime.list_images()
        except CRIError:
            return list((self._posted or {}).get("images") or ())
        images.sort(key=lambda image: -image.size)
        return [{"names": [one.ref, one.image], "sizeBytes": one.size} for one in images[:MOST_IMAGES]]

    def _info(self) -> Object:
        name = self._machine.name
        identity = hashlib.sha256(name.encode()).hexdigest()[:32]
        boot = hashlib.sha256(f"{name}/{self._machine.boots}".encode()).hexdigest()
        return {
            "architecture": "amd64",
            "bootID": f"{boot[:8]}-{boot[8:12]}-{boot[12:16]}-{boot[16:20]}-{boot[20:32]}",
            "containerRuntimeVersion": RUNTIME_VERSION,
            "kernelVersion": "6.12.48",
            "kubeProxyVersion": "",
            "kubeletVersion": self._config.version,
            "machineID": identity,
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 13 (trixie)",
            "systemUUID": f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:32]}",
        }


def _capacity(machine: Machine) -> dict[str, str]:
    memory = quantities.integer(machine.memory) // 1024
    return {
        "cpu": quantities.canonical(machine.cpu),
        "ephemeral-storage": quantities.canonical(f"{DISK_BYTES // 1024}Ki"),
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": quantities.canonical(f"{memory}Ki"),
        "pods": str(machine.pods),
    }


def _allocatable(machine: Machine) -> dict[str, str]:
    """Capacity without what eviction keeps free: 100Mi of memory, a tenth of the disk."""
    memory = (quantities.integer(machine.memory) - EVICTION_MEMORY) // 1024
    left = {"ephemeral-storage": str(DISK_BYTES * 9 // 10), "memory": quantities.canonical(f"{memory}Ki")}
    return {**_capacity(machine), **left}


def _stable(status: Mapping[str, Any]) -> Object:
    """A status without its heartbeats: what counts as a change."""
    rows = [
        {key: text for key, text in row.items() if key != "lastHeartbeatTime"} for row in status["conditions"]
    ]
    return {**status, "conditions": rows}
