"""The presenter: how clusters and stories look and sound. `k8scourse/__init__.py` puts it to use."""

from __future__ import annotations

import os
import sys
from typing import Any

from k8scourse.cluster import Answer, LearnerError
from k8scourse.cluster.road import commits_of
from k8scourse.cluster.road import road as road_of
from k8scourse.diagrams import export, narration, road
from k8scourse.diagrams.history import recorder
from k8scourse.sim import Record

VIEWS = ("board", "request")
SWITCH = "K8SCOURSE_WIDGETS"


class Presenter:
    """Speaks for clusters in the language in use: sentences, text, pictures and live boards."""

    def attach(self, cluster: Any) -> None:
        """Begin to keep the cluster's steps, so that boards shown later can go back to all of them."""
        recorder(cluster)

    def sentence(self, record: Record) -> str:
        """One sentence about a step."""
        return narration.sentence(record)

    def summary(self, cluster: Any) -> str:
        """The cluster as a table of at most 20 lines."""
        return export.text(cluster)

    def bundle(self, cluster: Any, *, live: bool = False) -> dict[str, Any]:
        """Text, SVG and image; with `live` (and a kernel to talk to) the board as a widget too."""
        still = export.bundle(cluster)
        if not (live and is_live()):
            return still
        made = board_of(cluster)._repr_mimebundle_()
        data = made[0] if isinstance(made, tuple) else made
        return {**data, **still}

    def view(self, cluster: Any, name: str = "board", **options: Any) -> Any:
        """A view: the live board, or a request's road (`of` an answer, or a request's number in the trace)."""
        if name == "request":
            return _road_of(cluster, **options)
        if name not in VIEWS:
            raise ValueError(f"no view {name!r}: there is {', '.join(VIEWS)}")
        if options:
            from .board import Board

            return Board(cluster, **options)
        return board_of(cluster)

    def serve(self, cluster: Any, **options: Any) -> Any:
        """Put the cluster behind a real port, its board on a page; in a notebook `!kubectl` finds it."""
        from k8scourse.server import Served

        from .page import BoardPage

        served = Served(cluster, page=BoardPage, **options)
        if is_live():
            os.environ["KUBECONFIG"] = str(served.kubeconfig)
        return served

    def road(self, answer: Any) -> dict[str, Any]:
        """A request's road as a picture: an SVG, and the same as an image for viewers that do not trust it."""
        shown = answer.road()
        return {} if shown is None else dict(road.bundle(shown, _key(answer.record)))


def _road_of(cluster: Any, of: object = None, **options: object) -> Any:
    """The road of an answer, of a record or its number, or of the last request that came from outside."""
    records = cluster.trace.records
    if options:
        raise LearnerError("view_of", of=options)
    if of is None:
        people = (each for each in reversed(records) if each.kind == "request" and each.source == "kubectl")
        of = next(people, None)
    elif type(of) is int and 0 <= of < len(records):
        of = records[of]
    if isinstance(of, Answer):
        shown = of.road()
        return of if shown is None or of.record is None else road.RoadView(shown, _key(of.record))
    if not isinstance(of, Record) or of.kind != "request":
        raise LearnerError("view_of", of=of)
    return road.RoadView(road_of(of, commits_of(records, of)), _key(of))


def _key(record: Record) -> str:
    return f"k8s-road-{record.sequence}"


def board_of(cluster: Any) -> Any:
    """The cluster's own board: the same one wherever it is shown."""
    from .board import Board

    kept = vars(cluster)
    if "_board" not in kept:
        kept["_board"] = Board(cluster)
    return kept["_board"]


def is_live() -> bool:
    """Whether a notebook's kernel runs this, so that a widget has somebody to talk to."""
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no"):
        return False
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
