"""A cluster that was written down: enough of one to be drawn, without running anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api.times import format_micro_time
from k8scourse.sim import MILLISECOND, SECOND, Record, Trace, seconds

BAR = "kube-apiserver@control-plane-1"
CM = "kube-controller-manager@control-plane-1"
ETCD = "etcd@control-plane-1"
SCHEDULER = "kube-scheduler@control-plane-1"
OK = [[stage, "ok"] for stage in ("authenticate", "authorize", "admit", "validate", "store")]


@dataclass(frozen=True)
class Part:
    id: str
    component: str
    node: str
    state: str = "running"
    cut: bool = False
    note: str = ""


@dataclass(frozen=True)
class Machine:
    name: str
    role: str
    powered: bool = True
    cut: bool = False


class Clock:
    now = 0


def condition(kind: str, status: str) -> dict[str, Any]:
    return {"type": kind, "status": status}


def node(name: str, ready: str = "True", **spec: Any) -> dict[str, Any]:
    return {
        "kind": "Node",
        "metadata": {"name": name},
        "spec": spec,
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}, "conditions": [condition("Ready", ready)]},
    }


def pod(
    name: str,
    where: str = "",
    *,
    state: str = "ready",
    namespace: str = "default",
    owner: str = "",
    template_hash: str = "7d4b9",
    cpu: str = "500m",
    kind: str = "ReplicaSet",
) -> dict[str, Any]:
    """`state` is pending, creating, started, ready, terminating, done or a reason of trouble."""
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": {}}
    if owner:
        base = owner if kind != "ReplicaSet" else f"{owner}-{template_hash}"
        metadata["name"] = f"{base}-{name}"
        metadata["labels"]["pod-template-hash"] = template_hash
        metadata["ownerReferences"] = [{"kind": kind, "name": base, "uid": "u", "controller": True}]
    if state == "terminating":
        metadata["deletionTimestamp"] = "2026-01-01T00:00:31Z"
    resources = {"requests": {"cpu": cpu, "memory": "512Mi"}}
    spec: dict[str, Any] = {"containers": [{"name": "main", "image": "nginx", "resources": resources}]}
    if where:
        spec["nodeName"] = where
    return {"kind": "Pod", "metadata": metadata, "spec": spec, "status": _status(state)}


def _status(state: str) -> dict[str, Any]:
    if state == "done":
        return {"phase": "Succeeded"}
    if state == "pending":
        return {"phase": "Pending"}
    if state in ("ready", "terminating", "started"):
        ready = "False" if state == "started" else "True"
        running = [{"name": "main", "state": {"running": {}}}]
        return {"phase": "Running", "conditions": [condition("Ready", ready)], "containerStatuses": running}
    reason = "ContainerCreating" if state == "creating" else state
    return {
        "phase": "Pending",
        "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": reason}}}],
    }


def parts_of(workers: int = 3) -> list[Part]:
    plane = "control-plane-1"
    upper = [
        Part(f"{c}@{plane}", c, plane, note=note)
        for c, note in (
            ("kube-apiserver", ""),
            ("etcd", "revision 214"),
            ("kube-controller-manager", ""),
            ("kube-scheduler", ""),
        )
    ]
    hosts = [plane, *(f"worker-{n}" for n in range(1, workers + 1))]
    return upper + [Part(f"{c}@{h}", c, h) for h in hosts for c in ("kubelet", "containerd", "kube-proxy")]


def system_pods() -> list[dict[str, Any]]:
    return [
        pod("abcde", "worker-1", namespace="kube-system", owner="coredns", cpu="100m"),
        pod("fghij", "worker-2", namespace="kube-system", owner="coredns", cpu="100m"),
        pod("x1y2z", "worker-1", namespace="kube-system", owner="kube-proxy", kind="DaemonSet", cpu="0"),
    ]


@dataclass
class RecordedCluster:
    """A ClusterLike whose life is written by hand: change `kept` and call `tell`."""

    workers: int = 3
    name: str = "my-cluster"
    version: str = "v1.36.2"
    ready_at: int = seconds(10)
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.clock.now = seconds(10)
        self.trace = Trace(self.clock)
        self.guard: Any = contextlib.nullcontext()
        self.listeners: list[Callable[[], None]] = []
        self.done: list[tuple[str, ...]] = []
        self.script: list[Callable[[], object]] = []
        self.part_list = parts_of(self.workers)
        self.machine_list = [Machine("control-plane-1", "control-plane")]
        self.machine_list += [Machine(f"worker-{n}", "worker") for n in range(1, self.workers + 1)]
        self.kept = {"nodes": [node(machine.name) for machine in self.machine_list], "pods": system_pods()}
        self.renewed = dict.fromkeys((machine.name for machine in self.machine_list), seconds(9))

    @property
    def now(self) -> int:
        return self.clock.now

    @property
    def seconds(self) -> float:
        return self.clock.now / SECOND

    @property
    def steps(self) -> list[Record]:
        return [r for r in self.trace.records if self.is_step(r) and r.time >= self.ready_at]

    def is_step(self, record: Record) -> bool:
        return record.kind not in ("watch", "commit")

    def objects(self, resource: str) -> list[dict[str, Any]]:
        if resource == "leases":
            return [
                {
                    "metadata": {"name": name, "namespace": "kube-node-lease"},
                    "spec": {"renewTime": format_micro_time(at)},
                }
                for name, at in self.renewed.items()
            ]
        return list(self.kept.get(resource, []))

    def parts(self) -> list[Part]:
        return self.part_list

    def machines(self) -> list[Machine]:
        return self.machine_list

    def inspect(self, part: str) -> dict[str, Any]:
        return {"pods": len(self.objects("pods")), "queues": []}

    def rewind(self, to: float | None = None, *, step: int | None = None) -> RecordedCluster:
        self.done.append(("rewind", str(step)))
        return RecordedCluster(self.workers)

    def run(self, seconds: float | None = None, *, until: Callable[[Any], bool]) -> None:
        while self.script and not until(self):
            self.script.pop(0)()
        self._changed()

    def kubectl(self, command: str) -> str:
        return self._do("kubectl", command)

    def crash(self, name: str) -> str:
        return self._do("crash", name)

    def cordon(self, name: str) -> str:
        return self._do("cordon", name)

    def tell(self, kind: str, source: str, target: str = "", subject: str = "", **detail: Any) -> Record:
        self.clock.now += 10 * MILLISECOND
        return self.trace.add(kind, source, target, subject, **detail)

    def request(self, source: str, verb: str, subject: str, obj: Any, **detail: Any) -> Record:
        """One request that changed something, with its commit."""
        resource = subject.split("/")[0]
        self.tell("commit", BAR, ETCD, f"/registry/{subject}", revision=215, type="PUT")
        defaults: dict[str, Any] = {
            "verb": verb, "resource": resource, "subresource": "", "namespace": "default",
            "name": subject.split("/")[-1], "code": 200, "reason": "", "message": "", "user": "", "agent": source,
            "stages": OK, "before": None, "object": obj, "changed": True,
        }  # fmt: skip
        return self.tell("request", source, BAR, subject, **{**defaults, **detail})

    def replace(self, *pods: dict[str, Any]) -> None:
        names = {p["metadata"]["name"] for p in pods}
        self.kept["pods"] = [p for p in self.kept["pods"] if p["metadata"]["name"] not in names] + list(pods)

    def _do(self, verb: str, name: str) -> str:
        self.done.append((verb, name))
        self.tell("fault", "you", name, "", action=verb)
        self._changed()
        return ""

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()


def busy_cluster(watch: Callable[[RecordedCluster], object] = id) -> RecordedCluster:
    """The moment of the design drawings: every state at once, the scheduler has just bound a Pod."""
    cluster = RecordedCluster()
    cluster.clock.now = seconds(12.4)
    cluster.renewed |= {name: seconds(11) for name in cluster.renewed}
    cluster.renewed["worker-3"] = seconds(12.4 - 46)
    cluster.kept["nodes"][3] = node("worker-3", "Unknown", unschedulable=False)
    cluster.part_list = [
        Part(p.id, p.component, p.node, cut=True) if p.id == "kubelet@worker-3" else p
        for p in cluster.part_list
    ]
    cluster.replace(
        pod("7xk2p", "worker-1", owner="web"),
        pod("m4d8z", "worker-1", owner="web"),
        pod("q9f2l", "worker-1", owner="api"),
        pod("c8w5t", "worker-2", owner="web"),
        pod("8fj3s", "worker-2", owner="old", state="terminating"),
        pod("z7h4k", "worker-3", owner="frontend"),
        pod("5v6bn", "worker-3", owner="job", state="CrashLoopBackOff"),
        pod("migrate", "worker-2", state="done"),
        pod("kk2p9", owner="web", state="pending"),
    )
    bound = pod("x2x9p", "worker-2", owner="web", state="creating")
    cluster.replace(pod("x2x9p", owner="web", state="pending"))
    watch(cluster)
    name = bound["metadata"]["name"]
    cluster.tell("watch", BAR, SCHEDULER, f"pods/default/{name}", type="ADDED")
    cluster.tell(
        "decision", SCHEDULER, "", f"pods/default/{name}", node="worker-2", message="",
        nodes={"worker-1": {"scores": {}, "total": 261}, "worker-2": {"scores": {}, "total": 287},
               "worker-3": {"filtered": "node(s) had untolerated taint {node.kubernetes.io/unreachable: }"}},
    )  # fmt: skip
    cluster.replace(bound)
    cluster.request(
        SCHEDULER,
        "create",
        f"pods/default/{name}",
        None,
        subresource="binding",
        body={"target": {"name": "worker-2"}},
    )
    return cluster


def story(watch: Callable[[RecordedCluster], object] = id) -> RecordedCluster:
    """A Deployment of two comes alive, then a cook faints: one of every kind of step."""
    cluster = RecordedCluster()
    watch(cluster)
    owner = [{"kind": "Deployment", "name": "web", "uid": "d", "controller": True}]
    deployment = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 2}}
    replicaset = {
        "kind": "ReplicaSet",
        "metadata": {"name": "web-7d4b9", "ownerReferences": owner},
        "spec": {"replicas": 2},
    }
    cluster.request("kubectl", "create", "deployments/default/web", deployment)
    cluster.tell("watch", BAR, CM, "deployments/default/web", type="ADDED")
    cluster.request(CM, "create", "replicasets/default/web-7d4b9", replicaset)
    for suffix, where in (("x2x9p", "worker-2"), ("kk2p9", "worker-1")):
        waiting = pod(suffix, owner="web", state="pending")
        name = waiting["metadata"]["name"]
        cluster.replace(waiting)
        cluster.request(CM, "create", f"pods/default/{name}", waiting)
        nodes = {where: {"scores": {}, "total": 287}, "worker-3": {"scores": {}, "total": 261}}
        cluster.tell("watch", BAR, SCHEDULER, f"pods/default/{name}", type="ADDED")
        cluster.tell(
            "decision", SCHEDULER, where, f"pods/default/{name}", node=where, message="", nodes=nodes
        )
        bound = pod(suffix, where, owner="web", state="creating")
        cluster.replace(bound)
        cluster.request(SCHEDULER, "create", f"pods/default/{name}", bound, subresource="binding")
        runtime = (f"kubelet@{where}", f"containerd@{where}", f"pods/default/{name}")
        cluster.tell("watch", BAR, runtime[0], f"pods/default/{name}", type="ADDED")
        cluster.tell("container", *runtime, call="PullImage", container="main", image="nginx", outcome="ok")
        cluster.tell(
            "container", *runtime, call="StartContainer", container="main", image="nginx", outcome="ok"
        )
        ready = pod(suffix, where, owner="web")
        cluster.replace(ready)
        cluster.request(runtime[0], "patch", f"pods/default/{name}", ready, subresource="status")
    cluster.tell(
        "rules", "kube-proxy@worker-1", "worker-1", "default/web", services=3, endpoints=2, changed=True
    )
    refusal = [["authenticate", "ok"], ["authorize", "ok"], ["admit", "ok"], ["validate", "refused"]]
    cluster.tell(
        "request", "kubectl", BAR, "pods/default/x", verb="create", resource="pods", subresource="", name="x", code=422,
        message='Pod "x" is invalid.', agent="kubectl", stages=refusal, changed=False, object=None,
    )  # fmt: skip
    cluster.part_list = [
        Part(p.id, p.component, p.node, "crashed") if p.id == "kubelet@worker-2" else p
        for p in cluster.part_list
    ]
    cluster.tell("fault", "you", "kubelet@worker-2", "", action="crash")
    return cluster
