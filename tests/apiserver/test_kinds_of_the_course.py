"""Kinds beyond the first fourteen: what the server makes of them, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import MERGE_PATCH, Api

from k8scourse.api import kinds

JOBS = "/apis/batch/v1/namespaces/default/jobs"
CONTROLLERS = "/api/v1/namespaces/default/replicationcontrollers"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/default/ingresses"
CLASSES = "/apis/networking.k8s.io/v1/ingressclasses"
BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
TEMPLATE = {"spec": {"containers": [{"name": "c", "image": "web:1"}]}}


def job(**spec: Any) -> dict[str, Any]:
    template = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
    return {
        "kind": "Job",
        "apiVersion": "batch/v1",
        "metadata": {"name": "j"},
        "spec": {"template": template, **spec},
    }


def test_a_job_knows_its_pods_by_its_uid(api: Api) -> None:
    made = api.post(JOBS, job())
    uid = made["metadata"]["uid"]
    assert made["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert made["spec"]["template"]["metadata"]["labels"]["job-name"] == "j"
    assert made["metadata"]["labels"]["controller-uid"] == uid


def test_who_chooses_a_jobs_pods_himself_keeps_his_selector(api: Api) -> None:
    body = job(manualSelector=True, selector={"matchLabels": {"mine": "1"}})
    body["spec"]["template"]["metadata"] = {"labels": {"mine": "1"}}
    assert api.post(JOBS, body)["spec"]["selector"] == {"matchLabels": {"mine": "1"}}


def test_a_job_may_go_faster_but_not_become_another(api: Api) -> None:
    api.post(JOBS, job(completions=3, suspend=True))
    changed = api.patch(f"{JOBS}/j", {"spec": {"parallelism": 2}}, MERGE_PATCH)
    assert changed["metadata"]["generation"] == 2
    message = api.refused(422, "PATCH", f"{JOBS}/j", {"spec": {"completions": 4}}, content_type=MERGE_PATCH)
    assert message == 'Job.batch "j" is invalid: spec.completions: Invalid value: 4: field is immutable'


def test_jobs_are_found_by_how_many_of_their_pods_succeeded(api: Api) -> None:
    api.post(JOBS, job())
    assert len(api.get(f"{JOBS}?fieldSelector=status.successful%3D0")["items"]) == 1
    assert api.get(f"{JOBS}?fieldSelector=status.successful%3D1")["items"] == []


def test_a_replication_controller_is_scaled_by_its_plain_selector(api: Api) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, **TEMPLATE}
    api.post(CONTROLLERS, {"metadata": {"name": "rc"}, "spec": {"replicas": 2, "template": template}})
    scale = api.get(f"{CONTROLLERS}/rc/scale")
    assert (scale["spec"], scale["status"]["selector"]) == ({"replicas": 2}, "app=web")


def test_an_ingress_without_a_class_gets_the_youngest_default(api: Api) -> None:
    default = {"ingressclass.kubernetes.io/is-default-class": "true"}
    for name, marks in (("a", default), ("b", default), ("c", {})):
        api.post(
            CLASSES, {"metadata": {"name": name, "annotations": marks}, "spec": {"controller": "x.io/y"}}
        )
        api.run(1)
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    made = api.post(INGRESSES, {"metadata": {"name": "i"}, "spec": {"defaultBackend": backend}})
    assert made["spec"]["ingressClassName"] == "b"
    spec = {"ingressClassName": "c", "defaultBackend": backend}
    chosen = api.post(INGRESSES, {"metadata": {"name": "k"}, "spec": spec})
    assert chosen["spec"]["ingressClassName"] == "c"


def test_a_budget_is_replaced_only_by_who_has_read_it(api: Api) -> None:
    body = {"metadata": {"name": "b"}, "spec": {"minAvailable": 1}}
    api.post(BUDGETS, body)
    assert "must be specified for an update" in api.refused(422, "PUT", f"{BUDGETS}/b", body)


def test_an_old_kind_warns_at_every_request(api: Api) -> None:
    path = "/api/v1/namespaces/default/endpoints"
    assert api.send("GET", path).warnings == [kinds.by_plural("", "v1", "endpoints").deprecation]


@pytest.mark.parametrize("kind", [kind for kind in kinds.ALL if kind.stored], ids=lambda kind: kind.kind)
def test_an_empty_object_of_any_kind_is_answered_with_words(api: Api, kind: kinds.Kind) -> None:
    root = f"/apis/{kind.api_version}" if kind.group else "/api/v1"
    path = f"{root}/namespaces/default/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    assert api.send("POST", path, {"metadata": {"name": "x"}}).code in (201, 403, 422)
    assert api.send("POST", path, {"metadata": {"name": "y"}, "spec": {}}).code in (201, 400, 403, 422)
    assert "items" in api.get(path)


def test_what_is_announced_and_not_built_says_so(api: Api) -> None:
    message = api.refused(501, "GET", "/api/v1/nodes/n/proxy/")
    assert message == "nodes/proxy is not built into this API server"


def test_the_health_of_etcd_is_shown_the_old_way(api: Api) -> None:
    path = "/api/v1/componentstatuses"
    assert api.get(f"{path}/etcd-0")["conditions"] == [{"type": "Healthy", "status": "True", "message": "ok"}]
    assert len(api.get(path)["items"]) == 1
    api.refused(404, "GET", f"{path}/scheduler")


CORE_EVENTS = "/api/v1/namespaces/default/events"
NEWER_EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events"


def test_an_event_is_one_event_in_both_groups(api: Api) -> None:
    regarding = {"kind": "Pod", "namespace": "default", "name": "p"}
    told = {"metadata": {"name": "e"}, "regarding": regarding, "note": "hello", "reason": "Testing", "type": "Normal",
            "action": "Test", "reportingController": "example.com/me", "reportingInstance": "me-1",
            "eventTime": "2026-01-01T00:00:01.000000Z"}  # fmt: skip
    made = api.post(NEWER_EVENTS, told)
    assert (made["apiVersion"], made["note"]) == ("events.k8s.io/v1", "hello")
    core = api.get(f"{CORE_EVENTS}/e")
    assert (core["apiVersion"], core["message"], core["involvedObject"]["name"]) == ("v1", "hello", "p")
    listed = api.get(f"{NEWER_EVENTS}?fieldSelector=regarding.name%3Dp")
    assert (listed["apiVersion"], listed["items"][0]["regarding"]["name"]) == ("events.k8s.io/v1", "p")
    api.refused(501, "PATCH", f"{NEWER_EVENTS}/e", {"note": "x"}, content_type=MERGE_PATCH)
    assert api.delete(f"{NEWER_EVENTS}/e")["details"]["group"] == "events.k8s.io"
    api.refused(404, "GET", f"{CORE_EVENTS}/e")


def test_a_watch_tells_events_under_their_newer_names(api: Api) -> None:
    seen = api.watch(f"{NEWER_EVENTS}?watch=1")
    api.post(
        CORE_EVENTS, {"metadata": {"name": "e"}, "involvedObject": {"namespace": "default"}, "message": "hi"}
    )
    assert seen.events[-1]["object"]["note"] == "hi"
