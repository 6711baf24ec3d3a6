from __future__ import annotations

from typing import Any

import pytest
from widgets.recorded import RecordedCluster, busy_cluster, story

from k8scourse.diagrams.history import recorder
from k8scourse.widgets.desk import Desk


def ask(desk: Desk, command: str, **values: Any) -> dict[str, Any]:
    return desk.answer({"command": command, **values})


def test_back_and_forward_walk_through_the_past_without_running_anything() -> None:
    cluster = story(recorder)
    desk = Desk(cluster)
    last = desk.step
    assert ask(desk, "back") == {"ok": True}
    assert desk.frame()["step"] == last - 1
    assert ask(desk, "seek", step=3)["ok"]
    assert desk.frame()["step"] == 3
    assert ask(desk, "step")["ok"]
    assert desk.frame()["step"] == 4
    assert ask(desk, "seek", step=10_000)["ok"]
    assert desk.follows


def test_a_step_at_the_present_runs_the_cluster_until_something_happens() -> None:
    cluster = RecordedCluster()
    desk = Desk(cluster)
    cluster.script.append(lambda: cluster.tell("fault", "you", "worker-1", "", action="cut"))
    assert "ended" not in ask(desk, "step")
    assert desk.step == 1
    assert ask(desk, "step")["ended"]


def test_an_act_reaches_the_cluster_and_is_a_step() -> None:
    cluster = RecordedCluster()
    desk = Desk(cluster)
    assert ask(desk, "action", part="kubelet@worker-1", verb="crash") == {"ok": True}
    assert cluster.done == [("crash", "kubelet@worker-1")]
    assert desk.frame()["ticks" if False else "step"] == 1
    assert desk.ticks() == "x"


def test_a_pod_is_deleted_with_kubectl() -> None:
    cluster = busy_cluster(recorder)
    ask(Desk(cluster), "action", part="pods/default/migrate", verb="delete")
    assert cluster.done == [("kubectl", "delete pod migrate --namespace=default --wait=false")]


def test_an_act_in_the_past_takes_the_other_road_on_a_fork() -> None:
    cluster = story(recorder)
    desk = Desk(cluster)
    ask(desk, "seek", step=2)
    ask(desk, "action", part="worker-1", verb="cordon", road=2)
    assert desk.cluster is not cluster
    assert cluster.done == [("rewind", "2")]
    assert desk.cluster.done == [("cordon", "worker-1")]
    assert desk.frame()["road"] == 2
    assert desk.frame()["step"] == 3
    assert ask(desk, "seek", step=1)["ok"]
    assert desk.frame()["say"]["en"][0].startswith("kubectl handed")


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"command": "fly"},
        {"command": "seek"},
        {"command": "seek", "step": "x"},
        {"command": "action", "part": "worker-1", "verb": "__init__"},
        {"command": "action", "part": "nonsense", "verb": "delete"},
        {"command": "action"},
        {"command": "select"},
    ],
)
def test_a_message_that_makes_no_sense_is_answered_and_changes_nothing(message: dict[str, Any]) -> None:
    cluster = story(recorder)
    desk = Desk(cluster)
    before = desk.frame()
    reply = desk.answer(message)
    assert reply["ok"] is False
    assert reply["error"]
    assert desk.frame() == before


def test_the_inspector_shows_an_object_and_its_last_acts() -> None:
    desk = Desk(story(recorder))
    reply = ask(desk, "select", part="pods/default/web-7d4b9-x2x9p")
    assert "nodeName: worker-2" in reply["yaml"]
    assert 0 < len(reply["acts"]) <= 5
    sees = ask(desk, "select", part="kube-scheduler@control-plane-1")["sees"]
    assert "keys waiting" in sees["en"]
    assert "等待處理的鍵" in sees["zh-TW"]
