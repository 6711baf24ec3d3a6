from __future__ import annotations

from client.tiny_server import World

from k8scourse.api import kinds
from k8scourse.client.client import path_of


def last(world: World) -> tuple[str, str]:
    request = world.server.requests[-1]
    return request.method, request.path


def test_paths_are_spelled_as_kubernetes_spells_them() -> None:
    assert path_of(kinds.POD, "default", "web", "status") == "/api/v1/namespaces/default/pods/web/status"
    assert path_of(kinds.NODE, "", "worker-1") == "/api/v1/nodes/worker-1"
    assert path_of(kinds.NODE, "default", "worker-1") == "/api/v1/nodes/worker-1"
    assert path_of(kinds.DEPLOYMENT, "shop") == "/apis/apps/v1/namespaces/shop/deployments"
    assert path_of(kinds.DEPLOYMENT) == "/apis/apps/v1/deployments"


def test_bind_posts_a_binding() -> None:
    world = World()
    metadata = {"name": "web", "namespace": "shop", "uid": "u"}
    pod = world.client.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {}})
    world.client.bind(pod, "worker-1")
    assert last(world) == ("POST", "/api/v1/namespaces/shop/pods/web/binding")
    body = world.server.requests[-1].body
    assert body["target"] == {"kind": "Node", "name": "worker-1"}
    assert body["metadata"] == {"name": "web", "namespace": "shop", "uid": "u"}


def test_items_of_a_list_say_their_kind() -> None:
    world = World()
    world.client.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
    (node,) = world.client.list("nodes")
    assert (node["apiVersion"], node["kind"]) == ("v1", "Node")


def test_selectors_travel_in_the_query() -> None:
    world = World()
    world.client.list("pods", "shop", label_selector="app=web", field_selector="spec.nodeName=worker-1")
    query = world.server.requests[-1].query
    assert query == {"labelSelector": "app=web", "fieldSelector": "spec.nodeName=worker-1"}
