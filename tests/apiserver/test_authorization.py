"""Who may do what."""

from __future__ import annotations

import pytest
from apiserver.support import CONFIG_MAPS, NODES, PODS, Api, config_map, node, pod

LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


def test_the_refusal_says_who_what_and_where(api: Api) -> None:
    assert api.refused(403, "GET", PODS, user="viewer") == (
        'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" in the namespace "default"'
    )
    assert api.refused(403, "GET", f"{NODES}/n", user="viewer") == (
        'nodes "n" is forbidden: User "viewer" cannot get resource "nodes" in API group "" at the cluster scope'
    )
    assert api.refused(403, "GET", "/metrics", user="viewer") == (
        'forbidden: User "viewer" cannot get path "/metrics"'
    )


def test_without_a_token_there_is_health_and_version_only(api: Api) -> None:
    assert api.get("/healthz", user="") == "ok"
    assert api.get("/version", user="")["minor"] == "36"
    api.refused(403, "GET", "/api", user="")
    api.refused(403, "GET", "/api/v1/gizmos", user="")
    assert api.refused(401, "GET", "/version", user="wrong") == "Unauthorized"


def test_a_kubelet_writes_its_own_node_lease_and_pods_only(api: Api) -> None:
    api.post(NODES, node("node-1"), user="node-1")
    api.refused(403, "POST", NODES, node("node-2"), user="node-1")
    api.post(LEASES, {"metadata": {"name": "node-1"}}, user="node-1")
    api.refused(403, "POST", LEASES, {"metadata": {"name": "node-2"}}, user="node-1")
    for name, node_name in (("mine", "node-1"), ("theirs", "node-2")):
        api.post(PODS, pod(name, nodeName=node_name))
    status = {"status": {"phase": "Running"}}
    api.patch(f"{PODS}/mine/status", status, user="node-1")
    api.refused(
        403,
        "PATCH",
        f"{PODS}/theirs/status",
        status,
        user="node-1",
        content_type="application/merge-patch+json",
    )
    api.refused(403, "PATCH", f"{PODS}/mine", {}, user="node-1", content_type="application/merge-patch+json")
    api.refused(403, "DELETE", f"{PODS}/theirs", user="node-1")
    api.delete(f"{PODS}/mine", user="node-1")
    api.refused(403, "POST", CONFIG_MAPS, config_map("a"), user="node-1")


@pytest.mark.parametrize(
    ("user", "method", "path", "code"),
    [
        ("scheduler", "GET", "/api/v1/pods", 200),
        ("scheduler", "POST", PODS, 403),
        ("scheduler", "GET", "/api/v1/secrets", 403),
        ("controllers", "GET", "/api/v1/secrets", 200),
        ("controllers", "GET", "/apis/apps/v1/deployments", 200),
        ("proxy", "GET", "/apis/discovery.k8s.io/v1/endpointslices", 200),
        ("proxy", "GET", "/api/v1/pods", 403),
        ("node-1", "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", 200),
        ("node-1", "GET", "/apis/apps/v1/deployments", 403),
    ],
)
def test_each_component_may_do_its_own_work(api: Api, user: str, method: str, path: str, code: int) -> None:
    assert api.send(method, path, user=user).code == code
