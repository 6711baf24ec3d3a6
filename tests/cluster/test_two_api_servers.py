"""A second API server behind a load balancer: who is served by whom, and what a death costs (a moment, no data)."""

from __future__ import annotations

import json
import os
import traceback
from typing import Any

import pytest
from cluster.stories import WEB, settle, shape

from k8scourse.apiserver import ApiServer, Request, Response, TracedApiServer, UserInfo
from k8scourse.cluster import Cluster, LearnerError
from k8scourse.cluster.etcd_link import EtcdLink
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.sim import Process, Simulation, seconds

FIRST, SECOND = "kube-apiserver@control-plane-1", "kube-apiserver@control-plane-2"
SERVICES = "/api/v1/namespaces/default/services"
MAPS = "/api/v1/namespaces/default/configmaps"


def two(workers: int = 1) -> Cluster:
    cluster = Cluster(workers=workers)
    cluster.add_api_server()
    return cluster


def served_by(cluster: Cluster, count: int = 4) -> list[str]:
    answers = [cluster.send("GET", MAPS) for _ in range(count)]
    return [answer.record.target if answer.record else "" for answer in answers]


def ready(cluster: Cluster) -> int:
    web = cluster.find("deployments", "web")
    assert web is not None
    return int(web["status"].get("readyReplicas", 0))


# --- joining --------------------------------------------------------------------------------------------------


def test_a_second_control_plane_node_joins_and_is_ready() -> None:
    cluster = two()
    nodes = cluster.kubectl("get nodes")
    assert "control-plane-2   Ready    control-plane" in nodes
    assert "kube-apiserver-control-plane-2" in cluster.kubectl("get pods -n kube-system")
    assert [machine.name for machine in cluster.machines()] == [
        "control-plane-1",
        "control-plane-2",
        "worker-1",
    ]
    assert {part.id for part in cluster.parts()} >= {
        "load-balancer",
        FIRST,
        SECOND,
        "kubelet@control-plane-2",
    }


def test_no_pod_of_a_learner_lands_on_the_new_node() -> None:
    cluster = two()
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    hosts = {
        pod["spec"]["nodeName"]
        for pod in cluster.objects("pods")
        if pod["metadata"]["namespace"] == "default"
    }
    assert hosts == {"worker-1"}


def test_new_connections_go_in_turn_to_both_servers() -> None:
    assert sorted(served_by(two())) == [FIRST, FIRST, SECOND, SECOND]


def test_clients_keep_the_connection_that_they_have() -> None:
    cluster = two()
    cluster.run(30)
    late = [
        each
        for each in cluster.trace.records
        if each.kind == "request" and each.time > cluster.now - seconds(20)
    ]
    assert {record.target for record in late if record.source == "kubelet@worker-1"} == {FIRST}
    assert (
        "17" in cluster.inspect("load-balancer")["backends"][0]
        or ", 1" in cluster.inspect("load-balancer")["backends"][0]
    )


def test_the_service_of_the_api_leads_to_both_and_in_the_end_only_to_who_is_there() -> None:
    cluster = two()

    def addresses() -> list[str]:
        found = cluster.find("endpointslices", "kubernetes")
        assert found is not None
        return [address for endpoint in found["endpoints"] for address in endpoint["addresses"]]

    assert addresses() == ["10.0.0.10", "10.0.0.9"]
    cluster.run(60)
    assert addresses() == ["10.0.0.10", "10.0.0.9"]
    cluster.power_off("control-plane-2")
    cluster.run(30)
    assert addresses() == ["10.0.0.10"]
    cluster.power_on("control-plane-2")
    cluster.run(40)
    assert addresses() == ["10.0.0.10", "10.0.0.9"]


def test_a_third_is_refused_with_a_sentence() -> None:
    cluster = two(workers=0)
    with pytest.raises(LearnerError) as error:
        cluster.add_api_server()
    assert error.value.key == "second_api_server"


# --- dying ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dead", "alive"), [(FIRST, SECOND), (SECOND, FIRST)])
def test_while_one_server_is_down_the_other_answers_and_nothing_is_lost(dead: str, alive: str) -> None:
    cluster = two()
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    cluster.stop(dead)
    cluster.run(5)
    assert set(served_by(cluster)) == {alive}
    assert cluster.kubectl("scale deployment web --replicas=5").ok
    cluster.run(20)
    assert ready(cluster) == 5
    cluster.restart(dead)
    cluster.run(20)
    assert set(served_by(cluster)) == {FIRST, SECOND}


def test_a_watch_of_a_dead_server_breaks_and_the_informers_go_on_with_the_other() -> None:
    cluster = two()
    cluster.send("GET", MAPS)
    listener = cluster.listen(MAPS)
    assert listener.open
    served = cluster.trace.records[-1].target
    cluster.stop(served)
    cluster.run(3)
    assert not listener.open
    cluster.apply(WEB)
    cluster.run(until="deployment/web available")
    assert ready(cluster) == 3


def test_without_the_load_balancer_nobody_reaches_either_until_it_is_back() -> None:
    cluster = two()
    cluster.stop("load-balancer")
    answer = cluster.send("GET", MAPS)
    assert (answer.code, "10.0.0.5:6443" in answer.message) == (0, True)
    cluster.restart("load-balancer")
    cluster.run(5)
    assert cluster.send("GET", MAPS).code == 200
    cluster.crash("load-balancer")
    cluster.run(5)
    assert cluster.send("GET", MAPS).code == 200


def test_a_server_that_is_cut_off_from_etcd_gets_no_clients() -> None:
    cluster = two()
    cluster.cut(SECOND, "etcd")
    cluster.run(10)
    assert set(served_by(cluster)) == {FIRST}
    cluster.heal()
    cluster.run(10)
    assert set(served_by(cluster)) == {FIRST, SECOND}


def test_a_fork_has_both_servers_and_the_same_connections() -> None:
    cluster = two()
    cluster.kubectl("get nodes")
    cluster.send("POST", MAPS, {"metadata": {"name": "a"}})
    cluster.crash(FIRST)
    cluster.kubectl("create configmap b --from-literal=k=v")
    cluster.run(5)
    twin = cluster.fork()
    assert twin.trace.digest() == cluster.trace.digest()
    assert served_by(twin) == served_by(cluster)


COMPONENTS = [FIRST, SECOND, "load-balancer", "etcd", "kubelet@control-plane-2", "containerd@control-plane-2"]


def start() -> Cluster:
    cluster = two(workers=2)
    cluster.apply(WEB)
    return cluster


@pytest.mark.parametrize("chunk", range(4))
def test_either_server_may_die_at_any_step(chunk: int) -> None:
    reference = start()
    settle(reference)
    expected = shape(reference)
    cluster, step, failures = start(), 0, list[str]()
    while len(cluster.steps) < len(reference.steps):
        if step % 4 == chunk:
            for component in COMPONENTS:
                failures += _in_a_child(cluster, component, step, expected)
        cluster.step()
        step += 1
    assert step > 20
    assert [] == failures


def _in_a_child(cluster: Cluster, component: str, step: int, expected: object) -> list[str]:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(_kill_and_compare(cluster, component, expected), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    problem = json.loads(text or '"the child died"')
    return [f"step {step} ({cluster.seconds:.3f} s), {component}: {problem}"] if problem else []


def _kill_and_compare(cluster: Cluster, component: str, expected: Any) -> str:
    try:
        cluster.crash(component)
        settle(cluster)
        cluster.run(seconds=60)
        found = shape(cluster)
    except BaseException:
        return traceback.format_exc()
    different = [key for key in found if found[key] != expected[key]]
    return str({key: (found[key], expected[key]) for key in different}) if different else ""


# --- two writers on one etcd ----------------------------------------------------------------------------------


class Pair:
    """Two API servers on two machines, one etcd."""

    def __init__(self) -> None:
        self.sim = Simulation()
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), MvccStore())
        tokens: dict[str, UserInfo | str] = {"admin": "kubernetes-admin"}
        self.servers = []
        for number in (1, 2):
            process = Process(self.sim, "kube-apiserver", f"control-plane-{number}")
            link = EtcdLink(process, self.sim.network, lambda: self.etcd)
            server = ApiServer(process, lambda link=link: link, tokens, address=f"10.0.0.{number}")  # type: ignore[misc]
            server.start()
            self.servers.append(server)
        self.run(1)

    def run(self, amount: float) -> None:
        self.sim.run(self.sim.now + seconds(amount))

    def send(self, number: int, method: str, path: str, body: object = None) -> Response:
        answer = self.servers[number].handle(
            Request(method, path, {}, {"Authorization": "Bearer admin"}, body)
        )
        assert isinstance(answer, Response)
        assert self.servers[number].panics == []
        return answer


def service(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}


def test_two_servers_never_give_the_same_address_or_port_twice() -> None:
    pair = Pair()
    made = [pair.send(n % 2, "POST", SERVICES, service(f"s{n}", type="NodePort")).body for n in range(40)]
    addresses = [each["spec"]["clusterIP"] for each in made]
    ports = [each["spec"]["ports"][0]["nodePort"] for each in made]
    assert len(set(addresses)) == len(set(ports)) == 40
    taken = pair.send(1, "POST", SERVICES, service("again", clusterIP=addresses[0]))
    assert (taken.code, "already allocated" in taken.body["message"]) == (422, True)
    pair.send(0, "DELETE", f"{SERVICES}/s0")
    assert pair.send(1, "POST", SERVICES, service("again", clusterIP=addresses[0])).code == 201


def test_a_server_that_was_cut_off_gives_no_address_that_the_other_gave_meanwhile() -> None:
    pair = Pair()
    pair.send(1, "POST", SERVICES, service("before"))
    pair.sim.network.cut("kube-apiserver@control-plane-2", "etcd@control-plane-1")
    given = pair.send(0, "POST", SERVICES, service("first")).body["spec"]["clusterIP"]
    assert pair.send(1, "POST", SERVICES, service("second")).code == 500
    pair.sim.network.heal("kube-apiserver@control-plane-2", "etcd@control-plane-1")
    made = pair.send(1, "POST", SERVICES, service("second"))
    assert made.code == 201
    assert made.body["spec"]["clusterIP"] != given


def test_what_one_server_stores_the_other_shows_and_watches_hear_of() -> None:
    pair = Pair()
    heard: list[str] = []
    watch = pair.servers[1].handle(
        Request("GET", MAPS, {"watch": "1", "resourceVersion": "0"}, {"Authorization": "Bearer admin"})
    )
    assert not isinstance(watch, Response)
    watch.connect(lambda event: heard.append(event["type"]), lambda: None)
    pair.send(0, "POST", MAPS, {"metadata": {"name": "a"}})
    assert pair.send(1, "GET", f"{MAPS}/a").code == 200
    stale = pair.send(1, "GET", f"{MAPS}/a").body
    pair.send(0, "PUT", f"{MAPS}/a", {**stale, "data": {"k": "1"}})
    assert pair.send(1, "PUT", f"{MAPS}/a", {**stale, "data": {"k": "2"}}).code == 409
    pair.send(1, "DELETE", f"{MAPS}/a")
    assert pair.send(0, "GET", f"{MAPS}/a").code == 404
    assert heard == ["ADDED", "MODIFIED", "DELETED"]


def test_a_custom_kind_that_one_server_accepts_both_serve_and_both_forget() -> None:
    pair = Pair()
    definition = {
        "metadata": {"name": "bowls.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "bowls", "singular": "bowl", "kind": "Bowl"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                    },
                }
            ],
        },
    }
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert pair.send(0, "POST", path, definition).code == 201
    pair.run(1)
    bowls = "/apis/example.com/v1/namespaces/default/bowls"
    bowl = {"apiVersion": "example.com/v1", "kind": "Bowl", "metadata": {"name": "a"}}
    assert pair.send(1, "POST", bowls, bowl).code == 201
    assert pair.send(0, "GET", f"{bowls}/a").code == 200
    assert pair.send(1, "DELETE", f"{path}/bowls.example.com").code == 200
    pair.run(1)
    assert [pair.send(n, "GET", bowls).code for n in (0, 1)] == [404, 404]


def test_nothing_a_server_answers_depends_on_which_one_it_is() -> None:
    cluster = two()
    assert [server.server.panics for _, server in cluster.world.running(TracedApiServer)] == [[], []]
    first, second = cluster.send("GET", "/api/v1/nodes"), cluster.send("GET", "/api/v1/nodes")
    assert first.record is not None
    assert second.record is not None
    assert first.record.target != second.record.target
    assert first.body == second.body
