"""kubectl rollout, wait and logs: following what the controllers and kubelets do."""

from __future__ import annotations

from .conftest import Lab


def test_status_tells_the_way_and_ends_when_it_is_done(web: Lab) -> None:
    assert ['deployment "web" successfully rolled out'] == web.said("rollout status deployment/web")
    assert ["deployment.apps/web image updated"] == web.said("set image deployment/web nginx=nginx:1.28")
    *way, end = web.said("rollout status deployment/web")
    assert 'deployment "web" successfully rolled out' == end
    assert all(line.startswith("Waiting for deployment") for line in way)
    assert ["nginx:1.28"] == web.said("get deploy web -o jsonpath={..image}")


def test_history_and_the_way_back(web: Lab) -> None:
    assert [
        "deployment.apps/web ",
        "REVISION  CHANGE-CAUSE",
        "1         <none>",
        "2         <none>",
        "",
    ] == web.said("rollout history deployment/web")
    assert "error: unable to find the specified revision" == web.refused(
        "rollout history deploy/web --revision=9"
    )
    assert "    Image:\tnginx:1.28" in web.said("rollout history deploy/web --revision=2")
    assert ["deployment.apps/web rolled back"] == web.said("rollout undo deployment/web")
    web("rollout status deployment/web")
    assert ["nginx:1.27"] == web.said("get deploy web -o jsonpath={..image}")
    assert "error: unable to find specified revision 7 in history" == web.refused(
        "rollout undo deploy/web --to-revision=7"
    )


def test_pause_resume_restart(web: Lab) -> None:
    assert ["deployment.apps/web paused"] == web.said("rollout pause deployment/web")
    assert 'error: deployments.apps "web" is already paused' == web.refused("rollout pause deploy web")
    assert web.refused("rollout undo deploy web") == (
        "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
    )
    assert web.refused("rollout restart deploy web") == (
        "error: can't restart paused deployment (run rollout resume first)"
    )
    assert ["deployment.apps/web resumed"] == web.said("rollout resume deployment/web")
    before = web.pods()
    assert ["deployment.apps/web restarted"] == web.said("rollout restart deployment/web")
    web("rollout status deployment/web")
    assert not set(before) & set(web.pods())


def test_a_rollout_that_does_not_come_about_times_out(web: Lab) -> None:
    web.said("create deployment stuck --image=nowhere/nothing:1")
    result = web("rollout status deployment/stuck --timeout=5s")
    assert ("error: timed out waiting for the condition\n", 1) == (result.stderr, result.code)


def test_wait_lets_time_pass_until_a_condition_holds(web: Lab) -> None:
    web.said("run p --image=nginx")
    assert ["pod/p condition met"] == web.said("wait --for=condition=Ready pod/p --timeout=60s")
    assert ["pod/p condition met"] == web.said("wait --for=jsonpath='{.status.phase}'=Running pod/p")
    assert "error: timed out waiting for the condition on pods/p" == web.refused(
        "wait --for=condition=Bogus pod/p --timeout=1s"
    )
    assert 'error: unrecognized condition: ""' == web.refused("wait pod/p")
    web.said("delete pod p --wait=false")
    assert ["pod/p condition met"] == web.said("wait --for=delete pod/p --timeout=60s")
    assert [] == web.said("wait --for=delete pod/p")


def test_logs_come_from_the_node(web: Lab) -> None:
    web.said("run talker --image=busybox -- sh -c 'echo one; echo two; sleep 3600'")
    web.said("wait --for=condition=Ready pod/talker")
    assert ["one", "two"] == web.said("logs talker")
    assert ["two"] == web.said("logs talker --tail=1")
    assert "error: container nope is not valid for pod talker out of: talker" == web.refused(
        "logs talker -c nope"
    )
    assert web("logs deployment/web").stderr.startswith("Found 2 pods, using pod/web-")
    assert "error: expected 'logs" in web.refused("logs")


def test_events_are_told_the_oldest_first(web: Lab) -> None:
    head, *rows = web.said("events --for pod/talker")
    assert ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"] == head.split()
    assert ["Scheduled", "Pulling", "Pulled", "Created", "Started"] == [row.split()[2] for row in rows]
    assert "No events found in nowhere namespace." == web("events -n nowhere").stderr.strip()
