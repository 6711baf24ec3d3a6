"""kopf: an operator, a process of its own, watches a kind of ours and reconciles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from k8scourse.server import Served

from ..wire import ask
from .conftest import WIDGETS

pytest.importorskip("kopf")
PROGRAM = Path(__file__).with_name("operator_of_widgets.py")
PLACE = "/apis/example.com/v1/namespaces/default/widgets"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PATIENCE_SECONDS = 30


class Operator:
    """The process, and what it has printed."""

    def __init__(self, served: Served, log: Path) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kopf", "run", "--namespace=default", "--standalone", str(PROGRAM)],
                env={**os.environ, "KUBECONFIG": str(served.kubeconfig), "HOME": str(log.parent)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> int:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@pytest.fixture(scope="module")
def operator(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    assert send(served, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS)[0] == 201
    while send(served, "GET", PLACE)[0] != 200:  # a new kind is served a moment later
        pass
    one = Operator(served, tmp_path_factory.mktemp("operator") / "log")
    yield one
    assert one.stop() == 0, one.log.read_text()


def send(served: Served, method: str, path: str, body: Any = None, media: str = "json") -> tuple[int, Any]:
    data = json.dumps(body).encode() if body is not None else None
    return ask(served, method, path, data, {"Content-Type": f"application/{media}"})[:2]


def widget(name: str, size: int) -> dict[str, Any]:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {"size": size},
    }


def until(operator: Operator, done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, operator.log.read_text()
        time.sleep(0.05)


def size_of(served: Served, name: str) -> str:
    code, found = send(served, "GET", f"{CONFIG_MAPS}/{name}")
    return found["data"]["size"] if code == 200 else ""


def test_what_is_made_is_reconciled_and_its_status_written(served: Served, operator: Operator) -> None:
    assert send(served, "POST", PLACE, widget("one", 3))[0] == 201
    until(operator, lambda: size_of(served, "one") == "3")
    until(operator, lambda: "status" in send(served, "GET", f"{PLACE}/one")[1])
    found = send(served, "GET", f"{PLACE}/one")[1]
    assert found["status"]["made"] == {"size": 3}
    assert found["metadata"]["finalizers"] == ["example.com/operator"]
    owner = send(served, "GET", f"{CONFIG_MAPS}/one")[1]["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["uid"]) == ("Widget", found["metadata"]["uid"])


def test_what_changes_is_followed(served: Served, operator: Operator) -> None:
    assert send(served, "POST", PLACE, widget("two", 1))[0] == 201
    until(operator, lambda: size_of(served, "two") == "1")
    until(operator, lambda: "status" in send(served, "GET", f"{PLACE}/two")[1])
    send(served, "PATCH", f"{PLACE}/two", {"spec": {"size": 7}}, "merge-patch+json")
    until(operator, lambda: size_of(served, "two") == "7")


def test_what_is_deleted_goes_after_the_operator_has_seen_it(served: Served, operator: Operator) -> None:
    assert send(served, "POST", PLACE, widget("three", 2))[0] == 201
    until(operator, lambda: size_of(served, "three") == "2")
    send(served, "DELETE", f"{PLACE}/three")
    until(operator, lambda: send(served, "GET", f"{PLACE}/three")[0] == 404)
    assert send(served, "GET", f"{CONFIG_MAPS}/three-gone")[0] == 200
    until(operator, lambda: send(served, "GET", f"{CONFIG_MAPS}/three")[0] == 404)


def test_it_tells_what_it_does_in_events(served: Served, operator: Operator) -> None:
    assert send(served, "POST", PLACE, widget("four", 4))[0] == 201

    def told() -> bool:
        events = send(served, "GET", "/api/v1/namespaces/default/events")[1]["items"]
        mine = [each for each in events if each["involvedObject"]["name"] == "four"]
        return any(each["message"] == "ConfigMap four is there" for each in mine)

    until(operator, told)
