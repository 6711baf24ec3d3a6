"""The parts of a Pod with a path of their own: ephemeral containers, resources while it runs, logs."""

from __future__ import annotations

from typing import Any

import pytest
from apiserver.support import PODS, STRATEGIC_PATCH, Api, pod


def _debugger(name: str = "debug", **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "busybox:1.36", **fields}


def _add(api: Api, *containers: dict[str, Any], code: int = 200) -> Any:
    patch = {"spec": {"ephemeralContainers": list(containers)}}
    path = f"{PODS}/p/ephemeralcontainers"
    return api.expect(code, "PATCH", path, patch, content_type=STRATEGIC_PATCH)


def test_a_container_may_be_added_to_a_pod_that_runs(api: Api) -> None:
    api.post(PODS, pod("p"))
    body = _add(api, _debugger(targetContainerName="c"))
    (added,) = body["spec"]["ephemeralContainers"]
    assert (added["terminationMessagePath"], added["imagePullPolicy"]) == (
        "/dev/termination-log",
        "IfNotPresent",
    )
    assert body["metadata"]["generation"] == 2
    assert api.get(f"{PODS}/p/ephemeralcontainers") == api.get(f"{PODS}/p")
    entry = body["metadata"]["managedFields"][-1]
    assert entry["subresource"] == "ephemeralcontainers"


def test_nothing_else_changes_that_way(api: Api) -> None:
    whole = api.post(PODS, pod("p"))
    container = {**whole["spec"]["containers"][0], "image": "other:1"}
    spec = {**whole["spec"], "containers": [container], "ephemeralContainers": [_debugger()]}
    metadata = {**whole["metadata"], "labels": {"a": "b"}}
    body = api.put(f"{PODS}/p/ephemeralcontainers", {**whole, "metadata": metadata, "spec": spec})
    assert "labels" not in body["metadata"]
    assert body["spec"]["containers"][0]["image"] == "registry.example/c:1"
    assert [one["name"] for one in body["spec"]["ephemeralContainers"]] == ["debug"]


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        (_debugger("c"), 'Duplicate value: "c"'),
        (_debugger("Bad"), "spec.ephemeralContainers[0].name: Invalid value"),
        (_debugger(targetContainerName="nobody"), 'targetContainerName: Not found: "nobody"'),
        (_debugger(ports=[{"containerPort": 80}]), "cannot be set for an Ephemeral Container"),
        (_debugger(resources={"limits": {"cpu": "1"}}), "cannot be set for an Ephemeral Container"),
    ],
)
def test_an_ephemeral_container_is_judged(api: Api, container: dict[str, Any], problem: str) -> None:
    api.post(PODS, pod("p"))
    assert problem in _add(api, container, code=422)["message"]


def test_an_ephemeral_container_stays_as_it_is(api: Api) -> None:
    api.post(PODS, pod("p"))
    _add(api, _debugger())
    changed = _add(api, _debugger(image="other:1"), code=422)
    assert 'existing ephemeral containers "debug" may not be changed' in changed["message"]
    whole = api.get(f"{PODS}/p")
    gone = {**whole, "spec": {**whole["spec"], "ephemeralContainers": []}}
    removed = api.expect(422, "PUT", f"{PODS}/p/ephemeralcontainers", gone)
    assert 'existing ephemeral containers "debug" may not be removed' in removed["message"]
    _add(api, _debugger("second"))
    assert len(api.get(f"{PODS}/p")["spec"]["ephemeralContainers"]) == 2


def test_a_pod_of_the_kubelets_own_takes_none(api: Api) -> None:
    body = pod("p", nodeName="node-1")
    body["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    api.post("/api/v1/nodes", {"metadata": {"name": "node-1"}})
    owner = {"apiVersion": "v1", "kind": "Node", "name": "node-1", "controller": True}
    owner["uid"] = api.get("/api/v1/nodes/node-1")["metadata"]["uid"]
    body["metadata"]["ownerReferences"] = [owner]
    api.post(PODS, body, user="node-1")
    message = _add(api, _debugger(), code=422)["message"]
    assert message == 'Pod "p" is invalid: []: Forbidden: static pods do not support ephemeral containers'


# -- resize ------------------------------------------------------------------------------------------------


def _sized(**resources: Any) -> dict[str, Any]:
    body = pod("p")
    amounts = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}
    body["spec"]["containers"][0]["resources"] = {**amounts, **resources}
    return body


def _resize(api: Api, code: int = 200, name: str = "c", **resources: Any) -> Any:
    patch = {"spec": {"containers": [{"name": name, "resources": resources}]}}
    return api.expect(code, "PATCH", f"{PODS}/p/resize", patch, content_type=STRATEGIC_PATCH)


def test_a_pod_may_be_given_more_while_it_runs(api: Api) -> None:
    api.post(PODS, _sized())
    body = _resize(api, requests={"cpu": "150m"})
    assert body["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "150m", "memory": "64Mi"}
    assert body["metadata"]["generation"] == 2
    plain = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "120m"}}}]}}
    message = api.refused(422, "PATCH", f"{PODS}/p", plain, content_type=STRATEGIC_PATCH)
    assert "pod updates may not change fields other than" in message


@pytest.mark.parametrize(
    ("resources", "problem"),
    [
        (
            {"limits": {"memory": None}},
            "spec.containers[0].resources.limits: Forbidden: resource limits cannot be",
        ),
        ({"requests": {"cpu": "1"}}, "must be less than or equal to cpu limit of 200m"),
        (
            {"limits": {"ephemeral-storage": "1Gi"}},
            "spec: Forbidden: only cpu and memory resources are mutable",
        ),
        ({"requests": {"cpu": "200m"}}, 'spec: Invalid value: "Guaranteed": Pod QOS Class may not change'),
    ],
)
def test_a_resize_is_judged(api: Api, resources: dict[str, Any], problem: str) -> None:
    api.post(PODS, _sized())
    assert problem in _resize(api, 422, **resources)["message"]


def test_what_is_asked_for_may_not_be_taken_back(api: Api) -> None:
    api.post(PODS, _sized(limits={}))
    message = _resize(api, 422, requests={"cpu": None})["message"]
    assert "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed" in message


def test_a_resize_touches_neither_the_number_of_containers_nor_their_names(api: Api) -> None:
    api.post(PODS, _sized())
    more = _resize(api, 422, name="d", requests={"cpu": "1m"})["message"]
    assert "spec.containers: Forbidden: containers may not be added or removed on resize" in more
    whole = api.get(f"{PODS}/p")
    renamed = {**whole["spec"]["containers"][0], "name": "other"}
    other = {**whole, "spec": {**whole["spec"], "containers": [renamed]}}
    message = api.refused(422, "PUT", f"{PODS}/p/resize", other)
    assert (
        "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize" in message
    )


def test_what_is_no_resource_stays_silently(api: Api) -> None:
    whole = api.post(PODS, _sized())
    container = {**whole["spec"]["containers"][0], "image": "other:1"}
    body = api.put(f"{PODS}/p/resize", {**whole, "spec": {**whole["spec"], "containers": [container]}})
    assert body["spec"]["containers"][0]["image"] == "registry.example/c:1"


# -- logs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "problem"),
    [
        ("tailLines=-1", 422, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", 422, "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", 422, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        (
            "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
            422,
            "at most one of `sinceTime` or `sinceSeconds`",
        ),
        ("sinceTime=yesterday", 400, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00"'),
        ("tailLines=", 400, 'strconv.ParseInt: parsing "": invalid syntax'),
        ("container=x", 400, "container x is not valid for pod p"),
    ],
)
def test_wrong_options_of_a_log_are_refused(api: Api, query: str, code: int, problem: str) -> None:
    api.post(PODS, pod("p", nodeName="node-1"))
    assert problem in api.refused(code, "GET", f"{PODS}/p/log?{query}")


def test_a_log_may_be_that_of_any_container(api: Api) -> None:
    body = pod("p", nodeName="node-1")
    body["spec"]["initContainers"] = [{"name": "first", "image": "i"}]
    body["spec"]["containers"].append({"name": "d", "image": "i"})
    api.post(PODS, body)
    _add(api, _debugger())
    message = api.refused(400, "GET", f"{PODS}/p/log")
    assert message.endswith("choose one of: [c d] or one of the init containers: [first]")
    for name in ("c", "d", "first", "debug"):
        assert api.get(f"{PODS}/p/log?container={name}&tailLines=3") == f"node-1 default p {name} 3\n"
