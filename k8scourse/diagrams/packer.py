"""Where everything is: the board's own layout, pure Python, the same on every machine.

Sizes are fixed or grow; nothing shrinks. A column is as wide as the widest of its words in any language and
vocabulary, so a switch of language moves nothing. All numbers are whole pixels of a drawing `w` wide.

The result is the FRAME: a dict that is JSON.
    w, h       size                      name, version, t, step   what and when
    boxes      [{i id, k kind, x, y, w, h, s state, l label, c icon, …}] in reading order
    links      [{i id, k watch|request|cable, p [x, y, x, y, …], s "cut" when cut}]
    flows      [{n number, k kind, p [x, y, …]}]
    active     ids of boxes that the step is about
"""

from __future__ import annotations

from typing import Any

from k8scourse import words

from . import boxes, second
from .boxes import Box
from .reading import PodView
from .scene import BAR, Card, Label, PartView, Plane, Scene
from .widths import width

GAP = 18
PAD = 12
POD_W, POD_H, POD_GAP = 100, 62, 6
DOT, DOT_STEP = 20, 24
AGENT_H, PILL_H, PLATE_H = 56, 24, 50
SIDE_MIN = 150
BAR_H, PART_H, CHIP_W, CHIP_H = 54, 96, 156, 28
STAGES = ("authenticate", "authorize", "admit", "validate", "store")
WIDE, MEDIUM, NARROW = "wide", "medium", "narrow"
LAYOUTS = (WIDE, MEDIUM, NARROW)
"""Wide has clients and shelf in a column of their own, medium above the rest, narrow puts two nodes side by side."""
GRID_W = {WIDE: 3 * 336 + 2 * GAP, MEDIUM: 3 * 290 + 2 * GAP, NARROW: 2 * 336 + GAP}


class Packer:
    """Lays out scenes of one board. It remembers how tall its rows were: they never get lower."""

    def __init__(self, layout: str = WIDE) -> None:
        self.layout = layout
        self._slots_h = 2 * (POD_H + POD_GAP) - POD_GAP
        self._system = False
        self._side = max(SIDE_MIN, round(_widest("board.shelf", 13) + 2 * PAD))

    def pack(self, scene: Scene) -> dict[str, Any]:
        """The frame of a scene."""
        return _Board(scene, self).frame()

    def slots_height(self, needed: int) -> int:
        """At least `needed`, and never less than before."""
        self._slots_h = max(self._slots_h, needed)
        return self._slots_h

    def has_system(self, needed: bool) -> bool:
        """Whether there is a row for the small Pods: once there, it stays."""
        self._system = self._system or needed
        return self._system

    @property
    def left(self) -> int:
        """Where the control plane and the nodes begin."""
        return self._side + 20 if self.layout == WIDE else 24

    @property
    def width(self) -> int:
        """Width of every frame of this layout."""
        return self.left + GRID_W[self.layout] + 2

    @property
    def side(self) -> int:
        """Width of the left column."""
        return self._side


def _widest(key: str, size: float) -> float:
    found = [
        width(words.catalogue(language).get(name, ""), size, True)
        for language in words.LANGUAGES
        for name in (key, f"restaurant.{key}")
    ]
    return max(found)


class _Board:
    """One run of the packer."""

    def __init__(self, scene: Scene, packer: Packer) -> None:
        self.scene = scene
        self.packer = packer
        self.wide = packer.layout == WIDE
        self.flat = packer.layout != NARROW
        self.back: list[Box] = []
        self.front: list[Box] = []
        self.links: list[Box] = []
        self.ways: dict[tuple[str, str], list[int]] = {}
        self.columns = boxes.columns_for(len(scene.cards), self.flat)
        grid_w = GRID_W[packer.layout]
        self.card_w = (grid_w - (self.columns - 1) * GAP) // self.columns
        row_w = self.card_w - 2 * PAD + POD_GAP
        self.per_row = row_w // (POD_W + POD_GAP)
        self.pod_w = row_w // self.per_row - POD_GAP if packer.layout == MEDIUM else POD_W
        self.left = packer.left
        self.w = packer.width - 2
        self.chip_w = CHIP_W if self.flat else 130
        self.bar = (0, 0, 0, 0)

    def frame(self) -> dict[str, Any]:
        scene = self.scene
        top = self._clients()
        bottom = self._plane(scene.planes[0], top) if scene.planes else top
        if scene.balancer is not None and len(scene.planes) > 1:
            bottom = second.draw(self, scene.planes[1], scene.balancer, bottom)
        self.kubectl_link(self.bar)
        height = self._cards(bottom + GAP * 2)
        if self.wide:
            self._shelf(0, bottom + GAP * 2, self.packer.side, max(230, height - bottom - 2 * GAP))
            height = max(height, bottom + GAP * 2 + 230)
        return {
            "w": self.w + 2, "h": height + 2, "name": scene.name, "version": scene.version,
            "t": round(scene.now / 1e9, 2), "step": scene.step, "workers": scene.workers, "pods": scene.pods,
            "boxes": self.back + self.front, "links": self.links, "flows": self._flows(), "active": scene.active,
        }  # fmt: skip

    # --- clients and shelf ---------------------------------------------------------------------------------

    def _clients(self) -> int:
        """kubectl; in the narrow layout the shelf is beside it. The y where the control plane begins."""
        if self.wide:
            self.front.append(
                boxes.make("kubectl", "client", 0, 38, self.packer.side, 56, l="@board.kubectl", c="kubectl")
            )
            return 0
        self.front.append(boxes.make("kubectl", "client", 0, 0, 150, 100, l="@board.kubectl", c="kubectl"))
        self._shelf(150 + GAP, 0, self.w - 150 - GAP, 100)
        return 118

    def _shelf(self, x: int, y: int, w: int, h: int) -> None:
        self.back.append(boxes.make("shelf", "shelf", x, y, w, h, l="@board.shelf"))
        each = self.pod_w + POD_GAP
        columns = max(1, (w - 2 * PAD + POD_GAP) // each)
        rows = max(1, (h - 30 - PAD + POD_GAP + 6) // (POD_H + POD_GAP))
        inset = (w - columns * each + POD_GAP) // 2
        self._pods(self.scene.shelf, x + inset, y + 32, columns, rows, w - 2 * inset)

    # --- the control plane ---------------------------------------------------------------------------------

    def _plane(self, plane: Plane, y: int) -> int:
        x, w = self.left, self.w - self.left
        bar_h = BAR_H if self.flat else 86
        bar = (x + 16, y + 172, w - 32, bar_h)
        self.back.append(
            boxes.make(plane.name, "plane", x, y, w, 172 + bar_h + 16, l="@board.control_plane", n=plane.label,
                 **boxes.node_fields(plane))
        )  # fmt: skip
        title = round(_widest("board.control_plane", 15)) + 36
        for number, pod in plane.system[: 3 if self.flat else 2]:
            self.front.append(
                boxes.pod_box(pod, "pill", x + title + number * (POD_W + POD_GAP), y + 9, POD_W, PILL_H)
            )
        self.draw_bar(plane, *bar)
        self._components(plane, x + 20, y + 38, w - 40, bar[1])
        self.bar = bar
        return y + 172 + bar_h + 16

    def draw_bar(self, plane: Plane, x: int, y: int, w: int, h: int) -> None:
        state = plane.bar.state if plane.bar else "stopped"
        part = plane.bar.id if plane.bar else BAR
        fields = boxes.part_fields(plane.bar) if plane.bar else {}
        tall = h > BAR_H
        self.front.append(
            boxes.make(part, "bar", x, y, w, h, **{**fields, "l": f"@board.{BAR}", "c": BAR, "s": state})
        )
        start = x + (14 if tall else 250)
        each = (x + w - 10 - start) // len(STAGES)
        mine = plane.bar is None or not self.scene.server or self.scene.server == plane.bar.id
        said = dict(self.scene.stages) if mine else {}
        prefix = "stage" if plane is self.scene.planes[0] else "stage-2"
        for index, stage in enumerate(STAGES):
            self.front.append(
                boxes.make(f"{prefix}/{stage}", "stage", start + index * each, y + (44 if tall else 12), each - 14, 30,
                     l=f"@board.{stage}", s=said.get(stage, ""), f=int(index == 0))
            )  # fmt: skip

    def _components(self, plane: Plane, x: int, y: int, w: int, bar_y: int) -> None:
        stack = bool(plane.agents)
        room = w - (self.chip_w + GAP if stack else 0)
        each = room // max(1, len(plane.parts))
        part_w = min(182, each - 12)
        for index, part in enumerate(plane.parts):
            left = x + index * each + (each - part_w) // 2
            self.front.append(boxes.part_box(part, "part", left, y, part_w, PART_H))
            self._plug(part, left + part_w // 2, y + PART_H, bar_y)
        for index, agent in enumerate(plane.agents):
            top = y + index * (CHIP_H + 6)
            self.front.append(boxes.part_box(agent, "chip", x + w - self.chip_w, top, self.chip_w, CHIP_H))
            if agent.component != "containerd":
                lane = x + w - self.chip_w - (5 if agent.component == "kubelet" else 11)
                middle = top + CHIP_H // 2
                self._wire(agent, [x + w - self.chip_w, middle, lane, middle, lane, bar_y])

    def _plug(self, part: PartView, middle: int, bottom: int, bar_y: int) -> None:
        """The lines between a control-plane component and the bar: etcd's cable, or a watch and a request."""
        if part.component == "etcd":
            self.link(part, "cable", [middle, bottom, middle, bar_y])
            self.ways[(BAR, part.id)] = [middle, bar_y, middle, bottom]
            return
        for kind, shift in (("watch", -14), ("request", 14)):
            self.link(part, kind, [middle + shift, bottom, middle + shift, bar_y])
        self.ways[(part.id, BAR)] = [middle + 14, bottom, middle + 14, bar_y]
        self.ways[(BAR, part.id)] = [middle - 14, bar_y, middle - 14, bottom]

    def kubectl_link(self, bar: tuple[int, int, int, int]) -> None:
        middle = bar[1] + bar[3] // 2
        if self.wide:
            rail = self.packer.side + 10
            way = [self.packer.side, 66, rail, 66, rail, middle, bar[0], middle]
        else:
            way = [12, 100, 12, middle, bar[0], middle]
        self.links.append({"i": "kubectl/request", "k": "request", "p": way})
        self.ways[("kubectl", BAR)] = way
        self.ways[(BAR, "kubectl")] = boxes.reverse(way)

    # --- the nodes -----------------------------------------------------------------------------------------

    def _cards(self, y: int) -> int:
        system = self.packer.has_system(any(card.system for card in self.scene.cards))
        slots_h = self._slots_height()
        card_h = PAD + AGENT_H + 10 + (PILL_H + 8 if system else 0) + slots_h + 10 + PLATE_H
        bottom = y
        for index, card in enumerate(self.scene.cards):
            row, column = divmod(index, self.columns)
            x = self.left + column * (self.card_w + GAP)
            top = y + row * (card_h + GAP * 2)
            self._card(card, x, top, card_h, system, slots_h, row)
            bottom = top + card_h
        return bottom

    def _slots_height(self) -> int:
        dots_per_row = (self.card_w - 2 * PAD + 4) // DOT_STEP
        full, dense = 0, 0
        for card in self.scene.cards:
            if boxes.is_dense(card):
                dense = max(dense, -(-card.size // dots_per_row) * DOT_STEP - 4)
            else:
                full = max(full, -(-card.size // self.per_row))
        return self.packer.slots_height(max(full * (POD_H + POD_GAP) - POD_GAP, dense))

    def _card(self, card: Card, x: int, y: int, h: int, system: bool, slots_h: int, row: int) -> None:
        w = self.card_w
        state = card.view.state if card.view else "pending"
        self.back.append(
            boxes.make(card.name, "card", x, y, w, h, s=state, l=card.label, **boxes.node_flags(card))
        )
        self._agents(card, x + PAD, y + PAD, w - 2 * PAD, row)
        top = y + PAD + AGENT_H + 10
        if system:
            self._pills(card, x + PAD, top, w - 2 * PAD)
            top += PILL_H + 8
        if boxes.is_dense(card):
            self._dots(card.seated, x + PAD, top, w - 2 * PAD, slots_h)
        else:
            self._pods(
                card.seated, x + PAD, top, self.per_row, (slots_h + POD_GAP) // (POD_H + POD_GAP), w - 2 * PAD
            )
        self.front.append(boxes.make(f"{card.name}/plate", "plate", x + PAD, y + h - PLATE_H, w - 2 * PAD, PLATE_H,
                               l=card.label, **boxes.node_fields(card)))  # fmt: skip

    def _agents(self, card: Card, x: int, y: int, w: int, row: int) -> None:
        each = min(160, (w + POD_GAP) // max(1, len(card.agents)))
        for index, agent in enumerate(card.agents):
            left = x + index * each
            self.front.append(boxes.part_box(agent, "agent", left, y, each - POD_GAP, AGENT_H))
            if agent.component != "containerd":
                self._wire(agent, self._way_up(left + (each - POD_GAP) // 2, y, x - PAD, row, index))
            else:
                middle = left + (each - POD_GAP) // 2
                kubelet = middle - each
                low = y + AGENT_H + 5
                self.ways[(f"kubelet@{card.name}", agent.id)] = [
                    kubelet,
                    y + AGENT_H,
                    kubelet,
                    low,
                    middle,
                    low,
                    middle,
                    y + AGENT_H,
                ]

    def _way_up(self, middle: int, y: int, card_x: int, row: int, index: int) -> list[int]:
        """From an agent to the bar: straight up, from a lower row through the gutter left of its column."""
        bar_bottom = self.bar[1] + self.bar[3]
        if row == 0:
            return [middle, y, middle, bar_bottom]
        lane = card_x - 4 - 2 * (index + 1) if card_x else 3 + 3 * index
        over = y - PAD - 8 - 4 * index
        end = max(lane, self.bar[0] + 8 + 4 * index)
        low = self.bar[1] + self.bar[3] + 22
        return [middle, y, middle, over, lane, over, lane, low, end, low, end, bar_bottom]

    def _wire(self, part: PartView, way: list[int]) -> None:
        self.link(part, "watch", way)
        self.ways[(part.id, BAR)] = way
        self.ways[(BAR, part.id)] = boxes.reverse(way)

    def _pills(self, card: Card, x: int, y: int, w: int) -> None:
        each = POD_W + POD_GAP
        room = max(1, (w + POD_GAP) // each)
        shown = [(number, pod) for number, pod in card.system if number < room]
        for number, pod in shown:
            self.front.append(boxes.pod_box(pod, "pill", x + number * each, y, POD_W, PILL_H))

    # --- Pods ----------------------------------------------------------------------------------------------

    def _pods(
        self, seated: list[tuple[int, PodView]], x: int, y: int, columns: int, rows: int, w: int
    ) -> None:
        """Pods in slots, empty slots as ghosts; small dots when they are too many."""
        if seated and seated[-1][0] >= columns * rows:
            return self._dots(seated, x, y, w, rows * (POD_H + POD_GAP) - POD_GAP)
        filled = dict(seated)
        for number in range(columns * rows):
            at = (x + number % columns * (self.pod_w + POD_GAP), y + number // columns * (POD_H + POD_GAP))
            if number in filled:
                self.front.append(boxes.pod_box(filled[number], "pod", *at, self.pod_w, POD_H))
            else:
                self.back.append(boxes.make("", "slot", *at, self.pod_w, POD_H))
        return None

    def _dots(self, seated: list[tuple[int, PodView]], x: int, y: int, w: int, h: int) -> None:
        columns = max(1, (w + 4) // DOT_STEP)
        fits = columns * max(1, (h + 4) // DOT_STEP)
        shown = (
            seated if seated[-1][0] < fits else [(n, pod) for n, (_, pod) in enumerate(seated[: fits - 2])]
        )
        for number, pod in shown:
            at = (x + number % columns * DOT_STEP, y + number // columns * DOT_STEP)
            self.front.append(boxes.pod_box(pod, "dot", *at, DOT, DOT))
        if len(shown) < len(seated):
            label: Label = ["@board.more", {"count": len(seated) - len(shown)}]
            self.front.append(boxes.make("", "more", x + w - 44, y + h - DOT, 44, DOT, l=label))

    # --- links ---------------------------------------------------------------------------------------------

    def link(self, part: PartView, kind: str, way: list[int]) -> None:
        link: Box = {"i": f"{part.id}/{kind}", "k": kind, "p": way}
        if part.cut:
            link["s"] = "cut"
        elif part.state != "running":
            link["s"] = "down"
        self.links.append(link)

    def _flows(self) -> list[Box]:
        found = []
        for flow in self.scene.flows:
            source, target = boxes.end_of(flow.source), boxes.end_of(flow.target)
            way = self.ways.get((flow.source, flow.target)) or self.ways.get((source, target))
            if way:
                found.append({"n": flow.number, "k": flow.kind, "p": way})
        return found
