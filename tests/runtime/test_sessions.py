"""Commands in a container with somebody connected to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8scourse import Cluster
from k8scourse.api.sessions import Ears, Session


class Heard:
    """What came out of a session."""

    def __init__(self) -> None:
        self.text = {"stdout": "", "stderr": ""}
        self.codes: list[int] = []
        self.ears = Ears(self._output, self.codes.append)

    def _output(self, stream: str, text: str) -> None:
        self.text[stream] += text


Run = Callable[..., tuple[Session, Heard]]


@pytest.fixture
def cluster() -> Cluster:
    one = Cluster(workers=1)
    one.kubectl("run web --image=nginx:1.27")
    one.run(seconds=8)
    return one


@pytest.fixture
def run(cluster: Cluster) -> Run:
    runtime = cluster.world.component("kubelet@worker-1").runtime
    sandbox = next(one.id for one in runtime.list_pod_sandbox() if one.config.name == "web")
    container = runtime.list_containers(sandbox)[-1].id

    def start(*command: str, stdin: bool = False, tty: bool = False) -> tuple[Session, Heard]:
        heard = Heard()
        session = runtime.exec(container, command, heard.ears, stdin=stdin, tty=tty)
        session.start()
        return session, heard

    return start


def test_a_command_prints_and_ends_with_its_code(run: Run) -> None:
    _, heard = run("sh", "-c", "echo out; echo err >&2; exit 7")
    assert heard.text == {"stdout": "out\n", "stderr": "err\n"}
    assert heard.codes == [7]


def test_a_command_that_sleeps_takes_its_time(run: Run, cluster: Cluster) -> None:
    _, heard = run("sh", "-c", "sleep 3; echo late")
    cluster.run(seconds=2)
    assert (heard.text["stdout"], heard.codes) == ("", [])
    cluster.run(seconds=2)
    assert (heard.text["stdout"], heard.codes) == ("late\n", [0])


def test_a_shell_keeps_its_variables_and_its_folder_between_lines(run: Run) -> None:
    session, heard = run("sh", stdin=True)
    for line in ("x=5\n", "cd /tmp\n", "echo $x $PWD\n", "false\n"):
        session.write(line)
    session.close_input()
    assert (heard.text["stdout"], heard.codes) == ("5 /tmp\n", [1])


def test_lines_may_arrive_in_pieces_and_commands_in_lines(run: Run) -> None:
    session, heard = run("sh", stdin=True)
    for piece in ("for i in 1", " 2; do\nec", "ho $i\ndone\nexit", " 3\n"):
        session.write(piece)
    assert (heard.text["stdout"], heard.codes) == ("1\n2\n", [3])


def test_a_terminal_shows_a_prompt_echoes_and_edits(run: Run) -> None:
    session, heard = run("sh", stdin=True, tty=True)
    session.write("echo hx\x7fi\r")
    assert heard.text["stdout"] == "/ # echo hx\b \bi\r\nhi\r\n/ # "
    session.write("\x04")
    assert heard.codes == [0]


def test_control_c_gives_the_prompt_back(run: Run, cluster: Cluster) -> None:
    session, heard = run("sh", stdin=True, tty=True)
    session.write("sleep 1000\r")
    session.write("\x03echo $?\r")
    cluster.run(seconds=1)
    assert heard.text["stdout"].endswith("^C\r\n/ # echo $?\r\n130\r\n/ # ")


def test_a_command_that_reads_waits_for_the_end_of_its_input(run: Run) -> None:
    session, heard = run("cat", stdin=True)
    session.write("one\ntwo")
    assert heard.codes == []
    session.close_input()
    assert (heard.text["stdout"], heard.codes) == ("one\ntwo", [0])


def test_a_session_ends_with_its_container(run: Run, cluster: Cluster) -> None:
    _, heard = run("sh", "-c", "sleep 1000")
    cluster.crash("web")
    assert heard.codes == [137]


def test_a_client_that_has_gone_hears_no_more(run: Run, cluster: Cluster) -> None:
    session, heard = run("sh", "-c", "sleep 1; echo late")
    session.end()
    session.write("x")
    session.close_input()
    cluster.run(seconds=3)
    assert (heard.text["stdout"], heard.codes) == ("", [])
