"""An API server over one etcd member, and short ways to talk to it."""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import NotFound
from k8scourse.api.sessions import Command, Opener
from k8scourse.apiserver import ApiServer, Request, Response, UserInfo, Watch, WebhookCaller
from k8scourse.etcd import EtcdMember, MvccStore, Unavailable
from k8scourse.sim import Process, Simulation, seconds

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
TOKENS: dict[str, UserInfo | str] = {
    "admin": "kubernetes-admin",
    "scheduler": "system:kube-scheduler",
    "controllers": "system:kube-controller-manager",
    "node-1": "system:node:node-1",
    "node-2": "system:node:node-2",
    "proxy": "system:kube-proxy",
    "viewer": UserInfo("viewer", ("viewers", "system:authenticated")),
}


class Kubelets:
    """A way to kubelets that answers with what it was asked."""

    def logs(self, node: str, namespace: str, pod: str, container: str, **options: Any) -> str:
        return f"{node} {namespace} {pod} {container} {options['tail_lines']}\n"

    def ended(self, node: str, namespace: str, pod: str, container: str) -> bool:
        return True

    def exec(self, node: str, namespace: str, pod: str, container: str, command: Command) -> Opener:
        raise NotFound(f'container not found ("{container}")')

    def http(self, node: str, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        return None


class Api:
    """The server under test. Requests are checked for their code: `post(path, body)` expects 201."""

    def __init__(self, seed: int = 0, webhooks: WebhookCaller | None = None) -> None:
        self.webhooks = webhooks
        self.sim = Simulation(seed)
        self.store = MvccStore()
        self.etcd: EtcdMember | None = None
        self.start_etcd()
        self.start_server()

    # -- parts -----------------------------------------------------------------------------------

    def find_etcd(self) -> EtcdMember:
        if self.etcd is None:
            raise Unavailable
        return self.etcd

    def start_etcd(self) -> None:
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), self.store)

    def stop_etcd(self) -> None:
        assert self.etcd is not None
        self.etcd.process.kill()
        self.etcd = None

    def start_server(self) -> None:
        process = Process(self.sim, "kube-apiserver", "control-plane-1")
        self.server = ApiServer(process, self.find_etcd, TOKENS, Kubelets(), webhooks=self.webhooks)
        self.server.start()

    def restart_server(self) -> None:
        self.server.process.kill()
        self.start_server()

    def run(self, amount: float) -> None:
        self.sim.run(self.sim.now + seconds(amount))

    # -- requests --------------------------------------------------------------------------------

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str = "admin",
        content_type: str = "",
        accept: str = "",
    ) -> Response:
        headers = {"Authorization": f"Bearer {user}"} if user else {}
        if content_type:
            headers["Content-Type"] = content_type
        if accept:
            headers["Accept"] = accept
        answer = self.server.handle(Request(method, path, {}, headers, body))
        assert isinstance(answer, Response)
        self.check_no_panic()
        return answer

    def check_no_panic(self) -> None:
        if self.server.panics:
            raise self.server.panics[0]

    def expect(self, code: int, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.send(method, path, body, **options)
        assert answer.code == code, answer.body
        return answer.body

    def get(self, path: str, **options: Any) -> Any:
        return self.expect(200, "GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.expect(201, "POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        return self.expect(200, "PUT", path, body, **options)

    def patch(self, path: str, body: Any, content_type: str = MERGE_PATCH, **options: Any) -> Any:
        return self.expect(200, "PATCH", path, body, content_type=content_type, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.expect(200, "DELETE", path, body, **options)

    def refused(self, code: int, method: str, path: str, body: Any = None, **options: Any) -> str:
        """The message of a refusal with that code."""
        status = self.expect(code, method, path, body, **options)
        assert status["kind"] == "Status"
        assert status["status"] == "Failure"
        assert status["code"] == code
        return str(status["message"])

    def watch(self, path: str, user: str = "admin") -> Seen:
        headers = {"Authorization": f"Bearer {user}"}
        answer = self.server.handle(Request("GET", path, {"watch": "1"}, headers))
        assert isinstance(answer, Watch), answer
        return Seen(answer)


class Seen:
    """What a watch has delivered."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.events: list[Any] = []
        self.closed = 0
        watch.connect(self.events.append, self._close)

    def _close(self) -> None:
        self.closed += 1

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in self.events]


# -- objects and paths ----------------------------------------------------------------------------

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
SERVICES = "/api/v1/namespaces/default/services"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
SERVICE_ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
NODES = "/api/v1/nodes"


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "registry.example/c:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": containers, **spec},
    }


def deployment(name: str, replicas: int = 0) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod("")["spec"]}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def service(name: str, **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"ports": ports, **spec},
    }


def node(name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels or {}}}


def mirror_pod(api: Api, name: str, node_name: str, **spec: Any) -> dict[str, Any]:
    """The mirror of a static Pod, owned by its Node, which must be registered."""
    body = pod(name, nodeName=node_name, **spec)
    body["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    uid = api.get(f"{NODES}/{node_name}")["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": node_name, "uid": uid, "controller": True}
    body["metadata"]["ownerReferences"] = [owner]
    return body
