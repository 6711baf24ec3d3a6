"""The scheduler over the real API server: bindings, conditions, gates and priorities as it writes them."""

from __future__ import annotations

from typing import Any

from client.real_world import RealWorld
from scheduler.stage import node, pod

from k8scourse.api import conditions
from k8scourse.scheduler import Decision, Scheduler
from k8scourse.sim import Process


class RealStage(RealWorld):
    def __init__(self) -> None:
        super().__init__()
        self.decisions: list[Decision] = []
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        self.direct.create(account)
        self.start_scheduler()

    def start_scheduler(self) -> None:
        process = Process(self.sim, "kube-scheduler", "control-plane-1")
        self.scheduler = Scheduler(process, self.client_for(process), on_decision=self.decisions.append)
        self.scheduler.start()

    def join(self, name: str, **parts: Any) -> None:
        """A node that is ready: the taint that admission gives it is taken away again."""
        created = self.direct.create(node(name, **parts))
        self.direct.update({**created, "spec": {}})
        self.direct.update_status({**self.direct.get("nodes", name), "status": node(name, **parts)["status"]})

    def pod(self, name: str) -> dict[str, Any]:
        return self.direct.get("pods", name, "default")


def test_a_bound_pod_says_so_in_its_condition() -> None:
    stage = RealStage()
    stage.join("n1")
    stage.direct.create(pod("web", "1"))
    stage.run(1)
    web = stage.pod("web")
    assert web["spec"]["nodeName"] == "n1"
    assert conditions.is_true(web, "PodScheduled")
    (event,) = stage.direct.list("events", "default")
    assert event["message"] == "Successfully assigned default/web to n1"


def test_a_pod_that_does_not_fit_says_why_and_goes_when_it_can() -> None:
    stage = RealStage()
    stage.join("n1", cpu="1")
    stage.direct.create(pod("web", "2"))
    stage.run(1)
    condition = conditions.get(stage.pod("web"), "PodScheduled")
    assert condition is not None
    assert (condition["status"], condition["reason"]) == ("False", "Unschedulable")
    assert condition["message"].startswith("0/1 nodes are available: 1 Insufficient cpu.")
    stage.join("n2")
    stage.run(5)
    web = stage.pod("web")
    assert web["spec"]["nodeName"] == "n2"
    assert conditions.is_true(web, "PodScheduled")


def test_a_node_that_is_not_ready_yet_gets_nothing() -> None:
    stage = RealStage()
    stage.direct.create(node("n1"))
    stage.direct.create(pod("web"))
    stage.run(1)
    assert "1 node(s) had untolerated taint(s)" in stage.decisions[0].message
    stage.direct.update({**stage.direct.get("nodes", "n1"), "spec": {}})
    stage.run(1)
    assert stage.pod("web")["spec"]["nodeName"] == "n1"


def test_a_dead_server_between_decision_and_binding_loses_nothing() -> None:
    stage = RealStage()
    stage.join("n1", cpu="1")
    stage.run(1)
    stage.direct.create(pod("web", "1"))
    while not stage.decisions:
        stage.sim.step()
    stage.crash_server()
    stage.run(3)
    assert "connection refused" in stage.decisions[1].message
    stage.start_server()
    stage.run(90)
    assert stage.pod("web")["spec"]["nodeName"] == "n1"


def test_a_finished_pod_makes_room() -> None:
    stage = RealStage()
    stage.join("n1", cpu="1")
    stage.direct.create(pod("job", "1", restartPolicy="Never"))
    stage.run(1)
    stage.direct.create(pod("next", "1"))
    stage.run(20)
    assert "nodeName" not in stage.pod("next")["spec"]
    stage.direct.patch("pods", "job", {"status": {"phase": "Succeeded"}}, "default", subresource="status")
    stage.run(1)
    assert stage.pod("next")["spec"]["nodeName"] == "n1"
