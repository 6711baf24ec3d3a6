"""What is there to draw, as data: no coordinates, no language.

A label is plain text, a key of the catalogue of words ("@board.kubelet"), or a key with its values
(["@board.worker", {"name": "worker-1", "number": 1}]).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from k8scourse.api import times
from k8scourse.api.values import get_in

from .history import Snapshot
from .messages import Flow, active_parts, flows, stages
from .reading import NodeView, PodView, Reader, node_view
from .seen import PartLike

Label = str | list[Any]
PART_STATES = {"running": "running", "starting": "pending", "crashed": "failed", "off": "stopped"}
PLANE_ORDER = ("kube-controller-manager", "kube-scheduler", "cloud-controller-manager", "etcd")
AGENT_ORDER = ("kubelet", "containerd", "kube-proxy")
BAR = "kube-apiserver"
BALANCER = "load-balancer"


class PartView(NamedTuple):
    """One component as a box: `word` is a word for its state, `note` an extra label."""

    id: str
    component: str
    node: str
    state: str
    word: Label
    cut: bool


class Card(NamedTuple):
    """One machine that runs Pods. `seated` is (slot, Pod); `system` the small ones."""

    name: str
    label: Label
    view: NodeView | None
    powered: bool
    cut: bool
    agents: list[PartView]
    seated: list[tuple[int, PodView]]
    system: list[tuple[int, PodView]]
    size: int


class Plane(NamedTuple):
    """One control-plane machine: its API server, the components above it, and its own agents."""

    name: str
    label: Label
    view: NodeView | None
    bar: PartView | None
    parts: list[PartView]
    agents: list[PartView]
    system: list[tuple[int, PodView]]


class Scene(NamedTuple):
    """One picture before it has a layout."""

    name: str
    version: str
    now: int
    step: int
    planes: list[Plane]
    cards: list[Card]
    shelf: list[tuple[int, PodView]]
    flows: list[Flow]
    stages: list[tuple[str, str]]
    active: list[str]
    pods: int
    ready: int
    workers: int
    balancer: PartView | None = None
    server: str = ""


def scene_of(snapshot: Snapshot, reader: Reader | None = None, system: bool = True) -> Scene:
    """The scene of a snapshot; `system=False` leaves out the small Pods of kube-system."""
    reader = reader or Reader()
    views = [view for view in map(reader.pod, snapshot.pods) if view.place != "component"]
    users = [view for view in views if view.place == "user"]
    seats = snapshot.slots.seats
    rows = _by_place(views, seats, system)
    nodes = _nodes(snapshot, views)
    parts = _parts(snapshot.parts, snapshot.revision)
    hosts = {view.node for view in users}
    workers = [machine.name for machine in snapshot.machines if machine.role == "worker"]
    planes = [machine.name for machine in snapshot.machines if machine.role == "control-plane"]
    carded = [*([] if workers else planes), *(name for name in planes if workers and name in hosts), *workers]
    machines = {machine.name: machine for machine in snapshot.machines}
    labels = _labels(planes, workers)
    size = snapshot.slots.size
    return Scene(
        snapshot.name, snapshot.version, snapshot.now, snapshot.step,
        [_plane(name, labels[name], nodes.get(name), parts, rows, name in carded) for name in planes],
        [
            Card(name, labels[name], nodes.get(name), machines[name].powered, machines[name].cut,
                 _agents(parts, name), rows.get(name, []),
                 rows.get(f"{name}/system", []), size.get(name, 0))
            for name in carded
        ],
        rows.get("", []),
        flows(snapshot.record, snapshot.records), stages(snapshot.record), active_parts(snapshot.record),
        len(users), sum(view.state == "running" for view in users), len(workers),
        parts.get("", {}).get(BALANCER), _server(snapshot),
    )  # fmt: skip


def _server(snapshot: Snapshot) -> str:
    """Which API server the step's request went to."""
    record = snapshot.record
    return record.target if record is not None and record.kind == "request" else ""


def _by_place(
    views: Sequence[PodView], seats: Mapping[str, tuple[str, int]], system: bool
) -> dict[str, list[tuple[int, PodView]]]:
    rows: dict[str, list[tuple[int, PodView]]] = {}
    for view in views:
        if view.place == "user" or system:
            place, number = seats[view.id]
            rows.setdefault(place, []).append((number, view))
    for row in rows.values():
        row.sort(key=lambda entry: entry[0])
    return rows


def _nodes(snapshot: Snapshot, views: Sequence[PodView]) -> dict[str, NodeView]:
    renewed = {
        lease["metadata"]["name"]: get_in(lease, "spec.renewTime")
        for lease in snapshot.leases
        if lease["metadata"].get("namespace") == "kube-node-lease"
    }
    on: dict[str, list[PodView]] = {}
    for view in views:
        on.setdefault(view.node, []).append(view)
    found = {}
    for node in snapshot.nodes:
        name = node["metadata"]["name"]
        last = renewed.get(name)
        last_ns = times.parse_time(last) if last else None
        found[name] = node_view(node, last_ns, snapshot.now, on.get(name, []))
    return found


def _labels(planes: Sequence[str], workers: Sequence[str]) -> dict[str, Label]:
    """A node's name, which the restaurant's words replace."""
    found: dict[str, Label] = {}
    for key, names in (("head_office", planes), ("worker", workers)):
        for number, name in enumerate(names, 1):
            found[name] = [f"@board.{key}", {"name": name, "number": number}]
    return found


def _parts(parts: Sequence[PartLike], revision: int) -> dict[str, dict[str, PartView]]:
    """Parts by node and component."""
    found: dict[str, dict[str, PartView]] = {}
    for part in parts:
        view = PartView(
            part.id, part.component, part.node, PART_STATES[part.state], _word(part, revision), part.cut
        )
        found.setdefault(part.node, {})[part.component] = view
    return found


def _word(part: PartLike, revision: int) -> Label:
    """What stands below a component: its state, or when all is well something more telling."""
    if part.cut and part.state == "running":
        return "@state.cut"
    if part.state == "running" and part.component == "etcd" and revision:
        return ["@board.revision", {"revision": revision}]
    if part.state != "running" or not part.note:
        return f"@state.{part.state}"
    return f"@board.{part.note}" if part.note in ("leader", "standby") else part.note


def _plane(
    name: str,
    label: Label,
    view: NodeView | None,
    parts: Mapping[str, Mapping[str, PartView]],
    rows: Mapping[str, list[tuple[int, PodView]]],
    carded: bool,
) -> Plane:
    """A control-plane machine; what it has as a worker is drawn on its card, if it has one."""
    here = parts.get(name, {})
    upper = [here[component] for component in PLANE_ORDER if component in here]
    agents = [] if carded else _agents(parts, name)
    return Plane(
        name, label, view, here.get(BAR), upper, agents, [] if carded else rows.get(f"{name}/system", [])
    )


def _agents(parts: Mapping[str, Mapping[str, PartView]], name: str) -> list[PartView]:
    here = parts.get(name, {})
    return [here[component] for component in AGENT_ORDER if component in here]
