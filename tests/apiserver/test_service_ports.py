"""The port that nodes answer a load balancer's health checks on, and what a Service loses with its type."""

from __future__ import annotations

from apiserver.support import MERGE_PATCH, Api

PATH = "/api/v1/namespaces/default/services"
LOCAL = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]}


def test_a_local_load_balancer_has_a_health_check_port(api: Api) -> None:
    spec = api.post(PATH, {"metadata": {"name": "s"}, "spec": LOCAL})["spec"]
    assert 30000 <= spec["healthCheckNodePort"] <= 32767
    assert spec["healthCheckNodePort"] != spec["ports"][0]["nodePort"]


def test_the_health_check_port_stays_and_goes_with_its_reason(api: Api) -> None:
    port = api.post(PATH, {"metadata": {"name": "s"}, "spec": LOCAL})["spec"]["healthCheckNodePort"]
    change = {"spec": {"healthCheckNodePort": None, "sessionAffinity": "ClientIP"}}
    kept = api.send("PATCH", f"{PATH}/s", change, content_type=MERGE_PATCH).body
    assert kept["spec"]["healthCheckNodePort"] == port
    spread = {"spec": {"externalTrafficPolicy": "Cluster"}}
    gone = api.send("PATCH", f"{PATH}/s", spread, content_type=MERGE_PATCH).body
    assert "healthCheckNodePort" not in gone["spec"]


def test_a_service_that_becomes_internal_loses_what_made_it_external(api: Api) -> None:
    api.post(PATH, {"metadata": {"name": "s"}, "spec": LOCAL})
    plain = api.send("PATCH", f"{PATH}/s", {"spec": {"type": "ClusterIP"}}, content_type=MERGE_PATCH).body[
        "spec"
    ]
    for field in ("allocateLoadBalancerNodePorts", "externalTrafficPolicy", "healthCheckNodePort"):
        assert field not in plain
    assert "nodePort" not in plain["ports"][0]


def test_an_address_of_a_load_balancer_is_virtual_unless_it_says_more(api: Api) -> None:
    api.post(PATH, {"metadata": {"name": "s"}, "spec": LOCAL})
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "a.b"}]}}}
    stored = api.send("PATCH", f"{PATH}/s/status", status, content_type=MERGE_PATCH).body["status"]
    assert stored["loadBalancer"]["ingress"] == [{"ip": "192.0.2.1", "ipMode": "VIP"}, {"hostname": "a.b"}]
