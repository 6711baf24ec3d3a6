"""The Binder image, built in an empty environment by the same steps: exact versions, first lesson open, and it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from repository.support import ROOT, files, serving

pytestmark = pytest.mark.slow
LESSON = "notebooks/en/00-one-order.ipynb"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone beside an empty environment, with .binder/postBuild run in it as Binder does."""
    folder = tmp_path_factory.mktemp("binder")
    for path in files():
        target = folder / "clone" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    _run(folder / "clone", ".binder/postBuild")
    return folder / "clone"


def _run(clone: Path, *command: str) -> str:
    path = f"{clone.parent / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "IPYTHONDIR": str(clone.parent / "ipython")}
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def test_binder_uses_the_python_that_the_project_needs() -> None:
    assert "python-3.11" == (ROOT / ".binder" / "runtime.txt").read_text().strip()


def test_every_installed_version_is_the_one_of_the_constraints(clone: Path) -> None:
    pinned = set((ROOT / "constraints.txt").read_text().lower().replace("_", "-").splitlines())
    frozen = _run(clone, "python", "-m", "pip", "freeze", "--exclude-editable")
    assert [] == [line for line in frozen.lower().replace("_", "-").splitlines() if line not in pinned]
    _run(clone, "python", "-m", "pip", "check")


def test_jupyterlab_opens_the_first_lesson(clone: Path) -> None:
    jupyter = str(clone.parent / "venv" / "bin" / "jupyter-lab")
    command = [jupyter, "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port-retries=50"]
    with serving(command, clone, clone.parent / "home") as address:
        assert f"/lab/tree/{LESSON}" in address
        with urllib.request.urlopen(address) as page:
            assert 200 == page.status
            assert "JupyterLab" in page.read().decode()


def test_the_first_lesson_runs_from_top_to_bottom(clone: Path) -> None:
    printed = _run(clone, "jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout", LESSON)
    cells = [cell for cell in json.loads(printed)["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert [] == [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
