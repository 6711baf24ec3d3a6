"""Containers: how they start, end, outlive the daemon, and what the power takes with it."""

from __future__ import annotations

from typing import Any

import pytest
from runtime.node import Node

from k8scourse.runtime import (
    Containerd,
    ContainerState,
    CRIError,
    PodSandboxConfig,
    TracedRuntime,
    Unavailable,
)
from k8scourse.sim import seconds


def test_nginx_listens_on_port_80_and_logs_what_it_served(node: Node) -> None:
    sandbox = node.sandbox()
    container = node.container(sandbox, "nginx:1.27")
    assert node.runtime.http_get(sandbox, 80, "/") is None
    node.run(1)
    answer = node.runtime.http_get(sandbox, 80, "/")
    assert answer is not None
    assert answer[0] == 200
    assert node.runtime.http_get(sandbox, 80, "/nowhere") == (404, "<h1>404 Not Found</h1>\n")
    assert '"GET /nowhere HTTP/1.1" 404' in node.log(container)[-1]


def test_a_container_survives_the_crash_of_the_daemon(node: Node) -> None:
    sandbox = node.sandbox()
    container = node.container(sandbox, "nginx")
    node.daemon.process.kill()
    with pytest.raises(Unavailable):
        node.runtime.list_containers()
    node.run(5)
    node.start_daemon()
    status = node.runtime.container_status(container)
    assert status is not None
    assert status.state is ContainerState.RUNNING
    assert node.runtime.can_connect(sandbox, 80)


def test_an_exit_while_the_daemon_is_down_is_on_record_when_it_returns(node: Node) -> None:
    container = node.container(node.sandbox(), "busybox", command=("sh", "-c", "sleep 3; exit 4"))
    node.daemon.process.kill()
    node.run(5)
    node.start_daemon()
    status = node.runtime.container_status(container)
    assert status is not None
    assert (status.state, status.exit_code, status.reason) == (ContainerState.EXITED, 4, "Error")


def test_a_loss_of_power_leaves_exit_code_255_of_reason_unknown(node: Node) -> None:
    sandbox = node.sandbox()
    container = node.container(sandbox, "nginx")
    node.machine.power_off()
    node.machine.power_on()
    node.start_daemon()
    status = node.runtime.container_status(container)
    assert status is not None
    assert (status.state, status.exit_code, status.reason) == (ContainerState.EXITED, 255, "Unknown")
    assert [one.ready for one in node.runtime.list_pod_sandbox()] == [False]
    assert not [record for record in node.sim.trace.records if record.kind == "exit"]


def test_a_pull_that_the_daemon_does_not_live_to_end_is_answered_unavailable(node: Node) -> None:
    answers: list[Any] = []
    node.runtime.pull_image("postgres:17", PodSandboxConfig("db", "default", "u"), answers.append)
    node.daemon.process.kill()
    assert [type(answer) for answer in answers] == [Unavailable]


def test_pod_addresses_are_unique_and_used_again_only_after_a_whole_round(node: Node) -> None:
    first, second = node.sandbox("one"), node.sandbox("two")
    ips = {one.id: one.ip for one in node.runtime.list_pod_sandbox()}
    assert (ips[first], ips[second]) == ("10.244.1.2", "10.244.1.3")
    node.runtime.remove_pod_sandbox(first)
    third = node.sandbox("three")
    assert {one.id: one.ip for one in node.runtime.list_pod_sandbox()}[third] == "10.244.1.4"


def test_a_full_range_gives_no_address_until_one_is_released(node: Node) -> None:
    node.runtime.update_runtime_config("10.244.9.0/29")
    made = [node.sandbox(f"pod-{number}") for number in range(5)]
    refused = node.call(node.runtime.run_pod_sandbox, PodSandboxConfig("late", "default", "u"))
    assert "no IP addresses available in range set: 10.244.9.0/29" in refused.message
    node.runtime.stop_pod_sandbox(made[2])
    node.sandbox("later")
    assert node.runtime.list_pod_sandbox()[-1].ip == "10.244.9.4"


def test_without_a_range_only_the_host_network_works() -> None:
    node = Node()
    node.machine.files.clear()
    assert not node.runtime.status().network_ready
    assert isinstance(node.call(node.runtime.run_pod_sandbox, PodSandboxConfig("a", "b", "c")), CRIError)
    assert node.sandbox("proxy", host_network=True)


def test_sigterm_ends_a_server_at_once_and_sleep_only_after_the_grace(node: Node) -> None:
    sandbox = node.sandbox()
    server = node.container(sandbox, "redis:7")
    sleeper = node.container(sandbox, "busybox", command=("sleep", "3600"))
    node.run(1)
    for container in (server, sleeper):
        node.runtime.stop_container(container, seconds(30))
    stopped = [node.runtime.container_status(one) for one in (server, sleeper)]
    assert [one.state.value for one in stopped if one] == ["exited", "running"]
    node.run(31)
    ended = node.runtime.container_status(sleeper)
    assert ended is not None
    assert (ended.exit_code, ended.reason) == (137, "Error")


def test_a_trap_lets_a_shell_end_gracefully(node: Node) -> None:
    script = "trap 'echo bye; exit 0' TERM; while true; do sleep 1; done"
    container = node.container(node.sandbox(), "busybox", command=("sh", "-c", script))
    node.run(2)
    node.runtime.stop_container(container, seconds(30))
    node.run(2)
    status = node.runtime.container_status(container)
    assert status is not None
    assert (status.exit_code, node.log(container)) == (0, ["bye"])


def test_a_command_that_the_image_does_not_have_fails_to_start(node: Node) -> None:
    container = node.container(node.sandbox(), "nginx", command=("no-such-thing",))
    assert 'exec: "no-such-thing": executable file not found in $PATH' in node.started.message
    status = node.runtime.container_status(container)
    assert status is not None
    assert (status.reason, status.exit_code) == ("StartError", 128)


def test_a_database_refuses_to_start_without_a_password(node: Node) -> None:
    container = node.container(node.sandbox(), "postgres:16")
    status = node.runtime.container_status(container)
    assert status is not None
    assert status.exit_code == 1
    other = node.container(node.sandbox(), "postgres:16", env={"POSTGRES_PASSWORD": "secret"})
    node.run(3)
    assert node.runtime.exec_sync(other, ("pg_isready",)).code == 0


def test_two_pods_on_the_host_network_cannot_have_one_port(node: Node) -> None:
    node.container(node.sandbox("one", host_network=True), "nginx")
    node.run(1)
    late = node.container(node.sandbox("two", host_network=True), "nginx")
    node.run(1)
    status = node.runtime.container_status(late)
    assert status is not None
    assert status.exit_code == 1


def test_every_call_and_every_exit_is_on_the_trace(node: Node) -> None:
    node.runtime = TracedRuntime(node.runtime, node.sim.trace, "kubelet@worker-1", "containerd@worker-1")
    node.container(node.sandbox(), "busybox", command=("false",))
    told = [
        (one.kind, one.subject, one.detail.get("call", one.detail.get("code")))
        for one in node.sim.trace.records
    ]
    assert told == [
        ("container", "pods/default/web", "RunPodSandbox"),
        ("container", "pods/default/web", "PullImage"),
        ("container", "pods/default/web", "PullImage"),
        ("container", "pods/default/web", "CreateContainer"),
        ("exit", "pods/default/web", 1),
        ("container", "pods/default/web", "StartContainer"),
    ]


def test_a_component_is_built_on_its_container_and_dies_with_its_process() -> None:
    node = Node()
    built: list[Any] = []
    programs = {"registry.k8s.io/kube-scheduler": built.append}
    node.daemon = Containerd(node.machine.spawn("containerd"), node.machine, programs=programs)
    container = node.container(
        node.sandbox("kube-scheduler-x", host_network=True),
        "registry.k8s.io/kube-scheduler:v1.36.2",
        command=("kube-scheduler",),
    )
    assert built[0].process.id == "main@worker-1"
    built[0].process.kill()
    status = node.runtime.container_status(container)
    assert status is not None
    assert (status.exit_code, status.reason) == (137, "Error")
