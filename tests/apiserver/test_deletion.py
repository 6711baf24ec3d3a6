"""Deletion: at once, with grace, held by finalizers, and for whole collections."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    SERVICES,
    Api,
    config_map,
    deployment,
    pod,
    service,
)


def bound(api: Api, name: str, **spec: Any) -> dict[str, Any]:
    body: dict[str, Any] = api.post(PODS, pod(name, nodeName="node-1", **spec))
    return body


def test_the_answer_is_a_status_or_for_some_kinds_the_object(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    api.post(SERVICES, service("s"))
    assert api.delete(f"{CONFIG_MAPS}/a")["details"].keys() == {"name", "kind", "uid"}
    assert api.delete(f"{SERVICES}/s")["kind"] == "Service"
    api.refused(404, "GET", f"{CONFIG_MAPS}/a")


def test_a_pod_without_a_node_goes_at_once(api: Api) -> None:
    api.post(PODS, pod("p"))
    metadata = api.delete(f"{PODS}/p")["metadata"]
    assert (metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (0, 2)
    api.refused(404, "GET", f"{PODS}/p")


def test_a_pod_on_a_node_waits_for_its_kubelet(api: Api) -> None:
    bound(api, "p")
    metadata = api.delete(f"{PODS}/p")["metadata"]
    assert metadata["deletionTimestamp"] == "2026-01-01T00:00:30Z"
    assert (metadata["deletionGracePeriodSeconds"], metadata["generation"]) == (30, 2)
    api.run(60)
    assert api.get(f"{PODS}/p")["metadata"]["deletionGracePeriodSeconds"] == 30
    api.delete(f"{PODS}/p", {"gracePeriodSeconds": 0}, user="node-1")
    api.refused(404, "GET", f"{PODS}/p")


def test_the_grace_may_be_shortened_and_not_lengthened(api: Api) -> None:
    bound(api, "p", terminationGracePeriodSeconds=60)
    api.delete(f"{PODS}/p")
    api.run(5)
    assert api.delete(f"{PODS}/p?gracePeriodSeconds=90")["metadata"]["deletionGracePeriodSeconds"] == 60
    metadata = api.delete(f"{PODS}/p?gracePeriodSeconds=20")["metadata"]
    assert metadata["deletionTimestamp"] == "2026-01-01T00:00:20Z"
    assert metadata["generation"] == 2


def test_a_pod_that_has_finished_goes_at_once(api: Api) -> None:
    body = bound(api, "p")
    api.put(f"{PODS}/p/status", {**body, "status": {**body["status"], "phase": "Succeeded"}})
    api.delete(f"{PODS}/p")
    api.refused(404, "GET", f"{PODS}/p")


def test_an_object_stays_until_its_last_finalizer_is_gone(api: Api) -> None:
    body = config_map("a")
    body["metadata"]["finalizers"] = ["example.com/one", "example.com/two"]
    api.post(CONFIG_MAPS, body)
    metadata = api.delete(f"{CONFIG_MAPS}/a")["metadata"]
    assert metadata["deletionGracePeriodSeconds"] == 0
    api.patch(f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": ["example.com/two"]}})
    assert api.get(f"{CONFIG_MAPS}/a")["metadata"]["deletionTimestamp"] == metadata["deletionTimestamp"]
    api.patch(f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": None}})
    api.refused(404, "GET", f"{CONFIG_MAPS}/a")


def test_a_pod_with_a_finalizer_outlives_its_kubelets_delete(api: Api) -> None:
    body = pod("p", nodeName="node-1")
    body["metadata"]["finalizers"] = ["example.com/one"]
    api.post(PODS, body)
    api.delete(f"{PODS}/p")
    api.delete(f"{PODS}/p?gracePeriodSeconds=0")
    assert api.get(f"{PODS}/p")["metadata"]["deletionGracePeriodSeconds"] == 0
    api.patch(f"{PODS}/p", {"metadata": {"finalizers": []}})
    api.refused(404, "GET", f"{PODS}/p")


@pytest.mark.parametrize(
    ("policy", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")]
)
def test_the_policy_leaves_work_for_the_garbage_collector(api: Api, policy: str, finalizer: str) -> None:
    api.post(DEPLOYMENTS, deployment("web"))
    metadata = api.delete(f"{DEPLOYMENTS}/web", {"propagationPolicy": policy})["metadata"]
    assert metadata["finalizers"] == [finalizer]
    assert metadata["generation"] == 2
    api.patch(f"{DEPLOYMENTS}/web", {"metadata": {"finalizers": []}})
    api.refused(404, "GET", f"{DEPLOYMENTS}/web")


def test_background_is_the_default(api: Api) -> None:
    api.post(DEPLOYMENTS, deployment("web"))
    api.delete(f"{DEPLOYMENTS}/web", {"propagationPolicy": "Background"})
    api.refused(404, "GET", f"{DEPLOYMENTS}/web")


def test_preconditions_protect_a_namesake(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    message = api.refused(409, "DELETE", f"{CONFIG_MAPS}/a", {"preconditions": {"uid": "another"}})
    assert "the UID in the precondition (another) does not match the UID in record" in message
    message = api.refused(409, "DELETE", f"{CONFIG_MAPS}/a", {"preconditions": {"resourceVersion": "1"}})
    assert "The object might have been modified" in message
    api.get(f"{CONFIG_MAPS}/a")


def test_a_namespace_stays_until_its_controller_lets_go(api: Api) -> None:
    path = "/api/v1/namespaces/extra"
    api.post("/api/v1/namespaces", {"metadata": {"name": "extra"}})
    assert api.delete(path)["status"]["phase"] == "Terminating"
    message = api.refused(403, "POST", f"{path}/configmaps", config_map("late"))
    assert "unable to create new content in namespace extra because it is being terminated" in message
    api.put(f"{path}/finalize", {"metadata": {"name": "extra"}, "spec": {"finalizers": []}})
    api.refused(404, "GET", path)


def test_the_namespaces_of_the_system_stay(api: Api) -> None:
    message = api.refused(403, "DELETE", "/api/v1/namespaces/kube-system")
    assert message == 'namespaces "kube-system" is forbidden: this namespace may not be deleted'


def test_a_collection_goes_one_by_one(api: Api) -> None:
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2"}), ("c", {"x": "1"})):
        api.post(CONFIG_MAPS, config_map(name, labels))
    body = api.delete(f"{CONFIG_MAPS}?labelSelector=x%3D1")
    assert [item["metadata"]["name"] for item in body["items"]] == ["a", "c"]
    assert [item["metadata"]["name"] for item in api.get(CONFIG_MAPS)["items"]] == ["b"]


def test_wrong_options_are_refused(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    path = f"{CONFIG_MAPS}/a"
    assert "propagationPolicy: Unsupported value" in api.refused(
        422, "DELETE", path, {"propagationPolicy": "Now"}
    )
    api.refused(400, "DELETE", path, {"gracePeriodSeconds": "soon"})
    api.refused(400, "DELETE", f"{path}?gracePeriodSeconds=soon")
    api.refused(400, "DELETE", path, [1])
    api.get(path)


def _job(name: str) -> dict[str, Any]:
    template = {"spec": {**pod("")["spec"], "restartPolicy": "Never"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template},
    }


JOBS = "/apis/batch/v1/namespaces/default/jobs"


def test_a_job_lets_its_pods_go_and_warns_of_it(api: Api) -> None:
    for name in "abc":
        api.post(JOBS, _job(name))
    answer = api.send("DELETE", f"{JOBS}/a")
    assert answer.body["metadata"]["finalizers"] == ["orphan"]
    assert [text[:45] for text in answer.warnings] == ["child pods are preserved by default when jobs"]
    for name, options in (("b", {"propagationPolicy": "Background"}), ("c", {"orphanDependents": False})):
        answer = api.send("DELETE", f"{JOBS}/{name}", options)
        assert (answer.body["kind"], answer.warnings) == ("Status", [])


def test_events_wait_for_no_garbage_collector(api: Api) -> None:
    events = "/api/v1/namespaces/default/events"
    about = {"involvedObject": {"namespace": "default"}, "reason": "r", "source": {"component": "c"}}
    api.post(events, {"metadata": {"name": "e"}, **about})
    assert api.delete(f"{events}/e?propagationPolicy=Foreground")["kind"] == "Status"


def test_the_older_word_for_the_policy_is_still_understood(api: Api) -> None:
    for name in "ab":
        body = deployment(name)
        body["metadata"]["finalizers"] = ["example.com/one"]
        api.post(DEPLOYMENTS, body)
    assert api.expect(202, "DELETE", f"{DEPLOYMENTS}/a?orphanDependents=false")["kind"] == "Deployment"
    kept = api.expect(200, "DELETE", f"{DEPLOYMENTS}/b?orphanDependents=true")
    assert kept["metadata"]["finalizers"] == ["example.com/one", "orphan"]
    both = {"orphanDependents": True, "propagationPolicy": "Orphan"}
    message = api.refused(422, "DELETE", f"{DEPLOYMENTS}/a", both)
    assert message.endswith('"Orphan": orphanDependents and deletionPropagation cannot be both set')


def test_a_dry_run_may_be_asked_for_in_the_body(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    bound(api, "p")
    assert api.delete(f"{CONFIG_MAPS}/a", {"dryRun": ["All"]})["status"] == "Success"
    assert "deletionTimestamp" in api.delete(f"{PODS}/p?dryRun=All")["metadata"]
    assert "deletionTimestamp" not in api.get(f"{PODS}/p")["metadata"]
    api.delete(CONFIG_MAPS, {"dryRun": ["All"]})
    message = api.refused(422, "DELETE", f"{CONFIG_MAPS}/a", {"dryRun": ["Some"]})
    assert message.endswith('dryRun: Unsupported value: ["Some"]: supported values: "All"')
    api.get(f"{CONFIG_MAPS}/a")
    # A body counts alone: what the query says beside it is not looked at.
    api.delete(f"{CONFIG_MAPS}/a?dryRun=All", {"gracePeriodSeconds": 0})
    api.refused(404, "GET", f"{CONFIG_MAPS}/a")


@pytest.mark.parametrize(("asked", "given"), [(-5, 1), (7, 7)])
def test_a_negative_grace_is_one_second(api: Api, asked: int, given: int) -> None:
    bound(api, "p")
    metadata = api.delete(f"{PODS}/p?gracePeriodSeconds={asked}")["metadata"]
    assert metadata["deletionGracePeriodSeconds"] == given


def test_only_a_deletion_that_shortens_may_still_change_the_policy(api: Api) -> None:
    bound(api, "p")
    api.delete(f"{PODS}/p")
    assert "finalizers" not in api.delete(f"{PODS}/p?propagationPolicy=Orphan")["metadata"]
    metadata = api.delete(f"{PODS}/p?gracePeriodSeconds=0&propagationPolicy=Orphan")["metadata"]
    assert (metadata["finalizers"], metadata["deletionGracePeriodSeconds"]) == (["orphan"], 0)


def test_a_namespace_may_be_deleted_in_the_foreground(api: Api) -> None:
    api.post("/api/v1/namespaces", {"metadata": {"name": "extra"}})
    path = "/api/v1/namespaces/extra"
    message = api.refused(409, "DELETE", path, {"preconditions": {"uid": "x"}})
    assert "Precondition failed: UID in precondition: x, UID in object meta:" in message
    deleted = api.delete(f"{path}?propagationPolicy=Foreground")
    assert deleted["metadata"]["finalizers"] == ["foregroundDeletion"]
    api.put(f"{path}/finalize", {**deleted, "spec": {"finalizers": []}})
    api.get(path)
    api.patch(path, {"metadata": {"finalizers": []}})
    api.refused(404, "GET", path)


def test_a_precondition_names_the_kind_and_comes_before_admission(api: Api) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    status = api.expect(409, "DELETE", f"{CONFIG_MAPS}/a?uid=x")
    assert status["message"].startswith('Operation cannot be fulfilled on ConfigMap "a": the UID')
    assert status["details"] == {"name": "a", "kind": "ConfigMap"}
    message = api.refused(409, "DELETE", "/api/v1/namespaces/kube-system", {"preconditions": {"uid": "x"}})
    assert "Precondition failed" in message


def test_a_limit_counts_for_the_deletion_of_a_collection(api: Api) -> None:
    for name in "abc":
        api.post(CONFIG_MAPS, config_map(name))
    assert len(api.delete(f"{CONFIG_MAPS}?limit=2")["items"]) == 2
    assert [item["metadata"]["name"] for item in api.get(CONFIG_MAPS)["items"]] == ["c"]
    api.refused(422, "DELETE", f"{CONFIG_MAPS}?resourceVersionMatch=Exact")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"gracePeriodSeconds": "x"},
            "string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
        ),
        (
            {"gracePeriodSeconds": 2**63},
            f"number {2**63} into Go struct field DeleteOptions.gracePeriodSeconds",
        ),
        (
            {"orphanDependents": 1},
            "number 1 into Go struct field DeleteOptions.orphanDependents of type bool",
        ),
        ({"dryRun": "All"}, "string into Go struct field DeleteOptions.dryRun of type []string"),
        ({"dryRun": [True]}, "bool into Go struct field DeleteOptions.dryRun of type string"),
        (
            {"preconditions": {"uid": []}},
            "array into Go struct field DeleteOptions.preconditions.uid of type string",
        ),
        ({"kind": "Pod", "apiVersion": "v1"}, 'no kind "Pod" is registered for version "v1"'),
    ],
)
def test_options_of_a_wrong_type_are_refused(api: Api, body: Any, problem: str) -> None:
    api.post(CONFIG_MAPS, config_map("a"))
    assert problem in api.refused(400, "DELETE", f"{CONFIG_MAPS}/a", body)
    api.get(f"{CONFIG_MAPS}/a")
