"""`serve`: a cluster behind a real port, with a kubeconfig beside it, until it is stopped."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .certificates import Authority, server_context
from .connection import Limits
from .door import Door, Page
from .engine import Engine
from .exchange import Exchange
from .kubeconfig import write_kubeconfig
from .listener import Listener

log = logging.getLogger("k8scourse.server")
LOOPBACK = "127.0.0.1"
ADMINISTRATOR = ("kubernetes-admin", ("system:masters",))


class Served:
    """A cluster that is being served. `url` is where, `kubeconfig` the file with which a client gets in.

    `stop()` ends it: connections, threads and the kubeconfig file; it is also called when the interpreter ends and
    when the cluster is forgotten.
    """

    def __init__(
        self,
        cluster: Any,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        speed: float = 1.0,
        kubeconfig: str | Path | None = None,
        limits: Limits | None = None,
        page: Callable[[Engine], Page] | None = None,
    ) -> None:
        self.cluster = cluster
        self.host = host
        self.engine = Engine(cluster, speed)
        self.authority = Authority()
        names = list(dict.fromkeys([host, LOOPBACK, "localhost", "kubernetes", "kubernetes.default.svc"]))
        context = server_context(self.authority, self.authority.server(names))
        self.page = page(self.engine) if page is not None else None
        self._listener = Listener(Door(Exchange(self.engine), self.page), context, limits)
        self.port = self._listener.bind(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"https://{shown}:{self.port}"
        self._written: list[Path] = []
        self.kubeconfig = self.kubeconfig_for(*ADMINISTRATOR, path=kubeconfig)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"k8scourse port {self.port}", daemon=True)
        self._task: asyncio.Task[None] | None = None
        self._stopped = threading.Event()
        self.engine.start()
        self._thread.start()
        _SERVED.add(self)

    def kubeconfig_for(self, user: str, groups: Sequence[str] = (), path: str | Path | None = None) -> Path:
        """A kubeconfig with a client certificate for somebody else; goes away with the rest."""
        identity = self.authority.user(user, groups)
        authority = self.authority.certificate
        written = write_kubeconfig(self.cluster.name, self.url, authority, user, identity, path)
        self._written.append(written)
        return written

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return self._listener.connections

    @property
    def board(self) -> str:
        """Where a browser on this machine finds the live board; plain HTTP, with a secret in the address."""
        return f"http{self.url.removeprefix('https')}{self.page.address}" if self.page is not None else ""

    def stop(self) -> None:
        """Free the port and end the threads. Can be called twice."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(5)
        self.engine.stop()
        for path in self._written:
            with contextlib.suppress(OSError):
                path.unlink()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._listener.serve())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception:
            log.exception("the port of cluster %s closed", self.cluster.name)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def __repr__(self) -> str:
        board = [f"board:      {self.board}"] if self.page is not None else []
        return "\n".join([f"API server: {self.url}", *board, f"export KUBECONFIG={self.kubeconfig}"])


_SERVED: weakref.WeakSet[Served] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    for served in list(_SERVED):
        served.stop()
