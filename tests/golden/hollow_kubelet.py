"""Kubelets without containers: three nodes whose Pods only say that they run.

The reference recordings were made with such kubelets (``FORMAT.md`` beside the cases): a bound Pod is
ContainerCreating at once, Running and Ready 0.2 s later, and gone 0.3 s after its deletion. Annotations steer it:

    fake/exit-after "N"     its containers end N seconds after they started, with fake/exit-code (0)
    fake/ready "false"      never Ready            fake/ready-after "N"   Ready N seconds after it runs
    fake/stuck "creating"   stays ContainerCreating
    fake/image-error "true" ErrImagePull
    fake/stop-delay "N"     seconds that it takes to stop, within its grace period
    fake/logs               what it wrote
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.api import metadata
from k8scourse.api.errors import BadRequest, NotFound, StatusError
from k8scourse.api.sessions import Command, Opener
from k8scourse.api.times import format_micro_time, format_time
from k8scourse.api.values import get_in
from k8scourse.client import Client, EventRecorder, InformerFactory, Unreachable
from k8scourse.sim import SECOND, Process, seconds

from . import hollow_status as status

Object = dict[str, Any]
Act = Callable[[Object], None]
LEASE_NS = 4 * SECOND
START_SECONDS = 0.2
STOP_SECONDS = 0.3
LEASES = "kube-node-lease"


class HollowKubelets:
    """The kubelets of `nodes`, in one process; `client` may do everything."""

    def __init__(self, process: Process, client: Client, nodes: list[Object]) -> None:
        self.process, self.client = process, client
        self.nodes = {metadata.name(node): node for node in nodes}
        self.silent: set[str] = set()
        self._acted: dict[tuple[str, str], int] = {}
        self._events = EventRecorder(process, client, "kubelet")
        self._informers = InformerFactory(process, client)
        self._pods = self._informers.get("pods")

    def start(self) -> None:
        """Register the nodes and begin to look after their Pods."""
        for node in self.nodes.values():
            self.client.create(node)
        self._pods.on(
            added=self._look, updated=lambda _, pod: self._look(pod), deleted=lambda pod: self._forget(pod)
        )
        self._informers.start()
        self._renew_leases()
        self.process.every(LEASE_NS, self._renew_leases)

    def silence(self, node: str, silent: bool) -> None:
        """A silent kubelet neither reports nor acts; when it speaks again it catches up."""
        if silent:
            self.silent.add(node)
            return
        self.silent.discard(node)
        self._renew_leases()
        conditions = status.node_conditions(self.process.now)
        self._report_status("nodes", node, "", {"conditions": conditions})
        for pod in self._pods.lister.list():
            if get_in(pod, "spec.nodeName") == node:
                self._forget(pod)
                self._report_again(pod)
                self._look(pod)

    def logs(self, node: str, namespace: str, pod: str, container: str, **options: Any) -> str:
        """What `fake/logs` says."""
        found = self._pods.lister.get(f"{namespace}/{pod}")
        if found is None:
            raise NotFound(f'pods "{pod}" not found')
        if node in self.silent:
            raise BadRequest(f"the kubelet of {node} does not answer")
        nothing = f"fakekubelet: no real process behind container {container} of pod {namespace}/{pod}\n"
        return metadata.annotations(found).get("fake/logs", nothing)

    def ended(self, node: str, namespace: str, pod: str, container: str) -> bool:
        """Whether a log will not grow: none of these does."""
        return True

    def exec(self, node: str, namespace: str, pod: str, container: str, command: Command) -> Opener:
        """There is nothing to run a command in."""
        raise BadRequest(f"fakekubelet: no real process behind container {container}")

    def http(self, node: str, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        """Nobody listens."""
        return None

    # -- Pods --------------------------------------------------------------------------------------

    def _look(self, pod: Object) -> None:
        if get_in(pod, "spec.nodeName", "") not in self.nodes:
            return
        phase = get_in(pod, "status.phase", "")
        if metadata.is_terminating(pod):
            self._stop_soon(pod)
        elif phase == "Pending" and not get_in(pod, "status.hostIP", ""):
            self._once(pod, "create", 0, self._create)
        elif phase == "Pending":
            self._once(pod, "run", START_SECONDS, self._run)
        elif phase == "Running":
            self._run_on(pod)

    def _run_on(self, pod: Object) -> None:
        delay = status.ready_delay(pod)
        if delay:
            self._once(pod, "ready", delay, self._get_ready)
        exit_after = metadata.annotations(pod).get("fake/exit-after")
        if exit_after is not None:
            self._once(pod, "exit", float(exit_after), self._exit)

    def _stop_soon(self, pod: Object) -> None:
        grace = pod["metadata"].get("deletionGracePeriodSeconds", 0)
        delay = min(float(metadata.annotations(pod).get("fake/stop-delay", STOP_SECONDS)), float(grace))
        if (metadata.uid(pod), "kill") not in self._acted and get_in(pod, "status.phase") == "Running":
            for container in pod["spec"]["containers"]:
                self._event(pod, container, "Killing", f"Stopping container {container['name']}")
        self._acted[metadata.uid(pod), "kill"] = 1
        self._once(pod, f"stop {grace}", delay, self._stop)

    def _create(self, pod: Object) -> None:
        address = status.node_address(self.nodes[pod["spec"]["nodeName"]])
        self._report(pod, status.creating(pod, address, self.process.now))

    def _run(self, pod: Object) -> None:
        notes = metadata.annotations(pod)
        if get_in(pod, "status.phase") != "Pending" or notes.get("fake/stuck") == "creating":
            return
        if notes.get("fake/image-error") == "true":
            self._report(pod, status.image_error(pod, self.process.now))
            return
        for container in pod["spec"]["containers"]:
            text = f'Container image "{container["image"]}" already present on machine'
            self._event(pod, container, "Pulled", text)
            self._event(pod, container, "Created", "Container created")
            self._event(pod, container, "Started", "Container started")
        ready = status.ready_delay(pod) == 0
        self._report(pod, status.running(pod, ready=ready, now_ns=self.process.now))

    def _get_ready(self, pod: Object) -> None:
        if get_in(pod, "status.phase") == "Running":
            self._report(pod, status.running(pod, ready=True, now_ns=self.process.now))

    def _exit(self, pod: Object) -> None:
        if get_in(pod, "status.phase") == "Running":
            code = int(metadata.annotations(pod).get("fake/exit-code", "0"))
            restarts = code and get_in(pod, "spec.restartPolicy") == "OnFailure"
            next_status = status.restarted(pod, self.process.now) if restarts else None
            self._report(pod, next_status or status.ended(pod, code, self.process.now))

    def _stop(self, pod: Object) -> None:
        if get_in(pod, "status.phase") not in ("Succeeded", "Failed"):
            always = get_in(pod, "spec.restartPolicy", "Always") == "Always"
            self._report(pod, status.ended(pod, 0 if always else 143, self.process.now))
        name, namespace = metadata.name(pod), metadata.namespace(pod)
        self.client.delete("pods", name, namespace, grace_period_seconds=0, uid=metadata.uid(pod))

    def _report_again(self, pod: Object) -> None:
        """The node controller has called the Pods of a silent kubelet not ready."""
        if get_in(pod, "status.phase") == "Running" and status.was_ready(pod):
            self._act(metadata.key(pod), metadata.uid(pod), self._get_ready)

    # -- when and whether --------------------------------------------------------------------------

    def _once(self, pod: Object, what: str, delay: float, act: Act) -> None:
        """Do something to a Pod after a delay; a second wish for the same is the same wish."""
        mark = (metadata.uid(pod), what)
        if mark not in self._acted:
            self._acted[mark] = self.process.now
            self.process.after(seconds(delay), self._act, metadata.key(pod), metadata.uid(pod), act)

    def _act(self, key: str, uid: str, act: Act) -> None:
        pod = self._pods.lister.get(key)
        if pod is None or metadata.uid(pod) != uid or pod["spec"]["nodeName"] in self.silent:
            return
        try:
            act(pod)
        except Unreachable:
            self.process.after(SECOND, self._act, key, uid, act)
        except StatusError:
            return

    def _forget(self, pod: Object) -> None:
        uid = metadata.uid(pod)
        self._acted = {mark: when for mark, when in self._acted.items() if mark[0] != uid}

    def _report(self, pod: Object, changes: Object) -> None:
        self._report_status("pods", metadata.name(pod), metadata.namespace(pod), changes)

    def _report_status(self, resource: str, name: str, namespace: str, changes: Object) -> None:
        now = self.client.get(resource, name, namespace)
        merged = status.merge(now.get("status") or {}, changes)
        self.client.update_status({**now, "status": merged})

    def _event(self, pod: Object, container: Object, reason: str, message: str) -> None:
        self._events.event(
            pod, "Normal", reason, message, field_path=f"spec.containers{{{container['name']}}}"
        )

    # -- heartbeats --------------------------------------------------------------------------------

    def _renew_leases(self) -> None:
        for name in self.nodes:
            if name in self.silent:
                continue
            try:
                self._renew(name)
            except (StatusError, Unreachable):
                continue

    def _renew(self, name: str) -> None:
        try:
            lease = self.client.get("leases", name, LEASES)
        except NotFound:
            self.client.create(_lease(self.client.get("nodes", name), self.process.now))
            return
        spec = {**lease["spec"], "renewTime": format_micro_time(self.process.now)}
        self.client.update({**lease, "spec": spec})


def _lease(node: Object, now_ns: int) -> Object:
    owner = {"apiVersion": "v1", "kind": "Node", "name": metadata.name(node), "uid": metadata.uid(node)}
    spec = {
        "holderIdentity": metadata.name(node),
        "leaseDurationSeconds": 40,
        "renewTime": format_micro_time(now_ns),
    }
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": metadata.name(node), "namespace": LEASES, "ownerReferences": [owner]},
        "spec": spec,
    }


def new_node(number: int, now_ns: int) -> Object:
    """The Node that a hollow kubelet registers: node-1 in zone-a and so on."""
    name = f"node-{number}"
    labels = {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": "region-1",
        "topology.kubernetes.io/zone": f"zone-{'abc'[number - 1]}",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": status.node_status(name, number, format_time(now_ns)),
    }
