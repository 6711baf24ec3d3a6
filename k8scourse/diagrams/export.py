"""What leaves the engine: frames, pictures, and what a notebook stores of a cluster."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from html import escape
from typing import Any

from k8scourse import words

from . import narration
from .draw import Speaker
from .history import Recorder, Snapshot, recorder
from .messages import number_of
from .packer import LAYOUTS, WIDE, Packer
from .scene import Scene, scene_of
from .seen import ClusterLike
from .summary import describe, summary
from .svg import LANG, svg


def frame_of(
    snapshot: Snapshot, packer: Packer, kept: Recorder, *, system: bool = True, described: bool = True
) -> dict[str, Any]:
    """The FRAME of one snapshot: the packer's boxes, and what is said about them in every language.

    On top of the packer's keys: `say` (language to [Kubernetes' sentence, the restaurant's]), `desc` (language to
    description), `steps` (how many there are) and `main` (the number of the dot that the sentence is about).
    """
    scene = scene_of(snapshot, kept.reader, system)
    frame = packer.pack(scene)
    frame["steps"] = kept.steps
    frame["say"] = narration.sentences(snapshot.record)
    frame["main"] = number_of(snapshot.record, scene.flows) if snapshot.record else 0
    if described:
        frame["desc"] = {one: describe(scene, "", one) for one in words.LANGUAGES}
    return frame


def scene_now(cluster: ClusterLike) -> Scene:
    """The cluster as it is now."""
    kept = recorder(cluster)
    return scene_of(kept.present(), kept.reader)


def text(cluster: ClusterLike, language: str | None = None) -> str:
    """The cluster as a table of at most 20 lines."""
    return summary(scene_now(cluster), language)


def picture(
    cluster: ClusterLike,
    *,
    step: int | None = None,
    language: str | None = None,
    restaurant: bool = False,
    theme: str = "auto",
    layout: str = WIDE,
) -> str:
    """The board as one SVG, of now or of a step in the past."""
    kept = recorder(cluster)
    snapshot = kept.present() if step is None else kept.at(step)
    return _draw(frame_of(snapshot, Packer(layout), kept), language or words.language(), restaurant, theme)


def _draw(frame: dict[str, Any], language: str, restaurant: bool, theme: str) -> str:
    return svg(
        frame,
        language=language,
        restaurant=restaurant,
        theme_name=theme,
        sentence=frame["say"][language][restaurant],
        description=frame["desc"][language],
    )


def bundle(cluster: ClusterLike, language: str | None = None) -> dict[str, Any]:
    """What a notebook stores: text, an SVG, and the same SVG as an image for viewers that do not trust it."""
    chosen = language or words.language()
    kept = recorder(cluster)
    snapshot = kept.present()
    frame = frame_of(snapshot, Packer(), kept)
    drawing = _draw(frame, chosen, False, "auto")
    return {
        "text/plain": summary(scene_of(snapshot, kept.reader), chosen),
        "image/svg+xml": drawing,
        "text/html": image(drawing, frame, chosen),
    }


def image(drawing: str, frame: dict[str, Any], language: str) -> str:
    """An `<img>` that carries the drawing in itself."""
    encoded = base64.b64encode(drawing.encode()).decode()
    speaker = Speaker(language)
    title = speaker.text("board.title", name=speaker.cluster(frame["name"]))
    alt = escape(f"{title}. {frame['desc'][language]}", quote=True)
    return f'<img src="data:image/svg+xml;base64,{encoded}" width="100%" lang="{LANG[language]}" alt="{alt}">'


def recording(
    cluster: ClusterLike, *, first: int = 0, last: int | None = None, layouts: Iterable[str] = (WIDE,)
) -> dict[str, Any]:
    """Recorded frames for a page without a kernel: `{"frames": {layout: […]}, "ticks": "rrdx…", "first": n}`.

    `at` is the frame that is shown first: the last one.
    """
    kept = recorder(cluster)
    end = kept.steps if last is None else min(last, kept.steps)
    start = max(0, min(first, end))
    pool: dict[str, int] = {}
    frames = {}
    for layout in layouts:
        packer = Packer(layout)
        whole = [frame_of(_seen(kept, step), packer, kept) for step in range(start, end + 1)]
        frames[layout] = [_pooled(frame, pool) for frame in whole]
    things = [json.loads(one) for one in pool]
    return {
        "pool": things,
        "frames": frames,
        "ticks": kept.ticks(start, end),
        "first": start,
        "at": end - start,
    }


def _seen(kept: Recorder, step: int) -> Snapshot:
    """A step as the board shows it: the last one as it is now."""
    return kept.present() if step == kept.steps else kept.at(step)


def _pooled(frame: dict[str, Any], pool: dict[str, int]) -> dict[str, Any]:
    """The frame with numbers for its boxes and links: most of them are the same from step to step."""
    short = {**frame}
    for key in ("boxes", "links"):
        written = [json.dumps(one, ensure_ascii=False) for one in frame[key]]
        short[key] = [pool.setdefault(text, len(pool)) for text in written]
    return short


def player(
    cluster: ClusterLike, *, first: int = 0, last: int | None = None, language: str | None = None
) -> str:
    """HTML for a page: a picture that the module `board.js` turns into a player of the recorded frames.

    Without JavaScript the last frame's picture and its caption are there.
    """
    chosen = language or words.language()
    kept = recording(cluster, first=first, last=last, layouts=LAYOUTS)
    shown = _seen(recorder(cluster), kept["first"] + kept["at"])
    frame = frame_of(shown, Packer(), recorder(cluster))
    speaker = Speaker(chosen)
    caption = speaker.text("board.caption", name=speaker.cluster(frame["name"]), seconds=frame["t"])
    data = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    still = image(_draw(frame, chosen, False, "auto"), frame, chosen)
    return (
        f'<figure class="k8s-player" style="margin:0" data-language="{chosen}"><div class="k8s-still">{still}</div>'
        f'<script type="application/json">{data}</script>'
        f'<figcaption lang="{LANG[chosen]}">{escape(caption)}</figcaption></figure>'
    )
