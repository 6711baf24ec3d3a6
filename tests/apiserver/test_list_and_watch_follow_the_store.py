"""A client that lists once and then watches always knows exactly what the store holds.

Two API servers stand before one etcd. While objects are written through either of them, clients watch the whole
kind, a namespace, a selection and a name, through the one or the other; servers and etcd crash and come back,
old revisions are compacted, and clients break off and go on elsewhere. After every step each of etcd's guarantees
is checked against everything that was ever committed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiserver import watch_guarantees as guarantees
from apiserver.support import TOKENS, Api, Kubelets, config_map
from apiserver.watch_guarantees import CHECKS, Broken, Change, Session, Shown, Stream, Truth
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from k8scourse.apiserver import ApiServer, Request, Response, Watch
from k8scourse.etcd import prefix_end
from k8scourse.sim import Process

PREFIX = "/registry/configmaps/"
ALL = "/api/v1/configmaps"
NAMESPACES = ("default", "kube-public")
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"


class Pair(Api):
    """Two API servers before one etcd, and a record of everything that was committed."""

    def __init__(self) -> None:
        self.truth = Truth()
        self.servers: list[ApiServer] = []
        super().__init__()
        self._record()

    def start_server(self) -> None:
        for place in range(2):
            self.start_one(place)

    def start_one(self, place: int) -> None:
        process = Process(self.sim, "kube-apiserver", f"control-plane-{place + 1}")
        server = ApiServer(process, self.find_etcd, TOKENS, Kubelets())
        server.start()
        self.servers[place : place + 1] = [server]
        self.server = server

    def crash(self, place: int) -> None:
        self.servers[place].process.kill()
        self.start_one(place)

    def restart_etcd(self) -> None:
        self.stop_etcd()
        self.start_etcd()
        self._record()

    def _record(self) -> None:
        assert self.etcd is not None
        done = self.truth.changes[-1].revision if self.truth.changes else 0
        self.etcd.watch(
            PREFIX, prefix_end(PREFIX), max(done, self.store.revision) + 1, self._note, lambda error: None
        )
        for key_value in self.etcd.range(PREFIX, prefix_end(PREFIX)).kvs if not done else ():
            self.truth.changes.append(Change(key_value.mod_revision, key_value.key, None, key_value.value))
        self.truth.changes.sort(key=lambda change: change.revision)

    def _note(self, revision: int, events: Any) -> None:
        for event in events:
            old = event.previous.value if event.previous else None
            new = event.key_value.value if event.type == "PUT" else None
            self.truth.changes.append(Change(revision, event.key_value.key, old, new))

    def ask(self, place: int, method: str, path: str, body: Any = None, accept: str = "") -> Response | Watch:
        headers = {"Authorization": "Bearer admin", **({"Accept": accept} if accept else {})}
        answer = self.servers[place].handle(Request(method, path, {}, headers, body))
        self.check_no_panic()
        return answer


class View:
    """One way to look at ConfigMaps: a URL, and what it shows as a function written down a second time."""

    def __init__(self, path: str, query: str, sees: Callable[[Any], bool]) -> None:
        self.path, self.query, self.sees = path, query, sees

    def __repr__(self) -> str:
        return f"{self.path}?{self.query}"


def _metadata(obj: Any) -> Any:
    return obj["metadata"]


VIEWS = [
    View(ALL, "", lambda obj: True),
    View("/api/v1/namespaces/default/configmaps", "", lambda obj: _metadata(obj)["namespace"] == "default"),
    View(ALL, "labelSelector=x%3D1", lambda obj: (_metadata(obj).get("labels") or {}).get("x") == "1"),
    View(ALL, "labelSelector=x%21%3D1", lambda obj: (_metadata(obj).get("labels") or {}).get("x") != "1"),
    View(ALL, "fieldSelector=metadata.name%3Da", lambda obj: _metadata(obj)["name"] == "a"),
    View(
        "/api/v1/namespaces/kube-public/configmaps",
        "fieldSelector=metadata.name%21%3Db&labelSelector=x",
        lambda obj: (
            _metadata(obj)["namespace"] == "kube-public"
            and _metadata(obj)["name"] != "b"
            and "x" in (_metadata(obj).get("labels") or {})
        ),
    ),
]


def key_of(obj: Any) -> str:
    metadata = obj["metadata"]
    return f"{PREFIX}{metadata['namespace']}/{metadata['name']}"


class Client:
    """A reflector in a few lines, which writes down what it is shown."""

    def __init__(self, pair: Pair, view: View, place: int, start: int, accept: str) -> None:
        self.pair, self.view, self.accept = pair, view, accept
        self.objects: dict[str, str] = {}
        self.sessions: list[Session] = []
        self.watch: Watch | None = None
        self.expired = False
        if start:
            self.objects = _versions(pair.truth.state(view.sees, start), pair.truth)
            self.open(place, start)
        else:
            self.relist(place)

    def relist(self, place: int) -> None:
        """Begin anew: what is listed is what the store holds, then a watch from there."""
        answer = self.pair.ask(place, "GET", f"{self.view.path}?{self.view.query}&limit=500")
        assert isinstance(answer, Response)
        assert answer.code == 200, answer.body
        version = int(answer.body["metadata"]["resourceVersion"])
        listed = {key_of(item): item["metadata"]["resourceVersion"] for item in answer.body["items"]}
        assert listed == _versions(self.pair.truth.state(self.view.sees, version), self.pair.truth)
        self.objects, self.sessions = listed, []
        self.open(place, version)

    def open(self, place: int, version: int) -> None:
        """Go on from a revision, at one of the servers."""
        self.close()
        query = f"{self.view.query}&watch=1&allowWatchBookmarks=true&resourceVersion={version}"
        answer = self.pair.ask(place, "GET", f"{self.view.path}?{query}", accept=self.accept)
        assert isinstance(answer, Watch), answer
        self.sessions.append(Session(version))
        self.watch, self.expired, self.place = answer, False, place
        answer.connect(self.take, self.ended)

    def take(self, event: Any) -> None:
        metadata = event["object"].get("metadata") or {}
        if event["type"] == "ERROR":
            assert event["object"]["code"] == 410, event
            self.expired = True
            return
        revision = int(metadata["resourceVersion"])
        if event["type"] == "BOOKMARK":
            self.sessions[-1].shown.append(Shown("BOOKMARK", revision))
            return
        key = key_of(event["object"])
        self.sessions[-1].shown.append(Shown(event["type"], revision, key))
        if event["type"] == "DELETED":
            self.objects.pop(key, None)
        else:
            self.objects[key] = metadata["resourceVersion"]

    def ended(self) -> None:
        self.watch = None

    def close(self) -> None:
        if self.watch is not None:
            self.watch.stop()
            self.watch = None

    def go_on(self, place: int) -> None:
        """Break off, and go on where that was; list again when the server has forgotten the place."""
        if self.sessions:
            self.open(place, self.sessions[-1].position)
        if self.expired:
            self.relist(place)

    def check(self) -> None:
        """All guarantees hold, and what the client holds is what the store holds."""
        if self.expired or self.watch is None:
            return  # it knows that it has to begin anew
        newest = self.pair.store.revision
        stream = Stream(self.view.sees, self.sessions, newest)
        for check in CHECKS:
            check(stream, self.pair.truth)
        assert self.objects == _versions(self.pair.truth.state(self.view.sees, newest), self.pair.truth)


def _versions(state: dict[str, Any], truth: Truth) -> dict[str, str]:
    newest = {change.key: str(change.revision) for change in truth.changes}
    by_object = {(change.key, id(change.new)): str(change.revision) for change in truth.changes}
    return {key: by_object.get((key, id(obj)), newest[key]) for key, obj in state.items()}


PLACES = st.sampled_from([0, 1])
NAMES = st.sampled_from("abc")
LABELS = st.sampled_from([{}, {"x": "1"}, {"x": "2"}])


class History(RuleBasedStateMachine):
    """Anything may happen, in any order."""

    clients = Bundle("clients")

    @initialize()
    def begin(self) -> None:
        self.pair = Pair()
        self.everybody: list[Client] = []

    # -- the store changes ---------------------------------------------------------------------------------

    @rule(
        place=PLACES,
        namespace=st.sampled_from(NAMESPACES),
        name=NAMES,
        labels=LABELS,
        value=st.integers(0, 2),
    )
    def write(self, place: int, namespace: str, name: str, labels: Any, value: int) -> None:
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        body = config_map(name, labels, k=str(value))
        if self.pair.ask(place, "PUT", f"{path}/{name}", body).code == 404:
            self.pair.ask(place, "POST", path, body)

    @rule(place=PLACES, namespace=st.sampled_from(NAMESPACES), name=NAMES)
    def delete(self, place: int, namespace: str, name: str) -> None:
        self.pair.ask(place, "DELETE", f"/api/v1/namespaces/{namespace}/configmaps/{name}")

    @rule(place=PLACES)
    def delete_a_collection(self, place: int) -> None:
        self.pair.ask(place, "DELETE", "/api/v1/namespaces/default/configmaps?labelSelector=x%3D1")

    @rule()
    def write_and_delete_in_one_transaction(self) -> None:
        """The API server has no such transactions, the leases of Events have: all their keys go at once."""
        assert self.pair.etcd is not None
        kvs = [
            kv for kv in self.pair.etcd.range(PREFIX, prefix_end(PREFIX)).kvs if "kube-root-ca" not in kv.key
        ]
        lease = self.pair.etcd.lease_grant(60)
        for key_value in kvs[:3]:
            self.pair.etcd.put(key_value.key, key_value.value, lease)
        self.pair.etcd.lease_revoke(lease)

    # -- clients come and go -------------------------------------------------------------------------------

    @rule(target=clients, view=st.sampled_from(VIEWS), place=PLACES, accept=st.sampled_from(["", PARTIAL]))
    def list_and_watch(self, view: View, place: int, accept: str) -> Client:
        self.everybody.append(Client(self.pair, view, place, 0, accept))
        return self.everybody[-1]

    @rule(target=clients, view=st.sampled_from(VIEWS), place=PLACES, back=st.integers(0, 12))
    def watch_from_any_revision(self, view: View, place: int, back: int) -> Client:
        start = max(self.pair.store.revision - back, 1)
        client = Client(self.pair, view, place, start, "")
        if client.expired:
            client.relist(place)
        self.everybody.append(client)
        return client

    @rule(client=clients, place=PLACES)
    def go_on_elsewhere(self, client: Client, place: int) -> None:
        client.go_on(place)

    # -- parts fail ----------------------------------------------------------------------------------------

    @rule(place=PLACES)
    def crash_a_server(self, place: int) -> None:
        self.pair.crash(place)
        for client in self.everybody:
            if client.watch is not None and client.place == place:
                client.go_on(1 - place)

    @rule()
    def restart_etcd(self) -> None:
        self.pair.restart_etcd()
        for client in self.everybody:
            client.go_on(client.place)

    @rule(back=st.integers(0, 5))
    def compact(self, back: int) -> None:
        revision = self.pair.store.revision - back
        if self.pair.etcd is not None and revision > self.pair.store.compact_revision:
            self.pair.etcd.compact(revision)

    @rule(amount=st.sampled_from([1, 80, 400]))
    def wait(self, amount: int) -> None:
        self.pair.run(amount)

    @invariant()
    def every_guarantee_holds(self) -> None:
        for client in getattr(self, "everybody", []):
            client.check()


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


# -- the checks themselves can fail ------------------------------------------------------------------------


def _truth() -> Truth:
    truth = Truth()
    a, b, c = ({"name": name} for name in "abc")
    truth.changes = [
        Change(2, "a", None, a), Change(3, "b", None, b), Change(4, "a", a, a), Change(5, "a", a, None),
        Change(5, "b", b, None), Change(6, "c", None, c),
    ]  # fmt: skip
    return truth


GOOD = (
    (Shown("ADDED", 2, "a"), Shown("ADDED", 3, "b"), Shown("BOOKMARK", 3), Shown("MODIFIED", 4, "a")),
    (Shown("DELETED", 5, "a"), Shown("DELETED", 5, "b"), Shown("ADDED", 6, "c"), Shown("BOOKMARK", 6)),
)


def _broken_by(first: tuple[Shown, ...], second: tuple[Shown, ...], start: int = 4) -> set[type[Broken]]:
    """Which guarantees a client would miss that was shown this."""
    stream = Stream(lambda obj: True, [Session(1, list(first)), Session(start, list(second))], 6)
    found: set[type[Broken]] = set()
    for check in CHECKS:
        try:
            check(stream, _truth())
        except Broken as error:
            found.add(type(error))
    return found


def test_a_stream_that_shows_what_happened_breaks_nothing() -> None:
    assert _broken_by(*GOOD) == set()


@pytest.mark.parametrize(
    ("first", "second", "broken"),
    [
        ((GOOD[0][1], GOOD[0][0], *GOOD[0][2:]), GOOD[1], guarantees.BrokeOrdered),
        ((GOOD[0][0], *GOOD[0]), GOOD[1], guarantees.BrokeUnique),
        (GOOD[0], (GOOD[0][3], *GOOD[1]), guarantees.BrokeUnique),
        (GOOD[0], GOOD[1][1:], guarantees.BrokeAtomic),
        ((*GOOD[0], GOOD[1][0]), GOOD[1][1:], guarantees.BrokeAtomic),
        (GOOD[0], GOOD[1][:2], guarantees.BrokeReliable),
        (GOOD[0], (*GOOD[1], Shown("ADDED", 6, "d")), guarantees.BrokeReliable),
        ((Shown("MODIFIED", 2, "a"), *GOOD[0][1:]), GOOD[1], guarantees.BrokeReliable),
        (GOOD[0], GOOD[1][2:], guarantees.BrokeResumable),
        ((GOOD[0][0], GOOD[0][2], GOOD[0][1], GOOD[0][3]), GOOD[1], guarantees.BrokeBookmarkable),
    ],
)
def test_each_check_finds_what_it_is_there_for(
    first: tuple[Shown, ...], second: tuple[Shown, ...], broken: type[Broken]
) -> None:
    assert broken in _broken_by(first, second)


def test_a_real_stream_that_is_tampered_with_is_found_out() -> None:
    pair = Pair()
    client = Client(pair, VIEWS[0], 0, 0, "")
    for name in "abc":
        pair.ask(1, "POST", "/api/v1/namespaces/default/configmaps", config_map(name))
    client.check()
    shown = client.sessions[-1].shown
    shown[0], shown[1] = shown[1], shown[0]
    with pytest.raises(guarantees.BrokeOrdered):
        client.check()
    shown[0], shown[1] = shown[1], shown[0]
    del shown[1]
    with pytest.raises(guarantees.BrokeReliable):
        client.check()
