"""For people without a clone: the wheel carries the lessons, the words and the widgets, and `lab` finds them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from repository.support import ROOT, files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_everything_that_the_package_and_the_lessons_are_made_of(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    package = [path.relative_to(ROOT).as_posix() for path in files("k8scourse/*")]
    lessons = [f"k8scourse/_{path.relative_to(ROOT).as_posix()}" for path in files("notebooks/*")]
    assert [] == [name for name in package + lessons if name not in carried]


def test_lab_copies_the_wheels_lessons_to_the_folder_of_the_learner(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "home").mkdir()
    program = "from pathlib import Path; from k8scourse import cli; print(cli.__file__, cli.lessons_folder(Path.cwd()))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path / "home", env=environment, capture_output=True, text=True, check=True
    )
    assert str(tmp_path / "installed") in done.stdout
    copied = {path.name for path in (tmp_path / "home" / "k8scourse-notebooks").rglob("*.ipynb")}
    assert {path.name for path in files("notebooks/*.ipynb")} == copied
