"""The audit log: who asked what, at the level that the policy wants, by whichever server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from k8scourse import words
from k8scourse.apiserver import Request
from k8scourse.cluster import Cluster, LearnerError

PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
SECRETS = "/api/v1/namespaces/default/secrets"


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "v"}}


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(workers=1)


def test_a_request_leaves_an_event_with_who_what_and_what_came_of_it(cluster: Cluster) -> None:
    answer = cluster.send("POST", MAPS, config_map("a"))
    event = cluster.audit[-1]
    assert event["auditID"] == answer.headers["Audit-Id"]
    assert (event["level"], event["stage"], event["verb"]) == ("Metadata", "ResponseComplete", "create")
    assert (event["user"]["username"], "system:masters" in event["user"]["groups"]) == (
        "kubernetes-admin",
        True,
    )
    assert event["objectRef"] == {
        "resource": "configmaps",
        "namespace": "default",
        "name": "a",
        "apiVersion": "v1",
    }
    assert event["responseStatus"] == {"metadata": {}, "code": 201}
    assert event["requestURI"] == MAPS
    assert event["annotations"]["authorization.k8s.io/decision"] == "allow"
    assert not {"requestObject", "responseObject"} & event.keys()
    assert event["requestReceivedTimestamp"] <= event["stageTimestamp"]


def test_a_refusal_is_recorded_with_its_status_and_a_stranger_without_a_name(cluster: Cluster) -> None:
    cluster.send("GET", PODS, user="ann")
    cluster.send("GET", PODS, token="stolen")
    forbidden, unknown = cluster.audit[-2:]
    assert forbidden["responseStatus"]["reason"] == "Forbidden"
    assert forbidden["annotations"]["authorization.k8s.io/decision"] == "forbid"
    assert (unknown["user"], unknown["responseStatus"]["code"]) == ({}, 401)
    assert "annotations" not in unknown


def test_what_components_read_and_their_heartbeats_are_not_recorded(cluster: Cluster) -> None:
    cluster.run(30)
    seen = {(event["user"].get("username"), event["verb"]) for event in cluster.audit}
    assert not [
        each for each in seen if str(each[0]).startswith("system:") and each[1] in ("get", "list", "watch")
    ]
    assert not [event for event in cluster.audit if event.get("objectRef", {}).get("resource") == "leases"]
    assert [event for event in cluster.audit if event["user"].get("username", "").startswith("system:node:")]


def test_the_level_decides_how_much_is_kept(cluster: Cluster) -> None:
    secrets = {"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]}
    cluster.audit_policy(
        secrets, {"level": "RequestResponse", "users": ["kubernetes-admin"], "verbs": ["create"]}, "None"
    )
    before = len(cluster.audit)
    cluster.send("POST", SECRETS, {"metadata": {"name": "s"}, "stringData": {"password": "hunter2"}})
    cluster.send("POST", MAPS, config_map("a"))
    cluster.send("GET", MAPS)
    secret, whole = cluster.audit[before:]
    assert "hunter2" not in json.dumps(secret)
    assert whole["requestObject"] == config_map("a")
    assert whole["responseObject"]["metadata"]["uid"]
    cluster.audit_policy("Request")
    cluster.send("POST", MAPS, config_map("b"))
    assert "requestObject" in cluster.audit[-1]
    assert "responseObject" not in cluster.audit[-1]
    cluster.audit_policy()
    cluster.send("POST", MAPS, config_map("c"))
    assert cluster.audit[-1]["level"] == "Metadata"


@pytest.mark.parametrize(
    ("rule", "recorded"),
    [
        ({"users": ["ann"]}, ["ann"]),
        ({"userGroups": ["system:masters"]}, ["kubernetes-admin", "kubernetes-admin"]),
        ({"verbs": ["get"]}, ["kubernetes-admin", "kubernetes-admin", "ann"]),
        ({"namespaces": ["default"]}, ["kubernetes-admin"]),
        ({"nonResourceURLs": ["/ver*"]}, ["kubernetes-admin"]),
        ({"resources": [{"group": "", "resources": ["pods/log", "configmaps"]}]}, ["kubernetes-admin"]),
        ({"resources": [{"group": "apps"}]}, []),
    ],
)
def test_the_first_rule_that_fits_counts(cluster: Cluster, rule: dict[str, Any], recorded: list[str]) -> None:
    cluster.audit_policy({"level": "Metadata", **rule})
    before = len(cluster.audit)
    cluster.send("GET", f"{MAPS}/kube-root-ca.crt")
    cluster.send("GET", "/version")
    cluster.send("GET", "/api/v1/nodes/worker-1", user="ann")
    assert [event["user"]["username"] for event in cluster.audit[before:]] == recorded


def test_a_watch_is_recorded_when_it_begins(cluster: Cluster) -> None:
    cluster.listen(MAPS)
    assert (cluster.audit[-1]["verb"], cluster.audit[-1]["stage"]) == ("watch", "ResponseStarted")


def test_both_servers_write_into_one_log_and_a_restart_loses_nothing(cluster: Cluster) -> None:
    cluster.add_api_server()
    before = len(cluster.audit)
    for name in "abcd":
        cluster.send("POST", MAPS, config_map(name))
    cluster.crash("kube-apiserver@control-plane-1")
    assert [event["objectRef"]["name"] for event in cluster.audit[before:]] == list("abcd")


@pytest.mark.parametrize("method", ["GET", 5, None])
@pytest.mark.parametrize("path", [MAPS, 7, None])
@pytest.mark.parametrize("headers", [{}, {"User-Agent": 5}, None])
def test_a_request_that_makes_no_sense_is_recorded_too(
    cluster: Cluster, method: Any, path: Any, headers: Any
) -> None:
    server = cluster.world.find_server()
    assert server is not None
    before = len(cluster.audit)
    answer = server[1].server.handle(Request(method, path, headers=headers, body=object()))
    assert len(cluster.audit) == before + 1
    assert (cluster.audit[-1]["responseStatus"]["code"], server[1].server.panics) == (answer.code, [])


def test_a_fork_has_the_same_log(cluster: Cluster) -> None:
    cluster.audit_policy("Request")
    cluster.send("POST", MAPS, config_map("a"))
    assert cluster.fork().audit.events == cluster.audit.events


def test_the_log_is_shown_as_a_table(cluster: Cluster) -> None:
    cluster.send("GET", PODS, user="ann")
    last = repr(cluster.audit).splitlines()[-1]
    assert [part in last for part in ("ann", "list", "pods/default", "403")] == [True] * 4
    assert len(cluster.audit.of("ann")) == 1


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("audit_level", "Everything"),
        ("audit_level", 5),
        ("audit_level", {"users": ["ann"]}),
        ("audit_field", {"level": "Metadata", "user": ["ann"]}),
        ("audit_field", {"level": "Metadata", "users": "ann"}),
        ("audit_field", {"level": "Metadata", "resources": ["pods"]}),
    ],
)
def test_a_policy_that_cannot_be_meant_is_told(
    cluster: Cluster, language: str, key: str, rule: object
) -> None:
    words.use(language)
    try:
        with pytest.raises(LearnerError) as error:
            cluster.audit_policy(rule)
    finally:
        words.use("en")
    assert error.value.key == key
