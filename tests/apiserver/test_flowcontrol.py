"""Priority and fairness: where a request belongs, what the answer says of it, and who is told to come again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from apiserver.support import CONFIG_MAPS, Api, config_map

from k8scourse.apiserver.flowcontrol import LEVEL_HEADER, SCHEMA_HEADER, Room, TooManyRequests, deal
from k8scourse.apiserver.rbac import Question
from k8scourse.apiserver.users import user_info
from k8scourse.sim import SECOND

GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1"
CONTROLLERS, ACCOUNT = "system:kube-controller-manager", "system:serviceaccount"
LEASES = ("coordination.k8s.io", "leases", "kube-node-lease")


RULE = {
    "subjects": [{"kind": "User", "user": {"name": "a"}}],
    "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}],
}


def queued(**queuing: int) -> dict[str, Any]:
    return {"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": queuing}}}


def paths(verb: str, path: str) -> dict[str, Any]:
    return {"rules": [{**RULE, "nonResourceRules": [{"verbs": [verb], "nonResourceURLs": [path]}]}]}


@pytest.fixture
def settled(api: Api) -> Api:
    api.run(1)
    return api


@pytest.mark.parametrize(
    ("user", "verb", "group", "resource", "namespace", "path", "schema", "level"),
    [
        ("kubernetes-admin", "list", "", "pods", "", "", "exempt", "exempt"),
        ("system:anonymous", "get", None, "", "", "/healthz", "probes", "exempt"),
        ("system:kube-scheduler", "update", *LEASES, "", "system-leader-election", "leader-election"),
        ("system:kube-scheduler", "list", "", "pods", "", "", "kube-scheduler", "workload-high"),
        (
            "system:kube-controller-manager",
            "get",
            "",
            "endpoints",
            "default",
            "",
            "endpoint-controller",
            "workload-high",
        ),
        ("system:node:node-1", "update", *LEASES, "", "system-node-high", "node-high"),
        ("system:node:node-1", "patch", "", "nodes/status", "", "", "system-node-high", "node-high"),
        ("system:node:node-1", "list", "", "pods", "", "", "system-nodes", "system"),
        (
            "system:serviceaccount:kube-system:x",
            "list",
            "",
            "pods",
            "",
            "",
            "kube-system-service-accounts",
            "workload-high",
        ),
        (f"{ACCOUNT}:default:x", "list", "", "pods", "", "", "service-accounts", "workload-low"),
        ("ann", "list", "", "pods", "default", "", "global-default", "global-default"),
        ("ann", "get", None, "", "", "/version", "global-default", "global-default"),
    ],
)
def test_a_request_belongs_where_upstream_puts_it(
    settled: Api,
    user: str,
    verb: str,
    group: Any,
    resource: str,
    namespace: str,
    path: str,
    schema: str,
    level: str,
) -> None:
    question = Question(verb, group, resource, namespace, "", path)
    known = user_info(user)
    if user == "system:anonymous":
        known = known._replace(groups=("system:unauthenticated",))
    flow = settled.server.flow.classify(known, question)
    assert flow is not None
    assert (flow.schema["metadata"]["name"], flow.level["metadata"]["name"]) == (schema, level)


def test_the_answer_names_both_by_their_uids(settled: Api) -> None:
    answer = settled.send("GET", CONFIG_MAPS, user="viewer")
    schema = settled.send("GET", f"{GROUP}/flowschemas/global-default").body
    level = settled.send("GET", f"{GROUP}/prioritylevelconfigurations/global-default").body
    assert answer.headers[SCHEMA_HEADER] == schema["metadata"]["uid"]
    assert answer.headers[LEVEL_HEADER] == level["metadata"]["uid"]


def test_a_schema_of_ones_own_counts_at_once(settled: Api) -> None:
    level = {
        "metadata": {"name": "slow"},
        "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": {}}}},
    }
    made = settled.send("POST", f"{GROUP}/prioritylevelconfigurations", level)
    assert made.code == 201
    limited = made.body["spec"]["limited"]
    assert (limited["nominalConcurrencyShares"], limited["lendablePercent"]) == (30, 0)
    assert limited["limitResponse"]["queuing"] == {"handSize": 8, "queues": 64, "queueLengthLimit": 50}
    rule = {
        "subjects": [{"kind": "User", "user": {"name": "viewer"}}],
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}],
    }
    schema = {
        "metadata": {"name": "slow"},
        "spec": {"priorityLevelConfiguration": {"name": "slow"}, "rules": [rule]},
    }
    body = settled.send("POST", f"{GROUP}/flowschemas", schema).body
    assert body["spec"]["matchingPrecedence"] == 1000
    assert settled.send("GET", CONFIG_MAPS, user="viewer").headers[SCHEMA_HEADER] == body["metadata"]["uid"]
    settled.send("DELETE", f"{GROUP}/flowschemas/slow")
    assert settled.send("GET", CONFIG_MAPS, user="viewer").headers[SCHEMA_HEADER] != body["metadata"]["uid"]


def test_who_floods_is_told_to_come_again_and_nobody_else(settled: Api) -> None:
    settled.server.flow.service_ns = SECOND
    seats, taken, waiting = settled.server.flow.inspect()["global-default"]
    assert (taken, waiting) == (0, 0)
    answers = [settled.send("GET", CONFIG_MAPS, user="viewer") for _ in range(seats + 6 * 50 + 20)]
    refused = [answer for answer in answers if answer.code == 429]
    assert len(refused) == 20
    assert refused[0].headers["Retry-After"] == "1"
    assert refused[0].body == "Too many requests, please try again later.\n"
    assert refused[0].stages[-1] == ["flow", "refused"]
    assert settled.server.flow.inspect()["global-default"] == (seats, seats, 300)
    assert settled.send("POST", CONFIG_MAPS, config_map("a")).code == 201
    assert settled.send("GET", CONFIG_MAPS, user="node-1").code != 429
    settled.run(30)
    assert settled.server.flow.inspect()["global-default"] == (seats, 0, 0)
    assert settled.send("GET", CONFIG_MAPS, user="viewer").code == 403


def test_without_a_service_time_nobody_waits(settled: Api) -> None:
    codes = Counter(settled.send("GET", CONFIG_MAPS, user="viewer").code for _ in range(1000))
    assert codes == {403: 1000}


def test_a_level_without_queues_refuses_when_its_seats_are_taken() -> None:
    room = Room().as_large({"spec": {"limited": {"limitResponse": {"type": "Reject"}}}}, 2)
    assert [room.enter(0, SECOND, "a").waits_ns for _ in range(2)] == [0, 0]
    with pytest.raises(TooManyRequests):
        room.enter(0, SECOND, "a")
    assert room.enter(SECOND, SECOND, "a").waits_ns == 0


def test_a_flood_does_not_keep_another_flow_waiting_for_long() -> None:
    queuing = {"queues": 64, "handSize": 2, "queueLengthLimit": 50}
    room = Room().as_large({"spec": {"limited": {"limitResponse": {"queuing": queuing}}}}, 1)
    assert not set(deal("flood", 64, 2)) & set(deal("other", 64, 2))
    flood = [room.enter(0, SECOND, "flood").waits_ns for _ in range(101)]
    other = room.enter(0, SECOND, "other").waits_ns
    assert other < max(flood) / 10
    assert flood == sorted(flood)


def test_a_hand_is_dealt_without_doubles_and_always_the_same() -> None:
    for flow in ("a", "b", "kube-system", ""):
        hand = deal(flow, 128, 6)
        assert len(set(hand)) == 6
        assert all(0 <= card < 128 for card in hand)
        assert hand == deal(flow, 128, 6)
    assert deal("all", 4, 4) != sorted(deal("all", 4, 4)) or sorted(deal("all", 4, 4)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("name", "spec", "message"),
    [
        ("x", {"type": "Exempt"}, "type must be 'Exempt' if and only if name is 'exempt'"),
        ("x", {"type": "Limited"}, "spec.limited: Required value: must not be empty when type is Limited"),
        (
            "x",
            {"type": "Some"},
            'spec.type: Unsupported value: "Some": supported values: "Exempt", "Limited"',
        ),
        (
            "x",
            {"type": "Limited", "limited": {"limitResponse": {"type": "Queue"}}},
            "queuing: Required value",
        ),
        (
            "x",
            {"type": "Limited", "limited": {"lendablePercent": 101, "limitResponse": {"type": "Reject"}}},
            "must be between 0 and 100, inclusive",
        ),
        (
            "x",
            {
                "type": "Limited",
                "limited": {"limitResponse": {"type": "Queue", "queuing": {"queues": 2, "handSize": 3}}},
            },
            "should not be greater than queues (2)",
        ),
        (
            "x",
            {
                "type": "Limited",
                "limited": {"limitResponse": {"type": "Queue", "queuing": {"queues": 512, "handSize": 8}}},
            },
            "required entropy bits of deckSize 512 and handSize 8 should not be greater than 60",
        ),
    ],
)
def test_a_level_that_makes_no_sense_is_refused(
    settled: Api, name: str, spec: dict[str, Any], message: str
) -> None:
    body = {"metadata": {"name": name}, "spec": spec}
    answer = settled.send("POST", f"{GROUP}/prioritylevelconfigurations", body)
    assert answer.code == 422
    assert message in answer.body["message"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"matchingPrecedence": 1}, "only the schema named 'exempt' may have matchingPrecedence 1"),
        ({"matchingPrecedence": 10001}, "must not be greater than 10000"),
        ({"priorityLevelConfiguration": {"name": ""}}, "must reference a priority level"),
        ({"distinguisherMethod": {"type": "ByShoe"}}, "Unsupported value"),
        ({"rules": [{**RULE, "subjects": []}]}, "subjects must contain at least one value"),
        ({"rules": [{**RULE, "subjects": [{"kind": "Cat"}]}]}, 'Unsupported value: "Cat"'),
        (
            {"rules": [{**RULE, "subjects": [{"kind": "User"}]}]},
            "user is required when subject kind is 'User'",
        ),
        ({"rules": [{"subjects": RULE["subjects"]}]}, "at least one of resourceRules and nonResourceRules"),
        (
            {"rules": [{**RULE, "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["x"]}]}]},
            "must start with slash",
        ),
        (
            {"rules": [{**RULE, "nonResourceRules": [{"verbs": ["eat"], "nonResourceURLs": ["/x"]}]}]},
            "Unsupported value",
        ),
    ],
)
def test_a_schema_that_makes_no_sense_is_refused(settled: Api, changes: dict[str, Any], message: str) -> None:
    spec = {
        "priorityLevelConfiguration": {"name": "exempt"},
        "matchingPrecedence": 5,
        "rules": [RULE],
        **changes,
    }
    answer = settled.send("POST", f"{GROUP}/flowschemas", {"metadata": {"name": "x"}, "spec": spec})
    assert answer.code == 422
    assert message in answer.body["message"]


@pytest.mark.parametrize("name", ["exempt", "catch-all"])
def test_the_two_fixed_objects_stay_as_they_are(settled: Api, name: str) -> None:
    schema = settled.send("GET", f"{GROUP}/flowschemas/{name}").body
    changed = {**schema, "spec": {**schema["spec"], "rules": []}}
    answer = settled.send("PUT", f"{GROUP}/flowschemas/{name}", changed)
    assert answer.code == 422
    assert f"spec of '{name}' must equal the fixed value" in answer.body["message"]
    assert settled.send("PUT", f"{GROUP}/flowschemas/{name}", schema).code == 200
    level = settled.send("GET", f"{GROUP}/prioritylevelconfigurations/{name}").body
    assert settled.send("PUT", f"{GROUP}/prioritylevelconfigurations/{name}", level).code == 200
