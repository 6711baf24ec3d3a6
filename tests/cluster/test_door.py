"""A learner at the API server's door: requests by hand, users, watches, and the same again in a fork."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8scourse import words
from k8scourse.apiserver import TracedApiServer
from k8scourse.cluster import Answer, Cluster, LearnerError

PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(workers=1)


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    words.use(request.param)
    yield request.param
    words.use("en")


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "main", "image": "nginx:1.27"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": containers, **spec},
    }


def role(name: str, *resources: str) -> dict[str, Any]:
    rules = [{"apiGroups": [""], "resources": list(resources), "verbs": ["get", "list", "watch"]}]
    return {"metadata": {"name": name}, "rules": rules}


def binding(role: str, group: str) -> dict[str, Any]:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}
    return {"metadata": {"name": role}, "roleRef": reference, "subjects": [subject]}


def states(answer: Answer) -> dict[str, str]:
    return {station.stage: station.state for station in answer.stations()}


# --- sending --------------------------------------------------------------------------------------------------


def test_a_request_by_hand_is_answered_with_code_body_and_stages(cluster: Cluster) -> None:
    answer = cluster.send("POST", MAPS, config_map("made", k="1"))
    assert (answer.code, answer.ok, answer.body["data"]) == (201, True, {"k": "1"})
    assert [stage for stage, _ in answer.stages] == [
        "authenticate",
        "authorize",
        "admit",
        "validate",
        "store",
    ]
    assert cluster.find("configmaps", "made") is not None


@pytest.mark.parametrize(
    ("code", "reason", "stage", "method", "path", "body", "options"),
    [
        (401, "Unauthorized", "authenticate", "GET", PODS, None, {"token": "stolen"}),
        (403, "Forbidden", "authorize", "GET", PODS, None, {"user": "ann"}),
        (403, "Forbidden", "authorize", "GET", PODS, None, {"user": None}),
        (400, "BadRequest", "read", "POST", PODS, "{", {}),
        (404, "NotFound", "admit", "POST", PODS.replace("default", "absent"), pod("p"), {}),
        (422, "Invalid", "validate", "POST", PODS, pod("p", restartPolicy="Sometimes"), {}),
        (409, "AlreadyExists", "store", "POST", "/api/v1/namespaces", {"metadata": {"name": "default"}}, {}),
        (404, "NotFound", "store", "GET", f"{PODS}/ghost", None, {}),
        (405, "MethodNotAllowed", "read", "BREW", PODS, None, {}),
        (404, "", "read", "GET", "/no/such/page", None, {}),
    ],
)
def test_each_station_can_refuse_and_nothing_behind_it_is_reached(
    cluster: Cluster,
    code: int,
    reason: str,
    stage: str,
    method: str,
    path: str,
    body: object,
    options: dict[str, Any],
) -> None:
    answer = cluster.send(method, path, body, **options)
    assert (answer.code, answer.reason, answer.refused_at, answer.ok) == (code, reason, stage, False)
    road = [station.state for station in answer.stations()]
    after = road.index("refused") + 1
    assert set(road[after:]) <= {"behind"}
    assert "refused" not in road[after:]
    assert [server.server.panics for _, server in cluster.world.running(TracedApiServer)] == [[]]


def test_a_write_against_an_old_revision_loses_at_the_store_and_says_to_whom(cluster: Cluster) -> None:
    first = cluster.send("POST", MAPS, config_map("raced", k="1")).body
    second = cluster.send("PUT", f"{MAPS}/raced", {**first, "data": {"k": "2"}})
    third = cluster.send("PUT", f"{MAPS}/raced", {**first, "data": {"k": "3"}})
    assert (second.code, third.code, third.refused_at) == (200, 409, "store")
    given, stored = first["metadata"]["resourceVersion"], second.body["metadata"]["resourceVersion"]
    assert f"you read revision {given}, but by now revision {stored} is stored" in repr(third)


def test_the_road_of_a_write_names_the_key_and_the_revision(cluster: Cluster) -> None:
    answer = cluster.send("POST", MAPS, config_map("kept"))
    version = answer.body["metadata"]["resourceVersion"]
    assert answer.stations()[-1].sentences == [
        f"/registry/configmaps/default/kept is stored as revision {version}"
    ]


def test_the_road_of_a_pod_names_what_admission_changed(cluster: Cluster) -> None:
    answer = cluster.send("POST", PODS, pod("changed"), query={"dryRun": "All"})
    told = next(station for station in answer.stations() if station.stage == "admit").sentences
    assert "DefaultTolerationSeconds changed spec.tolerations" in told
    assert answer.stations()[-1].sentences == ["nothing was stored"]
    assert cluster.find("pods", "changed") is None


def test_a_read_needs_no_admission(cluster: Cluster) -> None:
    answer = cluster.send("GET", PODS)
    assert states(answer)["admit"] == states(answer)["validate"] == "skipped"
    assert states(answer)["store"] == "ok"


def test_a_write_that_changes_nothing_says_so(cluster: Cluster) -> None:
    made = cluster.send("POST", MAPS, config_map("same")).body
    again = cluster.send("PUT", f"{MAPS}/same", made)
    assert again.stations()[-1].sentences == ["that is what is stored already: no new revision"]


def test_warnings_come_with_the_answer(cluster: Cluster) -> None:
    answer = cluster.send("POST", MAPS, {**config_map("warned"), "dta": {}})
    assert answer.code == 201
    assert [warning for warning in answer.warnings if 'unknown field "dta"' in warning]
    assert 'unknown field "dta"' in repr(answer)


def test_the_body_is_sent_as_it_was(cluster: Cluster) -> None:
    body = config_map("copied", k="before")
    cluster.send("POST", MAPS, body)
    body["data"]["k"] = "after"
    found = cluster.fork().find("configmaps", "copied")
    assert found is not None
    assert found["data"] == {"k": "before"}


def test_when_nobody_listens_there_is_no_code() -> None:
    cluster = Cluster(workers=0)
    cluster.stop("kube-apiserver")
    cluster.run(5)
    answer = cluster.send("GET", PODS)
    assert (answer.code, answer.stations(), answer.user) == (0, [], "")
    assert "connect: connection refused" in repr(answer)
    assert cluster.listen(PODS).code == 0


def test_a_refused_write_by_hand_is_a_step_of_the_story(cluster: Cluster) -> None:
    before = len(cluster.steps)
    cluster.send("POST", PODS, pod("p"), user="nobody-yet")
    assert len(cluster.steps) == before + 1


# --- users ----------------------------------------------------------------------------------------------------


def test_a_user_is_known_and_may_nothing_until_a_role_says_so(cluster: Cluster) -> None:
    ann = cluster.user("ann", groups=["developers"])
    assert cluster.send("GET", PODS, user=ann).code == 403
    made = cluster.send("POST", f"{RBAC}/clusterroles", role("readers", "pods"))
    bound = cluster.send("POST", f"{RBAC}/clusterrolebindings", binding("readers", "developers"))
    assert (made.code, bound.code) == (201, 201)
    answer = cluster.send("GET", PODS, user=ann)
    assert (answer.code, answer.user) == (200, "ann")
    assert cluster.send("GET", PODS, user="bob").code == 403


def test_a_users_groups_can_be_given_anew() -> None:
    cluster = Cluster(workers=0)
    cluster.user("eve", groups=["system:masters"])
    assert cluster.send("GET", PODS, user="eve").code == 200
    cluster.user("eve")
    assert cluster.send("GET", PODS, user="eve").code == 403


# --- listening ------------------------------------------------------------------------------------------------


def test_a_listener_hears_every_change_in_order(cluster: Cluster) -> None:
    version = cluster.send("GET", MAPS).body["metadata"]["resourceVersion"]
    listener = cluster.listen(MAPS, query={"resourceVersion": version})
    cluster.send("POST", MAPS, config_map("heard"))
    cluster.send("DELETE", f"{MAPS}/heard")
    assert listener.events == []
    cluster.run(1)
    heard = [(kind, obj["metadata"]["name"]) for _, kind, obj in listener.events]
    assert heard == [("ADDED", "heard"), ("DELETED", "heard")]
    listener.close()
    cluster.send("POST", MAPS, config_map("unheard"))
    cluster.run(1)
    assert (len(listener), listener.open) == (2, False)


def test_a_listener_that_may_not_listen_says_why(cluster: Cluster) -> None:
    listener = cluster.listen(PODS, user=None)
    assert (listener.code, listener.open) == (403, False)
    assert 'User "system:anonymous" cannot watch resource "pods"' in listener.message
    assert "403" in repr(listener)


def test_a_listener_ends_with_its_server() -> None:
    cluster = Cluster(workers=0)
    listener = cluster.listen(PODS)
    assert listener.open
    cluster.crash("kube-apiserver")
    cluster.run(5)
    assert not listener.open


# --- again ----------------------------------------------------------------------------------------------------


def test_a_fork_does_it_all_again() -> None:
    cluster = Cluster(workers=1)
    cluster.user("ann", groups=["developers"])
    cluster.send("GET", PODS, user="ann")
    listener = cluster.listen(MAPS)
    cluster.send("POST", MAPS, config_map("a"))
    cluster.run(2)
    listener.close()
    cluster.send("POST", MAPS, config_map("b"), user="carl")
    cluster.run(1)
    twin = cluster.fork()
    assert twin.trace.digest() == cluster.trace.digest()
    assert twin.listening[0].events == listener.events
    assert twin.send("GET", PODS, user="ann").code == 403
    assert twin.rewind(to=cluster.ready_at / 1e9 - 0.001).listening == []


# --- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "arguments", "options"),
    [
        ("send_method", (5, PODS), {}),
        ("send_method", ("  ", PODS), {}),
        ("send_path", ("GET", "api/v1"), {}),
        ("send_path", ("GET", None), {}),
        ("send_query", ("GET", PODS), {"query": "limit=1"}),
        ("send_query", ("GET", PODS), {"query": {"limit": [1]}}),
        ("send_headers", ("GET", PODS), {"headers": {5: "x"}}),
        ("send_token", ("GET", PODS), {"token": 5}),
        ("send_body", ("POST", PODS, 5), {}),
        ("send_json", ("POST", PODS, {"a": {1, 2}}), {}),
        ("send_json", ("POST", PODS, {"a": float("nan")}), {}),
        ("send_watch", ("GET", f"{PODS}?watch=true"), {}),
        ("send_watch", ("GET", PODS), {"query": {"watch": True}}),
        ("user_name", ("GET", PODS), {"user": ""}),
        ("user_name", ("GET", PODS), {"user": 5}),
    ],
)
def test_a_call_that_cannot_be_meant_is_told_in_a_sentence(
    cluster: Cluster, language: str, key: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    inputs, digest = len(cluster.history.inputs), cluster.trace.digest()
    with pytest.raises(LearnerError) as error:
        cluster.send(*arguments, **options)
    assert error.value.key == key
    assert (inputs, digest) == (len(cluster.history.inputs), cluster.trace.digest())


def test_a_body_within_itself_is_told_in_a_sentence(cluster: Cluster) -> None:
    body: dict[str, Any] = {}
    body["me"] = body
    with pytest.raises(LearnerError) as error:
        cluster.send("POST", PODS, body)
    assert error.value.key == "send_json"


@pytest.mark.parametrize("groups", ["developers", [5], None, [""]])
def test_groups_are_a_list_of_names(cluster: Cluster, groups: Any) -> None:
    with pytest.raises(LearnerError) as error:
        cluster.user("ann", groups)
    assert error.value.key == "user_groups"


def test_the_text_is_in_the_language_in_use(cluster: Cluster, language: str) -> None:
    text = repr(cluster.send("POST", PODS, pod("p"), user="ann"))
    assert ("not reached" if language == "en" else "沒走到") in text
    assert "✓" in text
    assert "✕" in text


# --- whose turn it is -----------------------------------------------------------------------------------------


def test_who_floods_the_server_is_refused_at_the_queue_and_others_are_not() -> None:
    cluster = Cluster(workers=1)
    cluster.request_time(1)
    codes = [cluster.send("GET", PODS, user="ann").code for _ in range(400)]
    refused = cluster.send("GET", PODS, user="ann")
    assert (codes[0], refused.code, refused.refused_at) == (403, 429, "flow")
    assert refused.message == "Too many requests, please try again later."
    assert "global-default → global-default: all seats are taken and the queue is full" in repr(refused)
    assert cluster.send("GET", PODS).code == 200
    seats = cluster.inspect("kube-apiserver@control-plane-1")["seats"]
    assert "global-default: 49/49, 300" in seats
    assert cluster.fork().send("GET", PODS, user="ann").code == 429
    cluster.run(30)
    assert "queue" in repr(cluster.send("GET", PODS, user="ann"))
    cluster.request_time(0)
    assert "queue" not in repr(cluster.send("GET", PODS, user="ann"))


@pytest.mark.parametrize("asked", [-1, 61, "long", None, True])
def test_a_request_time_is_a_number_of_seconds(cluster: Cluster, asked: Any) -> None:
    with pytest.raises(LearnerError) as error:
        cluster.request_time(asked)
    assert error.value.key == "request_time"
