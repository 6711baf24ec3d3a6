"""A learner's function as an admission webhook: it allows, refuses, changes, fails, and lives on in a fork."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cluster.stories import WEB

from k8scourse import words
from k8scourse.cluster import Cluster, LearnerError
from k8scourse.cluster.hooks import difference

PODS = "/api/v1/namespaces/default/pods"
NAME = "no-latest.example.com"


def pod(name: str, image: str = "nginx:1.27") -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "main", "image": image}]}}


def no_latest(request: dict[str, Any]) -> str | None:
    images = [container["image"] for container in request["object"]["spec"]["containers"]]
    return next((f"{image} may change under you" for image in images if image.endswith(":latest")), None)


def labelled(request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = request["object"]
    found["metadata"].setdefault("labels", {})["team"] = "noodles"
    found["metadata"]["annotations"] = {"example.com/by": "a webhook"}
    return found


def broken(request: dict[str, Any]) -> None:
    raise KeyError("labels")


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(workers=1)


def test_a_function_that_says_something_refuses_with_it(cluster: Cluster) -> None:
    assert cluster.webhook(NAME, no_latest) is no_latest
    refused, allowed = (
        cluster.send("POST", PODS, pod("a", "nginx:latest")),
        cluster.send("POST", PODS, pod("b")),
    )
    assert (refused.code, allowed.code, refused.refused_at) == (403, 201, "check")
    assert (
        refused.message == f'admission webhook "{NAME}" denied the request: nginx:latest may change under you'
    )
    assert refused.notes == []


def test_it_can_be_a_decorator(cluster: Cluster) -> None:
    @cluster.webhook("names.example.com", resources=["pods", "deployments"], operations=["CREATE", "UPDATE"])
    def short_names(request: dict[str, Any]) -> str | None:
        return "too long" if len(request["name"]) > 5 else None

    assert short_names({"name": "a-long-name"}) == "too long"
    assert cluster.send("POST", PODS, pod("a-long-name")).code == 403
    output = cluster.apply(WEB.replace("name: web", "name: a-long-name"))
    assert 'admission webhook "names.example.com" denied the request: too long' in output


def test_it_is_an_object_like_any_other(cluster: Cluster) -> None:
    cluster.webhook(NAME, no_latest)
    made = cluster.find("validatingwebhookconfigurations", NAME)
    assert made is not None
    assert made["webhooks"][0]["rules"][0]["resources"] == ["pods"]
    cluster.send("DELETE", f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{NAME}")
    assert cluster.send("POST", PODS, pod("a", "nginx:latest")).code == 201


def test_a_mutating_function_changes_the_object(cluster: Cluster) -> None:
    cluster.webhook("team.example.com", labelled, mutating=True)
    answer = cluster.send("POST", PODS, pod("a"))
    assert answer.code == 201
    assert answer.body["metadata"]["labels"] == {"team": "noodles"}
    assert answer.body["metadata"]["annotations"] == {"example.com/by": "a webhook"}
    assert "metadata.labels" in repr(answer)


def test_a_change_in_place_counts_as_well(cluster: Cluster) -> None:
    cluster.webhook("team.example.com", lambda request: labelled(request) and None, mutating=True)
    assert cluster.send("POST", PODS, pod("a")).body["metadata"]["labels"] == {"team": "noodles"}


def test_given_again_the_new_function_is_asked(cluster: Cluster) -> None:
    cluster.webhook(NAME, no_latest)
    cluster.webhook(NAME, lambda request: "never")
    assert cluster.send("POST", PODS, pod("a")).message.endswith("denied the request: never")
    cluster.webhook(NAME, labelled, mutating=True)
    assert cluster.send("POST", PODS, pod("a")).code == 201
    assert cluster.objects("validatingwebhookconfigurations") == []


@pytest.mark.parametrize(("policy", "code"), [("Fail", 500), ("Ignore", 201)])
def test_a_function_that_fails_is_a_webhook_that_does_not_answer(
    cluster: Cluster, policy: str, code: int
) -> None:
    cluster.webhook(NAME, broken, failure_policy=policy)
    answer = cluster.send("POST", PODS, pod("a"))
    assert answer.code == code
    assert (f'failed calling webhook "{NAME}"' in answer.message) == (policy == "Fail")
    line = broken.__code__.co_firstlineno + 1
    assert answer.notes == [
        f"Note: your function for {NAME} failed in line {line}: KeyError: 'labels'. "
        "The API server only saw a closed connection; the failure policy decided."
    ]
    assert answer.notes[0] in repr(answer)


def test_kubectl_and_a_run_tell_of_a_failed_function_too(cluster: Cluster) -> None:
    cluster.webhook(NAME, broken)
    assert "KeyError: 'labels'" in cluster.kubectl("run a --image=nginx:1.27")
    cluster.apply(WEB)
    assert "KeyError: 'labels'" in str(cluster.run(5))


@pytest.mark.parametrize("said", [True, 5, {"a": 1}, ["no"]])
def test_an_answer_that_means_nothing_is_told(cluster: Cluster, said: object) -> None:
    cluster.webhook(NAME, lambda request: said)
    answer = cluster.send("POST", PODS, pod("a"))
    assert answer.code == 500
    assert f"this one returned a {type(said).__name__}" in answer.notes[0]


def test_an_object_that_is_no_json_is_told(cluster: Cluster) -> None:
    cluster.webhook(NAME, lambda request: {"a": {1, 2}}, mutating=True)
    assert "TypeError" in cluster.send("POST", PODS, pod("a")).notes[0]


@pytest.mark.parametrize("act", ["send", "run", "step", "fork", "kubectl", "crash"])
def test_a_function_may_look_but_not_act(cluster: Cluster, act: str) -> None:
    arguments = {"send": ("GET", PODS), "kubectl": ("get pods",), "crash": ("etcd",)}.get(act, ())
    cluster.webhook(
        NAME, lambda request: str(len(cluster.objects("pods"))) and getattr(cluster, act)(*arguments)
    )
    inputs = len(cluster.history.inputs)
    answer = cluster.send("POST", PODS, pod("a"))
    assert "may look at the cluster, but do nothing to it" in answer.notes[0]
    assert len(cluster.history.inputs) == inputs + 1


def test_a_configuration_made_by_hand_leads_nowhere(cluster: Cluster) -> None:
    cluster.webhook(NAME, no_latest)
    webhook = {
        **cluster.objects("validatingwebhookconfigurations")[0]["webhooks"][0],
        "clientConfig": {"url": "https://other.example.com/"},
    }
    made = cluster.send(
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        {"metadata": {"name": "by-hand"}, "webhooks": [webhook]},
    )
    assert made.code == 201
    assert "lookup other.example.com" in cluster.send("POST", PODS, pod("a")).message


def test_a_fork_asks_the_same_function() -> None:
    cluster = Cluster(workers=1)
    cluster.webhook(NAME, no_latest)
    cluster.send("POST", PODS, pod("a", "nginx:latest"))
    cluster.run(1)
    twin = cluster.fork()
    assert twin.trace.digest() == cluster.trace.digest()
    assert twin.send("POST", PODS, pod("b", "nginx:latest")).code == 403


# --- bad input ------------------------------------------------------------------------------------------------


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    words.use(request.param)
    yield request.param
    words.use("en")


@pytest.mark.parametrize(
    ("key", "arguments", "options"),
    [
        ("hook_name", (5, no_latest), {}),
        ("hook_check", (NAME, "no"), {}),
        ("hook_resource", (NAME, no_latest), {"resources": ["podz"]}),
        ("hook_resource", (NAME, no_latest), {"resources": []}),
        ("hook_operations", (NAME, no_latest), {"operations": ["create"]}),
        ("hook_policy", (NAME, no_latest), {"failure_policy": "Maybe"}),
        ("hook_refused", ("short", no_latest), {}),
    ],
)
def test_what_cannot_be_a_webhook_is_told_in_a_sentence(
    cluster: Cluster, language: str, key: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with pytest.raises(LearnerError) as error:
        cluster.webhook(*arguments, **options)
    assert error.value.key == key
    assert cluster.objects("validatingwebhookconfigurations") == []
    assert cluster.send("POST", PODS, pod("a", "nginx:latest")).code == 201


def test_the_difference_of_two_objects_is_a_json_patch() -> None:
    old = {"a": 1, "b": {"c": [1], "d/e": 1}, "f": True}
    new = {"b": {"c": [1, 2], "g": {}}, "f": 1}
    assert difference(old, new) == [
        {"op": "remove", "path": "/a"},
        {"op": "replace", "path": "/b/c", "value": [1, 2]},
        {"op": "remove", "path": "/b/d~1e"},
        {"op": "add", "path": "/b/g", "value": {}},
        {"op": "replace", "path": "/f", "value": 1},
    ]


def test_a_namespace_says_who_keeps_it_from_going(cluster: Cluster) -> None:
    cluster.kubectl("create namespace doomed")
    cluster.run(2)
    cluster.send("POST", "/api/v1/namespaces/doomed/pods", pod("a"))
    cluster.send("POST", "/api/v1/namespaces/doomed/secrets", {"metadata": {"name": "s"}})
    cluster.webhook(NAME, lambda request: "not now", operations=("DELETE",))
    cluster.send("DELETE", "/api/v1/namespaces/doomed")
    cluster.run(30)
    found = cluster.find("namespaces", "doomed")
    assert found is not None
    said = {row["type"]: row for row in found["status"]["conditions"]}["NamespaceDeletionContentFailure"]
    assert (said["status"], said["reason"]) == ("True", "ContentDeletionFailed")
    assert f'admission webhook "{NAME}" denied the request: not now' in said["message"]
    assert cluster.find("secrets", "s", "doomed") is None
    cluster.send("DELETE", f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{NAME}")
    cluster.run(60)
    assert cluster.find("namespaces", "doomed") is None
