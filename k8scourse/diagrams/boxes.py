"""The boxes of a frame, one maker per thing: what the packer places and both renderers draw."""

from __future__ import annotations

from typing import Any

from .reading import PodView
from .scene import BAR, Card, PartView, Plane

Box = dict[str, Any]
DENSE_ABOVE = 12


def end_of(part: str) -> str:
    """The bar's name for every API server; a part's own id else."""
    return BAR if part.startswith(f"{BAR}@") else part


def reverse(way: list[int]) -> list[int]:
    """A way in the other direction."""
    return [number for i in range(len(way) - 2, -1, -2) for number in way[i : i + 2]]


def columns_for(cards: int, wide: bool) -> int:
    """How many cards stand side by side."""
    if cards <= 2 or not wide:
        return max(1, min(cards, 2))
    return 2 if cards == 4 else 3


def is_dense(card: Card) -> bool:
    """Whether a node has had too many Pods for labels."""
    return card.size > DENSE_ABOVE


def make(identity: str, kind: str, x: int, y: int, w: int, h: int, **fields: Any) -> Box:
    """A box of the frame; its corner is inside the picture's rim. Empty fields are left out."""
    box: Box = {"i": identity, "k": kind, "x": x + 1, "y": y + 1, "w": w, "h": h}
    box.update({key: value for key, value in fields.items() if value not in ("", None)})
    return box


def part_fields(part: PartView) -> dict[str, Any]:
    """What every drawing of a component needs."""
    fields = {"s": part.state, "l": f"@board.{part.component}", "c": part.component, "n": part.word}
    return {**fields, "u": 1} if part.cut else fields


def part_box(part: PartView, kind: str, x: int, y: int, w: int, h: int) -> Box:
    """A component's box."""
    return make(part.id, kind, x, y, w, h, **part_fields(part))


def pod_box(pod: PodView, kind: str, x: int, y: int, w: int, h: int) -> Box:
    """A Pod's box: whole, a small dot, or a pill of the system's."""
    if kind == "dot":
        return make(pod.id, kind, x, y, w, h, s=pod.state, d=pod.detail)
    icon = "coredns" if kind == "pill" and pod.label == "coredns" else "pod"
    return make(pod.id, kind, x, y, w, h, s=pod.state, d=pod.detail, l=pod.label, n=pod.sub, c=icon,
                m=pod.meter if kind == "pod" else None)  # fmt: skip


def node_flags(card: Card) -> dict[str, int]:
    """What a menu needs to know of a node: o no power, u cut off, q cordoned."""
    cordoned = card.view is not None and card.view.cordoned
    return {key: 1 for key, set_ in (("o", not card.powered), ("u", card.cut), ("q", cordoned)) if set_}


def node_fields(place: Card | Plane) -> dict[str, Any]:
    """What the name plate says of a node, as the API server knows it."""
    view = place.view
    if view is None:
        return {"s": "pending", "r": "@state.starting"}
    fields: dict[str, Any] = {
        "s": view.state,
        "r": "@state.ready" if view.state == "running" else "@state.notready",
    }
    if isinstance(place, Card):
        fields.update(a=view.cpu, b=view.memory)
    if view.cordoned:
        fields["g"] = "@board.cordoned"
    if view.late:
        fields["g"] = ["@board.late", {"seconds": view.late}]
    return fields
