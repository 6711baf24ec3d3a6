from __future__ import annotations

import pytest
from kubelet.cluster_of_one import ClusterOfOne, pod, shell


@pytest.fixture
def cluster() -> ClusterOfOne:
    return ClusterOfOne()


def http(path: str = "/", port: object = 80, **more: object) -> dict[str, object]:
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": 5, **more}


def test_a_pod_is_ready_when_its_readiness_probe_says_so(cluster: ClusterOfOne) -> None:
    cluster.apply(pod(readinessProbe=http(initialDelaySeconds=10)))
    cluster.run(6)
    assert cluster.pod()["status"]["phase"] == "Running"
    assert cluster.condition("Ready")["message"] == "containers with unready status: [main]"
    cluster.run(10)
    assert cluster.condition("Ready")["status"] == "True"
    assert '"GET / HTTP/1.1" 200' in cluster.log()[-1]
    assert '"kube-probe/1.36"' in cluster.log()[-1]


def test_a_failing_readiness_probe_makes_unready_without_a_restart(cluster: ClusterOfOne) -> None:
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "periodSeconds": 2, "failureThreshold": 2}
    cluster.apply(shell("touch /tmp/healthy; sleep 20; rm /tmp/healthy; sleep 9999", readinessProbe=probe))
    cluster.run(10)
    assert cluster.condition("Ready")["status"] == "True"
    cluster.run(20)
    assert cluster.condition("Ready")["reason"] == "ContainersNotReady"
    assert cluster.container()["restartCount"] == 0
    message = "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n"
    assert ("Unhealthy", message) in cluster.events()


def test_a_failing_liveness_probe_restarts_the_container(cluster: ClusterOfOne) -> None:
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    cluster.apply(shell(script, livenessProbe=probe, spec={"terminationGracePeriodSeconds": 3}))
    cluster.run(60)
    assert cluster.container()["restartCount"] == 1
    assert ("Killing", "Container main failed liveness probe, will be restarted") in cluster.events()
    assert cluster.container()["lastState"]["terminated"]["exitCode"] == 137


def test_a_startup_probe_holds_the_others_back(cluster: ClusterOfOne) -> None:
    startup = {"exec": {"command": ["test", "-f", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 30}
    liveness = {"exec": {"command": ["test", "-f", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 1}
    cluster.apply(shell("sleep 15; touch /tmp/up; sleep 999", startupProbe=startup, livenessProbe=liveness))
    cluster.run(10)
    assert (cluster.container()["started"], cluster.condition("Ready")["status"]) == (False, "False")
    cluster.run(12)
    assert (cluster.container()["started"], cluster.condition("Ready")["status"]) == (True, "True")
    assert cluster.container()["restartCount"] == 0


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        (http("/missing"), "Readiness probe failed: HTTP probe failed with statuscode: 404"),
        (
            http(port=8080),
            'Readiness probe failed: Get "http://10.244.1.2:8080/": dial tcp 10.244.1.2:8080: connect: '
            "connection refused",
        ),
        (
            {"tcpSocket": {"port": 81}},
            "Readiness probe failed: dial tcp 10.244.1.2:81: connect: connection refused",
        ),
        (
            {"exec": {"command": ["sleep", "5"]}},
            'Readiness probe failed: command timed out: "sleep 5" timed out after 1s',
        ),
    ],
)
def test_what_a_failed_probe_says(cluster: ClusterOfOne, probe: dict[str, object], message: str) -> None:
    cluster.apply(pod(readinessProbe=probe))
    cluster.run(20)
    assert ("Unhealthy", message) in cluster.events()


def test_a_port_may_be_named(cluster: ClusterOfOne) -> None:
    ports = [{"name": "web", "containerPort": 80}]
    cluster.apply(pod(ports=ports, readinessProbe={"tcpSocket": {"port": "web"}}))
    cluster.run(20)
    assert cluster.condition("Ready")["status"] == "True"


def test_the_documentations_liveness_image_fails_after_ten_seconds(cluster: ClusterOfOne) -> None:
    probe = http("/healthz", 8080, initialDelaySeconds=3)
    cluster.apply(pod("registry.k8s.io/e2e-test-images/agnhost:2.40", args=["liveness"], livenessProbe=probe))
    cluster.run(45)
    assert cluster.container()["restartCount"] >= 1
    assert ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500") in cluster.events()


@pytest.mark.parametrize("kind", ["readinessProbe", "startupProbe"])
def test_a_container_is_never_ready_before_its_probe_has_said_so(cluster: ClusterOfOne, kind: str) -> None:
    cluster.apply(pod(**{kind: http("/missing", failureThreshold=100)}))
    for _ in range(200):
        cluster.run(0.05)
        assert cluster.condition("Ready")["status"] == "False", cluster.sim.now
    assert "running" in cluster.container()["state"]


def test_a_container_that_failed_its_liveness_probe_is_killed_once_and_not_probed_any_more(
    cluster: ClusterOfOne,
) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 5, "failureThreshold": 2}
    cluster.apply(shell("sleep 9999", livenessProbe=probe))  # PID 1 does not hear SIGTERM: 30 s of grace
    cluster.run(35)
    rows = {one["reason"]: one.get("count", 1) for one in cluster.client.list("events")}
    assert (rows["Killing"], rows["Unhealthy"]) == (1, 2)
    cluster.run(15)
    assert cluster.container()["restartCount"] == 1


def test_a_kill_that_the_runtime_forgot_is_asked_for_again(cluster: ClusterOfOne) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 5, "failureThreshold": 1}
    cluster.apply(shell("sleep 9999", livenessProbe=probe))
    cluster.run(10)
    assert ("Killing", "Container main failed liveness probe, will be restarted") in cluster.events()
    cluster.containerd.process.kill()
    cluster.run(1)
    cluster.start_containerd()
    cluster.run(75)
    assert cluster.container()["restartCount"] == 1


def test_a_kubelet_that_comes_back_does_not_make_ready_pods_unready(cluster: ClusterOfOne) -> None:
    startup = {"exec": {"command": ["test", "-f", "/tmp/up"]}, "periodSeconds": 1, "failureThreshold": 30}
    script = "touch /tmp/up; sleep 20; rm /tmp/up; sleep 9999"
    cluster.apply(shell(script, startupProbe=startup, readinessProbe={"exec": {"command": ["true"]}}))
    cluster.run(40)
    since = cluster.condition("Ready")["lastTransitionTime"]
    cluster.kubelet.process.kill()
    cluster.run(5)
    cluster.start_kubelet()
    cluster.run(60)
    ready = cluster.condition("Ready")
    assert (ready["status"], ready["lastTransitionTime"]) == ("True", since)
    assert cluster.container()["restartCount"] == 0
