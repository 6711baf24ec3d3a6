"""Run a lesson's code once more and record its boards, so that the page's pictures play without a kernel.

    python tools/play_lesson.py notebooks/en/00-one-order.ipynb      prints {"cell number": "HTML of a player", …}

A notebook stores pictures; the frames between them would make it heavy. They are the same in every run, so the site
records them when it is built: each picture of a board becomes a player of what happened since the one before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from k8scourse import Cluster, magics, words
from k8scourse.diagrams import export
from k8scourse.diagrams.history import recorder

PICTURE = "image/svg+xml"


def players(path: Path) -> dict[int, str]:
    """The players of a notebook by the number of their cell, made in a process of their own.

    Raises subprocess.CalledProcessError when a cell fails; what went wrong is printed.
    """
    command = [sys.executable, __file__, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {int(number): html for number, html in json.loads(done.stdout).items()}


def play(notebook: dict[str, Any], language: str) -> dict[int, str]:
    """Run the code cells in order; HTML for each one whose stored output is a picture of a cluster.

    Raises RuntimeError with the source of a cell that fails.
    """
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    magics.register()
    words.use(language)
    found: dict[int, str] = {}
    shown: dict[int, int] = {}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        cluster = _run(shell, "".join(cell["source"]))
        if cluster is not None and any(PICTURE in output.get("data", {}) for output in cell["outputs"]):
            first = shown.get(id(cluster), 0)
            found[number] = export.player(cluster, first=first, language=language)
            shown[id(cluster)] = recorder(cluster).steps
    return found


def _run(shell: Any, source: str) -> Cluster | None:
    """The cluster that the cell shows, if it shows one."""
    with capture_output():
        done = shell.run_cell(source)
    if not done.success:
        raise RuntimeError(f"this cell of the lesson failed:\n{source}") from done.error_in_exec
    cluster = getattr(done.result, "cluster", done.result)
    return cluster if isinstance(cluster, Cluster) else None


def main() -> None:
    """Print the players of the notebook that is named."""
    path = Path(sys.argv[1])
    print(json.dumps(play(json.loads(path.read_text(encoding="utf-8")), path.parent.name)))


if __name__ == "__main__":
    main()
