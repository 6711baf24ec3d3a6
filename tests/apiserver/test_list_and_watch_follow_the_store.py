"""A client that lists once and then watches always knows exactly what the store holds.

Checked after every step of a random history, for several selectors, with restarts of the server and of etcd between.
The errors have the names of the guarantees that etcd gives.
"""

from __future__ import annotations

from typing import Any

from apiserver.support import CONFIG_MAPS, Api, config_map
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

NAMES = st.sampled_from("abcd")
LABELS = st.sampled_from(["1", "2"])
QUERIES = ["", "labelSelector=x%3D1", "labelSelector=x%21%3D1", "fieldSelector=metadata.name%3Da"]


class Client:
    """A reflector in a few lines."""

    def __init__(self, api: Api, query: str) -> None:
        self.api, self.query = api, query
        self.objects: dict[str, Any] = {}
        self.version = 0
        self.relist()

    def relist(self) -> None:
        body = self.api.get(f"{CONFIG_MAPS}?{self.query}&limit=500")
        self.objects = {item["metadata"]["name"]: item for item in body["items"]}
        self.rewatch(int(body["metadata"]["resourceVersion"]))

    def rewatch(self, version: int) -> None:
        self.version = version
        self.seen = self.api.watch(f"{CONFIG_MAPS}?{self.query}&resourceVersion={version}")

    def follow(self) -> None:
        events, self.seen.events = self.seen.events, []
        # A watch hands events to the list it was given, so empty that one in place.
        for event in events:
            self.take(event)
        self.seen.watch.stop()
        if self.seen.closed and any(event["type"] == "ERROR" for event in events):
            self.relist()
        else:
            self.rewatch(self.version)
            if self.seen.closed:
                self.relist()

    def take(self, event: Any) -> None:
        if event["type"] == "ERROR":
            return
        metadata = event["object"]["metadata"]
        name, version = metadata["name"], int(metadata["resourceVersion"])
        assert version > self.version, "broke Ordered or Unique"
        self.version = version
        known = name in self.objects
        assert (event["type"] == "ADDED") != known, "broke Reliable"
        if event["type"] == "DELETED":
            del self.objects[name]
        else:
            self.objects[name] = event["object"]


def content(obj: Any) -> Any:
    return obj["metadata"]["resourceVersion"], obj.get("data")


class History(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.api = Api()
        self.clients = [Client(self.api, query) for query in QUERIES]

    @rule(name=NAMES, label=LABELS)
    def create(self, name: str, label: str) -> None:
        self.api.send("POST", CONFIG_MAPS, config_map(name, {"x": label}))

    @rule(name=NAMES, label=LABELS, value=st.integers(0, 2))
    def change(self, name: str, label: str, value: int) -> None:
        body = config_map(name, {"x": label}, k=str(value))
        self.api.send("PUT", f"{CONFIG_MAPS}/{name}", body)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.api.send("DELETE", f"{CONFIG_MAPS}/{name}")

    @rule()
    def restart_server(self) -> None:
        self.api.restart_server()
        for client in self.clients:
            client.follow()

    @rule()
    def restart_etcd(self) -> None:
        self.api.stop_etcd()
        self.api.start_etcd()

    @rule(amount=st.sampled_from([1, 80, 400]))
    def wait(self, amount: int) -> None:
        self.api.run(amount)

    @invariant()
    def every_client_knows_what_the_store_holds(self) -> None:
        for client in getattr(self, "clients", []):
            client.follow()
            listed = self.api.get(f"{CONFIG_MAPS}?{client.query}")["items"]
            known = {name: content(obj) for name, obj in client.objects.items()}
            assert known == {item["metadata"]["name"]: content(item) for item in listed}


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
