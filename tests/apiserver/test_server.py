"""The server's own pages, its start, and its death."""

from __future__ import annotations

import pytest
from apiserver.support import CONFIG_MAPS, DEPLOYMENTS, PODS, SERVICES, Api, config_map, deployment

from k8scourse.apiserver import Request, TracedApiServer
from k8scourse.sim import Process


def test_a_new_cluster_begins_with_four_namespaces_and_one_service(api: Api) -> None:
    names = [item["metadata"]["name"] for item in api.get("/api/v1/namespaces")["items"]]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    body = api.get(f"{SERVICES}/kubernetes")
    assert body["spec"]["ports"] == [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]
    slices = api.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")["items"]
    assert slices[0]["endpoints"][0]["addresses"] == ["10.0.0.10"]


def test_what_a_cluster_begins_with_comes_back(api: Api) -> None:
    api.delete(f"{SERVICES}/kubernetes")
    api.run(11)
    assert api.get(f"{SERVICES}/kubernetes")["spec"]["clusterIP"] == "10.96.0.1"


def test_a_server_waits_for_etcd(api: Api) -> None:
    api.stop_etcd()
    api.restart_server()
    assert "[-]etcd failed" in api.expect(500, "GET", "/readyz?verbose")
    api.start_etcd()
    api.run(2)
    assert api.get("/readyz?verbose").endswith("readyz check passed\n")


def test_a_crash_loses_nothing(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a", k="v"))
    api.post(DEPLOYMENTS, deployment("web", 3))
    before = [api.get("/api/v1/configmaps"), api.get(DEPLOYMENTS), api.get("/api/v1/namespaces")]
    api.restart_server()
    api.stop_etcd()
    api.start_etcd()
    assert [api.get("/api/v1/configmaps"), api.get(DEPLOYMENTS), api.get("/api/v1/namespaces")] == before


def test_two_servers_over_one_store_agree(api: Api) -> None:
    first = api.server
    api.start_server()
    second, api.server = api.server, first
    old = api.post(CONFIG_MAPS, config_map("a"))
    api.server = second
    seen = api.watch(CONFIG_MAPS)
    api.patch(f"{CONFIG_MAPS}/a", {"data": {"k": "v"}})
    api.server = first
    assert api.get(f"{CONFIG_MAPS}/a")["data"] == {"k": "v"}
    api.refused(409, "PUT", f"{CONFIG_MAPS}/a", old)
    api.delete(f"{CONFIG_MAPS}/a")
    assert [event for event, _ in seen.names] == ["ADDED", "MODIFIED", "DELETED"]


def test_old_revisions_are_compacted_after_five_to_ten_minutes(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    api.run(601)
    assert api.store.compact_revision >= 9


@pytest.mark.parametrize(
    "path", ["/nothing/here", "/apis/nope.example/v1/things", "/livez/nope", "/openapi/v4"]
)
def test_an_unknown_path_is_answered_in_plain_text(api: Api, path: str) -> None:
    assert api.expect(404, "GET", path) == "404 page not found\n"


@pytest.mark.parametrize(
    "path",
    ["/api/v1/gizmos", "/api/v2/pods", "/apis/apps/v1/pods", f"{PODS}/p/bogus", "/api/v1/namespaces/a/nodes"],
)
def test_an_unknown_resource_of_a_known_group_is_a_status(api: Api, path: str) -> None:
    assert api.refused(404, "GET", path) == "the server could not find the requested resource"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{CONFIG_MAPS}/a"),
        ("PUT", CONFIG_MAPS),
        ("PATCH", CONFIG_MAPS),
        ("DELETE", "/api/v1/namespaces"),
        ("DELETE", "/api/v1/services"),
        ("POST", "/api/v1/pods"),
        ("GET", f"{PODS}/p/binding"),
        ("DELETE", f"{PODS}/p/status"),
        ("BREW", CONFIG_MAPS),
    ],
)
def test_a_verb_that_a_path_does_not_know_is_405(api: Api, method: str, path: str) -> None:
    message = api.refused(405, method, path, {})
    assert message == "the server does not allow this method on the requested resource"


def test_discovery_names_what_is_served(api: Api) -> None:
    assert api.get("/api")["versions"] == ["v1"]
    groups = [group["name"] for group in api.get("/apis")["groups"]]
    assert groups[0] == "apps"
    assert {"batch", "networking.k8s.io", "rbac.authorization.k8s.io", "coordination.k8s.io"} <= set(groups)
    assert len(groups) == len(set(groups))
    core = {row["name"]: row for row in api.get("/api/v1")["resources"]}
    assert core["pods"]["shortNames"] == ["po"]
    assert core["configmaps"]["storageVersionHash"] == "qFsyl6wFWjQ="
    assert "pods/binding" in core
    assert core["pods/exec"]["kind"] == "PodExecOptions"
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert api.get("/apis", accept=accept)["items"][0]["metadata"]["name"] == "apps"


def test_too_much_is_refused(api: Api) -> None:
    message = api.refused(413, "POST", CONFIG_MAPS, "x" * 3_300_000)
    assert message == "Request entity too large: limit is 3145728"


def test_requests_and_commits_are_recorded_by_a_wrapper(api: Api) -> None:
    api.server.process.kill()
    process = Process(api.sim, "kube-apiserver", "control-plane-1")
    traced = TracedApiServer(process, api.find_etcd, {"admin": "kubernetes-admin"})
    traced.start()
    headers = {"Authorization": "Bearer admin", "User-Agent": "kubectl/v1.36"}
    body = config_map("a")
    traced.handle(Request("POST", CONFIG_MAPS, {}, headers, body, source="kubectl"))
    request, commit = api.sim.trace.records[-2:]
    assert (request.kind, request.source, request.target) == ("request", "kubectl", process.id)
    assert (request.subject, commit.subject) == ("configmaps/default/a", "/registry/configmaps/default/a")
    expected = {
        "verb": "create",
        "code": 201,
        "user": "kubernetes-admin",
        "agent": "kubectl/v1.36",
        "changed": True,
    }
    assert {key: request.detail[key] for key in expected} == expected
    assert (commit.kind, commit.detail["type"], commit.detail["revision"]) == (
        "commit",
        "PUT",
        api.store.revision,
    )
    traced.handle(Request("GET", f"{CONFIG_MAPS}/b", {}, headers))
    refused = api.sim.trace.records[-1].detail
    assert (refused["code"], refused["reason"], refused["message"]) == (
        404,
        "NotFound",
        'configmaps "b" not found',
    )
