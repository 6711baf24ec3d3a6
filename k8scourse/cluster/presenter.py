"""The seam between the engine and its pictures: the engine asks, the layers above answer.

The engine knows no diagram. `k8scourse/__init__.py` puts a presenter here; without one (a bare import of the
engine, say in a test) everything still works and prints plainly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from .. import words
from ..sim import SECOND, Record

if TYPE_CHECKING:
    from .answer import Answer
    from .cluster import Cluster


class Presenter(Protocol):
    """Who turns a cluster and its records into words and pictures."""

    def attach(self, cluster: Cluster) -> None:
        """A new cluster is about to boot: whoever wants to see all of its life begins here."""

    def sentence(self, record: Record) -> str:
        """One sentence about a step, in the language in use."""

    def summary(self, cluster: Cluster) -> str:
        """The cluster as a readable table of at most 20 lines."""

    def bundle(self, cluster: Cluster, *, live: bool) -> dict[str, Any]:
        """The cluster's rich display: MIME type to data."""

    def view(self, cluster: Cluster, name: str, **options: Any) -> Any:
        """A live view of the cluster."""

    def serve(self, cluster: Cluster, **options: Any) -> Any:
        """Put the cluster behind a real port."""

    def road(self, answer: Answer) -> dict[str, Any]:
        """The rich display of a request's road through the API server, beside its text: MIME type to data."""


class PlainPresenter:
    """Names without prose: what is used when no pictures are installed."""

    def attach(self, cluster: Cluster) -> None:
        """Nothing to prepare."""

    def sentence(self, record: Record) -> str:
        """Source, kind, target and subject."""
        return f"{record.source} {record.kind} {record.target} {record.subject}".strip()

    def summary(self, cluster: Cluster) -> str:
        """One line."""
        return f"{cluster.name} {cluster.version}, t = {cluster.now / SECOND:.2f} s"

    def bundle(self, cluster: Cluster, *, live: bool) -> dict[str, Any]:
        """The summary as plain text."""
        return {"text/plain": self.summary(cluster)}

    def view(self, cluster: Cluster, name: str, **options: Any) -> Any:
        """The summary."""
        return self.summary(cluster)

    def serve(self, cluster: Cluster, **options: Any) -> Any:
        """Not without the layers above."""
        raise ImportError("k8scourse.server")

    def road(self, answer: Answer) -> dict[str, Any]:
        """Nothing but the text."""
        return {}


_presenter: list[Presenter] = [PlainPresenter()]


def use_presenter(presenter: Presenter) -> None:
    """Let this presenter speak for all clusters from now on."""
    _presenter[0] = presenter


def presenter() -> Presenter:
    """The presenter in use."""
    return _presenter[0]


class Story:
    """The steps of one run, told: a sentence a line. Iterating gives the records."""

    SHOWN = 24
    COLUMNS = 84

    def __init__(self, records: list[Record], note: str = "") -> None:
        self.records = records
        self.note = note

    def __iter__(self) -> Any:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        return "\n".join([*self.lines(self.SHOWN), *([self.note] if self.note else [])])

    def lines(self, at_most: int | None = None) -> list[str]:
        """The sentences with their times; beyond `at_most` the number of those left out stands in between."""
        told = [self._told(record) for record in self.records]
        if at_most is None or len(told) <= at_most:
            return told
        half = at_most // 2
        return [
            *told[:half],
            f"{'':13}{words.text('narration.left_out', count=len(told) - 2 * half)}",
            *told[-half:],
        ]

    def _told(self, record: Record) -> str:
        """The time, and beside it the sentence in lines of its own: a notebook would break them inside words."""
        sentence = f"\n{'':13}".join(wrapped(_presenter[0].sentence(record), self.COLUMNS))
        return f"{record.time / SECOND:9.3f} s  {sentence}"

    def __str__(self) -> str:
        return "\n".join([*self.lines(), *([self.note] if self.note else [])])


_WORD = re.compile(r"[\u2e80-\uffff][，。；：、？！）」]*\s*|[^\s\u2e80-\uffff]+[，。；：、？！）」]*\s*")


def wrapped(text: str, columns: int, measure: Callable[[str], float] | None = None) -> list[str]:
    """The text in lines of at most `columns` columns; a Chinese character takes two, and breaks come before any.

    With `measure` the columns are whatever that measures, pixels for instance.
    """
    measure = measure or width_of
    lines = [""]
    for word in _WORD.findall(text):
        if lines[-1] and measure(lines[-1] + word.rstrip()) > columns:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
