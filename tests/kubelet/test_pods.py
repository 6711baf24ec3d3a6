"""A Pod's life on a node, as its status and Events tell it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from kubelet.cluster_of_one import NODE, ClusterOfOne, Object, pod, shell

from k8scourse.api.errors import BadRequest


@pytest.fixture
def cluster() -> ClusterOfOne:
    return ClusterOfOne()


def test_a_pod_is_pulled_created_started_and_ready(cluster: ClusterOfOne) -> None:
    cluster.apply(pod())
    cluster.run(1)
    assert cluster.pod()["status"]["phase"] == "Pending"
    assert cluster.container()["state"] == {"waiting": {"reason": "ContainerCreating"}}
    cluster.run(5)
    status = cluster.pod()["status"]
    assert (status["phase"], status["podIP"], status["hostIP"]) == ("Running", "10.244.1.2", "10.0.0.11")
    assert {one["type"]: one["status"] for one in status["conditions"]} == {
        "PodReadyToStartContainers": "True",
        "Initialized": "True",
        "Ready": "True",
        "ContainersReady": "True",
        "PodScheduled": "True",
    }
    size = cluster.containerd.image_status("nginx:1.27")
    assert size is not None
    assert cluster.events() == [
        ("Pulling", 'Pulling image "nginx:1.27"'),
        (
            "Pulled",
            'Successfully pulled image "nginx:1.27" in 2.04s (2.04s including waiting). '
            f"Image size: {size.size} bytes.",
        ),
        ("Created", "Created container: main"),
        ("Started", "Started container main"),
    ]


def test_pulls_of_one_node_wait_for_each_other(cluster: ClusterOfOne) -> None:
    cluster.apply(pod("nginx", "one"))
    cluster.apply(pod("redis", "two"))
    cluster.run(10)
    pulled = next(message for reason, message in cluster.events("two") if reason == "Pulled")
    assert pulled.startswith('Successfully pulled image "redis" in 1.5s (3.54s including waiting).')


def test_an_image_that_is_there_is_pulled_again_only_when_the_policy_says_so(cluster: ClusterOfOne) -> None:
    cluster.apply(pod("nginx:1.27", "one"))
    cluster.run(5)
    cluster.apply(pod("nginx:1.27", "two"))
    cluster.run(5)
    message = 'Container image "nginx:1.27" already present on machine and can be accessed by the pod'
    assert cluster.events("two")[0] == ("Pulled", message)
    cluster.apply(pod("busybox:1.28", "three", imagePullPolicy="Never"))
    cluster.run(2)
    assert cluster.container("three")["state"]["waiting"]["reason"] == "ErrImageNeverPull"


def test_a_bad_image_gives_errimagepull_then_imagepullbackoff(cluster: ClusterOfOne) -> None:
    cluster.apply(pod("nginx:does-not-exist"))
    cluster.run(1.5)
    waiting = cluster.container()["state"]["waiting"]
    assert waiting["reason"] == "ErrImagePull"
    assert waiting["message"].startswith("rpc error: code = NotFound desc = failed to pull and unpack image")
    cluster.run(1.5)
    assert cluster.container()["state"]["waiting"]["reason"] == "ImagePullBackOff"
    cluster.run(300)
    said = cluster.events()
    assert [("Failed", "Error: ErrImagePull"), ("Failed", "Error: ImagePullBackOff")] == [
        one for one in said if one[1].startswith("Error: ")
    ]
    assert ("BackOff", 'Back-off pulling image "nginx:does-not-exist"') in said
    reasons = [reason for reason, _ in said]
    assert reasons.count("Pulling") == 1  # one Event, counted up
    pulls = [one for one in cluster.sim.trace.records if one.detail.get("call") == "PullImage"]
    begins = [one.time // 10**9 for one in pulls if one.detail["outcome"] == "started"]
    gaps = [later - earlier for earlier, later in pairwise(begins)]
    assert [round(gap, -1) for gap in gaps] == [10, 20, 40, 80]


def test_a_name_that_is_no_image_name_is_invalid(cluster: ClusterOfOne) -> None:
    cluster.apply(pod("Nginx:latest"))
    cluster.run(2)
    waiting = cluster.container()["state"]["waiting"]
    assert waiting["reason"] == "InvalidImageName"
    assert "repository name must be lowercase" in waiting["message"]


def test_a_crashing_container_waits_10_20_40_seconds(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("exit 1"))
    cluster.run(200)
    starts = [
        one.time / 1e9 for one in cluster.sim.trace.records if one.detail.get("call") == "StartContainer"
    ]
    gaps = [round(later - earlier) for earlier, later in pairwise(starts)]
    assert gaps[0] <= 1
    assert gaps[1:] == [10, 20, 40, 80]
    container, uid = cluster.container(), cluster.pod()["metadata"]["uid"]
    assert container["restartCount"] == 5
    assert container["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 2m40s restarting failed container=main pod=web_default({uid})",
    }
    assert container["lastState"]["terminated"]["exitCode"] == 1
    assert cluster.pod()["status"]["phase"] == "Running"
    assert (
        "BackOff",
        f"Back-off restarting failed container main in pod web_default({uid})",
    ) in cluster.events()


def test_the_back_off_starts_anew_after_ten_good_minutes(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("sleep 700; exit 1"))
    cluster.run(1500)
    assert cluster.container()["restartCount"] == 2
    assert "running" in cluster.container()["state"]


@pytest.mark.parametrize(
    ("policy", "code", "phase", "restarts"),
    [
        ("Never", 0, "Succeeded", 0),
        ("Never", 3, "Failed", 0),
        ("OnFailure", 0, "Succeeded", 0),
        ("OnFailure", 3, "Running", 1),
        ("Always", 0, "Running", 1),
    ],
)
def test_the_restart_policy_decides(
    cluster: ClusterOfOne, policy: str, code: int, phase: str, restarts: int
) -> None:
    cluster.apply(shell(f"exit {code}", spec={"restartPolicy": policy}))
    cluster.run(10)
    assert cluster.pod()["status"]["phase"] == phase
    assert cluster.container()["restartCount"] == restarts
    if phase == "Succeeded":
        assert cluster.condition("Ready")["reason"] == "PodCompleted"
        assert cluster.container()["state"]["terminated"]["reason"] == "Completed"


def test_init_containers_run_one_after_another(cluster: ClusterOfOne) -> None:
    inits = [
        {"name": name, "image": "busybox", "command": ["sh", "-c", f"sleep 5; echo {name}"]}
        for name in ("a", "b")
    ]
    cluster.apply(pod(spec={"initContainers": inits}))
    cluster.run(5)
    assert cluster.condition("Initialized")["message"] == "containers with incomplete status: [a b]"
    assert cluster.container()["state"]["waiting"]["reason"] == "PodInitializing"
    cluster.run(4)
    assert cluster.condition("Initialized")["message"] == "containers with incomplete status: [b]"
    cluster.run(10)
    assert cluster.pod()["status"]["phase"] == "Running"
    assert cluster.condition("Initialized")["status"] == "True"
    assert cluster.log("a") == ["a"]


def test_a_failing_init_container_of_a_pod_that_never_restarts_fails_it(cluster: ClusterOfOne) -> None:
    init = {"name": "a", "image": "busybox", "command": ["false"]}
    cluster.apply(pod(spec={"initContainers": [init], "restartPolicy": "Never"}))
    cluster.run(10)
    assert cluster.pod()["status"]["phase"] == "Failed"
    assert cluster.container()["state"]["waiting"]["reason"] == "PodInitializing"


def test_a_sidecar_runs_beside_the_others(cluster: ClusterOfOne) -> None:
    sidecar = {"name": "side", "image": "busybox", "command": ["sleep", "9999"], "restartPolicy": "Always"}
    cluster.apply(shell("sleep 2", spec={"initContainers": [sidecar], "restartPolicy": "Never"}))
    cluster.run(3)
    assert "running" in cluster.pod()["status"]["initContainerStatuses"][0]["state"]
    assert cluster.pod()["status"]["phase"] == "Running"


def test_deleting_sends_sigterm_and_waits_for_the_program(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("trap 'sleep 5; exit 0' TERM; while true; do sleep 1; done"))
    cluster.run(5)
    cluster.client.delete("pods", "web", "default")
    cluster.run(3)
    assert cluster.pod()["metadata"]["deletionGracePeriodSeconds"] == 30
    assert "running" in cluster.container()["state"]
    cluster.run(6)
    assert not cluster.exists()
    assert cluster.containerd.list_pod_sandbox() == []
    assert ("Killing", "Stopping container main") in cluster.events()


def test_a_program_that_ignores_sigterm_is_killed_after_the_grace_period(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("sleep 9999", spec={"terminationGracePeriodSeconds": 7}))
    cluster.run(5)
    began = cluster.sim.now
    cluster.client.delete("pods", "web", "default")
    while cluster.exists():
        cluster.run(0.5)
    assert 7 <= (cluster.sim.now - began) / 1e9 <= 8.5


def test_a_second_delete_can_shorten_the_grace(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("sleep 9999"))
    cluster.run(5)
    cluster.client.delete("pods", "web", "default")
    cluster.run(2)
    cluster.client.delete("pods", "web", "default", grace_period_seconds=1)
    cluster.run(3)
    assert not cluster.exists()


def test_a_forced_delete_frees_the_name_at_once_and_the_node_soon_after(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("sleep 9999"))
    cluster.run(5)
    cluster.client.delete("pods", "web", "default", grace_period_seconds=0)
    assert not cluster.exists()
    cluster.apply(pod())
    cluster.run(40)
    assert cluster.pod()["status"]["phase"] == "Running"
    assert [one.config.uid for one in cluster.containerd.list_pod_sandbox()] == [
        cluster.pod()["metadata"]["uid"]
    ]


def test_a_pod_deleted_while_its_image_is_being_pulled_goes_at_once(cluster: ClusterOfOne) -> None:
    cluster.apply(pod("postgres:16"))
    cluster.run(1)
    cluster.client.delete("pods", "web", "default")
    cluster.run(1)
    assert not cluster.exists()
    cluster.run(10)
    assert cluster.containerd.list_pod_sandbox() == []


def test_a_deadline_ends_a_pod(cluster: ClusterOfOne) -> None:
    cluster.apply(shell("sleep 9999", spec={"activeDeadlineSeconds": 20, "terminationGracePeriodSeconds": 5}))
    cluster.run(40)
    status = cluster.pod()["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert "terminated" in cluster.container()["state"]


def test_hooks_run_after_the_start_and_before_the_end(cluster: ClusterOfOne) -> None:
    hooks = {
        "postStart": {"exec": {"command": ["sh", "-c", "echo hello > /tmp/started"]}},
        "preStop": {"exec": {"command": ["sh", "-c", "touch /data/stopped; sleep 4"]}},
    }
    volumes = {"volumes": [{"name": "data", "hostPath": {"path": "/srv"}}]}
    mounts = [{"name": "data", "mountPath": "/data"}]
    cluster.apply(pod(lifecycle=hooks, volumeMounts=mounts, spec=volumes))
    cluster.run(5)
    worker = next(iter(cluster.kubelet.workers.values()))
    container = worker._records().everything()[0]
    assert cluster.containerd.exec_sync(container.id, ("cat", "/tmp/started")).stdout == "hello\n"
    cluster.client.delete("pods", "web", "default")
    cluster.run(3)
    assert "running" in cluster.container()["state"]
    assert "stopped" in cluster.machine.files["hostPath:/srv"]
    cluster.run(4)
    assert not cluster.exists()


def test_without_a_range_of_addresses_only_the_host_network_runs() -> None:
    cluster = ClusterOfOne(cidr="")
    cluster.apply(pod(name="own"))
    cluster.apply(pod("httpd:2.4", "host", spec={"hostNetwork": True}))
    cluster.run(5)
    assert cluster.pod("host")["status"]["phase"] == "Running"
    assert cluster.pod("host")["status"]["podIP"] == "10.0.0.11"
    assert cluster.pod("own")["status"]["phase"] == "Pending"
    assert cluster.node_condition("Ready")["message"] == (
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
        "message:Network plugin returns error: cni plugin not initialized"
    )
    assert cluster.events("own")[0][0] == "NetworkNotReady"
    cluster.cidr = "10.244.7.0/24"
    cluster.register()
    cluster.run(10)
    assert cluster.pod("own")["status"]["podIP"] == "10.244.7.2"
    assert cluster.node_condition("Ready")["status"] == "True"
    assert ("NodeReady", f"Node {NODE} status is now: NodeReady") in cluster.events(NODE)


def test_logs_of_now_and_of_the_run_before(cluster: ClusterOfOne) -> None:
    cluster.apply(shell('echo "run at $(date +%s)"; sleep 3; exit 1'))
    cluster.run(6)
    now, before = cluster.log(), cluster.log(previous=True)
    assert len(now) == len(before) == 1
    assert now != before
    assert cluster.log(timestamps=True)[0].startswith("2026-01-01T00:00:")
    assert cluster.log(tail_lines=0) == []


def test_observed_values_reach_the_environment(cluster: ClusterOfOne) -> None:
    metadata = {"name": "settings", "namespace": "default"}
    cluster.client.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"color": "red", "size": "9"}}
    )
    env = [
        {"name": "GREETING", "value": "hello $(NAME) $$(NAME) $(UNKNOWN)"},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}},
    ]
    env.insert(0, {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    script = (
        "echo $GREETING $IP $COLOR $CPU $X_size $KUBERNETES_SERVICE_HOST; cat /etc/config/size; sleep 999"
    )
    cluster.apply(
        pod(
            "busybox",
            command=["sh", "-c", script],
            env=env,
            envFrom=[{"prefix": "X_", "configMapRef": {"name": "settings"}}],
            resources={"requests": {"cpu": "250m"}},
            volumeMounts=[{"name": "config", "mountPath": "/etc/config"}],
            spec={"volumes": [{"name": "config", "configMap": {"name": "settings"}}]},
        )
    )
    cluster.run(5)
    assert cluster.log() == ["hello web $(NAME) $(UNKNOWN) 10.244.1.2 red 250 9 10.96.0.1", "9"]


def test_a_missing_config_map_is_said_and_waited_for(cluster: ClusterOfOne) -> None:
    env = [{"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}}]
    cluster.apply(pod(env=env))
    cluster.run(5)
    waiting = cluster.container()["state"]["waiting"]
    assert waiting == {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
    metadata = {"name": "settings", "namespace": "default"}
    cluster.client.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"color": "red"}}
    )
    cluster.run(15)
    assert cluster.pod()["status"]["phase"] == "Running"


def test_a_missing_volume_source_keeps_the_pod_creating(cluster: ClusterOfOne) -> None:
    volumes = {"volumes": [{"name": "config", "configMap": {"name": "nowhere"}}]}
    cluster.apply(pod(spec=volumes, volumeMounts=[{"name": "config", "mountPath": "/etc/config"}]))
    cluster.run(5)
    assert cluster.container()["state"]["waiting"]["reason"] == "ContainerCreating"
    message = 'MountVolume.SetUp failed for volume "config" : configmap "nowhere" not found'
    assert ("FailedMount", message) in cluster.events()


def test_a_pod_that_has_ended_keeps_the_address_that_it_had() -> None:
    cluster = ClusterOfOne()
    cluster.apply(shell("sleep 2", spec={"restartPolicy": "Never"}))
    cluster.run(20)
    status = cluster.pod()["status"]
    assert (status["phase"], status["podIP"]) == ("Succeeded", "10.244.1.2")


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (pod("nginx:no-such-tag"), "trying and failing to pull image"),
        (
            pod(spec={"initContainers": [{"name": "wait", "image": "busybox", "command": ["sleep", "99"]}]}),
            "PodInitializing",
        ),
        (pod(envFrom=[{"configMapRef": {"name": "missing"}}]), "CreateContainerConfigError"),
    ],
)
def test_the_log_of_a_container_that_has_not_begun_says_what_it_waits_for(made: Object, why: str) -> None:
    cluster = ClusterOfOne()
    cluster.apply(made)
    cluster.run(8)
    with pytest.raises(BadRequest, match=f'container "main" in pod "web" is waiting to start: {why}'):
        cluster.log()
