"""`Kubelet`: puts the loops together and routes what it hears to the workers.

Upstream: `pkg/kubelet/kubelet.go` (syncLoop), `pkg/kubelet/pod/pod_manager.go`, `pkg/kubelet/pleg/generic.go`.
"""

from __future__ import annotations

from typing import Any

from ..api.metadata import key as key_of
from ..api.sessions import Command, Opener
from ..api.times import format_time
from ..client import Client, EventRecorder, InformerFactory
from ..runtime import CRIError, RuntimeService
from ..sim import Machine, Process
from . import logs, static_pods, streaming
from .admission import refusal
from .backoff import Backoff
from .config import HOUSEKEEPING_NS, RELIST_NS, KubeletConfig, Object, Pod
from .container_statuses import waiting_reason
from .images import ImagePuller
from .lease import NodeLease
from .node_status import NodeStatus
from .object_cache import ObjectCache
from .pod_worker import PodWorker
from .probes import ProbeManager
from .services import Services
from .status_manager import StatusManager
from .tokens import TokenManager
from .volumes import Volumes


class Kubelet:
    """The agent of one node. `start()` once; the process' end is its end.

    After a restart it finds the containers that run in the runtime and goes on with them. Pods of the API that
    are gone meanwhile are stopped only once the API server has been heard.
    """

    def __init__(
        self,
        process: Process,
        client: Client,
        machine: Machine,
        runtime: RuntimeService,
        config: KubeletConfig | None = None,
    ) -> None:
        self.process, self.machine, self.runtime = process, machine, runtime
        self.config = config or KubeletConfig()
        self.workers: dict[str, PodWorker] = {}
        self._static: dict[str, Object] = {}
        self._relisting: dict[str, None] = {}
        self._started_at = process.now
        self._listening = False
        recorder = EventRecorder(process, client, "kubelet")
        self._informers = InformerFactory(process, client)
        self._pods = self._informers.get("pods", field_selector=f"spec.nodeName={machine.name}")
        self._nodes = self._informers.get("nodes", field_selector=f"metadata.name={machine.name}")
        self._services = self._informers.get("services")
        self._mirrors = static_pods.MirrorClient(process, client)
        self._lease = NodeLease(process, client, machine.name, self._node)
        self.node_status = NodeStatus(process, client, machine, runtime, recorder, self.config, self._node)
        self._objects = ObjectCache(process, client)
        self._shared = self._share(client, recorder)

    def _share(self, client: Client, recorder: EventRecorder) -> Services:
        return Services(
            process=self.process,
            machine=self.machine,
            config=self.config,
            runtime=self.runtime,
            recorder=recorder,
            images=ImagePuller(self.process, self.runtime, recorder),
            statuses=StatusManager(self.process, client, self._in_api),
            volumes=Volumes(self.machine, self._objects.fetch_lazily, TokenManager(self.process, client)),
            backoff=Backoff(),
            fetch=self._objects.fetch,
            node=self._node,
            services=self._services.lister.list,
            probes=ProbeManager(self.process, self.runtime, recorder, self._wake, self._probe_failed),
        )

    def start(self) -> None:
        """Start every loop."""
        self._pods.on(added=self._seen, updated=lambda old, new: self._seen(new), deleted=self._deleted)
        self._nodes.on(added=self._node_changed, updated=lambda old, new: self._node_changed(new))
        self._pods.when_synced(self._housekeep)
        self.node_status.start()
        self._lease.start()
        self._shared.statuses.start()
        self._informers.start()
        self.process.every(HOUSEKEEPING_NS, self._housekeep)

    def logs(self, namespace: str, pod: str, container: str, **options: Any) -> str:
        """What a container of this node wrote; see `logs.read`. Raises `BadRequest` or `NotFound`."""
        found = self._pod(namespace, pod)
        status = {} if found is None else self._shared.statuses.get(found)
        waiting = waiting_reason(status, container)
        now = self.process.now
        return logs.read(self.runtime, found, pod, container, now, waiting=waiting, **options)

    def exec(self, namespace: str, pod: str, container: str, command: Command) -> Opener:
        """The way to run a command in a container of this node; see `streaming.py`."""
        return streaming.exec_in(self.process, self.runtime, self._pod(namespace, pod), container, command)

    def ended(self, namespace: str, pod: str, container: str) -> bool:
        """Whether a container's log will not grow any more."""
        return streaming.ended(self.runtime, self._pod(namespace, pod), container)

    def http(self, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        """What a Pod's program answers on a port, None when nobody listens."""
        return streaming.http(self.runtime, self._pod(namespace, pod), port, path)

    def _pod(self, namespace: str, name: str) -> Pod | None:
        key = f"{namespace}/{name}"
        return next((one.pod for one in self.workers.values() if key_of(one.pod) == key), None)

    def manifests_changed(self) -> None:
        """The machine's kernel says that the folder of manifests has changed (inotify); else it is read in turn."""
        self._read_manifests()

    def retry_now(self, pod_prefix: str) -> None:
        """Forget how long to wait before the containers of Pods with such names are tried again, and try."""
        for worker in list(self.workers.values()):
            if worker.pod["metadata"]["name"].startswith(pod_prefix):
                self._shared.backoff.forget(worker.pod["metadata"]["uid"])
                worker.wake()

    def inspect(self) -> dict[str, Any]:
        """The Pods it works for, each with its phase."""
        rows = [(key_of(one.pod), self._shared.statuses.get(one.pod)) for one in self.workers.values()]
        return {"pods": sorted(f"{key} {status.get('phase', 'Pending')}" for key, status in rows)}

    # --- what the API says ----------------------------------------------------------------------------------

    def _node(self) -> Object | None:
        return self._nodes.lister.get(self.machine.name)

    def _node_changed(self, node: Object) -> None:
        """The node's range of Pod addresses arrives here: the network can be set up."""
        cidr = node["spec"].get("podCIDR", "")
        if not cidr:
            return
        try:
            was_ready = self.runtime.status().network_ready
            self.runtime.update_runtime_config(cidr)
        except CRIError:
            return
        if not was_ready:
            self.node_status.report()
            self._wake_all()

    def _seen(self, pod: Object) -> None:
        if static_pods.is_mirror(pod):
            static = self._static_of(pod)
            if static is not None:
                self._shared.statuses.reconcile(static, pod)
                worker = self.workers.get(static["metadata"]["uid"])
                if worker is not None:
                    worker.wake()
            return
        uid = pod["metadata"]["uid"]
        worker = self.workers.get(uid)
        if worker is None:
            self._add(pod)
            self._admit(self.workers[uid])
        elif _wants_work(worker.pod, pod):
            worker.update(pod)
        else:
            worker.pod = pod
            self._shared.statuses.reconcile(pod, pod)

    def _deleted(self, pod: Object) -> None:
        if static_pods.is_mirror(pod):
            self._housekeep()
        elif (worker := self.workers.get(pod["metadata"]["uid"])) is not None:
            worker.remove()

    def _in_api(self, pod: Pod) -> Pod | None:
        """The API's object for a Pod of ours."""
        found = self._pods.lister.get(key_of(pod))
        if found is None:
            return None
        same = found["metadata"]["uid"] == pod["metadata"]["uid"]
        mirrors = static_pods.is_mirror(found) and pod["metadata"]["uid"] in self._static
        return found if same or mirrors else None

    # --- workers --------------------------------------------------------------------------------------------

    def _add(self, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        self._objects.expire(pod["metadata"]["namespace"])

        def gone() -> None:
            self.workers.pop(uid, None)

        self.workers[uid] = PodWorker(self._shared, pod, gone)

    def _admit(self, worker: PodWorker) -> None:
        """Refuse a new Pod that does not fit; one that was accepted before stays so."""
        pod, node = worker.pod, self._node()
        if node is not None and "startTime" not in (pod.get("status") or {}):
            others = [one.pod for one in self.workers.values() if one is not worker and not one.refused]
            if (why := refusal(pod, others, node)) is not None:
                worker.refuse(why)
        worker.wake()

    def _wake(self, uid: str) -> None:
        if (worker := self.workers.get(uid)) is not None:
            worker.wake()

    def _wake_all(self) -> None:
        for worker in list(self.workers.values()):
            worker.wake()

    def _probe_failed(self, uid: str, container_id: str, kind: str) -> None:
        if (worker := self.workers.get(uid)) is not None:
            worker.fail_probe(container_id, kind)

    # --- what the runtime says ------------------------------------------------------------------------------

    def _happened(self, sandbox_id: str) -> None:
        """Something started or ended. The kubelet looks once a second (PLEG's relist): it learns of it then."""
        if not self.process.alive:
            return
        if not self._relisting:
            age = self.process.now - self._started_at
            self.process.after(RELIST_NS - age % RELIST_NS, self._relist)
        self._relisting[sandbox_id] = None

    def _relist(self) -> None:
        changed, self._relisting = self._relisting, {}
        try:
            uids = {one.id: one.config.uid for one in self.runtime.list_pod_sandbox()}
        except CRIError:
            for sandbox_id in changed:
                self._happened(sandbox_id)
            return
        for uid in dict.fromkeys(uids[one] for one in changed if one in uids):
            self._wake(uid)

    # --- housekeeping ---------------------------------------------------------------------------------------

    def _housekeep(self) -> None:
        """Every two seconds: manifests on disk, mirrors, and sandboxes that belong to nobody."""
        self._listen()
        self._read_manifests()
        self._keep_mirrors()
        self._clean_orphans()

    def _listen(self) -> None:
        """Subscribe to the runtime's events; after an outage, look at everything once."""
        try:
            self.runtime.get_container_events(self._happened)
        except CRIError:
            self._listening = False
            return
        if not self._listening:
            self._listening = True
            self._node_changed(self._node() or {"spec": {}})
            self._wake_all()

    def _read_manifests(self) -> None:
        found = static_pods.read(self.machine, self.config.manifest_folder, format_time(self.process.now))
        for uid in [uid for uid in self._static if uid not in found]:
            del self._static[uid]
            if (worker := self.workers.get(uid)) is not None:
                worker.remove()
        for uid, pod in found.items():
            self._static.setdefault(uid, pod)
            if uid not in self.workers and not self._name_is_taken(pod):
                self._add(self._static[uid])
                self.workers[uid].wake()

    def _name_is_taken(self, pod: Pod) -> bool:
        """Another manifest's Pod of the same name has not ended yet."""
        return any(key_of(worker.pod) == key_of(pod) for worker in self.workers.values())

    def _static_of(self, mirror: Pod) -> Object | None:
        return next((pod for pod in self._static.values() if key_of(pod) == key_of(mirror)), None)

    def _keep_mirrors(self) -> None:
        if not self._pods.synced:
            return
        for pod in self._static.values():
            self._mirrors.ensure(pod, self._pods.lister.get(key_of(pod)), self._node())
        for mirror in self._pods.lister.list():
            if static_pods.is_mirror(mirror) and self._static_of(mirror) is None:
                self._mirrors.remove(mirror)

    def _clean_orphans(self) -> None:
        """End what runs here for Pods that nobody wants any more; not before the API has been heard."""
        if not self._pods.synced:
            return
        try:
            sandboxes = self.runtime.list_pod_sandbox()
        except CRIError:
            return
        for sandbox in sandboxes:
            if sandbox.config.uid not in self.workers:
                self.runtime.remove_pod_sandbox(sandbox.id)


def _wants_work(old: Pod, new: Pod) -> bool:
    """Whether a change of a Pod's object is for its worker: the spec, or that it is being deleted."""
    if old["spec"] is not new["spec"] and old["spec"] != new["spec"]:
        return True
    fields = ("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations")
    return any(old["metadata"].get(field) != new["metadata"].get(field) for field in fields)
