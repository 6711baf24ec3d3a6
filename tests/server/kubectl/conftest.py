"""The real kubectl, against a cluster behind a real port."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from k8scourse import Cluster
from k8scourse.server import Served

PROGRAM = os.environ.get("K8SCOURSE_KUBECTL") or shutil.which("kubectl")
PATIENCE_SECONDS = 120


class Done(subprocess.CompletedProcess[str]):
    """What a command printed, and how it ended."""


class Kubectl:
    """kubectl with a kubeconfig and a home folder of its own. `kubectl("get pods")` runs it through a shell."""

    def __init__(self, served: Served, home: Path) -> None:
        self.served = served
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "KUBECONFIG": str(served.kubeconfig),
            "TERM": "dumb",
            "TZ": "UTC",
        }

    def run(self, line: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command line, whatever comes of it."""
        return subprocess.run(
            ["bash", "-c", f"{PROGRAM} {line}"],
            cwd=self.home,
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def __call__(self, line: str, stdin: str = "", **environment: str) -> str:
        """Run a command line that must succeed; what it printed."""
        done = self.run(line, stdin, **environment)
        assert done.returncode == 0, f"kubectl {line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def popen(self, line: str) -> subprocess.Popen[str]:
        """Start a command that goes on by itself."""
        return subprocess.Popen(
            [str(PROGRAM), *line.split()],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A cluster in which an hour passes in six minutes."""
    if PROGRAM is None:
        pytest.skip("no kubectl on this machine")
    one = Cluster(workers=2).serve(speed=10)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def kubectl(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """The program, with a home of its own."""
    return Kubectl(served, tmp_path_factory.mktemp("home"))


@pytest.fixture
def namespace(kubectl: Kubectl, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """`here("get pods")`: the command in a namespace that only this test uses."""
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "").lower()[:60].strip("-")
    kubectl(f"create namespace {name}")
    return lambda line, **more: kubectl(f"--namespace={name} {line}", **more)
