"""Bring notebooks into the one form that is committed: running them again then changes not a byte.

    python tools/normalize_notebooks.py [--check] NOTEBOOK…

Dropped: stored widget state and widget views (their ids are random), execution times, the interpreter's patch
version. Kept: text, pictures, cell ids. With --check nothing is written; the exit code is 1 when a file differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def normalize(notebook: dict[str, Any]) -> dict[str, Any]:
    """The committed form of a notebook; the argument is changed in place and returned."""
    notebook["metadata"].pop("widgets", None)
    notebook["metadata"].get("language_info", {}).pop("version", None)
    for cell in notebook["cells"]:
        for passing in ("execution", "ExecuteTime"):
            cell["metadata"].pop(passing, None)
        if cell["cell_type"] == "code":
            cell["outputs"] = _normalize_outputs(cell["outputs"])
    return notebook


def _normalize_outputs(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for output in outputs:
        data = output.get("data", {})
        if data.pop(WIDGET_VIEW, None) and set(data) <= {"text/plain"}:
            continue  # a bare widget: its text is an object's address, of no use to a reader
        previous = kept[-1] if kept else {}
        if output["output_type"] == "stream" and previous.get("name") == output["name"]:
            previous["text"] = _lines([*previous["text"], *output["text"]])  # the kernel flushed in between
        else:
            kept.append(output)
    return kept


def _lines(text: list[str]) -> list[str]:
    return "".join(text).splitlines(keepends=True)


def serialize(notebook: dict[str, Any]) -> str:
    """The text as Jupyter writes it."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Normalise the named files, or tell which ones are not normal."""
    check = "--check" in arguments
    different = 0
    for path in (Path(word) for word in arguments if word != "--check"):
        before = path.read_text(encoding="utf-8")
        after = serialize(normalize(json.loads(before)))
        if before != after:
            different += 1
            print(f"{path}: {'not normalised (run make notebooks)' if check else 'normalised'}")
            if not check:
                path.write_text(after, encoding="utf-8")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
