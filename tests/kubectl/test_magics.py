"""%kubectl and %%apply: which cluster answers, and that everything is plain text."""

from __future__ import annotations

from typing import Any

import pytest

from k8scourse import magics
from k8scourse.cluster import Cluster

from .conftest import WEB


@pytest.fixture(scope="module")
def variables() -> dict[str, Any]:
    return {"cluster": Cluster(workers=1), "other": 3}


def test_the_newest_cluster_answers_unless_one_is_named(variables: dict[str, Any]) -> None:
    assert "worker-1" in magics.run_kubectl("get nodes", "", variables)
    later = {**variables, "past": Cluster(workers=2)}
    assert "worker-2" in magics.run_kubectl("get nodes", "", later)
    assert "worker-2" not in magics.run_kubectl("@cluster get nodes", "", later)
    assert "worker-2" not in magics.run_kubectl("get nodes", "", variables)


def test_apply_takes_the_cell_and_perhaps_a_name(variables: dict[str, Any]) -> None:
    assert "deployment.apps/web created" == magics.run_apply("", WEB, variables)
    assert "deployment.apps/web unchanged" == magics.run_apply("cluster", WEB, variables)
    assert 'namespaces "shop" not found' in magics.run_apply("-n shop", WEB, variables)


def test_mistakes_are_sentences(variables: dict[str, Any]) -> None:
    assert "There is no cluster yet. Make one first: cluster = Cluster()" == magics.run_kubectl(
        "get pods", "", {}
    )
    assert "No cluster is called other here. The clusters in this notebook: cluster" == (
        magics.run_kubectl("@other get pods", "", variables)
    )
    assert "error: unknown flag: --foo" in magics.run_kubectl("get pods --foo", "", variables)
    assert "error: error parsing STDIN" in magics.run_apply("", "a: [", variables)


def test_they_are_registered_with_a_shell_and_print(
    variables: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell()
    try:
        shell.push(variables)
        magics.load_ipython_extension(shell)
        shell.run_line_magic("kubectl", "get ns default")
        shell.run_cell_magic("apply", "", "a: [")
    finally:
        interactive.InteractiveShell.clear_instance()
    out = capsys.readouterr().out
    assert out.startswith("NAME      STATUS   AGE\ndefault   Active")
    assert "Traceback" not in out
