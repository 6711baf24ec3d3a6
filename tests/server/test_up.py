"""`k8scourse up`: a cluster from a shell, until it is told to stop."""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8scourse import cli

from .wire import ask


class Running:
    """The program, and what it printed."""

    host = "127.0.0.1"

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "k8scourse", "up", *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "LANG": "C"},
        )
        assert self.process.stdout is not None
        self.said = ""
        while "Control-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.port = int(re.findall(r"https://127\.0\.0\.1:(\d+)", self.said)[0])
        self.kubeconfig = Path(re.findall(r"KUBECONFIG=(\S+)", self.said)[0])


@pytest.fixture
def running() -> Iterator[Running]:
    one = Running("--nodes", "1")
    yield one
    one.process.kill()
    one.process.communicate()


def test_it_serves_a_cluster_whose_time_is_now_and_leaves_nothing_behind(running: Running) -> None:
    code, nodes, _ = ask(running, "GET", "/api/v1/nodes")  # type: ignore[arg-type]
    assert (code, len(nodes["items"])) == (200, 2)
    born = datetime.datetime.fromisoformat(nodes["items"][0]["metadata"]["creationTimestamp"])
    assert abs(datetime.datetime.now(datetime.UTC) - born) < datetime.timedelta(minutes=5)
    assert "/board?token=" in running.said
    running.process.send_signal(signal.SIGTERM)
    said, _ = running.process.communicate(timeout=30)
    assert "has stopped" in said
    assert running.process.returncode == 0
    assert not running.kubeconfig.exists()


@pytest.mark.parametrize("words", [["--nodes", "-1"], ["--speed", "-2"], ["--port", "70000"]])
def test_numbers_that_cannot_be_are_told_in_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["up", *words]) == 1
    assert words[1] in capsys.readouterr().err
