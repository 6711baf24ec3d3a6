"""kube-proxy's loop and CoreDNS, against a real API server."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse.apiserver import ApiServer
from k8scourse.client import Client, Transport
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.kubeproxy import CoreDNS, KernelRules, KubeProxy, TracedRules
from k8scourse.sim import Machine, Process, Simulation, seconds

Object = dict[str, Any]


class Cluster:
    def __init__(self) -> None:
        self.sim = Simulation()
        etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), MvccStore())
        self.process = Process(self.sim, "kube-apiserver", "control-plane-1")
        self.server: ApiServer | None = ApiServer(self.process, lambda: etcd, {"admin": "kubernetes-admin"})
        self.server.start()
        self.machine = Machine(self.sim, "worker-1", address="10.0.0.11")
        self.client = self.client_of(Process(self.sim, "kubectl"))
        self.start_proxy()
        self.run(2)

    def client_of(self, process: Process) -> Client:
        def find() -> Any:
            return (self.process, self.server) if self.process.alive else None

        return Client(Transport(process, find, self.sim.network, token="admin"))

    def start_proxy(self) -> None:
        process = self.machine.spawn("kube-proxy")
        told: dict[str, Any] = {}
        table = TracedRules(KernelRules(self.machine), self.sim.trace, process.id, "worker-1", told)
        self.proxy = KubeProxy(process, self.client_of(process), table)
        self.proxy.start()

    def run(self, amount: float) -> None:
        self.sim.run(self.sim.now + seconds(amount))

    def service(self, name: str, **spec: Any) -> Object:
        body = {"selector": {"app": name}, "ports": [{"port": 80}], **spec}
        metadata = {"name": name, "namespace": "default"}
        return self.client.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": body})

    def slice(self, service: str, *addresses: str) -> None:
        labels = {"kubernetes.io/service-name": service}
        self.client.create(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": f"{service}-1", "namespace": "default", "labels": labels},
                "addressType": "IPv4",
                "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
                "endpoints": [
                    {"addresses": [address], "conditions": {"ready": True}, "hostname": f"pod-{number}"}
                    for number, address in enumerate(addresses)
                ],
            }
        )

    def endpoints(self, name: str = "default/web") -> list[str]:
        services = KernelRules(self.machine).read().services
        return [each.address for one in services if one.name == name for each in one.endpoints]

    def writes(self) -> list[float]:
        return [one.time / 1e9 for one in self.sim.trace.records if one.kind == "rules"]


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_rules_follow_the_endpoints(cluster: Cluster) -> None:
    cluster.service("web")
    cluster.slice("web", "10.244.1.2", "10.244.2.2")
    cluster.run(2)
    assert cluster.endpoints() == ["10.244.1.2", "10.244.2.2"]
    cluster.client.delete("endpointslices", "web-1", "default")
    cluster.run(2)
    assert cluster.endpoints() == []
    assert "has no endpoints" in "\n".join(KernelRules(cluster.machine).read().lines())


def test_many_changes_within_a_second_are_one_write(cluster: Cluster) -> None:
    cluster.service("web")
    cluster.run(2)
    before = len(cluster.writes())
    for number in range(5):
        cluster.service(f"web-{number}")
        cluster.run(0.02)
    cluster.run(3)
    assert len(cluster.writes()) - before <= 2


def test_rules_outlive_the_proxy_and_a_new_one_catches_up(cluster: Cluster) -> None:
    cluster.service("web")
    cluster.slice("web", "10.244.1.2")
    cluster.run(2)
    cluster.proxy.process.kill()
    cluster.service("late")
    cluster.run(5)
    assert cluster.endpoints() == ["10.244.1.2"]
    assert "default/late" not in [one.name for one in KernelRules(cluster.machine).read().services]
    cluster.start_proxy()
    cluster.run(2)
    assert "default/late" in [one.name for one in KernelRules(cluster.machine).read().services]


def test_a_proxy_that_starts_without_the_api_server_leaves_the_rules_alone(cluster: Cluster) -> None:
    cluster.service("web")
    cluster.slice("web", "10.244.1.2")
    cluster.run(2)
    cluster.process.kill()
    cluster.proxy.process.kill()
    cluster.start_proxy()
    cluster.run(60)
    assert cluster.endpoints() == ["10.244.1.2"]


def test_a_loss_of_power_takes_the_rules(cluster: Cluster) -> None:
    cluster.service("web")
    cluster.run(2)
    cluster.machine.power_off()
    cluster.machine.power_on()
    assert KernelRules(cluster.machine).read().services == ()
    cluster.start_proxy()
    cluster.run(2)
    assert "default/web" in [one.name for one in KernelRules(cluster.machine).read().services]


def test_names_of_services_resolve_to_their_address(cluster: Cluster) -> None:
    address = cluster.service("web")["spec"]["clusterIP"]
    process = Process(cluster.sim, "coredns/one", "worker-1")
    dns = CoreDNS(process, cluster.client_of(process))
    assert not dns.ready
    dns.start()
    cluster.run(1)
    assert dns.ready
    assert dns.resolve("web.default.svc.cluster.local") == [address]
    assert dns.resolve("kubernetes.default.svc.cluster.local.") == ["10.96.0.1"]
    assert dns.resolve("web.other.svc.cluster.local") == []
    assert [dns.lookup(name, "default") for name in ("web", "web.default", "web.default.svc", "ghost")] == [
        address,
        address,
        address,
        None,
    ]
    assert dns.lookup("web", "other") is None


def test_a_headless_services_name_gives_its_pods(cluster: Cluster) -> None:
    cluster.service("db", clusterIP="None")
    cluster.slice("db", "10.244.2.9", "10.244.1.9")
    process = Process(cluster.sim, "coredns/one", "worker-1")
    dns = CoreDNS(process, cluster.client_of(process))
    dns.start()
    cluster.run(1)
    assert dns.resolve("db.default.svc.cluster.local") == ["10.244.1.9", "10.244.2.9"]
    assert dns.resolve("pod-0.db.default.svc.cluster.local") == ["10.244.2.9"]


def test_an_external_name_is_an_alias(cluster: Cluster) -> None:
    address = cluster.service("web")["spec"]["clusterIP"]
    alias = {"type": "ExternalName", "ports": None, "selector": None}
    cluster.service("front", **alias, externalName="web.default.svc.cluster.local")
    cluster.service("outside", **alias, externalName="example.com")
    cluster.service("ring", **alias, externalName="ring.default.svc.cluster.local")
    process = Process(cluster.sim, "coredns/one", "worker-1")
    dns = CoreDNS(process, cluster.client_of(process))
    dns.start()
    cluster.run(1)
    assert [dns.lookup(name, "default") for name in ("front", "outside", "ring")] == [address, None, None]
