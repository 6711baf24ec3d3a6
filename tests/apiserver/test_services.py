"""Addresses of Services."""

from __future__ import annotations

from apiserver.support import SERVICES, Api, service


def node_port(name: str, *ports: dict[str, object]) -> dict[str, object]:
    return service(name, type="NodePort", ports=list(ports) or [{"port": 80}])


def test_each_service_gets_an_address_of_its_own_and_keeps_it(api: Api) -> None:
    addresses = [api.post(SERVICES, service(f"s{number}"))["spec"]["clusterIP"] for number in range(5)]
    assert len(set(addresses)) == 5
    body = api.put(f"{SERVICES}/s0", service("s0", selector={"a": "b"}))
    assert (body["spec"]["clusterIP"], body["spec"]["clusterIPs"]) == (addresses[0], [addresses[0]])


def test_addresses_are_free_again_after_deletion_and_remembered_after_a_restart(api: Api) -> None:
    first = api.post(SERVICES, service("a"))["spec"]["clusterIP"]
    second = api.post(SERVICES, service("b"))["spec"]["clusterIP"]
    api.delete(f"{SERVICES}/a")
    api.restart_server()
    assert api.post(SERVICES, service("c"))["spec"]["clusterIP"] == first
    assert api.post(SERVICES, service("d"))["spec"]["clusterIP"] not in (first, second)


def test_a_certain_address_may_be_asked_for_once(api: Api) -> None:
    assert api.get(f"{SERVICES}/kubernetes")["spec"]["clusterIP"] == "10.96.0.1"
    api.post(SERVICES, service("dns", clusterIP="10.96.0.10"))
    assert "provided IP is already allocated" in api.refused(
        422, "POST", SERVICES, service("other", clusterIP="10.96.0.10")
    )
    assert "does not match the current range" in api.refused(
        422, "POST", SERVICES, service("other", clusterIP="192.0.2.1")
    )


def test_node_ports_differ_within_and_between_services(api: Api) -> None:
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    first = api.post(SERVICES, node_port("a", *ports))["spec"]["ports"]
    second = api.post(SERVICES, node_port("b"))["spec"]["ports"]
    numbers = [port["nodePort"] for port in first + second]
    assert len(set(numbers)) == 3
    assert all(30000 <= number <= 32767 for number in numbers)


def test_node_ports_stay_until_the_type_changes(api: Api) -> None:
    port = api.post(SERVICES, node_port("a", {"port": 80, "nodePort": 30080}))["spec"]["ports"][0]
    assert api.put(f"{SERVICES}/a", node_port("a", {"port": 80}))["spec"]["ports"][0]["nodePort"] == 30080
    taken = api.refused(422, "POST", SERVICES, node_port("b", {"port": 80, "nodePort": 30080}))
    assert "provided port is already allocated" in taken
    body = api.put(f"{SERVICES}/a", service("a", ports=[port]))
    assert "nodePort" not in body["spec"]["ports"][0]
    api.post(SERVICES, node_port("b", {"port": 80, "nodePort": 30080}))


def test_tcp_and_udp_may_share_a_port(api: Api) -> None:
    ports = [{"name": p, "port": 53, "nodePort": 30053, "protocol": p.upper()} for p in ("tcp", "udp")]
    assert len(api.post(SERVICES, node_port("dns", *ports))["spec"]["ports"]) == 2


def test_headless_and_external_services_have_no_address(api: Api) -> None:
    assert api.post(SERVICES, service("h", clusterIP="None"))["spec"]["clusterIPs"] == ["None"]
    body = api.post(SERVICES, service("e", type="ExternalName", externalName="example.com"))
    assert "clusterIP" not in body["spec"]
