"""The second API server on the board, and the load balancer below both.

Everybody's lines now end at the load balancer; from there one line goes up to each server. The second server has
a bar of its own, with stages that light up when it is the one that is asked, and its own cable to etcd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import boxes
from .scene import BAR, PartView, Plane

if TYPE_CHECKING:
    from .packer import _Board

GAP, CHIP_H, TITLE_H, LANE_W, CABLE_W = 10, 28, 38, 44, 30
FLAT_H, TALL_H = 54, 86
Box4 = tuple[int, int, int, int]


def draw(board: _Board, plane: Plane, balancer: PartView, y: int) -> int:
    """Draw both below the first control-plane machine; the y where they end."""
    first = board.bar
    top = y + GAP
    x, w = board.left + LANE_W, board.w - board.left - LANE_W - CABLE_W
    chips = CHIP_H + 8 if plane.agents else 0
    height = FLAT_H if board.flat else TALL_H
    bar = (x + 16, top + TITLE_H + chips, w - 32, height)
    board.back.append(
        boxes.make(plane.name, "plane", x, top, w, TITLE_H + chips + height + 16, l="@board.control_plane",
             n=plane.label, **boxes.node_fields(plane))
    )  # fmt: skip
    board.draw_bar(plane, *bar)
    bottom = bar[1] + height + 16
    strip = (board.left, bottom + 22, board.w - board.left, CHIP_H)
    board.front.append(boxes.part_box(balancer, "chip", *strip))
    _lanes(board, balancer, first, bar, strip)
    _etcd(board, bar)
    _chips(board, plane, bar, strip)
    board.bar = strip
    _through(board, plane, first, bar, strip)
    return strip[1] + CHIP_H


def _lanes(board: _Board, balancer: PartView, first: Box4, bar: Box4, strip: Box4) -> None:
    """From the load balancer up to each server: to the first past the second, in a lane beside it."""
    lane = board.left + LANE_W // 2 + 4
    middle = bar[0] + 24
    board.link(balancer, "request", [middle, strip[1], middle, bar[1] + bar[3]])
    board.link(balancer, "request", [lane, strip[1], lane, first[1] + first[3]])
    board.links[-1]["i"] += "-1"


def _etcd(board: _Board, bar: Box4) -> None:
    """The second cable: round the first server's bar."""
    etcd = next((part for part in board.scene.planes[0].parts if part.component == "etcd"), None)
    first = board.ways.get((BAR, etcd.id)) if etcd is not None else None
    if etcd is None or first is None:
        return
    middle, over, _, bottom = first
    lane, low, height = board.w - 8, (bottom + over) // 2, bar[1] + bar[3] // 2
    way = [bar[0] + bar[2], height, lane, height, lane, low, middle + 14, low, middle + 14, bottom]
    board.link(etcd, "cable", boxes.reverse(way))
    board.links[-1]["i"] += "-2"
    board.ways[(f"{BAR}@{board.scene.planes[1].name}", etcd.id)] = way


def _chips(board: _Board, plane: Plane, bar: Box4, strip: Box4) -> None:
    for index, agent in enumerate(plane.agents):
        left = bar[0] + index * (board.chip_w + GAP)
        top = bar[1] - CHIP_H - 8
        board.front.append(boxes.part_box(agent, "chip", left, top, board.chip_w, CHIP_H))
        if agent.component != "containerd":
            middle = left + board.chip_w // 2
            way = [middle, top + CHIP_H, middle, strip[1]]
            board.link(agent, "watch", way)
            board.ways[(agent.id, BAR)] = way
            board.ways[(BAR, agent.id)] = boxes.reverse(way)


def _through(board: _Board, plane: Plane, first: Box4, bar: Box4, strip: Box4) -> None:
    """Where a message of kubectl's or of a component above goes on to, from the load balancer or the first bar."""
    lane, middle = board.left + LANE_W // 2 + 4, bar[0] + 24
    second = f"{BAR}@{plane.name}"
    board.kubectl_link(strip)
    board.links.pop()
    start = board.ways[("kubectl", BAR)]
    ends = (
        (second, middle, bar[1] + bar[3]),
        (f"{BAR}@{board.scene.planes[0].name}", lane, first[1] + first[3]),
    )
    for server, x, end in ends:
        way = [*start[:-4], start[-4], strip[1], x, strip[1], x, end]
        board.ways[("kubectl", server)] = way
        board.ways[(server, "kubectl")] = boxes.reverse(way)
    for part in board.scene.planes[0].parts:
        for pair in ((part.id, BAR), (BAR, part.id)):
            known = board.ways.get(pair)
            if known is not None and part.component != "etcd":
                down = pair[0] == part.id
                x, y = (known[0], known[1]) if down else (known[-2], known[-1])
                way = [x, y, x, bar[1]] if down else [x, bar[1], x, y]
                board.ways[(part.id, second) if down else (second, part.id)] = way
