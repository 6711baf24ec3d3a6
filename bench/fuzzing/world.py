"""The API server under fire: a server over one etcd member, and what must hold after every request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bench.fuzzing.corpus import collection
from k8scourse.api import kinds, schema, validation
from k8scourse.api.errors import NotFound
from k8scourse.api.kinds import Kind
from k8scourse.api.sessions import Command, Opener
from k8scourse.api.values import FrozenDict, FrozenList
from k8scourse.apiserver import ApiServer, Request, Response, UserInfo, Watch
from k8scourse.apiserver.apply import entries
from k8scourse.client import Client, Transport
from k8scourse.controllers import ControllerManager, Options
from k8scourse.etcd import EtcdMember, KeyValue, MvccStore
from k8scourse.scheduler import Scheduler
from k8scourse.sim import Process, Simulation, seconds

TOKENS: dict[str, UserInfo | str] = {
    "admin": "kubernetes-admin",
    "controllers": "system:kube-controller-manager",
    "scheduler": "system:kube-scheduler",
    "node-1": "system:node:node-1",
    "viewer": UserInfo("viewer", ("viewers", "system:authenticated")),
}
#: The 500s that Kubernetes itself answers: to numbers that are none, to patches and applies that make no sense.
KNOWN_500 = re.compile(
    "|".join(
        (
            r"resourceVersion should not be set on objects to be created",
            r"strconv\.ParseUint: parsing",
            r"failed to create typed patch object",
            r"failed to convert new object",
            r"failed to create manager for existing fields",
            r"does not contain declared merge key",
            r"unknown patch type:",
            r"The order in patch list",
            r"doesn't match \$setElementOrder",
            r"expected a (\[\]|map\[string\])interface \{\}, but received a",
            r"unable to find api field in struct|data type is not struct|expected slice or array type",
            r"merging lists cannot yet be specified|no elements in any of the given slices",
            r"list element types are not identical",
            r"cannot merge lists without merge key",
            r"target\.(name|kind): ",
            r"This pod has more than one PodDisruptionBudget",
            r"the server stopped|server stopped|etcdserver",
            r"etcd failed: reason withheld",
        )
    )
)


#: What may have become too much since it was stored, or was spoilt through the status, which nobody checks.
_LIMITS = re.compile(r"(maximum|minimum|exceeded quota|max limit|status\.storedVersions)", re.IGNORECASE)


class Broken(Exception):
    """An invariant that did not hold; the text says which, so that equal findings fall together."""


class Kubelets:
    """A way to kubelets that has nothing to say."""

    def logs(self, node: str, namespace: str, pod: str, container: str, **options: Any) -> str:
        """The log of a container."""
        return f"{container}\n"

    def ended(self, node: str, namespace: str, pod: str, container: str) -> bool:
        """The log does not grow."""
        return True

    def exec(self, node: str, namespace: str, pod: str, container: str, command: Command) -> Opener:
        """No container runs."""
        raise NotFound(f'container not found ("{container}")')

    def http(self, node: str, namespace: str, pod: str, port: int, path: str) -> tuple[int, str] | None:
        """Nobody listens."""
        return None


class World:
    """One server and its store. Raises `Broken`, or whatever a callback raised, when something is wrong."""

    def __init__(self, seed: int = 0, components: bool = False) -> None:
        self.sim = Simulation(seed)
        self.store = MvccStore()
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), self.store)
        self.server = self._start()
        self.revision = 0
        self.watches: list[Watch] = []
        self.run(1)
        for path, body in _FIRST:
            self.expect(201, "POST", path, body)
        self.components = components
        if components:
            self._start_components()
        self.check_store()

    def _start(self) -> ApiServer:
        process = Process(self.sim, "kube-apiserver", "control-plane-1")
        server = ApiServer(process, lambda: self.etcd, TOKENS, Kubelets())
        server.start()
        return server

    def _start_components(self) -> None:
        """The controllers and the scheduler, who have to live with whatever was accepted."""
        for name, start in (("controllers", _controllers), ("scheduler", _scheduler)):
            process = Process(self.sim, name, "control-plane-1")
            transport = Transport(process, self._find_server, self.sim.network, token=name)
            start(process, Client(transport))

    def _find_server(self) -> tuple[Process, ApiServer]:
        return self.server.process, self.server

    # -- what happens beside the requests ------------------------------------------------------------

    def run(self, amount: float) -> None:
        """Let virtual seconds go by."""
        self.sim.run(self.sim.now + seconds(amount))
        self._check_panics()

    def restart(self) -> None:
        """The server dies and comes back."""
        self.server.process.kill()
        self.watches.clear()
        self.server = self._start()

    def restart_etcd(self) -> None:
        """etcd dies and comes back with its data."""
        self.etcd.process.kill()
        self.etcd = EtcdMember(Process(self.sim, "etcd", "control-plane-1"), self.store)

    def compact(self) -> None:
        """etcd forgets all but the present."""
        if self.store.range("/registry/", "/registry0").revision > self.etcd.status().compact_revision:
            self.etcd.compact(self.store.range("/registry/", "/registry0").revision)

    # -- requests ------------------------------------------------------------------------------------

    def expect(self, code: int, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A request of the administrator that must be answered so."""
        headers = {"Authorization": "Bearer admin", "Content-Type": "application/json"}
        answer = self.server.handle(Request(method, path, query, headers, body))
        self._check_panics()
        if isinstance(answer, Watch) or answer.code != code:
            raise Broken(f"{method} of what was just read: {_short(answer)}")
        return answer.body

    def send(self, request: Request) -> int:
        """A request of the grammar, and all checks that are cheap. Answers its code."""
        answer = self.server.handle(request)
        self._check_panics()
        if isinstance(answer, Watch):
            self._open(answer)
            code = 200
        else:
            check_answer(answer, request.method)
            code = answer.code
        if self.components:
            self.run(0.1)
        self.check_store()
        return code

    def _open(self, watch: Watch) -> None:
        watch.connect(encoded, lambda: None)
        self.watches.append(watch)
        if len(self.watches) > 4:
            self.watches.pop(0).stop()

    def _check_panics(self) -> None:
        if self.server.panics:
            raise self.server.panics.pop()

    # -- the store -----------------------------------------------------------------------------------

    def objects(self) -> list[tuple[Kind, dict[str, Any]]]:
        """All stored objects of known kinds with their versions, in the order of their keys."""
        found = []
        for key_value in self.store.range("/registry/", "/registry0").kvs:
            kind = self._kind_of(key_value)
            if kind is not None:
                found.append((kind, self.server.storage.decode(key_value)))
        return found

    def check_store(self) -> None:
        """What has been written since the last look."""
        last = self.revision
        for key_value in self.store.range("/registry/", "/registry0").kvs:
            if key_value.mod_revision <= last:
                continue
            self.revision = max(self.revision, key_value.mod_revision)
            self._check_stored(key_value)

    def _kind_of(self, key_value: KeyValue) -> Kind | None:
        value = key_value.value
        kind = kinds.by_kind(value.get("apiVersion", ""), value.get("kind", ""))
        if kind is not None:
            return kind
        served = self.server.definitions.kinds
        return next(
            (
                one
                for one in served
                if (one.api_version, one.kind) == (value.get("apiVersion"), value.get("kind"))
            ),
            None,
        )

    def _check_stored(self, key_value: KeyValue) -> None:
        obj = key_value.value
        if key_value.key.startswith("/registry/masterleases/"):
            return  # no object: how API servers know of each other
        what = f"stored {obj.get('kind')}"
        check_frozen(obj, what)
        encoded(obj)
        metadata = obj["metadata"]
        for field in ("uid", "creationTimestamp", "name"):
            if not metadata.get(field):
                raise Broken(f"{what} without {field}")
        if "resourceVersion" in metadata:
            raise Broken(f"{what} with a resourceVersion")
        if obj.get("kind") == "Namespace" and not key_value.key.endswith(f"/{metadata['name']}"):
            raise Broken(f"{what} under another name")
        kind = self._kind_of(key_value)
        if kind is None:
            return
        if key_value.key != kind.storage_key(metadata["name"], metadata.get("namespace", "")):
            raise Broken(f"{what} under the key {key_value.key}")
        check_object(kind, obj)

    def check_rewrites(self, kind: Kind, obj: dict[str, Any]) -> None:
        """An object that is put back as it was read stays as it is, and keeps its version; and so when applied."""
        if "update" not in kind.verbs:
            return
        metadata = obj["metadata"]
        path = f"{collection(kind, metadata.get('namespace', ''))}/{metadata['name']}"
        headers = {"Authorization": "Bearer admin", "Content-Type": "application/json"}
        answer = self.server.handle(Request("PUT", path, {}, headers, json.loads(json.dumps(obj))))
        self._check_panics()
        if answer.code in (403, 422) and _LIMITS.search(answer.body["message"]):
            return
        if isinstance(answer, Watch) or answer.code != 200:
            raise Broken(f"PUT of what was just read: {_short(answer)}")
        again = answer.body
        if again["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            raise Broken(f"a {kind.kind} put back unchanged has a new version: {difference(obj, again)}")


def _controllers(process: Process, client: Client) -> None:
    ControllerManager(process, client, Options(controllers=("*",))).start()


def _scheduler(process: Process, client: Client) -> None:
    Scheduler(process, client).start()


_FIRST: tuple[tuple[str, Any], ...] = (
    *(("/api/v1/namespaces", {"metadata": {"name": name}}) for name in ("team-a", "team-b")),
    *(
        (f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        for name in ("default", "team-a", "team-b")
    ),
    ("/api/v1/nodes", {"metadata": {"name": "node-1"}}),
)


# -- checks of one value ------------------------------------------------------------------------------


def check_object(kind: Kind, obj: dict[str, Any]) -> None:
    """A stored object is in the form in which it is read, is valid, and its owners make sense."""
    try:
        again, _ = schema.read(kind, obj, "Strict")
    except ValueError as problem:
        raise Broken(f"stored {kind.kind} does not decode: {problem}") from None
    if again != obj:
        raise Broken(f"stored {kind.kind} is not as it is read: {difference(obj, again)}")
    # What a name was generated from is looked at when it is used, and may be changed to anything later.
    causes = [cause for cause in validation.validate_create(kind, obj) if "generateName" not in cause.field]
    if causes:
        raise Broken(f"stored {kind.kind} is not valid: {causes[0].field}: {causes[0].message[:100]}")
    try:
        entries.decode(obj["metadata"].get("managedFields"))
    except ValueError as problem:
        raise Broken(f"stored {kind.kind} has senseless owners: {problem}") from None


def check_answer(answer: Response, method: str) -> None:
    """An answer is a Status, an object, a list, a table or a page."""
    body = answer.body
    if answer.code == 101 and (answer.opens or answer.reaches):
        return
    if isinstance(body, str):
        body.encode()
        if answer.code == 500 and not KNOWN_500.search(body):
            raise Broken(f"500 page: {body[:80]}")
        return
    encoded(body)
    if not isinstance(body, dict):
        raise Broken(f"a body that is a {type(body).__name__}")
    if answer.code >= 400:
        _check_status(answer)
    elif body.get("kind") == "Table":
        _check_table(body)
    elif ("kind" not in body or "apiVersion" not in body) and not _DOCUMENTS & body.keys():
        raise Broken(f"an answer without kind to {method}: {str(body)[:80]}")
    elif answer.code not in (200, 201, 202):
        raise Broken(f"a code {answer.code}")
    for warning in answer.warnings:
        warning.encode()


# Pages about the server that are no objects: discovery, the version, OpenAPI.
_DOCUMENTS = {"groupVersion", "versions", "groups", "major", "paths", "swagger", "openapi"}


def _check_status(answer: Response) -> None:
    body = answer.body
    expected = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": answer.code}
    wrong = {key: body.get(key) for key, item in expected.items() if body.get(key) != item}
    if (
        wrong
        or not isinstance(body.get("message"), str)
        or not answer.stages
        or answer.stages[-1][1] != "refused"
    ):
        raise Broken(f"a refusal that is no Status: {wrong} {str(body)[:80]}")
    if answer.code == 500 and not KNOWN_500.search(body["message"]):
        raise Broken(f"500: {re.sub('[0-9a-f-]{36}|[0-9]+', '#', body['message'])[:120]}")


def _check_table(body: dict[str, Any]) -> None:
    columns = body.get("columnDefinitions") or ()
    if any(len(row["cells"]) != len(columns) for row in body.get("rows") or () if columns):
        raise Broken("a table whose rows are longer or shorter than its head")


def encoded(value: Any) -> bytes:
    """The value as it goes over the wire. Raises `Broken` for what no JSON can say."""
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as problem:
        raise Broken(f"no JSON: {type(problem).__name__} {str(problem)[:80]}") from None


def check_frozen(value: Any, what: str) -> None:
    """Nobody can change what the store holds."""
    if isinstance(value, dict):
        if type(value) is not FrozenDict:
            raise Broken(f"{what}: a dict that can be changed")
        for item in value.values():
            check_frozen(item, what)
    elif isinstance(value, list):
        if type(value) is not FrozenList:
            raise Broken(f"{what}: a list that can be changed")
        for item in value:
            check_frozen(item, what)


def difference(one: Any, other: Any) -> str:
    """Where two values differ first."""
    return next(_differences(one, other, ""), "nothing")


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key == "resourceVersion":
                continue
            if key not in one or key not in other:
                yield f"{path}.{key} {'came' if key in other else 'went'}"
            elif one[key] != other[key]:
                yield from _differences(one[key], other[key], f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            if left != right:
                yield from _differences(left, right, f"{path}[]")
    else:
        yield f"{path}: {str(one)[:60]} became {str(other)[:60]}"


def _short(answer: Any) -> str:
    return f"{answer.code} {str(getattr(answer, 'body', ''))[:160]}"
