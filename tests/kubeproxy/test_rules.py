"""The rules are those that a node's kernel would hold."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest

from k8scourse.kubeproxy import Rules, Source, build_rules, walk
from k8scourse.kubeproxy.rules import chain_hash, probability
from k8scourse.kubeproxy.walk import Place


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    base = {"clusterIP": "10.96.0.7", "ports": [{"port": 80, "protocol": "TCP"}]}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {**base, **spec}}


def endpoint(address: str, node: str = "worker-1", **conditions: bool) -> dict[str, Any]:
    return {"addresses": [address], "nodeName": node, "conditions": {"ready": True, **conditions}}


def slice_of(*endpoints: dict[str, Any], port: int = 8080, name: str = "") -> dict[str, Any]:
    metadata = {"name": "web-x", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}}
    return {"metadata": metadata, "ports": [{"port": port, "name": name}], "endpoints": list(endpoints)}


class World:
    """Every 10.244.x.y is a Pod on worker-x that listens on 8080."""

    cut: tuple[str, ...] = ()

    def owner(self, address: str) -> Place | None:
        if address.startswith("10.0.0."):
            return Place(f"worker-{address[-1]}", f"worker-{address[-1]}")
        if address.startswith("10.244."):
            return Place(f"pod-{address}", f"worker-{address.split('.')[2]}")
        return None

    def connected(self, one: str, other: str) -> bool:
        return one not in self.cut and other not in self.cut

    def listens(self, address: str, port: int) -> bool:
        return port == 8080


CLIENT = Source("client", "worker-1", "10.244.1.9")
THREE = slice_of(*(endpoint(f"10.244.{n}.5", f"worker-{n}") for n in (1, 2, 3)))


def last(
    rules: Rules, destination: str = "10.96.0.7", port: int = 80, world: World | None = None
) -> tuple[str, str]:
    hop = walk(rules, CLIENT, destination, port, rng=random.Random(1), wires=world or World())[-1]
    return hop.what, hop.place


def test_chains_are_named_as_upstream_names_them() -> None:
    assert "NPX46M4PTMTKRN6Y" == chain_hash("default/kubernetes:https", "TCP")


def test_each_rule_takes_its_share_of_what_is_left() -> None:
    assert ["0.3333333333", "0.5000000000", "1.0000000000"] == [probability(i, 3) for i in range(3)]


def test_the_last_endpoints_rule_is_unconditional() -> None:
    lines = [
        line
        for line in build_rules([service()], [THREE], "worker-1").lines()
        if "KUBE-SVC" in line.split()[1]
    ]
    assert [True, True, False] == ["--probability" in line for line in lines]


def test_a_service_without_endpoints_rejects() -> None:
    rules = build_rules([service()], [slice_of()], "worker-1")
    assert "has no endpoints" in rules.lines()[0]
    assert "REJECT" in rules.lines()[0]
    assert ("rejected", "worker-1") == last(rules)


def test_an_endpoint_that_is_not_ready_gets_nothing() -> None:
    slices = [slice_of(endpoint("10.244.1.5", ready=False), endpoint("10.244.1.6"))]
    assert ["10.244.1.6"] == [
        each.address for each in build_rules([service()], slices, "n").services[0].endpoints
    ]


def test_when_none_is_ready_those_that_still_serve_while_terminating_do() -> None:
    slices = [slice_of(endpoint("10.244.1.5", ready=False, serving=True, terminating=True))]
    assert 1 == len(build_rules([service()], slices, "n").services[0].endpoints)


def test_headless_services_have_no_rules() -> None:
    assert () == build_rules([service(clusterIP="None")], [THREE], "worker-1").services


def test_a_named_port_takes_the_slices_port_of_that_name() -> None:
    ports = [
        {"name": "http", "port": 80, "protocol": "TCP"},
        {"name": "admin", "port": 81, "protocol": "TCP"},
    ]
    rules = build_rules([service(ports=ports)], [slice_of(endpoint("10.244.1.5"), name="http")], "worker-1")
    assert {"default/web:http": 1, "default/web:admin": 0} == {
        s.name: len(s.endpoints) for s in rules.services
    }


def test_internal_traffic_policy_local_keeps_to_the_own_node() -> None:
    rules = build_rules([service(internalTrafficPolicy="Local")], [THREE], "worker-2")
    assert ["10.244.2.5"] == [each.address for each in rules.services[0].endpoints]


def test_the_choice_is_by_chance_and_fair_not_round_robin() -> None:
    rules, rng, chosen = build_rules([service()], [THREE], "worker-1"), random.Random(3), list[str]()
    for _ in range(3000):
        chosen.append(walk(rules, CLIENT, "10.96.0.7", 80, rng=rng, wires=World())[-1].place)
    assert all(900 < count < 1100 for count in Counter(chosen).values())
    assert any(one == other for one, other in itertools.pairwise(chosen))


def test_session_affinity_keeps_a_client_at_its_endpoint() -> None:
    rules = build_rules([service(sessionAffinity="ClientIP")], [THREE], "worker-1")
    rng, memory = random.Random(3), dict[tuple[str, str], str]()
    places = {
        walk(rules, CLIENT, "10.96.0.7", 80, rng=rng, wires=World(), affinity=memory)[-1].place
        for _ in range(50)
    }
    assert 1 == len(places)


@pytest.mark.parametrize(
    ("destination", "port", "verdict"),
    [("10.244.2.5", 8080, "delivered"), ("10.244.2.5", 81, "refused"), ("10.96.9.9", 80, "no_owner")],
)
def test_a_packet_past_the_rules_goes_where_its_address_is(destination: str, port: int, verdict: str) -> None:
    assert verdict == last(Rules(), destination, port)[0]


def test_a_cut_node_swallows_packets() -> None:
    world = World()
    world.cut = ("worker-2",)
    assert ("no_way", "worker-1") == last(Rules(), "10.244.2.5", 8080, world)


def test_a_node_port_is_open_on_every_node() -> None:
    ports = [{"port": 80, "protocol": "TCP", "nodePort": 30080}]
    rules = build_rules([service(ports=ports)], [THREE], "worker-1")
    assert "delivered" == last(rules, "10.0.0.2", 30080)[0]


def test_a_name_is_asked_for_first() -> None:
    rules = build_rules([service()], [THREE], "worker-1")
    hops = walk(
        rules,
        CLIENT,
        "web",
        80,
        rng=random.Random(1),
        wires=World(),
        resolve=lambda name, namespace: "10.96.0.7",
    )
    assert ["resolved", "matched", "chose", "rewrote"] == [hop.what for hop in hops][:4]
    assert "unknown_name" == walk(rules, CLIENT, "ghost", 80, rng=random.Random(1), wires=World())[0].what
