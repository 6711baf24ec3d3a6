"""A control plane without kubelets and scheduler: etcd, API server, controllers, and hollow nodes.

The hollow node agent binds Pods (a DaemonSet's where its affinity points, others in turn), makes them Running and
Ready after a while, lets them end when they are deleted, and sends heartbeats. A Pod's annotations steer it:
`fake/ready: "false"` never gets ready, `fake/ready-after: "3"` after three seconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from k8scourse.api import conditions, metadata
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.times import format_micro_time, format_time
from k8scourse.api.values import evolve, get_in
from k8scourse.apiserver import TracedApiServer
from k8scourse.client import Client, InformerFactory, Transport, Unreachable
from k8scourse.controllers import ControllerManager, Options
from k8scourse.controllers.daemonset_nodes import node_of
from k8scourse.etcd import EtcdMember, MvccStore
from k8scourse.sim import MILLISECOND, SECOND, Process, Simulation, seconds

Object = dict[str, Any]
TOKENS = {"admin": "kubernetes-admin", "kcm": "system:kube-controller-manager"}
HEARTBEAT_NS = 10 * SECOND


class World:
    """Everything in one place; `world.client` is an administrator."""

    def __init__(
        self,
        nodes: int = 3,
        *,
        seed: int = 0,
        options: Options | None = None,
        ready_after: Callable[[], float] = lambda: 0.2,
        manager: bool = True,
    ) -> None:
        self.sim = Simulation(seed)
        self.options = options
        self.store = MvccStore()
        etcd_process = Process(self.sim, "etcd", "control-plane-1")
        self.etcd = EtcdMember(etcd_process, self.store)
        self.start_server()
        self.client = self.client_of(Process(self.sim, "kubectl"), "admin")
        self.hollow = HollowNodes(self, [f"n{number}" for number in range(1, nodes + 1)], ready_after)
        self.process: Process | None = None
        if manager:
            self.start_manager()
            self.run(1)

    def client_of(self, process: Process, token: str) -> Client:
        """A client for a process."""
        return Client(Transport(process, self._listening, self.sim.network, token=token))

    def _listening(self) -> tuple[Process, TracedApiServer] | None:
        return (self.server_process, self.server) if self.server_process.alive else None

    def start_server(self) -> None:
        """Start kube-apiserver over the store."""
        self.server_process = Process(self.sim, "kube-apiserver", "control-plane-1")
        self.server = TracedApiServer(self.server_process, lambda: self.etcd, tokens=TOKENS)
        self.server.start()

    def kill_server(self) -> None:
        """Crash kube-apiserver."""
        self.server_process.kill()

    def start_manager(self) -> ControllerManager:
        """Start kube-controller-manager; the one before it must be dead."""
        assert self.process is None or not self.process.alive
        self.process = Process(self.sim, "kube-controller-manager", "control-plane-1")
        manager = ControllerManager(self.process, self.client_of(self.process, "kcm"), self.options)
        manager.start()
        return manager

    def kill_manager(self) -> None:
        """Crash kube-controller-manager."""
        assert self.process is not None
        self.process.kill()

    def run(self, amount: float = 10.0) -> None:
        """Let so many seconds go by."""
        self.sim.run(self.sim.now + seconds(amount))

    def run_until(self, condition: Callable[[], bool], limit: float = 120.0) -> None:
        """Step until the condition holds; fail when it does not within `limit` seconds."""
        end = self.sim.now + seconds(limit)
        while not condition():
            assert self.sim.step(), "nothing happens any more"
            assert self.sim.now <= end, "it does not happen"

    def get(self, resource: str, name: str, namespace: str = "default") -> Object:
        """One object."""
        return self.client.get(resource, name, namespace)

    def find(self, resource: str, name: str, namespace: str = "default") -> Object | None:
        """One object, or None."""
        try:
            return self.get(resource, name, namespace)
        except NotFound:
            return None

    def list(self, resource: str, namespace: str = "default", selector: str = "") -> list[Object]:
        """Objects of a namespace."""
        return self.client.list(resource, namespace, label_selector=selector)

    def patch(self, resource: str, name: str, change: Object, namespace: str = "default") -> Object:
        """A merge patch by the administrator."""
        return self.client.patch(resource, name, change, namespace, patch_type="merge")

    def end(self, pod: Object, code: int = 0) -> None:
        """The containers of a Pod end with that code."""
        pod = self.get("pods", metadata.name(pod))
        state = {"terminated": {"exitCode": code, "finishedAt": format_time(self.sim.now)}}
        about = {"name": "c", "image": "task:1", "imageID": "", "ready": False, "restartCount": 0}
        rows = [row for row in pod["status"].get("conditions", ()) if row["type"] != "Ready"]
        changes = {"phase": "Failed" if code else "Succeeded", "conditions": rows}
        status = {**pod["status"], **changes, "containerStatuses": [{**about, "state": state}]}
        self.client.update_status({**pod, "status": status})

    def events(self, name: str = "", namespace: str = "default") -> list[tuple[str, str]]:
        """(reason, message) of all Events about an object, or about all, in the order of their creation."""
        found = [
            (each["metadata"]["name"].rpartition(".")[2], each["reason"], each["message"])
            for each in self.list("events", namespace)
            if not name or each["involvedObject"]["name"] == name
        ]
        return [(reason, message) for _, reason, message in sorted(found)]

    def sizes(self, selector: str = "") -> list[tuple[int, int]]:
        """(revision, replicas) of all ReplicaSets."""
        found = self.list("replicasets", selector=selector)
        revision = "deployment.kubernetes.io/revision"
        return sorted(
            (int(each["metadata"]["annotations"][revision]), each["spec"]["replicas"]) for each in found
        )

    @property
    def revision(self) -> int:
        """The store's revision: two equal ones mean that nothing was written between them."""
        return int(self.client.list_with_version("configmaps")[1])


class HollowNodes:
    """Nodes that only pretend."""

    def __init__(self, world: World, names: list[str], ready_after: Callable[[], float]) -> None:
        self.world, self.names, self._ready_after = world, names, ready_after
        self.silent: set[str] = set()
        self._ready: dict[str, str] = {}
        self.process = Process(world.sim, "hollow", "somewhere")
        self.client = world.client_of(self.process, "admin")
        self._turn, self._addresses = itertools.count(), itertools.count(1)
        for name in names:
            self.client.create(new_node(name))
        self._informers = InformerFactory(self.process, self.client)
        self._pods = self._informers.get("pods")
        self._pods.on(added=self._look, updated=lambda _, pod: self._look(pod))
        self._informers.start()
        self.process.every(HEARTBEAT_NS, self._heartbeat)

    def _look(self, pod: Object) -> None:
        node = get_in(pod, "spec.nodeName", "")
        if not node:
            self.process.after(10 * MILLISECOND, self._attempt, self._bind, metadata.key(pod))
        elif metadata.is_terminating(pod):
            self.process.after(300 * MILLISECOND, self._attempt, self._end, metadata.key(pod))
        elif get_in(pod, "status.phase") == "Pending":
            self.process.after(100 * MILLISECOND, self._attempt, self._run, metadata.key(pod))
        elif metadata.uid(pod) in self._ready and not conditions.is_true(pod, "Ready"):
            self.process.after(100 * MILLISECOND, self._attempt, self._get_ready, metadata.key(pod))

    def _attempt(self, act: Callable[[Object], None], key: str) -> None:
        pod = self._pods.lister.get(key)
        if pod is None or get_in(pod, "spec.nodeName", "") in self.silent:
            return
        try:
            act(pod)
        except Unreachable:
            self.process.after(SECOND, self._attempt, act, key)
        except StatusError:
            return

    def _bind(self, pod: Object) -> None:
        if get_in(pod, "spec.nodeName"):
            return
        alive = [name for name in self.names if name not in self.silent]
        node = node_of(pod) or alive[next(self._turn) % len(alive)]
        self.client.bind(pod, node)

    def _run(self, pod: Object) -> None:
        if get_in(pod, "status.phase") != "Pending":
            return
        address = f"10.244.9.{next(self._addresses) % 250}"
        running = evolve(evolve(pod, "status.phase", "Running"), "status.podIP", address)
        self.client.update_status(self._with_ready(running, "False"))
        notes = metadata.annotations(pod)
        if notes.get("fake/ready") == "false":
            return
        delay = float(notes.get("fake/ready-after", self._ready_after()))
        self.process.after(seconds(delay), self._attempt, self._get_ready, metadata.key(pod))

    def _get_ready(self, pod: Object) -> None:
        self._ready[metadata.uid(pod)] = metadata.key(pod)
        self.client.update_status(self._with_ready(pod, "True"))

    def _with_ready(self, pod: Object, status: str) -> Object:
        return conditions.with_condition(pod, {"type": "Ready", "status": status}, self.process.now)

    def _end(self, pod: Object) -> None:
        if not metadata.is_terminating(pod):
            return  # another one of that name
        name, namespace = metadata.name(pod), metadata.namespace(pod)
        self.client.delete("pods", name, namespace, grace_period_seconds=0, uid=metadata.uid(pod))

    def _heartbeat(self) -> None:
        for name in self.names:
            if name in self.silent:
                continue
            lease = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": name, "namespace": "kube-node-lease"},
                "spec": {"renewTime": format_micro_time(self.process.now)},
            }
            try:
                old = self.client.get("leases", name, "kube-node-lease")
                self.client.update({**lease, "metadata": old["metadata"]})
                self._revive(name)
            except NotFound:
                self.client.create(lease)
            except (StatusError, Unreachable):
                continue

    def _revive(self, name: str) -> None:
        """A kubelet that comes back reports again what it knows of its node and of its Pods."""
        node = self.client.get("nodes", name)
        if not conditions.is_true(node, "Ready"):
            row = {"type": "Ready", "status": "True", "lastHeartbeatTime": format_time(self.process.now)}
            self.client.update_status(conditions.with_condition(node, row, self.process.now))
            for pod in self._pods.lister.list():
                self._look(pod)


def new_node(name: str) -> Object:
    """A Ready node."""
    rows = [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ok"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {"capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"}, "conditions": rows},
    }


def template(image: str = "nginx:1", **annotations: str) -> Object:
    """A Pod template with label app=web."""
    notes = {
        "annotations": {key.replace("_", "/", 1).replace("_", "-"): text for key, text in annotations.items()}
    }
    return {
        "metadata": {"labels": {"app": "web"}, **(notes if annotations else {})},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }


def deployment(replicas: int = 3, *, name: str = "web", image: str = "nginx:1", **spec: Any) -> Object:
    """A Deployment of `replicas`."""
    base = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template(image)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _named(name), "spec": {**base, **spec}}


def replica_set(replicas: int = 3, *, name: str = "rs", **spec: Any) -> Object:
    """A bare ReplicaSet of `replicas`."""
    return {**deployment(replicas, name=name, **spec), "kind": "ReplicaSet"}


def daemon_set(name: str = "agent", **spec: Any) -> Object:
    """A DaemonSet."""
    base = {"selector": {"matchLabels": {"app": "web"}}, "template": template()}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": _named(name), "spec": {**base, **spec}}


def config_map(name: str, *owners: Object, **more: Any) -> Object:
    """A ConfigMap, owned by others or not."""
    references = [
        {
            "apiVersion": "v1",
            "kind": each["kind"],
            "name": metadata.name(each),
            "uid": metadata.uid(each),
            **more,
        }
        for each in owners
    ]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**_named(name), **({"ownerReferences": references} if references else {})},
    }


def service(name: str = "s", **spec: Any) -> Object:
    """A Service that selects app=web."""
    base = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _named(name), "spec": {**base, **spec}}


def bare_pod(name: str, labels: Object | None = None, **spec: Any) -> Object:
    """A Pod of its own."""
    base = {"containers": [{"name": "c", "image": "nginx:1"}]}
    made = {**_named(name), **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": {**base, **spec}}


def condition_of(obj: Object, condition_type: str) -> tuple[str, str, str]:
    """(status, reason, message) of a condition."""
    row = conditions.get(obj, condition_type) or {}
    return row.get("status", ""), row.get("reason", ""), row.get("message", "")


def _named(name: str) -> Object:
    return {"name": name, "namespace": "default"}
