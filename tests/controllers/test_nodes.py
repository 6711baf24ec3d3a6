"""Nodes that fall silent, and what follows for the Pods on them. Times are upstream's: 50 s, then 300 s."""

from __future__ import annotations

from controllers.harness import World, bare_pod, condition_of, daemon_set, deployment, service, template

from k8scourse.api import metadata
from k8scourse.api.values import get_in

POD_CIDRS = ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"]


def taints(world: World, name: str) -> list[str]:
    found = get_in(world.get("nodes", name, ""), "spec.taints", [])
    return sorted(f"{each['key'].partition('/')[2] or each['key']}:{each['effect']}" for each in found)


def silence(world: World, name: str = "n1") -> None:
    world.hollow.silent.add(name)


def test_each_node_gets_a_range_of_addresses() -> None:
    world = World()
    world.run(2)
    assert POD_CIDRS == sorted(get_in(node, "spec.podCIDR") for node in world.client.list("nodes"))


def test_a_ready_node_loses_the_taint_it_was_born_with() -> None:
    world = World()
    world.run(2)
    assert [] == taints(world, "n1")


def test_after_fifty_seconds_of_silence_nobody_knows() -> None:
    world = World()
    world.client.create(bare_pod("a", nodeName="n1"))
    world.run(15)
    silence(world)
    world.run(44)
    assert "True" == condition_of(world.get("nodes", "n1", ""), "Ready")[0]
    world.run(16)
    expected = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    assert expected == condition_of(world.get("nodes", "n1", ""), "Ready")
    assert ["unreachable:NoExecute", "unreachable:NoSchedule"] == taints(world, "n1")
    assert "False" == condition_of(world.get("pods", "a"), "Ready")[0]
    assert ("NodeNotReady", "Node is not ready") in world.events("a")


def test_three_hundred_seconds_later_its_pods_are_marked_and_replaced() -> None:
    world = World()
    world.client.create(deployment(3))
    world.run(15)
    silence(world)
    world.run(340)
    assert 3 == len(world.list("pods"))
    world.run(40)
    leaving = [pod for pod in world.list("pods") if metadata.is_terminating(pod)]
    assert ["n1"] == [pod["spec"]["nodeName"] for pod in leaving]
    why = ("True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")
    assert why == condition_of(leaving[0], "DisruptionTarget")
    assert 4 == len(world.list("pods"))
    assert 3 == world.get("deployments", "web")["status"]["availableReplicas"]


def test_a_node_that_comes_back_in_time_keeps_its_pods() -> None:
    world = World()
    world.client.create(deployment(3))
    world.run(15)
    names = [pod["metadata"]["name"] for pod in world.list("pods")]
    silence(world)
    world.run(120)
    world.hollow.silent.clear()
    world.run(400)
    assert names == [pod["metadata"]["name"] for pod in world.list("pods")]
    assert [] == taints(world, "n1")
    cancelled = [message for reason, message in world.events() if reason == "TaintManagerEviction"]
    assert 1 == len(cancelled)
    assert 3 == world.get("deployments", "web")["status"]["availableReplicas"]
    assert cancelled[0].startswith("Cancelling deletion of Pod default/web-")


def test_when_all_nodes_are_silent_nobody_is_evicted() -> None:
    world = World()
    world.client.create(deployment(3))
    world.run(15)
    for name in ("n1", "n2", "n3"):
        silence(world, name)
    world.run(900)
    assert 3 == len(world.list("pods"))
    assert not any(metadata.is_terminating(pod) for pod in world.list("pods"))
    assert ["unreachable:NoSchedule"] == taints(world, "n2")


def test_nodes_are_emptied_one_in_ten_seconds() -> None:
    world = World(nodes=6)
    world.run(15)
    silence(world, "n1")
    silence(world, "n2")
    tainted: list[int] = []
    for _ in range(90):
        world.run(1)
        marked = sum("unreachable:NoExecute" in taints(world, name) for name in ("n1", "n2"))
        if marked > len(tainted):
            tainted.append(world.sim.now // 10**9)
    assert 2 == len(tainted)
    assert tainted[1] - tainted[0] >= 10


def test_no_execute_taints_send_pods_away_each_in_its_time() -> None:
    world = World()
    world.client.create(bare_pod("none", nodeName="n3"))
    tolerates = {"key": "g", "operator": "Exists", "effect": "NoExecute"}
    world.client.create(bare_pod("three", nodeName="n3", tolerations=[{**tolerates, "tolerationSeconds": 3}]))
    world.client.create(bare_pod("ever", nodeName="n3", tolerations=[tolerates]))
    world.run(2)
    world.patch("nodes", "n3", {"spec": {"taints": [{"key": "g", "effect": "NoExecute"}]}}, "")
    world.run(1.5)
    assert ["ever", "three"] == [pod["metadata"]["name"] for pod in world.list("pods")]
    world.run(3)
    assert ["ever"] == [pod["metadata"]["name"] for pod in world.list("pods")]
    assert [("TaintManagerEviction", "Marking for deletion Pod default/three")] == world.events("three")


def test_a_taint_that_goes_in_time_cancels_the_eviction() -> None:
    world = World()
    tolerates = {"key": "g", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    world.client.create(bare_pod("lucky", nodeName="n3", tolerations=[tolerates]))
    world.run(2)
    world.patch("nodes", "n3", {"spec": {"taints": [{"key": "g", "effect": "NoExecute"}]}}, "")
    world.run(2)
    world.patch("nodes", "n3", {"spec": {"taints": None}}, "")
    world.run(10)
    assert world.find("pods", "lucky") is not None
    assert [("TaintManagerEviction", "Cancelling deletion of Pod default/lucky")] == world.events("lucky")


def test_pods_of_a_deleted_node_are_removed_by_force() -> None:
    world = World()
    world.client.create(bare_pod("lost", nodeName="n1"))
    world.run(2)
    silence(world)
    world.client.delete("nodes", "n1")
    world.run(35)
    assert world.find("pods", "lost") is not None
    world.run(50)
    assert world.find("pods", "lost") is None


def test_a_daemon_set_runs_one_pod_on_each_node() -> None:
    world = World()
    world.client.create(daemon_set())
    world.run(5)
    assert ["n1", "n2", "n3"] == sorted(pod["spec"]["nodeName"] for pod in world.list("pods"))
    status = world.get("daemonsets", "agent")["status"]
    expected = {
        "currentNumberScheduled": 3,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 3,
        "numberReady": 3,
        "observedGeneration": 1,
        "updatedNumberScheduled": 3,
        "numberAvailable": 3,
    }
    assert expected == status


def test_a_daemon_set_rolls_one_node_after_the_other() -> None:
    world = World()
    world.client.create(daemon_set())
    world.run(5)
    world.patch("daemonsets", "agent", {"spec": {"template": template("nginx:2")}})
    fewest = 3
    for _ in range(200):
        world.run(0.1)
        ready = [pod for pod in world.list("pods") if condition_of(pod, "Ready")[0] == "True"]
        fewest = min(fewest, len([pod for pod in ready if not metadata.is_terminating(pod)]))
    assert 2 == fewest
    assert {"nginx:2"} == {pod["spec"]["containers"][0]["image"] for pod in world.list("pods")}
    assert 3 == world.get("daemonsets", "agent")["status"]["updatedNumberScheduled"]


def test_a_daemon_comes_to_a_new_node_and_leaves_one_that_is_not_selected_any_more() -> None:
    world = World()
    selecting = template()
    selecting["spec"]["nodeSelector"] = {"disk": "ssd"}
    world.client.create(daemon_set(template=selecting))
    world.run(3)
    assert [] == world.list("pods")
    world.patch("nodes", "n2", {"metadata": {"labels": {"disk": "ssd"}}}, "")
    world.run(3)
    assert ["n2"] == [pod["spec"]["nodeName"] for pod in world.list("pods")]
    world.patch("nodes", "n2", {"metadata": {"labels": {"disk": None}}}, "")
    world.run(3)
    assert [] == world.list("pods")


def test_daemons_of_a_silent_node_stay_and_count_as_misscheduled() -> None:
    world = World()
    world.client.create(daemon_set())
    world.run(15)
    silence(world)
    world.run(500)
    assert 3 == len([pod for pod in world.list("pods") if not metadata.is_terminating(pod)])
    status = world.get("daemonsets", "agent")["status"]
    assert (1, 2) == (status["numberMisscheduled"], status["desiredNumberScheduled"])


def test_endpoints_follow_the_pods_and_their_readiness() -> None:
    world = World()
    world.client.create(service())
    world.run(1)
    (empty,) = world.list("endpointslices", selector="kubernetes.io/service-name=s")
    assert empty.get("endpoints") is None
    world.client.create(deployment(3))
    world.run(10)
    (full,) = world.list("endpointslices", selector="kubernetes.io/service-name=s")
    assert empty["metadata"]["uid"] == full["metadata"]["uid"]
    assert 3 == sum(each["conditions"]["ready"] for each in full["endpoints"])
    silence(world, "n1")
    world.run(70)
    (after,) = world.list("endpointslices", selector="kubernetes.io/service-name=s")
    assert 2 == sum(each["conditions"]["ready"] for each in after["endpoints"])


def test_a_deleted_service_takes_its_slices_with_it() -> None:
    world = World()
    world.client.create(service())
    world.run(2)
    world.client.delete("services", "s", "default")
    world.run(3)
    assert [] == world.list("endpointslices", selector="kubernetes.io/service-name=s")


def test_an_outage_of_the_api_server_is_not_held_against_the_nodes() -> None:
    world = World()
    world.client.create(deployment(3))
    world.run(15)
    world.kill_server()
    world.run(120)
    world.start_server()
    world.run(200)
    assert [] == [message for reason, message in world.events() if reason == "NodeNotReady"]
    assert 3 == world.get("deployments", "web")["status"]["availableReplicas"]
