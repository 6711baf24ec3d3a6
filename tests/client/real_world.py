"""The real API server over the real etcd, with a client that the network can be cut from."""

from __future__ import annotations

from typing import Any

from k8scourse.apiserver import ApiServer
from k8scourse.client import Client, Informer, InformerFactory, Transport
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.sim import Process, Simulation

TOKENS = {"secret": "kubernetes-admin"}


class RealWorld:
    """etcd and an API server on a control plane, a client process on a worker."""

    def __init__(self) -> None:
        self.sim = Simulation()
        self.store = MvccStore()
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), self.store)
        self.start_server()
        self.process = Process(self.sim, "kubelet", "worker-1")
        self.client = self.client_for(self.process)
        self.run(1)

    def start_server(self) -> None:
        self.server_process = Process(self.sim, "kube-apiserver", "control-plane-1")
        self.server = ApiServer(self.server_process, lambda: self.etcd, tokens=TOKENS)
        self.server.start()
        self.direct = self.client_for(self.server_process)

    def crash_server(self) -> None:
        self.server_process.kill()

    def client_for(self, process: Process) -> Client:
        return Client(Transport(process, self.find_server, self.sim.network, token="secret"))

    def find_server(self) -> tuple[Process, ApiServer] | None:
        return (self.server_process, self.server) if self.server_process.alive else None

    def informer(self, resource: str = "configmaps", **selection: str) -> Informer:
        informers = InformerFactory(self.process, self.client)
        informer = informers.get(resource, "default", **selection)
        informers.start()
        return informer

    def run(self, seconds: float) -> None:
        self.sim.run(self.sim.now + round(seconds * 1_000_000_000))

    def stored(self) -> dict[str, Any]:
        return {
            f"default/{obj['metadata']['name']}": obj for obj in self.direct.list("configmaps", "default")
        }
