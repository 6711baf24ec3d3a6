"""ReplicationControllers are ReplicaSets with an older face."""

from __future__ import annotations

from controllers.harness import World, bare_pod, template


def test_a_replication_controller_keeps_its_number_of_pods_and_adopts_orphans() -> None:
    world = World()
    world.run(6)
    world.client.create(bare_pod("alone", {"app": "web"}))
    spec = {"replicas": 3, "selector": {"app": "web"}, "template": template()}
    named = {"name": "rc", "namespace": "default"}
    kind = {"apiVersion": "v1", "kind": "ReplicationController"}
    world.client.create({**kind, "metadata": named, "spec": spec})
    world.run(5)
    pods = world.list("pods")
    assert 3 == len(pods)
    assert {"rc"} == {pod["metadata"]["ownerReferences"][0]["name"] for pod in pods}
    status = world.get("replicationcontrollers", "rc")["status"]
    assert 3 == status["readyReplicas"] == status["replicas"]
    assert "terminatingReplicas" not in status
    world.client.scale("replicationcontrollers", "rc", 1, "default")
    world.run(5)
    assert 1 == len(world.list("pods"))
