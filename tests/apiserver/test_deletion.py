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
