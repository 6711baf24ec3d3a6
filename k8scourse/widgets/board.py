"""The live board: one cluster, drawn while it runs, that can be stepped, rewound and broken by hand."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from k8scourse import words
from k8scourse.diagrams import export
from k8scourse.sim import Record

from .desk import Desk

FRAME_SECONDS = 0.05
"""Never more than twenty state frames a second."""


class Board(anywidget.AnyWidget):
    """A live board of `cluster`.

    `language` is en or zh-TW (default: the language in use), `vocabulary` kubernetes or restaurant, `theme`
    light, dark or auto (as the page), `system` whether the Pods of kube-system are drawn. `cluster` changes
    when the other road is taken: then it is the fork.
    """

    _esm = Path(__file__).with_name("board.js")
    frame = traitlets.Dict().tag(sync=True)
    ticks = traitlets.Unicode().tag(sync=True)
    ui = traitlets.Dict().tag(sync=True)
    _stop: Callable[[], None] | None = None

    def __init__(
        self,
        cluster: Any,
        *,
        language: str | None = None,
        vocabulary: str = "kubernetes",
        theme: str = "auto",
        system: bool = True,
        speed: float = 1,
    ) -> None:
        one_of("language", language, (None, *words.LANGUAGES))
        one_of("vocabulary", vocabulary, ("kubernetes", "restaurant"))
        one_of("theme", theme, ("auto", "light", "dark"))
        self._desk = Desk(cluster, system=system)
        self._sent = 0.0
        super().__init__(
            frame=self._desk.frame(),
            ticks=self._desk.ticks(),
            ui={
                "language": language or words.language(),
                "restaurant": vocabulary == "restaurant",
                "theme": theme,
                "speed": speed,
            },
        )
        self._stop = self._follow()
        self.on_msg(self._hear)

    @property
    def cluster(self) -> Any:
        """The cluster that is shown."""
        return self._desk.cluster

    @property
    def step(self) -> int:
        """The number of the step that is shown."""
        return self._desk.step

    def seek(self, step: int) -> None:
        """Show the cluster as it was right after step number `step`."""
        self._do({"command": "seek", "step": step})

    def forward(self) -> None:
        """Show the next step; at the present, run until there is one."""
        self._do({"command": "step"})

    def back(self) -> None:
        """Show the step before."""
        self._do({"command": "back"})

    def refresh(self) -> None:
        """Send what there is to see now."""
        self._sent = time.monotonic()
        self.ticks = self._desk.ticks()
        self.frame = self._desk.frame()

    def close(self) -> None:
        """Take the board off the page and stop following the cluster."""
        if self._stop is not None:
            self._stop()
        super().close()

    # --- the cluster ----------------------------------------------------------------------------------------

    def _follow(self) -> Callable[[], None]:
        """Hear of every change of the cluster, without keeping a forgotten board alive."""
        cluster = self._desk.cluster
        one_at_a_time(cluster)
        this = weakref.ref(self)

        def changed() -> None:
            board = this()
            if board is None:
                stop()
            else:
                board.refresh()

        def told(record: Record) -> None:
            board = this()
            if (
                board is not None
                and time.monotonic() - board._sent > FRAME_SECONDS
                and cluster.is_step(record)
            ):
                board.refresh()

        unsubscribe = cluster.trace.subscribe(told)
        cluster.listeners.append(changed)

        def stop() -> None:
            if changed in cluster.listeners:
                cluster.listeners.remove(changed)
                unsubscribe()

        return stop

    # --- the browser ----------------------------------------------------------------------------------------

    def _hear(self, _: Any, message: dict[str, Any], __: Any) -> None:
        self.send({**self._do(message), "id": message.get("id")})

    def _do(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do a command under the cluster's lock: a notebook handles messages in a thread while a cell awaits."""
        before = self._desk.cluster
        with before.guard:
            reply = self._desk.answer(message)
            if self._desk.cluster is not before:
                if self._stop is not None:
                    self._stop()
                self._stop = self._follow()
            if message.get("command") != "select":
                self.refresh()
        return reply

    # --- in a notebook --------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and for everybody who has no kernel the still picture and its text."""
        made = super()._repr_mimebundle_(**kwargs)
        data, *metadata = made if isinstance(made, tuple) else (made,)
        still = export.bundle(self._desk.cluster, self.ui["language"])
        return ({**(data or {}), **still}, *metadata) if metadata else {**(data or {}), **still}


def one_at_a_time(cluster: Any) -> None:
    """Give the cluster a lock, once: from now on a thread that acts on it waits for the others."""
    if not hasattr(cluster.guard, "acquire"):
        cluster.guard = threading.RLock()


def one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """ValueError with the list of what is allowed, when `value` is not among it."""
    if value not in allowed:
        listed = ", ".join(str(one) for one in allowed if one is not None)
        raise ValueError(f"{name} is one of {listed}, not {value!r}")
