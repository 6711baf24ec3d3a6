"""The whole scheduler over a server: what it writes, what it survives."""

from __future__ import annotations

import pytest
from scheduler.stage import Stage, node, pod

from k8scourse.api.errors import InternalError
from k8scourse.api.values import evolve


def test_a_pod_gets_a_node_and_an_event() -> None:
    stage = Stage()
    stage.add(node("n1"), pod("web"))
    stage.run(1)
    assert stage.where() == {"web": "n1"}
    assert stage.events() == [("Scheduled", "Successfully assigned default/web to n1", 1)]
    assert [decision.pod for decision in stage.decisions] == ["default/web"]


def test_pods_spread_because_each_assumed_pod_counts_at_once() -> None:
    stage = Stage()
    stage.add(*(node(f"n{index}") for index in range(3)))
    stage.add(*(pod(f"web-{index}", "500m", "512Mi") for index in range(6)))
    stage.run(1)
    assert sorted(stage.where().values()) == ["n0", "n0", "n1", "n1", "n2", "n2"]


def test_a_pod_that_fits_nowhere_gets_a_condition_and_an_event_with_the_same_words() -> None:
    stage = Stage()
    stage.add(node("n1", cpu="1"), pod("web", "2"))
    stage.run(1)
    message = (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )
    assert stage.events() == [("FailedScheduling", message, 1)]
    condition = stage.condition("web")
    assert (condition["type"], condition["status"]) == ("PodScheduled", "False")
    assert (condition["reason"], condition["message"]) == ("Unschedulable", message)


@pytest.mark.parametrize(
    "cure", ["a new node", "a bigger node", "a Pod less", "a label", "a taint less", "uncordon"]
)
def test_what_could_help_wakes_the_pod_and_nothing_else_does(cure: str) -> None:
    stage = Stage()
    sick = {
        "a new node": node("n1", cpu="1"),
        "a bigger node": node("n1", cpu="1"),
        "a Pod less": node("n1", cpu="2"),
        "a label": node("n1"),
        "a taint less": node("n1", taints=[{"key": "x", "effect": "NoSchedule"}]),
        "uncordon": node("n1", unschedulable=True),
    }[cure]
    stage.add(sick)
    if cure == "a Pod less":
        stage.add(pod("old", "1", nodeName="n1"))
    selector = {"disk": "ssd"} if cure == "a label" else {}
    stage.add(pod("web", "2", nodeSelector=selector))
    stage.run(5)
    heartbeat = evolve(stage.server.objects["nodes", "n1"], "status.conditions", [{"type": "Ready"}])
    stage.direct.update(heartbeat)
    stage.run(5)
    assert len(stage.decisions) == 1
    now = stage.server.objects["nodes", "n1"]
    match cure:
        case "a new node":
            stage.add(node("n2"))
        case "a bigger node":
            stage.direct.update(evolve(now, "status.allocatable.cpu", "8"))
        case "a Pod less":
            stage.direct.delete("pods", "old", "default")
        case "a label":
            stage.direct.update(evolve(now, "metadata.labels", {"disk": "ssd"}))
        case "a taint less" | "uncordon":
            stage.direct.update({**now, "spec": {}})
    stage.run(1)
    assert stage.where()["web"]
    assert len(stage.decisions) == 2


def test_pods_of_another_scheduler_are_left_alone() -> None:
    stage = Stage()
    stage.add(node("n1"), pod("web", schedulerName="mine"))
    stage.run(10)
    assert (stage.where(), stage.decisions) == ({"web": ""}, [])


def test_a_gated_pod_is_not_tried() -> None:
    stage = Stage()
    stage.add(node("n1"), pod("web", schedulingGates=[{"name": "wait"}]))
    stage.run(10)
    assert (stage.where(), stage.decisions, stage.events()) == ({"web": ""}, [], [])
    waiting = stage.server.objects["pods", "default/web"]
    spec = {key: value for key, value in waiting["spec"].items() if key != "schedulingGates"}
    stage.direct.update({**waiting, "spec": spec})
    stage.run(1)
    assert stage.where() == {"web": "n1"}


def test_a_new_empty_node_moves_nothing() -> None:
    stage = Stage()
    stage.add(node("n1"), pod("a", "1"), pod("b", "1"))
    stage.run(1)
    stage.add(node("n2"))
    stage.run(400)
    assert stage.where() == {"a": "n1", "b": "n1"}


def test_without_nodes_the_pod_is_tried_again_until_there_is_one() -> None:
    stage = Stage()
    stage.add(pod("web"))
    stage.run(1)
    assert stage.events() == [("FailedScheduling", "no nodes available to schedule pods", 1)]
    stage.add(node("n1"))
    stage.run(12)
    assert stage.where() == {"web": "n1"}


@pytest.mark.parametrize("delay_ms", range(12))
def test_killed_at_any_moment_the_next_scheduler_finds_everything_again(delay_ms: int) -> None:
    stage = Stage()
    stage.add(node("n1"), node("n2", cpu="1"))
    stage.add(*(pod(f"web-{index}", "1") for index in range(4)))
    stage.run(delay_ms / 1000)
    stage.scheduler.process.kill()
    stage.run(1)
    stage.start_scheduler()
    stage.run(5)
    where = stage.where()
    assert all(where.values())
    assert list(where.values()).count("n2") <= 1
    scheduled = [message for reason, message, _ in stage.events() if reason == "Scheduled"]
    assert len(scheduled) == len(set(scheduled))


def test_a_refused_binding_is_taken_back_and_tried_again() -> None:
    stage = Stage()
    stage.add(node("n1", cpu="1"), pod("web", "1"))
    stage.run(0.0022)
    assert stage.decisions[0].node == "n1"
    stage.server.refuse = InternalError("etcdserver: request timed out")
    stage.run(0.5)
    assert stage.decisions[1].message == "binding rejected: etcdserver: request timed out"
    assert stage.where() == {"web": ""}
    stage.server.refuse = None
    stage.run(15)
    assert stage.where() == {"web": "n1"}


def test_a_pod_deleted_between_decision_and_binding_leaves_its_room_to_others() -> None:
    stage = Stage()
    stage.add(node("n1", cpu="1"), pod("web", "1"))
    stage.run(0.0022)
    stage.direct.delete("pods", "web", "default")
    stage.add(pod("next", "1"))
    stage.run(15)
    assert stage.where() == {"next": "n1"}


def test_while_the_server_is_away_nothing_is_lost() -> None:
    stage = Stage()
    stage.add(node("n1"))
    stage.run(1)
    stage.add(pod("web"))
    stage.server.crash()
    stage.run(30)
    stage.restart_server()
    stage.direct = stage.client_for(stage.server.process)
    stage.add(pod("late"))
    stage.run(120)
    assert stage.where() == {"web": "n1", "late": "n1"}


def test_the_same_history_gives_the_same_trace() -> None:
    def digest() -> str:
        stage = Stage()
        stage.add(*(node(f"n{index}") for index in range(5)))
        stage.add(*(pod(f"web-{index}", "1") for index in range(30)))
        stage.run(30)
        return stage.sim.trace.digest() + repr(stage.decisions)

    assert digest() == digest()
