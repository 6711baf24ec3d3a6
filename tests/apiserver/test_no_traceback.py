"""Whatever arrives, the answer is a Status, an object or a page; never a traceback, and never a broken store."""

from __future__ import annotations

import json
from typing import Any

from apiserver.support import (
    DEPLOYMENTS,
    NODES,
    PODS,
    SERVICE_ACCOUNTS,
    SERVICES,
    Api,
    deployment,
    node,
    pod,
    service,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from k8scourse.apiserver import Request, Watch


def words(text: str) -> list[str]:
    return text.split()


# What words the real things are made of, so that random requests come close to them.
WORDS = st.sampled_from(
    words(
        "a default kube-system p web s node-1 ghost Pod v1 apps/v1 Deployment Service spec status name 10.96.0.10 "
        "None Always NodePort 1 -1 0 5 1.5 100m 1Gi true null ../.. a/b % \u0000 é 2026-01-01T00:00:00Z uid x=y in"
    )
)
WORDS |= st.sampled_from(["", " ", "a b", "x" * 300])
KEYS = st.sampled_from(
    words(
        "apiVersion kind metadata name namespace generateName labels annotations finalizers ownerReferences uid "
        "resourceVersion deletionTimestamp creationTimestamp generation managedFields spec status containers image "
        "volumes tolerations nodeName priority priorityClassName serviceAccountName automountServiceAccountToken "
        "initContainers volumeMounts mountPath replicas selector matchLabels matchExpressions template strategy "
        "type ports port nodePort targetPort protocol clusterIP clusterIPs externalName taints capacity allocatable "
        "data stringData conditions phase podIP holderIdentity target deleteOptions gracePeriodSeconds key operator "
        "propagationPolicy preconditions orphanDependents values value effect $patch $retainKeys endpoints "
        "$setElementOrder/containers addresses addressType involvedObject resources requests cpu"
    )
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | WORDS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)

GOOD: list[tuple[str, str, Any]] = [
    ("POST", PODS, pod("q")),
    ("PUT", f"{PODS}/p", pod("p")),
    ("PUT", f"{PODS}/p/status", {**pod("p"), "status": {"phase": "Running"}}),
    ("POST", f"{PODS}/p/binding", {"target": {"kind": "Node", "name": "node-1"}}),
    ("POST", f"{PODS}/p/eviction", {"metadata": {"name": "p"}, "deleteOptions": {"gracePeriodSeconds": 1}}),
    ("POST", DEPLOYMENTS, deployment("other")),
    ("PUT", f"{DEPLOYMENTS}/web", deployment("web", 2)),
    ("PUT", f"{DEPLOYMENTS}/web/scale", {"metadata": {"name": "web"}, "spec": {"replicas": 2}}),
    (
        "PATCH",
        f"{DEPLOYMENTS}/web",
        {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x"}]}}}},
    ),
    ("PATCH", f"{DEPLOYMENTS}/web", [{"op": "replace", "path": "/spec/replicas", "value": 4}]),
    ("PATCH", f"{SERVICES}/s", {"spec": {"type": "NodePort", "ports": [{"port": 80}]}}),
    ("PATCH", f"{NODES}/node-1/status", {"status": {"capacity": {"cpu": "4"}}}),
    ("POST", SERVICES, service("t", type="NodePort")),
    ("POST", NODES, node("node-2")),
    ("PUT", "/api/v1/namespaces/extra/finalize", {"metadata": {"name": "extra"}, "spec": {"finalizers": []}}),
    ("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0, "preconditions": {"uid": "x"}}),
    ("DELETE", PODS, {"propagationPolicy": "Orphan"}),
    ("GET", PODS, None),
    ("GET", f"{PODS}/p/log", None),
]
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", ""])
QUERIES = st.dictionaries(
    st.sampled_from(
        words(
            "watch limit continue labelSelector fieldSelector resourceVersion resourceVersionMatch dryRun "
            "fieldValidation timeoutSeconds sendInitialEvents allowWatchBookmarks gracePeriodSeconds pretty "
            "propagationPolicy tailLines orphanDependents container includeObject"
        )
    ),
    WORDS
    | st.sampled_from(
        ["All", "Strict", "Exact", "NotOlderThan", "a in (b", "!a,b=c", "metadata.name=p", "2"]
    ),
    max_size=3,
)
TYPES = st.sampled_from(
    ["", "application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json",
     "application/strategic-merge-patch+json", "application/apply-patch+yaml", "text/plain", ";;"]
)  # fmt: skip
ACCEPTS = st.sampled_from(
    ["", "application/json;as=Table;v=v1;g=meta.k8s.io", "*/*;as=PartialObjectMetadata", "x"]
)


def fresh() -> Api:
    api = Api()
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    api.post("/api/v1/namespaces", {"metadata": {"name": "extra"}})
    api.post(NODES, node("node-1"))
    api.post(PODS, pod("p"))
    api.post(DEPLOYMENTS, deployment("web"))
    api.post(SERVICES, service("s"))
    return api


def check(api: Api, request: Any) -> None:
    answer = api.server.handle(request)
    api.check_no_panic()
    if isinstance(answer, Watch):
        events: list[Any] = []
        answer.connect(events.append, lambda: None)
        json.dumps(events)
        answer.stop()
    elif isinstance(answer.body, (dict, list)):
        json.dumps(answer.body)
        if answer.code >= 400:
            assert answer.body["kind"] == "Status"
            assert answer.body["code"] == answer.code
            assert answer.stages[-1][1] == "refused"
    else:
        assert isinstance(answer.body, str)
    for key_value in api.store.range("/registry/", "/registry0").kvs:
        metadata = key_value.value["metadata"]
        assert key_value.key.endswith("/" + metadata["name"])
        assert {"uid", "creationTimestamp"} <= metadata.keys()
        assert "resourceVersion" not in metadata


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """A good body with one part replaced, taken away or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: draw(damaged(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(damaged(value[index])), *value[index + 1 :]]
    if isinstance(value, dict) and draw(st.booleans()):
        return {**value, draw(KEYS): draw(VALUES)}
    return draw(VALUES)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_requests_that_are_nearly_right(data: st.DataObject) -> None:
    api = fresh()
    for _ in range(5):
        method, path, body = data.draw(st.sampled_from(GOOD))
        body = data.draw(damaged(body))
        headers = {
            "Authorization": "Bearer admin",
            "Content-Type": data.draw(TYPES),
            "Accept": data.draw(ACCEPTS),
        }
        if data.draw(st.integers(0, 3)) == 0:
            headers["Authorization"] = f"Bearer {data.draw(st.sampled_from(['node-1', 'controllers', 'x']))}"
        if data.draw(st.booleans()):
            path = data.draw(st.sampled_from(["", "/", "/status", "/scale", "/finalize"])).join([path, ""])
        check(api, Request(method, path, data.draw(QUERIES), headers, body))


PARTS = st.sampled_from(words("api apis v1 apps namespaces default pods p %2F nodes")) | WORDS


@settings(max_examples=300, deadline=None)
@given(
    METHODS,
    st.lists(PARTS),
    QUERIES,
    TYPES,
    st.binary(max_size=60) | st.text(max_size=60) | VALUES | st.builds(json.dumps, VALUES),
)
def test_requests_that_are_nothing_like_it(
    method: str, parts: list[str], query: Any, kind: str, body: Any
) -> None:
    api = fresh()
    headers = {"Authorization": "Bearer admin", "Content-Type": kind}
    check(api, Request(method, "/" + "/".join(parts), query, headers, body))
    check(api, Request(method, PODS, query, headers, body))
    check(api, Request(method, f"{DEPLOYMENTS}/web", query, headers, body))


ANYTHING = (
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.binary(max_size=3)
)


@settings(max_examples=100, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING | st.sets(st.integers()) | st.dictionaries(ANYTHING.filter(
    lambda value: not isinstance(value, list)), ANYTHING))  # fmt: skip
def test_requests_of_wrong_types(method: Any, path: Any, query: Any, headers: Any, body: Any) -> None:
    api = fresh()
    check(api, Request(method, path, query, headers, body))
    check(api, Request("POST", PODS, {}, {"Authorization": "Bearer admin"}, body))


YAML = st.sampled_from(
    [
        *(
            "a: [b",
            "a: &x [*x]",
            "? {a: b}\n: c",
            "!!python/object:os.system x",
            "1: 2",
            "- a",
            "--- a\n--- b",
        ),
        *("\ufeffa: b", "a: 2026-01-01", "a: .inf", "&a [*a]", "{" * 500, "x: !!binary zzz", "a: 1_000"),
        *("<<: [1]", "%TAG", "\t- x", "y: y"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(YAML | st.text(max_size=40))
def test_yaml_that_is_broken_or_strange(text: str) -> None:
    api = fresh()
    headers = {"Authorization": "Bearer admin", "Content-Type": "application/yaml"}
    check(api, Request("POST", PODS, {}, headers, text))
    body = f"metadata: {{name: x}}\ndata:\n  k: v\n{text}"
    check(
        api,
        Request(
            "POST", "/api/v1/namespaces/default/configmaps", {}, headers, body.encode("utf-8", "replace")
        ),
    )
