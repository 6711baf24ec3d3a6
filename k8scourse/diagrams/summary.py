"""The picture as text: for a terminal, a screen reader, and whoever reads the notebook without pictures."""

from __future__ import annotations

from k8scourse import words

from .draw import Speaker
from .reading import PodView
from .scene import Card, PartView, Scene
from .widths import width

LINES = 20
NAMED = 12


def summary(scene: Scene, language: str | None = None, restaurant: bool = False) -> str:
    """A table of at most 20 lines: a heading, the components, the nodes and what is on them."""
    speaker = Speaker(language or words.language(), restaurant)
    name = speaker.cluster(scene.name)
    head = speaker.text("board.summary", name=name, version=scene.version, seconds=f"{scene.now / 1e9:.2f}",
                        pods=scene.pods, ready=scene.ready)  # fmt: skip
    rows = [
        (
            speaker.text("board.column_name"),
            speaker.text("board.column_state"),
            speaker.text("board.column_pods"),
        )
    ]
    rows += [_plane_row(scene, speaker)]
    rows += [_card_row(card, speaker) for card in scene.cards]
    if scene.shelf:
        rows.append((speaker.text("board.shelf"), "", _pods(scene.shelf, speaker)))
    return "\n".join([head, *_table(rows)[: LINES - 1]])


def _plane_row(scene: Scene, speaker: Speaker) -> tuple[str, str, str]:
    parts = [part for plane in scene.planes for part in ([plane.bar] if plane.bar else []) + plane.parts]
    listed = ", ".join(_part(part, speaker) for part in parts)
    return speaker.text("board.control_plane"), "", listed


def _part(part: PartView, speaker: Speaker) -> str:
    name = speaker.text(f"board.{part.component}")
    return name if part.state == "running" and not part.cut else f"{name} ({speaker.say(part.word)})"


def _card_row(card: Card, speaker: Speaker) -> tuple[str, str, str]:
    return speaker.say(card.label), node_words(card, speaker), _pods(card.seated, speaker)


def node_words(card: Card, speaker: Speaker) -> str:
    """A node's state in words, with what is unusual about it."""
    view = card.view
    said = [speaker.text("state.ready" if view and view.state == "running" else "state.notready")]
    if view and view.late:
        said.append(speaker.text("board.late", seconds=view.late))
    if view and view.cordoned:
        said.append(speaker.text("board.cordoned"))
    said += [_part(agent, speaker) for agent in card.agents if agent.state != "running" or agent.cut]
    return ", ".join(said)


def _pods(seated: list[tuple[int, PodView]], speaker: Speaker) -> str:
    named = [_pod(view, speaker) for _, view in seated[:NAMED]]
    if len(seated) > NAMED:
        named.append(speaker.text("board.shelf_more", count=len(seated) - NAMED))
    return ", ".join(named) or speaker.text("board.desc_none")


def _pod(view: PodView, speaker: Speaker) -> str:
    if view.state == "running":
        return view.name
    detail = speaker.text("state.notready") if view.detail == "Running" else view.detail
    return f"{view.name} ({detail})"


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    """Columns side by side; a Chinese character is two columns wide."""
    widths = [max(_columns(row[i]) for row in rows) for i in (0, 1)]
    lines = []
    for first, second, third in rows:
        cells = [
            first + " " * (widths[0] - _columns(first)),
            second + " " * (widths[1] - _columns(second)),
            third,
        ]
        lines.append("   ".join(cells).rstrip())
    return lines


def _columns(text: str) -> int:
    return sum(2 if width(character, 1) == 1 and ord(character) > 0x1100 else 1 for character in text)


def describe(scene: Scene, sentence: str, language: str, restaurant: bool = False) -> str:
    """The picture in sentences, for `<desc>` and screen readers: made anew from the state."""
    speaker = Speaker(language, restaurant)
    nodes = [
        speaker.text("board.desc_node", name=speaker.say(card.label), state=node_words(card, speaker),
                     pods=_pods(card.seated, speaker))
        for card in scene.cards
    ]  # fmt: skip
    return speaker.text(
        "board.description",
        workers=len(scene.cards),
        nodes=("" if language == "zh-TW" else " ").join(nodes),
        shelf=speaker.text("board.desc_shelf", pods=_pods(scene.shelf, speaker)) if scene.shelf else "",
        parts=_parts(scene, speaker),
        last=speaker.text("board.desc_last", sentence=sentence) if sentence else "",
    ).strip()


def _parts(scene: Scene, speaker: Speaker) -> str:
    parts = [
        part
        for plane in scene.planes
        for part in [*([plane.bar] if plane.bar else []), *plane.parts, *plane.agents]
    ]
    parts += [agent for card in scene.cards for agent in card.agents]
    down = [_part(part, speaker) for part in parts if part.state != "running" or part.cut]
    if not down:
        return speaker.text("board.desc_parts_fine")
    return speaker.text("board.desc_parts", parts=", ".join(down))
