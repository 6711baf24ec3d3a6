"""The course's control plane in the shape that the golden cases ask for.

``open_api(category)`` is what ``replay.py --adapter tests.golden.adapter:open_api`` calls: a fresh cluster in
virtual time, as ``FORMAT.md`` describes the reference. Three Nodes with hollow kubelets, or for category E none.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from k8scourse.api import kinds
from k8scourse.apiserver import ApiServer, Request, Response, UserInfo, Watch
from k8scourse.apiserver.admission.service_account import ServiceAccount
from k8scourse.client import Client, Transport
from k8scourse.controllers import ControllerManager, Options
from k8scourse.etcd import EtcdMember, Event, MvccStore
from k8scourse.scheduler import Decision, Scheduler
from k8scourse.sim import MILLISECOND, SECOND, Process, Simulation, seconds

from .hollow_kubelet import HollowKubelets, new_node

HOST = "control-plane-1"
MASTERS = UserInfo("admin", ("system:masters", "system:authenticated"), uid="admin")
TOKENS: dict[str, UserInfo | str] = {
    "admin": MASTERS,
    "viewer": UserInfo("viewer", ("viewers", "system:authenticated")),
    "kcm": "system:kube-controller-manager",
    "scheduler": "system:kube-scheduler",
    "kubelets": MASTERS,
}
OPTIONS = Options(
    controllers=("*",),
    cluster_cidr="10.128.0.0/9",
    node_monitor_period_seconds=2,
    node_monitor_grace_seconds=16,
)
FORK_SOURCE = {
    "configMap": {
        "name": "openshift-service-ca.crt",
        "items": [{"key": "service-ca.crt", "path": "service-ca.crt"}],
    }
}
REQUEST_NS = 2 * MILLISECOND
STEP_NS = 100 * MILLISECOND
PATIENCE_NS = 60 * SECOND


def open_api(category: str) -> Api:
    """A fresh cluster for the cases of that category."""
    if category == "F":
        from .served import ServedApi

        return ServedApi()
    return Api(nodes=0 if category == "E" else 3)


class ControlPlane:
    """A control plane without kubelets of its own, behind `send`."""

    def __init__(self, nodes: int = 3) -> None:
        self.sim = Simulation(0)
        self._decisions: list[Decision] = []
        self._changed: dict[str, int] = {}  # folder of etcd (a kind's prefix and a namespace) to time
        self._start_server(nodes)
        self._start_controllers()
        self.sleep(2)
        if nodes:
            self.kubelets.start()
            self.sleep(2)

    def _start_server(self, nodes: int) -> None:
        self._etcd = EtcdMember(Process(self.sim, "etcd", HOST), MvccStore())
        self._etcd.watch("/registry/", "/registry0", 0, self._note, lambda error: None)
        made = [new_node(number, self.sim.now) for number in range(1, nodes + 1)]
        process = Process(self.sim, "fakekubelet", "nodes")
        self._server_process = Process(self.sim, "kube-apiserver", HOST)
        self.kubelets = HollowKubelets(process, self._client(process, "kubelets"), made)
        self.server = ApiServer(self._server_process, lambda: self._etcd, TOKENS, self.kubelets)
        self._add_source_of_the_reference()
        self.server.start()

    def _add_source_of_the_reference(self) -> None:
        """The reference is built from a fork whose token volume has one source more.

        Answers are compared without it, but messages count its lines.
        """
        for plugin in self.server.registry.plugins:
            if isinstance(plugin, ServiceAccount):
                plugin.sources = [*plugin.sources, FORK_SOURCE]

    def _start_controllers(self) -> None:
        process = Process(self.sim, "kube-controller-manager", HOST)
        ControllerManager(process, self._client(process, "kcm"), OPTIONS).start()
        process = Process(self.sim, "kube-scheduler", HOST)
        client = self._client(process, "scheduler")
        Scheduler(process, client, on_decision=self._decisions.append).start()

    def _client(self, process: Process, token: str) -> Client:
        return Client(Transport(process, self._find_server, self.sim.network, token=token))

    def _find_server(self) -> tuple[Process, ApiServer]:
        return self._server_process, self.server

    # -- requests ----------------------------------------------------------------------------------

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, user: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request over the wire and back. A watch is read to its end, at most for a minute."""
        answer = self._handle(method, path, headers, body, user)
        if isinstance(answer, Watch):
            return 200, {"Content-Type": "application/json"}, self._read(answer)
        self.sim.run(self.sim.now + REQUEST_NS)
        return answer.code, _headers(answer), _payload(answer.body)

    def _handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, user: str
    ) -> Response | Watch:
        sent = {"User-Agent": "golden", **headers}
        if user != "anonymous":
            sent["Authorization"] = f"Bearer {user}"
        answer = self.server.handle(Request(method, path, {}, sent, body, source="golden"))
        if self.server.panics:
            raise self.server.panics.pop()
        return answer

    def _read(self, watch: Watch) -> bytes:
        lines: list[bytes] = []
        ended: list[bool] = []
        watch.connect(lambda event: lines.append(_line(event)), lambda: ended.append(True))
        end = self.sim.now + PATIENCE_NS
        while not ended and self.sim.now < end:
            self.sim.run(min(end, self.sim.now + STEP_NS))
        watch.stop()
        return b"".join(lines)

    def stream(self, path: str) -> Stream:
        """A watch that goes on while other requests are sent."""
        answer = self._handle("GET", path, {}, None, "admin")
        assert isinstance(answer, Watch), answer
        return Stream(answer)

    # -- time --------------------------------------------------------------------------------------

    def clock(self) -> float:
        """The virtual time in seconds."""
        return self.sim.now / SECOND

    def sleep(self, amount: float) -> None:
        """Let so many virtual seconds go by."""
        self.sim.run(self.sim.now + seconds(amount))

    def _note(self, revision: int, events: Sequence[Event]) -> None:
        for event in events:
            self._changed[event.key_value.key.rpartition("/")[0]] = self.sim.now

    # -- faults and scores -------------------------------------------------------------------------

    def kubelet(self, node: str, silent: bool) -> None:
        """Silence a node's kubelet, or let it speak again."""
        self.kubelets.silence(node, silent)

    def score_mark(self) -> int:
        """How many decisions the scheduler has made."""
        return len(self._decisions)

    def scores(self, namespace: str, pod: str, mark: int) -> dict[str, dict[str, int]]:
        """Scores of the first attempt on a Pod after the mark: node to plugin to weighted score."""
        for decision in self._decisions[mark:]:
            if decision.pod == f"{namespace}/{pod}":
                rows = decision.nodes.items()
                return {
                    node: {**row["scores"], "total": row["total"]} for node, row in rows if row.get("scores")
                }
        return {}


class Api(ControlPlane):
    """A control plane that knows when it has come to rest, so that nobody needs to list until nothing changes."""

    def settle(self, case: Mapping[str, Any], quiet: float, timeout: float) -> bool:
        """Run until no object of the case's kinds has changed for `quiet` seconds."""
        begin, limit = self.sim.now, self.sim.now + seconds(timeout)
        plurals = list(case.get("kinds") or ["pods"])
        while self.sim.now <= limit:
            if self.sim.now - max(begin, self._quiet_since(plurals)) >= seconds(quiet):
                return True
            self.sim.run(self.sim.now + STEP_NS)
        return False

    def _quiet_since(self, plurals: list[str]) -> int:
        """When an object of these kinds was last written."""
        prefixes = tuple(kind.storage_prefix for kind in kinds.ALL if kind.stored and kind.plural in plurals)
        ours = (when for folder, when in self._changed.items() if _lies_in(folder, prefixes))
        return max(ours, default=0)


class Stream:
    """What `requests` gives for a streamed answer, as far as the runner reads it: from a thread of its own."""

    def __init__(self, watch: Watch) -> None:
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._watch = watch
        self.raw = self.connection = self.sock = self
        watch.connect(lambda event: self._lines.put(_line(event)), lambda: self._lines.put(None))

    def iter_lines(self) -> Iterator[bytes]:
        """The events, one JSON text each, until the stream ends."""
        while (line := self._lines.get()) is not None:
            yield line
            self._lines.task_done()
        self._lines.task_done()

    def shutdown(self, how: int) -> None:
        """End the stream; returns when all of it has been read."""
        self._watch.stop()
        self._lines.put(None)
        self._lines.join()


def _lies_in(folder: str, prefixes: tuple[str, ...]) -> bool:
    return any(folder == prefix or folder.startswith(f"{prefix}/") for prefix in prefixes)


def _headers(answer: Response) -> dict[str, str]:
    headers = {"Content-Type": "application/json", **answer.headers}
    if answer.warnings:
        quoted = (json.dumps(text, ensure_ascii=False) for text in answer.warnings)
        headers["Warning"] = ", ".join(f"299 - {text}" for text in quoted)
    return headers


def _payload(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _line(event: Any) -> bytes:
    return json.dumps(event).encode() + b"\n"
