"""The lesson's run as a story that tests can tell again, and what must be true at its end."""

from __future__ import annotations

from typing import Any

from k8scourse.apiserver import TracedApiServer
from k8scourse.cluster import Cluster
from k8scourse.kubeproxy import KernelRules

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""


def shape(cluster: Cluster) -> dict[str, Any]:
    """What a settled cluster amounts to, without the names, addresses and times that chance gave."""
    return {
        "nodes": sorted((_name(node), _conditions(node), _taints(node)) for node in cluster.objects("nodes")),
        "deployments": sorted((_name(obj), _counts(obj)) for obj in cluster.objects("deployments")),
        "replicasets": sorted((_owner(obj), _counts(obj)) for obj in cluster.objects("replicasets")),
        "daemonsets": sorted((_name(obj), _daemon_counts(obj)) for obj in cluster.objects("daemonsets")),
        "pods": sorted((_owner(pod), pod["status"]["phase"], _ready(pod)) for pod in cluster.objects("pods")),
        "endpoints": sorted(_endpoints(cluster, obj) for obj in cluster.objects("endpointslices")),
        "rules": [_rules(cluster, name) for name in cluster.world.machines],
    }


def _name(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["name"])


def _owner(obj: dict[str, Any]) -> str:
    """The kind and, where it is not drawn by chance, the name of what an object belongs to."""
    labels = obj["metadata"].get("labels", {})
    owners = obj["metadata"].get("ownerReferences", [])
    kind = owners[0]["kind"] if owners else ""
    return f"{kind}/{labels.get('app') or labels.get('k8s-app') or labels.get('component') or _name(obj)}"


def _conditions(obj: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((each["type"], each["status"]) for each in obj["status"].get("conditions", [])))


def _taints(node: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(taint["key"] for taint in node["spec"].get("taints", [])))


def _counts(obj: dict[str, Any]) -> tuple[Any, ...]:
    status = obj["status"]
    return (obj["spec"]["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0))


def _daemon_counts(obj: dict[str, Any]) -> tuple[Any, ...]:
    return (obj["status"].get("desiredNumberScheduled", 0), obj["status"].get("numberReady", 0))


def _ready(pod: dict[str, Any]) -> str:
    return dict(_conditions(pod)).get("Ready", "")


def _endpoints(cluster: Cluster, endpoint_slice: dict[str, Any]) -> tuple[str, int, bool]:
    """The Service, how many endpoints are ready, and whether each is the address of a living Pod."""
    service = endpoint_slice["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
    ready = [each for each in endpoint_slice.get("endpoints") or [] if each["conditions"].get("ready")]
    addresses = {pod["status"].get("podIP") for pod in cluster.objects("pods")}
    addresses |= {machine.address for machine in cluster.world.machines.values()}
    return service, len(ready), all(each["addresses"][0] in addresses for each in ready)


def _rules(cluster: Cluster, node: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The Services that a node's kernel knows, each with how many endpoints its rules choose from."""
    rules = KernelRules(cluster.world.machines[node]).read()
    return node, tuple((service.name, len(service.endpoints)) for service in rules.services)


def settle(cluster: Cluster) -> None:
    """Run until nothing happens any more, then through one more round of heartbeats and probes."""
    cluster.run()
    cluster.run(seconds=30)
    assert [] == [
        panic for _, server in cluster.world.running(TracedApiServer) for panic in server.server.panics
    ]
