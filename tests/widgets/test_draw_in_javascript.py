from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from widgets.recorded import busy_cluster, story

from k8scourse import words
from k8scourse.diagrams import draw
from k8scourse.diagrams.export import frame_of
from k8scourse.diagrams.history import recorder
from k8scourse.diagrams.packer import LAYOUTS, Packer
from k8scourse.widgets import embed

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
SCRIPT = """
import { readFileSync } from "node:fs";
const board = await import(process.argv[1]);
const frames = JSON.parse(readFileSync(0, "utf8"));
const out = [];
for (const frame of frames) for (const language of ["en", "zh-TW"]) for (const restaurant of [false, true]) {
  const speaker = new board.Speaker(language, restaurant);
  const boxes = frame.boxes.map((box) => board.inner(box, speaker));
  out.push([...boxes, ...frame.links.map(board.link), ...frame.flows.map(board.flow)]);
}
console.log(JSON.stringify(out));
"""


def in_python(frames: list[dict[str, Any]]) -> list[list[str]]:
    drawn = []
    for frame in frames:
        for language in words.LANGUAGES:
            for restaurant in (False, True):
                speaker = draw.Speaker(language, restaurant)
                boxes = [draw.inner(box, speaker) for box in frame["boxes"]]
                drawn.append([*boxes, *map(draw.link, frame["links"]), *map(draw.flow, frame["flows"])])
    return drawn


def run(script: str, tmp_path: Path, given: str = "") -> str:
    assert NODE is not None
    module = tmp_path / "board.mjs"
    module.write_text(embed.MODULE.read_text(encoding="utf-8"), encoding="utf-8")
    command = [NODE, "--input-type=module", "-e", script, module.as_uri()]
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_node
def test_the_module_draws_every_box_like_python_string_for_string(tmp_path: Path) -> None:
    frames = []
    for cluster in (busy_cluster(recorder), story(recorder)):
        kept = recorder(cluster)
        for layout in LAYOUTS:
            packer = Packer(layout)
            frames += [frame_of(kept.at(step), packer, kept) for step in range(kept.steps + 1)]
    assert json.loads(run(SCRIPT, tmp_path, json.dumps(frames))) == in_python(frames)


@needs_node
def test_a_dot_travels_from_one_end_to_the_other(tmp_path: Path) -> None:
    script = """
    const { along } = await import(process.argv[1]);
    console.log(JSON.stringify([0, 0.5, 1].map((t) => along([0, 0, 0, 10, 30, 10], t))));
    """
    assert json.loads(run(script, tmp_path)) == [[1, 1], [11, 11], [31, 11]]


def test_the_tables_in_the_module_are_fresh() -> None:
    module = embed.MODULE.read_text(encoding="utf-8")
    assert embed.embedded(module) == module, "run: python -m k8scourse.widgets.embed"


def test_the_module_is_one_file_that_asks_nobody() -> None:
    module = embed.MODULE.read_text(encoding="utf-8")
    code = module[module.index("/* LOOK:end */") :]
    assert "import " not in code
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "")
