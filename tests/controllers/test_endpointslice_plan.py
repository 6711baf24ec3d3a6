"""Who is behind a Service, and how endpoints are packed into slices."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8scourse.controllers.endpointslice_plan import MAX_ENDPOINTS, Plan, plan

Object = dict[str, Any]


def service(**spec: Any) -> Object:
    base = {"selector": {"app": "web"}, "clusterIP": "10.96.0.7", "ports": [{"port": 80, "targetPort": 8080}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", "namespace": "default", "uid": "s-uid"},
        "spec": {**base, **spec},
    }


def pod(
    number: int, *, ready: bool = True, phase: str = "Running", ports: list[Object] | None = None
) -> Object:
    return {
        "metadata": {"name": f"p{number}", "namespace": "default", "uid": f"u{number:04}"},
        "spec": {"nodeName": "n1", "containers": [{"name": "c", "ports": ports or []}]},
        "status": {
            "phase": phase,
            "podIP": f"10.244.{number // 250}.{number % 250}",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def leaving(each: Object) -> Object:
    return {**each, "metadata": {**each["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}


class Store:
    """Applies plans, as the API server would."""

    def __init__(self) -> None:
        self.slices: dict[str, Object] = {}
        self.made = 0

    def apply(self, changes: Plan) -> None:
        for each in changes.create:
            self.made += 1
            name = f"s-{self.made}"
            self.slices[name] = {**each, "metadata": {**each["metadata"], "name": name, "uid": name}}
        for each in changes.update:
            assert each["metadata"]["name"] in self.slices
            self.slices[each["metadata"]["name"]] = each
        for each in changes.delete:
            del self.slices[each["metadata"]["name"]]

    def addresses(self) -> list[str]:
        found = [each for part in self.slices.values() for each in part["endpoints"] or []]
        return sorted(each["addresses"][0] for each in found)


def only_endpoint(pods: list[Object], **spec: Any) -> Object:
    (made,) = plan(service(**spec), pods, {}, []).create
    (endpoint,) = made["endpoints"]
    return dict(endpoint)


def test_a_ready_pod_is_ready_and_serving() -> None:
    expected = {"ready": True, "serving": True, "terminating": False}
    assert expected == only_endpoint([pod(1)])["conditions"]


def test_a_pod_on_its_way_out_serves_but_gets_no_new_guests() -> None:
    expected = {"ready": False, "serving": True, "terminating": True}
    assert expected == only_endpoint([leaving(pod(1))])["conditions"]


def test_a_service_may_publish_pods_that_are_not_ready() -> None:
    made = only_endpoint([pod(1, ready=False)], publishNotReadyAddresses=True)
    assert {"ready": True, "serving": False, "terminating": False} == made["conditions"]


def test_a_pod_that_has_ended_is_no_endpoint() -> None:
    (made,) = plan(service(), [pod(1, phase="Succeeded")], {}, []).create
    assert made["endpoints"] is None
    assert made["ports"] is None


def test_a_named_target_port_makes_one_slice_per_number_it_stands_for() -> None:
    web = {"name": "web", "port": 80, "targetPort": "http"}
    named = service(ports=[web, {"name": "fix", "port": 81, "targetPort": 7}])
    pods = [
        pod(1, ports=[{"name": "http", "containerPort": 8080}]),
        pod(2, ports=[{"name": "http", "containerPort": 9090}]),
        pod(3),
    ]
    numbers = [[port["port"] for port in each["ports"]] for each in plan(named, pods, {}, []).create]
    assert [[8080, 7], [9090, 7], [7]] == numbers


def test_a_headless_service_says_so_and_the_service_lends_its_labels() -> None:
    headless = service(clusterIP="None")
    headless["metadata"]["labels"] = {"own": "label"}
    (made,) = plan(headless, [], {}, []).create
    expected = {
        "own": "label",
        "service.kubernetes.io/headless": "",
        "kubernetes.io/service-name": "s",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert expected == made["metadata"]["labels"]


def test_a_node_lends_its_zone() -> None:
    node = {"metadata": {"name": "n1", "labels": {"topology.kubernetes.io/zone": "zone-a"}}}
    (made,) = plan(service(), [pod(1)], {"n1": node}, []).create
    assert "zone-a" == made["endpoints"][0]["zone"]


_CROWDS = st.lists(st.sets(st.integers(0, 330), max_size=330), min_size=1, max_size=6)


@given(crowds=_CROWDS)
def test_slices_always_hold_exactly_the_pods_and_a_second_look_changes_nothing(
    crowds: list[set[int]],
) -> None:
    store = Store()
    for crowd in crowds:
        pods = [pod(number) for number in sorted(crowd)]
        store.apply(plan(service(), pods, {}, list(store.slices.values())))
        assert sorted(each["status"]["podIP"] for each in pods) == store.addresses()
        assert all(len(each["endpoints"] or []) <= MAX_ENDPOINTS for each in store.slices.values())
        assert store.slices
        assert Plan([], [], []) == plan(service(), pods, {}, list(store.slices.values()))
