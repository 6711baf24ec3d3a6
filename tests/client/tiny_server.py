"""A stand-in for the API server, small enough to see through: a dict, a log of changes, and watchers.

It lets the tests of the client break things that a real server would not break on request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import Conflict, Expired, StatusError, already_exists, not_found
from k8scourse.api.metadata import key as key_of
from k8scourse.api.patches import strategic_merge
from k8scourse.api.values import freeze
from k8scourse.client import Client, Request, Response, Transport
from k8scourse.sim import Process, Simulation

Object = dict[str, Any]


@dataclass
class TinyWatch:
    """A watcher of one resource, from one revision."""

    server: TinyServer
    resource: str
    since: int
    send: Callable[[Any], None] | None = None
    close: Callable[[], None] | None = None

    def connect(self, on_event: Callable[[Any], None], on_close: Callable[[], None]) -> None:
        self.send, self.close = on_event, on_close
        if self.since < self.server.compacted:
            status = Expired("too old resource version").status
            on_event({"type": "ERROR", "object": status})
            on_close()
            return
        self.server.watches.append(self)
        for revision, resource, event in self.server.log:
            if revision > self.since and resource == self.resource:
                on_event(event)

    def stop(self) -> None:
        if self in self.server.watches:
            self.server.watches.remove(self)


@dataclass
class TinyServer:
    """Objects by resource and key; the state survives a crash because the test keeps this object."""

    process: Process
    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    log: list[tuple[int, str, Any]] = field(default_factory=list)
    watches: list[TinyWatch] = field(default_factory=list)
    revision: int = 1
    compacted: int = 0
    refuse: StatusError | None = None
    requests: list[Request] = field(default_factory=list)

    def handle(self, request: Request) -> Any:
        self.requests.append(request)
        try:
            if self.refuse is not None:
                raise self.refuse
            return self._answer(request)
        except StatusError as error:
            return Response(code=error.code, body=error.status)

    def compact(self) -> None:
        self.compacted = self.revision
        self.log.clear()

    def close_watches(self) -> None:
        for watch in list(self.watches):
            watch.stop()
            assert watch.close is not None
            watch.close()

    def crash(self) -> None:
        self.watches.clear()
        self.process.kill()

    def cache(self, resource: str) -> dict[str, Object]:
        return {key: obj for (kept, key), obj in sorted(self.objects.items()) if kept == resource}

    def _answer(self, request: Request) -> Any:
        parts = request.path.strip("/").split("/")[2:]
        if request.path.startswith("/apis/"):
            parts = parts[1:]
        namespace = ""
        if parts[0] == "namespaces" and len(parts) > 2:
            namespace, parts = parts[1], parts[2:]
        resource, name = parts[0], parts[1] if len(parts) > 1 else ""
        if request.query.get("watch"):
            return TinyWatch(self, resource, int(request.query["resourceVersion"]))
        if request.method == "GET" and not name:
            items = [obj for key, obj in self.cache(resource).items() if key.startswith(namespace)]
            return Response(
                code=200, body={"metadata": {"resourceVersion": str(self.revision)}, "items": items}
            )
        if request.method == "POST" and parts[2:] == ["binding"]:
            return self._bind(f"{namespace}/{name}", request.body)
        if request.method == "POST":
            return self._create(resource, request.body)
        return self._change(
            request.method, resource, f"{namespace}/{name}" if namespace else name, request.body
        )

    def _create(self, resource: str, obj: Object) -> Response:
        if (resource, key_of(obj)) in self.objects:
            raise already_exists("", resource, obj["metadata"]["name"])
        return self._store("ADDED", resource, obj)

    def _change(self, method: str, resource: str, key: str, body: Any) -> Response:
        old = self.objects.get((resource, key))
        if old is None:
            raise not_found("", resource, key.split("/")[-1])
        if method == "GET":
            return Response(code=200, body=old)
        if method == "DELETE":
            del self.objects[resource, key]
            return self._store("DELETED", resource, old)
        new = strategic_merge(kinds.of(old), old, body) if method == "PATCH" else body
        if new["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]:
            raise Conflict("the object has been modified")
        return self._store("MODIFIED", resource, new)

    def _bind(self, key: str, binding: Object) -> Response:
        pod = self.objects.get(("pods", key))
        if pod is None or pod["metadata"]["uid"] != binding["metadata"]["uid"]:
            raise not_found("", "pods", key.split("/")[-1])
        if pod["spec"].get("nodeName"):
            raise Conflict(f"pod {key} is already assigned to node {pod['spec']['nodeName']!r}")
        scheduled = {**pod["spec"], "nodeName": binding["target"]["name"]}
        self._store("MODIFIED", "pods", {**pod, "spec": scheduled})
        return Response(code=201, body={"kind": "Status", "status": "Success"})

    def _store(self, event_type: str, resource: str, obj: Object) -> Response:
        self.revision += 1
        metadata = {"uid": f"uid-{self.revision}", **obj["metadata"], "resourceVersion": str(self.revision)}
        obj = freeze({**obj, "metadata": metadata})
        if event_type != "DELETED":
            self.objects[resource, key_of(obj)] = obj
        event = {"type": event_type, "object": obj}
        self.log.append((self.revision, resource, event))
        for watch in list(self.watches):
            if watch.resource == resource and watch.send is not None:
                watch.send(event)
        return Response(code=200, body=obj)


class World:
    """One server on a control plane and one client process on a worker."""

    def __init__(self, seed: int = 0) -> None:
        self.sim = Simulation(seed)
        self.server = TinyServer(Process(self.sim, "kube-apiserver", "control-plane-1"))
        self.process = Process(self.sim, "kubelet", "worker-1")
        self.client = self.client_for(self.process)
        # The server's own client, which no fault of the network touches.
        self.direct = self.client_for(self.server.process)

    def client_for(self, process: Process) -> Client:
        return Client(Transport(process, self.find_server, self.sim.network, token="secret"))

    def find_server(self) -> tuple[Process, TinyServer] | None:
        return (self.server.process, self.server) if self.server.process.alive else None

    def restart_server(self) -> None:
        self.server.process = Process(self.sim, "kube-apiserver", "control-plane-1")

    def run(self, seconds: float) -> None:
        self.sim.run(self.sim.now + round(seconds * 1_000_000_000))


def config_map(name: str, **data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": data,
    }
