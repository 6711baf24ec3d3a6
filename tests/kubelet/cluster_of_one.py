"""A real API server, one node with a real kubelet and containerd, and a hand that plays scheduler."""

from __future__ import annotations

from typing import Any

from k8scourse.apiserver import ApiServer
from k8scourse.client import Client, Transport
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.kubelet import Kubelet, KubeletConfig
from k8scourse.runtime import Containerd, RuntimeSocket, TracedRuntime, record_exits
from k8scourse.sim import Machine, Process, Simulation, seconds

NODE = "worker-1"
Object = dict[str, Any]


class ClusterOfOne:
    """`apply` binds Pods to the node at once; `run(seconds)` lets time pass."""

    def __init__(
        self, *, static: Object | None = None, cidr: str = "10.244.1.0/24", serve: bool = True
    ) -> None:
        self.sim = Simulation()
        self.store = MvccStore()
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), self.store)
        self.server: tuple[Process, ApiServer] | None = None
        self.tokens: dict[str, Any] = {"admin": "kubernetes-admin", "node": f"system:node:{NODE}"}
        self.machine = Machine(self.sim, NODE, address="10.0.0.11")
        if static is not None:
            self.machine.files["/etc/kubernetes/manifests/static.yaml"] = static
        self.outside = Process(self.sim, "kubectl")
        self.client = self.client_of(self.outside, "admin")
        self.cidr = cidr
        if serve:
            self.start_server()
        self.start_containerd()
        self.start_kubelet()
        if serve:
            self.register()

    def client_of(self, process: Process, token: str) -> Client:
        return Client(Transport(process, lambda: self.server, self.sim.network, token=token))

    def start_server(self) -> None:
        process = Process(self.sim, "kube-apiserver", "control-plane-1")
        server = ApiServer(process, lambda: self.etcd, self.tokens)
        server.start()
        self.server = process, server
        names = [one["metadata"]["name"] for one in self.client.list("serviceaccounts", "default")]
        if "default" not in names:
            metadata = {"name": "default", "namespace": "default"}
            self.client.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})

    def stop_server(self) -> None:
        assert self.server is not None
        self.server[0].kill()
        self.server = None

    def start_containerd(self) -> None:
        witness = record_exits(self.sim.trace, self.machine)
        self.containerd = Containerd(self.machine.spawn("containerd"), self.machine, on_exit=witness)

    def start_kubelet(self) -> None:
        process = self.machine.spawn("kubelet")
        socket = RuntimeSocket(process, lambda: self.containerd)
        runtime = TracedRuntime(socket, self.sim.trace, process.id, f"containerd@{NODE}")
        self.kubelet = Kubelet(
            process, self.client_of(process, "node"), self.machine, runtime, KubeletConfig()
        )
        self.kubelet.start()

    def register(self) -> None:
        """Let the node appear and get its range, as the node IPAM controller would give it."""
        self.run(0.5)
        if self.cidr:
            patch = {"spec": {"podCIDR": self.cidr, "podCIDRs": [self.cidr], "taints": None}}
            self.client.patch("nodes", NODE, patch)
        self.run(0.5)

    def run(self, amount: float) -> None:
        self.sim.run(self.sim.now + seconds(amount))

    def apply(self, pod: Object) -> Object:
        return self.client.create({**pod, "spec": {**pod["spec"], "nodeName": NODE}})

    def pod(self, name: str = "web") -> Object:
        return self.client.get("pods", name, "default")

    def exists(self, name: str = "web") -> bool:
        return any(one["metadata"]["name"] == name for one in self.client.list("pods", "default"))

    def container(self, name: str = "web", index: int = 0) -> Object:
        found: Object = self.pod(name)["status"]["containerStatuses"][index]
        return found

    def condition(self, kind: str, name: str = "web") -> Object:
        return next(one for one in self.pod(name)["status"]["conditions"] if one["type"] == kind)

    def node(self) -> Object:
        return self.client.get("nodes", NODE)

    def node_condition(self, kind: str) -> Object:
        return next(one for one in self.node()["status"]["conditions"] if one["type"] == kind)

    def events(self, about: str = "web") -> list[tuple[str, str]]:
        """(reason, message) in the order of their first time."""
        found = [one for one in self.client.list("events") if one["involvedObject"]["name"] == about]
        found.sort(key=lambda one: int(one["metadata"]["name"].rsplit(".", 1)[1], 16))
        return [(one["reason"], one["message"]) for one in found]

    def calls(self, call: str) -> int:
        """How often the runtime was asked for something."""
        return sum(
            1 for one in self.sim.trace.records if one.kind == "container" and one.detail["call"] == call
        )

    def log(self, container: str = "main", name: str = "web", **options: Any) -> list[str]:
        return self.kubelet.logs("default", name, container, **options).splitlines()


def pod(
    image: str = "nginx:1.27", name: str = "web", *, spec: Object | None = None, **container: Any
) -> Object:
    """A Pod of one container called main, which `container` describes further."""
    main = {"name": "main", "image": image, **container}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [main], **(spec or {})},
    }


def shell(script: str, **more: Any) -> Object:
    """A busybox Pod that runs a script."""
    return pod("busybox:1.36", command=["sh", "-c", script], **more)
