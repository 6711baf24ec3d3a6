"""Clients that others have written, each against a cluster of its own behind a real port."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from k8scourse import Cluster
from k8scourse.server import Served

from ..wire import ask

PATIENCE_SECONDS = 60
WIDGETS: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"size": {"type": "integer", "maximum": 9}},
                            },
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
            }
        ],
    },
}
"""A kind of our own: Widgets have a size of at most 9."""


Answer = TypeVar("Answer")


def run(scene: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a scene in a thread of its own: another test of the process may have an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(scene, PATIENCE_SECONDS)).result()


def pod(name: str, *command: str, image: str = "busybox:1.36", **labels: str) -> dict[str, Any]:
    """A Pod with one container; without a command it is a web server."""
    container = {"name": "c", "image": image, "command": list(command)}
    if not command:
        container = {"name": "c", "image": "nginx:1.27"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [container]},
    }


def deployment(name: str, replicas: int = 2) -> dict[str, Any]:
    """A Deployment of web servers."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
            },
        },
    }


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A cluster in which an hour passes in three minutes."""
    one = Cluster(workers=2).serve(speed=20)
    yield one
    assert one.engine.broken is None
    assert ask(one, "GET", "/readyz")[0] == 200
    one.stop()
    gc.collect()  # what a client has left open goes now, not in somebody else's test
