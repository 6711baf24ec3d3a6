"""A whole cluster and its kubectl: what these commands print depends on all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8scourse.cluster import Cluster
from k8scourse.kubectl import Kubectl, Result

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
"""


class Lab:
    """Type a command, get its Result. `files` are what `-f` finds."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.files: dict[str, str] = {"web.yaml": WEB}
        self.kubectl = Kubectl(
            self.cluster._kubectl._client,
            clock=lambda: self.cluster.now,
            read_file=self._read,
            wait=self.cluster._wait,
        )

    def __call__(self, command: str, stdin: str = "") -> Result:
        return self.kubectl.run(command, stdin)

    def said(self, command: str, stdin: str = "") -> list[str]:
        """The lines of stdout of a command that must go well."""
        result = self(command, stdin)
        assert (result.stderr, result.code) == ("", 0), command
        return result.stdout.splitlines()

    def refused(self, command: str, stdin: str = "") -> str:
        """The stderr of a command that must fail with code 1, without its last newline."""
        result = self(command, stdin)
        assert result.code == 1, f"{command}: {result}"
        return result.stderr.removesuffix("\n")

    def pods(self, app: str = "web", namespace: str = "default") -> list[str]:
        """The names of an application's Pods that stay."""
        return [
            pod["metadata"]["name"]
            for pod in self.cluster.objects("pods")
            if pod["metadata"]["namespace"] == namespace
            and pod["metadata"].get("labels", {}).get("app") == app
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def _read(self, path: str) -> str:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


@pytest.fixture(scope="module")
def web(lab: Lab) -> Lab:
    """A lab in which the Deployment web is ready."""
    lab.said("apply -f web.yaml")
    lab("rollout status deployment/web")
    return lab


Run = Callable[..., Result]
