"""The small shell understands the command lines of the Kubernetes documentation."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime.node import Node

from k8scourse.runtime import Mount
from k8scourse.sim import seconds


def run(script: str, amount: float = 60, **more: object) -> tuple[int | None, list[str]]:
    """(exit code or None while it runs, log) of `sh -c script` after a number of seconds."""
    node = Node()
    container = node.container(node.sandbox(), "busybox", command=("sh", "-c", script), **more)
    node.run(amount)
    status = node.runtime.container_status(container)
    assert status is not None
    return (status.exit_code if status.finished_at else None), node.log(container)


@pytest.mark.parametrize(
    ("script", "code", "log"),
    [
        ("echo hello", 0, ["hello"]),
        ("echo 'a  b' \"c  d\" e  f", 0, ["a  b c  d e f"]),
        ("exit 7", 7, []),
        ("true && echo yes || echo no", 0, ["yes"]),
        ("false && echo yes || echo no", 0, ["no"]),
        ("! true", 1, []),
        ("for i in 1 2 3; do echo $i; done", 0, ["1", "2", "3"]),
        ("i=0; while [ $i -lt 3 ]; do echo n$i; i=$((i+1)); done", 0, ["n0", "n1", "n2"]),
        ("until [ -f /tmp/x ]; do sleep 1; touch /tmp/x; done; echo up", 0, ["up"]),
        ("if [ -f /nothing ]; then echo a; elif true; then echo b; else echo c; fi", 0, ["b"]),
        ("touch /tmp/healthy; cat /tmp/healthy; rm -f /tmp/healthy; cat /tmp/healthy", 1,
         ["cat: can't open '/tmp/healthy': No such file or directory"]),
        ("echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f | grep t | wc -l", 0, ["1"]),
        ("echo ${MISSING:-fallback} ${#HOME}", 0, ["fallback 5"]),
        ("x=$(echo a; echo b); echo \"$x\"", 0, ["a", "b"]),
        ("greet() { echo hi $1; }; greet you", 0, ["hi you"]),
        ("case web-0 in web-*) echo match;; *) echo none;; esac", 0, ["match"]),
        ("echo out; echo err >&2; no-such-command", 127, ["out", "err", "sh: no-such-command: not found"]),
        ("set -e; false; echo never", 1, []),
        ("echo -n a; echo b", 0, ["ab"]),
        ("printf '%s=%d\\n' a 1", 0, ["a=1"]),
        ("(cd /tmp; pwd); pwd", 0, ["/tmp", "/"]),
        ("echo $((2 * (3 + 4))) $(( 7 / 2 ))", 0, ["14 3"]),
        ("echo a # comment\necho b", 0, ["a", "b"]),
        ("echo '$HOME' \"\\$HOME\" $HOME", 0, ["$HOME $HOME /root"]),
        ("exec echo last; echo never", 0, ["last"]),
        ("echo A | tr A-Z a-z", 0, ["a"]),
        ("hostname", 0, ["web"]),
        ("date -u +%Y-%m-%d", 0, ["2026-01-01"]),
        ("if true; then", 2, ['sh: syntax error: unexpected end of file (expecting "fi")']),
        ("echo 'open", 2, ["sh: syntax error: unterminated quoted string"]),
        ("echo $((1/0))", 2, ["sh: arithmetic divide by zero"]),
    ],
)  # fmt: skip
def test_scripts(script: str, code: int, log: list[str]) -> None:
    assert run(script) == (code, log)


def test_environment_variables_are_seen() -> None:
    assert run("echo $NAME; env | grep ^NAME; printenv NAME", env={"NAME": "x y"}) == (
        0,
        ["x y", "NAME=x y", "x y"],
    )


def test_the_counter_of_the_logging_page_writes_a_line_a_second() -> None:
    code, log = run('i=0; while true; do echo "$i: $(date +%S)"; i=$((i+1)); sleep 1; done', 10.5)
    assert code is None
    assert 9 <= len(log) <= 11
    assert log[0].startswith("0: ")


def test_sleep_takes_virtual_time() -> None:
    assert run("sleep 30; echo done", 20) == (None, [])
    assert run("sleep 30; echo done", 40) == (0, ["done"])
    assert run("sleep 1m 5s", 60)[0] is None


def test_a_loop_that_never_rests_stays_affordable() -> None:
    code, log = run("while true; do echo x; done", 600)
    assert code is None
    assert len(log) < 1000


def test_tail_follows_a_file_that_another_container_writes() -> None:
    node = Node()
    shared: dict[str, str] = {}
    mounts = (Mount("/var/log", shared),)
    sandbox = node.sandbox()
    write = "while true; do echo line >> /var/log/1.log; sleep 1; done"
    node.container(sandbox, "busybox", command=("sh", "-c", write), mounts=mounts)
    reader = node.container(
        sandbox, "busybox", args=("/bin/sh", "-c", "tail -n+1 -F /var/log/1.log"), mounts=mounts
    )
    node.run(10)
    assert 8 <= len(node.log(reader)) <= 14


def test_commands_run_inside_a_running_container() -> None:
    node = Node()
    container = node.container(
        node.sandbox(), "busybox", command=("sh", "-c", "echo ok > /tmp/healthy; sleep 999")
    )
    assert node.runtime.exec_sync(container, ("cat", "/tmp/healthy"))[:3] == ("ok\n", "", 0)
    assert node.runtime.exec_sync(container, ("sh", "-c", "sleep 5; exit 3")).duration_ns == seconds(5)
    assert node.runtime.exec_sync(container, ("sh", "-c", "while true; do :; done")).code == 137


_WORDS = (
    "echo $ ( ) { } ' \" ` ; && || | > < if then fi while do done case in esac x= $(( ${ \\ # for ! & 1 sleep"
)
_PIECES = [*_WORDS.split(), " ", "\n"]
_box: tuple[Node, str] | None = None


def _boxed() -> tuple[Node, str]:
    node = Node()
    return node, node.container(node.sandbox(), "busybox", command=("sleep", "99999"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES) | st.text(string.printable, max_size=4), max_size=14))
def test_no_text_is_too_broken_for_the_shell(pieces: list[str]) -> None:
    global _box
    node, container = _box = _box or _boxed()
    result = node.runtime.exec_sync(container, ("sh", "-c", "".join(pieces)))
    assert 0 <= result.code <= 255
