"""A scheduler on the tiny server, and short ways to say "a node" and "a Pod"."""

from __future__ import annotations

from typing import Any

from client.tiny_server import Object, World

from k8scourse.scheduler import Decision, Scheduler
from k8scourse.scheduler.cache import Cache
from k8scourse.scheduler.cycle import Cycle
from k8scourse.scheduler.framework import Handle
from k8scourse.scheduler.plugins.registry import DEFAULT_PROFILE, REGISTRY
from k8scourse.scheduler.runtime import Framework
from k8scourse.sim import Process


def node(
    name: str,
    *,
    cpu: str = "4",
    memory: str = "8Gi",
    pods: str = "110",
    labels: Object | None = None,
    **spec: Any,
) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": spec,
        "status": {"allocatable": {"cpu": cpu, "memory": memory, "pods": pods}},
    }


def pod(name: str, cpu: str = "", memory: str = "", **spec: Any) -> Object:
    asked = {resource: amount for resource, amount in (("cpu", cpu), ("memory", memory)) if amount}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": asked}}], **spec},
        "status": {"phase": "Pending"},
    }


def decide(nodes: list[Object], wanted: Object, bound: list[Object] | None = None) -> Decision:
    """One decision, without any server."""
    cache = Cache()
    for one in nodes:
        cache.set_node(one)
    for one in bound or []:
        cache.set_pod(one)
    framework = Framework(DEFAULT_PROFILE, REGISTRY, Handle(None, cache))  # type: ignore[arg-type]
    return Cycle(framework, cache).run(wanted).decision


class Stage(World):
    """A world with a scheduler in it; `decisions` are all that it took."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions: list[Decision] = []
        self.start_scheduler()

    def start_scheduler(self) -> None:
        process = Process(self.sim, "kube-scheduler", "control-plane-1")
        self.scheduler = Scheduler(process, self.client_for(process), on_decision=self.decisions.append)
        self.scheduler.start()

    def add(self, *objects: Object) -> None:
        for obj in objects:
            self.direct.create(obj)

    def where(self) -> dict[str, str]:
        """The node of every Pod, "" for none."""
        pods = self.server.cache("pods").values()
        return {one["metadata"]["name"]: one["spec"].get("nodeName", "") for one in pods}

    def events(self) -> list[tuple[str, str, int]]:
        rows = self.server.cache("events").values()
        return [(row["reason"], row["message"], row["count"]) for row in rows]

    def condition(self, name: str) -> Object:
        found = self.server.objects["pods", f"default/{name}"]["status"].get("conditions") or [{}]
        return dict(found[0])
