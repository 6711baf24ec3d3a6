"""What a kubelet refuses, and what it does when a Pod's object changes."""

from __future__ import annotations

from kubelet.cluster_of_one import ClusterOfOne, pod


def test_a_pod_that_asks_for_more_than_is_left_is_refused() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod(name="first", resources={"requests": {"cpu": "3"}}))
    cluster.run(5)
    cluster.apply(pod(resources={"requests": {"cpu": "2"}}))
    cluster.run(2)
    why = "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000"
    status = cluster.pod()["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
    assert status["message"] == f"Pod was rejected: {why}"
    assert cluster.events() == [("OutOfcpu", why)]
    assert cluster.pod("first")["status"]["phase"] == "Running"


def test_a_pod_that_selects_other_nodes_is_refused() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod(spec={"nodeSelector": {"disk": "ssd"}}))
    cluster.run(2)
    assert cluster.pod()["status"]["reason"] == "NodeAffinity"


def test_a_refused_pod_can_be_deleted() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod(resources={"requests": {"cpu": "99"}}))
    cluster.run(2)
    cluster.client.delete("pods", "web", "default")
    cluster.run(2)
    assert not cluster.exists()


def test_a_new_image_replaces_the_container_and_keeps_the_pod() -> None:
    cluster = ClusterOfOne()
    cluster.apply(pod("nginx:1.27"))
    cluster.run(5)
    before = cluster.pod()
    patch = {"spec": {"containers": [{"name": "main", "image": "nginx:1.28"}]}}
    cluster.client.patch("pods", "web", patch, "default")
    cluster.run(10)
    after = cluster.pod()
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["status"]["podIP"] == before["status"]["podIP"]
    assert cluster.container()["image"] == "docker.io/library/nginx:1.28"
    assert cluster.container()["restartCount"] == 1
    assert ("Killing", "Container main definition changed, will be restarted") in cluster.events()


def test_the_documentations_job_prints_pi() -> None:
    cluster = ClusterOfOne()
    command = ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"]
    cluster.apply(pod("perl:5.34.0", command=command, spec={"restartPolicy": "Never"}))
    cluster.run(20)
    assert cluster.pod()["status"]["phase"] == "Succeeded"
    assert cluster.log()[0].startswith("3.14159265358979323846")
    assert len(cluster.log()[0]) == 2001
