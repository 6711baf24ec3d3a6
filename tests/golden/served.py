"""The golden cases' control plane behind a real port, for the cases that type real kubectl (category F)."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from k8scourse.apiserver import Request, Response, Watch
from k8scourse.server import Served

from .adapter import ControlPlane

SPEED = 1.0
"""Virtual seconds a real one: kubectl polls and waits in real time."""


def kubectl_path() -> str | None:
    """The kubectl to be used: K8SCOURSE_KUBECTL, or what PATH has."""
    return os.environ.get("K8SCOURSE_KUBECTL") or shutil.which("kubectl")


def _with_token(kubeconfig: Path, token: str) -> Path:
    """The same file with a bearer token in the place of the certificate, as the reference's users have them."""
    content = yaml.safe_load(kubeconfig.read_text())
    content["users"][0]["user"] = {"token": token}
    kubeconfig.write_text(yaml.safe_dump(content))
    return kubeconfig


class _Front:
    """What `Served` needs of a cluster, out of a `ControlPlane`."""

    name = "golden"
    step_count = 0

    def __init__(self, api: ControlPlane) -> None:
        self.guard: contextlib.AbstractContextManager[Any] = threading.RLock()
        self.sim = api.sim
        self._api = api

    def changed(self) -> None:
        """Nobody looks on."""

    def exchange(self, request: Request) -> Response | Watch:
        """Straight to the server."""
        return self._api.server.handle(request)


class ServedApi(ControlPlane):
    """A control plane whose time runs by itself, with a port and kubeconfigs."""

    def __init__(self, nodes: int = 3) -> None:
        super().__init__(nodes)
        front = _Front(self)
        self._lock = front.guard
        self.served = Served(front, speed=SPEED)
        self.kubectl_bin = kubectl_path()
        self.kubeconfigs = {
            user: str(_with_token(self.served.kubeconfig_for(user), user)) for user in ("admin", "viewer")
        }

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, user: str
    ) -> tuple[int, dict[str, str], bytes]:
        """See `ControlPlane.send`."""
        with self._lock:
            return super().send(method, path, headers, body, user)

    def sleep(self, amount: float) -> None:
        """See `ControlPlane.sleep`."""
        if not hasattr(self, "_lock"):
            return super().sleep(amount)
        with self._lock:
            return super().sleep(amount)
