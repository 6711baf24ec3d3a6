"""What goes on without the API server, the kubelet, the runtime, the power."""

from __future__ import annotations

from kubelet.cluster_of_one import NODE, ClusterOfOne, pod, shell

from k8scourse.api import times

STATIC = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "static", "namespace": "kube-system"},
    "spec": {"hostNetwork": True, "containers": [{"name": "main", "image": "nginx:1.27"}]},
}


def running(cluster: ClusterOfOne) -> list[str]:
    return [one.id for one in cluster.containerd.list_containers() if one.state.value == "running"]


def test_containers_restart_while_the_api_server_is_down() -> None:
    cluster = ClusterOfOne()
    cluster.apply(shell("sleep 20; exit 1"))
    cluster.run(5)
    cluster.stop_server()
    cluster.run(60)
    cluster.start_server()
    cluster.run(40)
    assert cluster.container()["restartCount"] >= 2


def test_a_restarted_kubelet_goes_on_with_what_runs() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    before, starts = running(cluster), cluster.calls("StartContainer")
    cluster.kubelet.process.kill()
    cluster.run(10)
    cluster.start_kubelet()
    cluster.run(20)
    assert running(cluster) == before
    assert cluster.calls("StartContainer") == starts
    assert cluster.container()["restartCount"] == 0


def test_a_kubelet_restarted_without_the_api_server_touches_nothing() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    before = running(cluster)
    cluster.stop_server()
    cluster.kubelet.process.kill()
    cluster.start_kubelet()
    cluster.run(60)
    assert running(cluster) == before


def test_a_pod_deleted_while_its_kubelet_was_away_ends_when_it_returns() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    cluster.kubelet.process.kill()
    cluster.client.delete("pods", "web", "default", grace_period_seconds=0)
    cluster.run(5)
    assert len(running(cluster)) == 1
    cluster.start_kubelet()
    cluster.run(5)
    assert running(cluster) == []


def test_after_a_loss_of_power_containers_start_anew() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    uid = cluster.pod()["metadata"]["uid"]
    cluster.machine.power_off()
    cluster.run(30)
    cluster.machine.power_on()
    cluster.start_containerd()
    cluster.start_kubelet()
    cluster.run(10)
    assert cluster.pod()["metadata"]["uid"] == uid
    assert cluster.container()["restartCount"] == 1
    assert cluster.container()["lastState"]["terminated"]["exitCode"] == 255
    assert cluster.condition("Ready")["status"] == "True"
    assert cluster.pod()["status"]["podIP"] == "10.244.1.3"
    assert cluster.pod()["status"]["podIPs"] == [{"ip": "10.244.1.3"}]
    assert ("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.") in cluster.events()


def test_a_machine_that_was_switched_off_says_once_that_it_has_been_rebooted() -> None:
    cluster = ClusterOfOne()
    cluster.kubelet.process.kill()
    cluster.run(5)
    cluster.start_kubelet()
    cluster.run(5)
    assert "Rebooted" not in [reason for reason, _ in cluster.events(NODE)]
    cluster.machine.power_off()
    cluster.machine.power_on()
    cluster.start_containerd()
    cluster.start_kubelet()
    cluster.run(60)
    boot = cluster.node()["status"]["nodeInfo"]["bootID"]
    told = [(reason, message) for reason, message in cluster.events(NODE) if reason == "Rebooted"]
    assert told == [("Rebooted", f"Node {NODE} has been rebooted, boot id: {boot}")]


def test_a_runtime_that_is_down_makes_the_node_unready_and_comes_back() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    cluster.containerd.process.kill()
    cluster.run(60)
    assert cluster.node_condition("Ready")["message"] == "container runtime is down"
    assert ("NodeNotReady", f"Node {NODE} status is now: NodeNotReady") in cluster.events(NODE)
    cluster.start_containerd()
    cluster.run(15)
    assert cluster.node_condition("Ready")["status"] == "True"
    assert cluster.container()["restartCount"] == 0


def test_a_static_pod_runs_before_there_is_an_api_server_and_is_mirrored_later() -> None:
    cluster = ClusterOfOne(static=STATIC, serve=False)
    cluster.run(10)
    assert len(running(cluster)) == 1
    cluster.start_server()
    cluster.run(20)
    mirror = cluster.client.get("pods", f"static-{NODE}", "kube-system")
    assert mirror["status"]["phase"] == "Running"
    assert mirror["metadata"]["annotations"]["kubernetes.io/config.source"] == "file"
    assert mirror["metadata"]["ownerReferences"][0]["kind"] == "Node"
    before = running(cluster)
    cluster.client.delete("pods", f"static-{NODE}", "kube-system", grace_period_seconds=0)
    cluster.run(5)
    again = cluster.client.get("pods", f"static-{NODE}", "kube-system")
    assert again["metadata"]["uid"] != mirror["metadata"]["uid"]
    assert running(cluster) == before
    assert again["status"]["phase"] == "Running"


def test_a_retry_on_demand_skips_the_back_off() -> None:
    cluster = ClusterOfOne()
    cluster.apply(shell("exit 1"))
    cluster.run(60)
    assert cluster.container()["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    starts = cluster.calls("StartContainer")
    cluster.kubelet.retry_now("web")
    cluster.run(0.5)
    assert cluster.calls("StartContainer") == starts + 1
    assert cluster.kubelet.inspect() == {"pods": ["default/web Running"]}


def test_a_manifest_taken_away_ends_its_pod_and_its_mirror() -> None:
    cluster = ClusterOfOne(static=STATIC)
    cluster.run(10)
    del cluster.machine.files["/etc/kubernetes/manifests/static.yaml"]
    cluster.run(10)
    assert running(cluster) == []
    assert cluster.client.list("pods", "kube-system") == []


def test_a_changed_manifest_replaces_the_pod_after_it_has_ended() -> None:
    cluster = ClusterOfOne(static=STATIC)
    cluster.run(10)
    container = {"name": "main", "image": "nginx:1.28"}
    cluster.machine.files["/etc/kubernetes/manifests/static.yaml"] = {
        **STATIC,
        "spec": {**STATIC["spec"], "containers": [container]},  # type: ignore[dict-item]
    }
    cluster.run(20)
    mirror = cluster.client.get("pods", f"static-{NODE}", "kube-system")
    assert mirror["spec"]["containers"][0]["image"] == "nginx:1.28"
    assert mirror["status"]["phase"] == "Running"
    assert len(running(cluster)) == 1


def test_the_lease_is_renewed_every_ten_seconds() -> None:
    cluster = ClusterOfOne()
    cluster.run(35)
    lease = cluster.client.get("leases", NODE, "kube-node-lease")
    age = cluster.sim.now - times.parse_time(lease["spec"]["renewTime"])
    assert age <= 10 * 10**9
    assert (lease["spec"]["leaseDurationSeconds"], lease["spec"]["holderIdentity"]) == (40, NODE)


def test_an_idle_nodes_status_is_posted_every_five_minutes() -> None:
    cluster = ClusterOfOne()
    cluster.run(30)
    before = cluster.node()["metadata"]["resourceVersion"]
    cluster.run(120)
    assert cluster.node()["metadata"]["resourceVersion"] == before
    cluster.run(300)
    assert cluster.node()["metadata"]["resourceVersion"] != before


def test_a_node_tells_what_it_has() -> None:
    cluster = ClusterOfOne()
    status = cluster.node()["status"]
    assert status["capacity"]["memory"] == "8Gi"
    assert status["allocatable"]["memory"] == "8092Mi"
    assert status["nodeInfo"]["kubeletVersion"] == "v1.36.2"
    assert status["addresses"][0] == {"type": "InternalIP", "address": "10.0.0.11"}
    assert cluster.node()["metadata"]["labels"]["kubernetes.io/hostname"] == NODE


def test_the_state_that_others_overwrote_is_reported_again() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod())
    cluster.run(5)
    row = {**cluster.condition("Ready"), "status": "False"}
    cluster.client.patch("pods", "web", {"status": {"conditions": [row]}}, "default", subresource="status")
    cluster.run(1)
    assert cluster.condition("Ready")["status"] == "True"
