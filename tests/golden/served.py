"""The golden cases' control plane behind a real port, for the cases that type real kubectl (category F)."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Mapping
from typing import Any

from k8scourse.apiserver import Request, Response, Watch
from k8scourse.server import Served

from .adapter import Api

SPEED = 1.0
"""Virtual seconds a real one: kubectl polls and waits in real time."""


def kubectl_path() -> str | None:
    """The kubectl to be used: K8SCOURSE_KUBECTL, or what PATH has."""
    return os.environ.get("K8SCOURSE_KUBECTL") or shutil.which("kubectl")


class _Front:
    """What `Served` needs of a cluster, out of an `Api`."""

    name = "golden"
    step_count = 0

    def __init__(self, api: Api) -> None:
        self.guard: contextlib.AbstractContextManager[Any] = threading.RLock()
        self.sim = api.sim
        self._api = api

    def changed(self) -> None:
        """Nobody looks on."""

    def exchange(self, request: Request) -> Response | Watch:
        """Straight to the server."""
        return self._api.server.handle(request)


class ServedApi(Api):
    """An `Api` whose time runs by itself, with a port and kubeconfigs."""

    def __init__(self, nodes: int = 3) -> None:
        super().__init__(nodes)
        front = _Front(self)
        self._lock = front.guard
        self.served = Served(front, speed=SPEED)
        self.kubectl_bin = kubectl_path()
        self.kubeconfigs = {
            "admin": str(self.served.kubeconfig_for("admin", groups=("system:masters",))),
            "viewer": str(self.served.kubeconfig_for("viewer", groups=("viewers",))),
        }

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, user: str
    ) -> tuple[int, dict[str, str], bytes]:
        """See `Api.send`."""
        with self._lock:
            return super().send(method, path, headers, body, user)

    def sleep(self, amount: float) -> None:
        """See `Api.sleep`."""
        if not hasattr(self, "_lock"):
            return super().sleep(amount)
        with self._lock:
            return super().sleep(amount)

    def settle(self, case: Mapping[str, Any], quiet: float, timeout: float) -> bool:
        """See `Api.settle`."""
        with self._lock:
            return super().settle(case, quiet, timeout)
