"""The cluster's own thread: jobs one after the other, and between them virtual time, driven by the real one.

Nothing else touches the cluster without its lock, so a notebook's cell, a board's button and a request of a real
client never meet inside the engine. What goes wrong in here is logged; it never reaches another thread unasked.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from k8scourse.sim import SECOND

Answer = TypeVar("Answer")
log = logging.getLogger("k8scourse.server")

TICK_SECONDS = 0.02
SLICE_SECONDS = 0.05
"""Longer than this the lock is never held for the passing of time alone: somebody may be waiting for it."""
REDRAW_SECONDS = 0.25
_END = object()


class Engine:
    """Runs `cluster` in a thread. `speed` is virtual seconds per real second; 0 lets time stand still.

    The clock only ever adds: when a notebook runs the cluster ahead, time goes on from there.
    """

    def __init__(self, cluster: Any, speed: float = 1.0) -> None:
        if not hasattr(cluster.guard, "acquire"):
            cluster.guard = threading.RLock()
        self.cluster = cluster
        self.speed = speed
        self.broken: Exception | None = None
        self._jobs: queue.Queue[Any] = queue.Queue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"k8scourse {cluster.name}", daemon=True)

    def start(self) -> None:
        """Begin to run."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread; jobs still waiting are cancelled. Can be called twice, and from any thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(_END)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def submit(self, job: Callable[[], Answer]) -> Future[Answer]:
        """Do `job` in the engine's thread; the future carries its answer or its exception."""
        future: Future[Answer] = Future()
        with self._closing:
            if self._closed:
                future.cancel()
            else:
                self._jobs.put((job, future))
        return future

    # --- in the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        ticked = drawn = time.monotonic()
        seen = -1
        while True:
            wait = max(0.0, ticked + TICK_SECONDS - time.monotonic())
            if not self._work(wait):
                break
            now = time.monotonic()
            if now - ticked >= TICK_SECONDS:
                self._pass_time(now - ticked)
                ticked = now
            if now - drawn >= REDRAW_SECONDS:
                drawn, seen = now, self._redraw(seen)
        self._cancel_the_rest()

    def _work(self, wait: float) -> bool:
        """Do the next job, if one comes within `wait` seconds. False at the end."""
        try:
            item = self._jobs.get(timeout=wait) if wait else self._jobs.get_nowait()
        except queue.Empty:
            return True
        if item is _END:
            return False
        job, future = item
        if future.set_running_or_notify_cancel():
            try:
                with self.cluster.guard:
                    answer = job()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(answer)
        return True

    def _pass_time(self, real_seconds: float) -> None:
        """Let `real_seconds` pass in the cluster too; what does not fit into a slice is not caught up with."""
        if not self.speed or self.broken is not None:
            return
        ends = time.monotonic() + SLICE_SECONDS
        with self.cluster.guard:
            sim = self.cluster.sim
            until = sim.now + int(real_seconds * self.speed * SECOND)
            try:
                while (due := sim.next_time) is not None and due <= until:
                    sim.step()
                    if time.monotonic() > ends:
                        return
                sim.run(until)
            except Exception as error:
                self.broken = error
                log.exception("the clock of cluster %s stopped", self.cluster.name)

    def _redraw(self, seen: int) -> int:
        """Tell those who look on when something worth a sentence has happened since `seen` steps."""
        with self.cluster.guard:
            steps = self.cluster.step_count
            if steps != seen:
                try:
                    self.cluster.changed()
                except Exception:
                    log.exception("a board of cluster %s could not be drawn", self.cluster.name)
        return int(steps)

    def _cancel_the_rest(self) -> None:
        while True:
            try:
                item = self._jobs.get_nowait()
            except queue.Empty:
                return
            if item is not _END:
                item[1].cancel()
