"""Right and wrong answers to lesson 00, as data: each known mistake stands beside the name of its own hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from k8scourse.cluster import Cluster
from k8scourse.sim import Record

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
"""

# What the exercise cell of the notebook applies: a Service that finds nobody, and Pods of something else.
FRONT = """
apiVersion: v1
kind: Service
metadata:
  name: front
spec:
  selector:
    app: website
  ports:
  - port: 80
    targetPort: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: menu
spec:
  selector:
    matchLabels:
      app: menu
  template:
    metadata:
      labels:
        app: menu
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
"""

RIGHT_BETS = {
    "00-created": "b",
    "00-who-tells": "c",
    "00-delete-pod": "d",
    "00-cut-node": "c",
    "00-traffic": "b",
}

# --- E1 ---------------------------------------------------------------------------------------------------

RIGHT_WRITERS_OF = {
    "Deployment": "kubectl",
    "ReplicaSet": "kube-controller-manager",
    "Pod": "kube-controller-manager",
    "Pod.spec.nodeName": "kube-scheduler",
    "Pod.status": "kubelet",
    "EndpointSlice": "kube-controller-manager",
}
WRONG_WRITERS_OF: list[tuple[str, object]] = [
    ("shape", "kubectl"),
    ("shape", None),
    ("unknown_thing", {"Pods": "kubectl"}),
    ("open", {}),
    ("open", {**RIGHT_WRITERS_OF, "Pod": "…"}),
    ("etcd", {**RIGHT_WRITERS_OF, "Pod": "etcd"}),
    ("apiserver", {**RIGHT_WRITERS_OF, "EndpointSlice": "kube-apiserver"}),
    ("process_name", {**RIGHT_WRITERS_OF, "ReplicaSet": "deployment-controller"}),
    ("kubectl_wrote_two", {**RIGHT_WRITERS_OF, "ReplicaSet": "kubectl"}),
    ("kubectl_wrote_two", {**RIGHT_WRITERS_OF, "Pod": "kubectl"}),
    ("scheduler_makes_pods", {**RIGHT_WRITERS_OF, "Pod": "kube-scheduler"}),
    ("kubelet_makes_pods", {**RIGHT_WRITERS_OF, "Pod": "kubelet@worker-1"}),
    ("node_name", {**RIGHT_WRITERS_OF, "Pod.spec.nodeName": "kubelet"}),
    ("node_name", {**RIGHT_WRITERS_OF, "Pod.spec.nodeName": "kube-controller-manager"}),
    ("status", {**RIGHT_WRITERS_OF, "Pod.status": "containerd"}),
    ("status", {**RIGHT_WRITERS_OF, "Pod.status": "kube-scheduler"}),
    ("proxy_reads", {**RIGHT_WRITERS_OF, "EndpointSlice": "kube-proxy"}),
    ("other", {**RIGHT_WRITERS_OF, "Deployment": "kubelet"}),
    ("other", {**RIGHT_WRITERS_OF, "Pod": 7}),
]

# --- E2 ---------------------------------------------------------------------------------------------------

RIGHT_ORDERS: list[object] = [
    "GCJEKAHLDIFB",
    "GCEJKAHLDIFB",
    "g c j e k a h l d i f b",
    "G, C, J, E, K, A, H, L, D, I, F, B",
    list("GCJEKAHLDIFB"),
]
WRONG_ORDERS: list[tuple[str, object]] = [
    ("absent", ""),
    ("absent", None),
    ("absent", "GCJEKAHLDIF"),
    ("absent", 12),
    ("twice", "GCJEKAHLDIFBB"),
    ("stored_first", "CGJEKAHLDIFB"),
    ("controller_first", "GECJKAHLDIFB"),
    ("printed_early", "GJCEKAHLDIFB"),
    ("printed_late", "GCEKAHLDIJFB"),
    ("printed_late", "GCEKAHLDIFBJ"),
    ("deployment_makes_pods", "GCJKEAHLDIFB"),
    ("scheduler_first", "GCJEAKHLDIFB"),
    ("binding_first", "GCJEKHALDIFB"),
    ("kubelet_first", "GCJEKALHDIFB"),
    ("runtime_alone", "GCJEKAHDLIFB"),
    ("ready_first", "GCJEKAHLIDFB"),
    ("endpoint_early", "GCJEKAHLDFIB"),
    ("rules_first", "GCJEKAHLDIBF"),
]

# --- E3 ---------------------------------------------------------------------------------------------------

Acts = Callable[[Cluster], object]


def _patch(cluster: Cluster, spec: str) -> None:
    assert cluster.kubectl(f"patch service front --type=json -p '{spec}'").ok
    cluster.run(seconds=3)


def _select(cluster: Cluster, **selector: str) -> None:
    pairs = ", ".join(f'"{key}": "{value}"' for key, value in selector.items())
    _patch(cluster, f'[{{"op": "replace", "path": "/spec/selector", "value": {{{pairs}}}}}]')


def _apply(cluster: Cluster, manifest: str) -> None:
    assert cluster.apply(manifest).ok
    cluster.run(seconds=3)


def _only_the_newest_pods(cluster: Cluster) -> None:
    pod = cluster.kubectl("get pods -l app=web -o name").splitlines()[0]
    assert cluster.kubectl(f"label {pod} first=yes").ok
    _select(cluster, app="web", first="yes")


def _label_the_pods(cluster: Cluster) -> None:
    for pod in cluster.kubectl("get pods -l app=web -o name").splitlines():
        assert cluster.kubectl(f"label {pod} front=yes").ok
    _select(cluster, front="yes")


def _too_early(cluster: Cluster) -> None:
    assert cluster.apply(FRONT.replace("website", "web")).ok


def _broken_image(cluster: Cluster) -> None:
    assert cluster.kubectl("delete deployment web").ok
    cluster.run(seconds=40)
    assert cluster.apply(WEB.replace("nginx:1.27", "nginx:no-such-tag")).ok
    _select(cluster, app="web")


def _template_too(cluster: Cluster) -> None:
    """Another way that works: teach the Deployment's template the label that the Service looks for."""
    _apply(cluster, WEB.replace("        app: web\n", "        app: web\n        tier: front\n"))
    cluster.run(until="deployment/web available")
    _select(cluster, tier="front")
    cluster.run(seconds=60)


RIGHT_FIXES: list[Acts] = [
    lambda cluster: _apply(cluster, FRONT.replace("website", "web")),
    lambda cluster: _select(cluster, app="web"),
    _template_too,
]
WRONG_FIXES: list[tuple[str, Acts]] = [
    ("unchanged", lambda cluster: None),
    ("unchanged", lambda cluster: cluster.kubectl("delete pods -l app=web")),
    ("nobody", lambda cluster: _select(cluster, app="nginx")),
    ("no_selector", lambda cluster: _patch(cluster, '[{"op": "remove", "path": "/spec/selector"}]')),
    ("others", lambda cluster: _select(cluster, app="menu")),
    ("some", _only_the_newest_pods),
    ("labelled", _label_the_pods),
    ("not_ready", _broken_image),
    ("wait", _too_early),
    (
        "port",
        lambda cluster: _apply(cluster, FRONT.replace("website", "web").replace("Port: 80", "Port: 8080")),
    ),
    ("no_service", lambda cluster: cluster.kubectl("delete service front")),
    ("no_deployment", lambda cluster: cluster.kubectl("delete deployment web")),
]

# --- E4 ---------------------------------------------------------------------------------------------------

Records = Sequence[Record]


def right_by_verb(records: Records) -> Any:
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind != "request" or record.detail["code"] >= 400:
            continue
        if record.detail["verb"] in ("create", "update", "patch", "delete"):
            found.setdefault(record.detail["resource"], set()).add(record.source.split("@")[0])
    return {resource: sorted(found[resource]) for resource in found}


def right_by_change(records: Records) -> Any:
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and record.detail["changed"]:
            found.setdefault(record.detail["resource"], set()).add(record.source.split("@")[0])
    return {resource: sorted(found[resource]) for resource in found}


def counts_reads(records: Records) -> Any:
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and record.detail["code"] < 400:
            found.setdefault(record.detail["resource"], set()).add(record.source.split("@")[0])
    return {resource: sorted(found[resource]) for resource in found}


def counts_refused(records: Records) -> Any:
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and record.detail["verb"] in ("create", "update", "patch", "delete"):
            found.setdefault(record.detail["resource"], set()).add(record.source.split("@")[0])
    return {resource: sorted(found[resource]) for resource in found}


def keeps_the_node(records: Records) -> Any:
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and record.detail["changed"]:
            found.setdefault(record.detail["resource"], set()).add(record.source)
    return {resource: sorted(found[resource]) for resource in found}


def by_subject(records: Records) -> Any:
    return {record.subject: [record.source] for record in records if record.kind == "request"}


def overwrites(records: Records) -> Any:
    return {
        record.detail["resource"]: [record.source.split("@")[0]]
        for record in records
        if record.kind == "request" and record.detail["changed"]
    }


def forgets_the_kind(records: Records) -> Any:
    return {record.detail["resource"]: [] for record in records if record.detail["verb"] == "create"}


def one_too_many(records: Records) -> Any:
    return {**right_by_verb(records), "unicorns": ["kubectl"]}


RIGHT_FUNCTIONS = [right_by_verb, right_by_change]
WRONG_FUNCTIONS: list[tuple[str, object]] = [
    ("not_a_function", None),
    ("not_a_function", {"pods": ["kubectl"]}),
    ("raises", forgets_the_kind),
    ("raises", dict),
    ("nothing", lambda records: None),
    ("shape", lambda records: [record.source for record in records]),
    ("unsorted", lambda records: {name: set(names) for name, names in right_by_verb(records).items()}),
    ("reads", counts_reads),
    ("refused", counts_refused),
    ("whole_ids", keeps_the_node),
    ("by_object", by_subject),
    ("differs", overwrites),
    ("empty", lambda records: {}),
    ("extra", one_too_many),
]
