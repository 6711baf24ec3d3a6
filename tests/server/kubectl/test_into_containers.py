"""kubectl exec, attach, logs -f: the way into a container."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable

import pytest

from .conftest import PROGRAM, Kubectl

Here = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def web(kubectl: Kubectl) -> None:
    """A web server that all tests go into."""
    kubectl("run web --image=nginx:1.27")
    kubectl("wait pod web --for=condition=Ready --timeout=60s")


def test_a_command_runs_and_its_exit_code_is_kubectls(kubectl: Kubectl) -> None:
    assert "etc" in kubectl("exec web -- ls /").split()
    done = kubectl.run("exec web -- sh -c 'echo out; echo err >&2; exit 7'")
    assert (done.stdout, done.returncode) == ("out\n", 7)
    assert done.stderr == "err\ncommand terminated with exit code 7\n"


def test_what_is_piped_in_arrives_and_ends(kubectl: Kubectl) -> None:
    assert kubectl("exec -i web -- sh", stdin="x=1\necho $x $HOSTNAME\n") == "1 web\n"
    assert kubectl("exec -i web -- cat", stdin="hello") == "hello"


def test_a_terminal_works(kubectl: Kubectl) -> None:
    ours, theirs = pty.openpty()
    with (
        open(ours, "r+b", buffering=0) as terminal,
        subprocess.Popen(
            [str(PROGRAM), "exec", "-it", "web", "--", "sh"],
            env=kubectl.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            close_fds=True,
        ) as process,
    ):
        seen = b""
        while not seen.endswith(b"/ # "):
            seen += terminal.read(1024)
        terminal.write(b"pwd; exit 4\r")
        assert process.wait(timeout=60) == 4
        while b"exit code 4" not in seen:
            seen += terminal.read(1024)
    os.close(theirs)
    assert b"pwd; exit 4\r\n/\r\n" in seen


def test_a_log_is_followed_to_its_end(kubectl: Kubectl) -> None:
    kubectl(
        "run counts --image=busybox:1.36 --restart=Never -- sh -c 'for i in 1 2 3; do echo $i; sleep 5; done'"
    )
    kubectl("wait pod counts --for=jsonpath={.status.phase}=Running --timeout=60s")
    assert kubectl("logs -f counts") == "1\n2\n3\n"
    assert kubectl("logs counts --tail=1") == "3\n"


def test_run_attaches_and_removes(kubectl: Kubectl) -> None:
    said = kubectl("run once --rm -i --image=busybox:1.36 --restart=Never -- echo done")
    assert said == 'done\npod "once" deleted\n'


def test_rights_are_asked_for_exec_and_logs(kubectl: Kubectl) -> None:
    theirs = kubectl.served.kubeconfig_for("reader")
    kubectl("create clusterrole reads-pods --verb=get --resource=pods")
    kubectl("create clusterrolebinding reader --clusterrole=reads-pods --user=reader")
    for line, what in (("exec web -- ls", "pods/exec"), ("logs web", "pods/log")):
        done = kubectl.run(f"--kubeconfig={theirs} {line}")
        verb = "create" if "exec" in line else "get"
        wanted = f'User "reader" cannot {verb} resource "{what}" in API group "" in the namespace "default"'
        assert (done.returncode, wanted in done.stderr) == (1, True), done.stderr


def test_what_does_not_run_cannot_be_entered(kubectl: Kubectl) -> None:
    done = kubectl.run("exec nobody -- ls")
    assert done.stderr == 'Error from server (NotFound): pods "nobody" not found\n'
    done = kubectl.run("exec web -c other -- ls")
    assert "container other is not valid for pod web" in done.stderr
