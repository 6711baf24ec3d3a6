"""The board: a frame in Python, and a click in JupyterLab until the answer is painted."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from k8scourse import Cluster
from k8scourse.diagrams import export
from k8scourse.diagrams.history import recorder
from k8scourse.diagrams.packer import Packer

from .measure import Row, milliseconds

# Workers and Pods that make about 15, 60 and 300 boxes.
SIZES = ((1, 0), (3, 33), (6, 256))
CLICKS = 50
TESTS = Path(__file__).resolve().parent.parent / "tests"
SHOW = """\
from k8scourse import Cluster
cluster = Cluster()
cluster.kubectl("create deployment web --image=nginx:1.27 --replicas=20")
cluster.run(30)
cluster.view()
"""
# From the click until the frame with the answer has been painted: a message posted in an animation frame comes after.
CLICK = """async (app, count) => {
    const forward = [...app.querySelectorAll('.k8s-transport button')][3];
    const shown = app.querySelector('.k8s-clock span');
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    const times = [];
    for (let i = 0; i < count; i += 1) {
        const answered = new Promise((done) => {
            const watch = new MutationObserver(() => { watch.disconnect(); done(); });
            watch.observe(shown, {childList: true, characterData: true, subtree: true});
        });
        const began = performance.now();
        forward.click();
        await answered;
        await painted();
        times.push(performance.now() - began);
    }
    return times;
}"""


def rows() -> list[Row]:
    """All measurements of the board."""
    return [*(_frame(workers, pods) for workers, pods in SIZES), _click()]


def _frame(workers: int, pods: int) -> Row:
    cluster = Cluster(workers=workers)
    if pods:
        cluster.kubectl(f"create deployment web --image=nginx:1.27 --replicas={pods}")
        cluster.run(30)
    kept, packer = recorder(cluster), Packer()

    def frame() -> str:
        return json.dumps(export.frame_of(kept.present(), packer, kept))

    made = json.loads(frame())
    boxes = sum(box["k"] not in ("slot", "stage") for box in made["boxes"])
    aim = "< 2 ms" if 50 < boxes < 100 else ""
    return Row(
        f"frame of {boxes} boxes, {len(frame()) / 1000:.0f} KB",
        f"{milliseconds(frame, repeat=25):.1f} ms",
        aim,
    )


def _click() -> Row:
    what, aim = "click to painted in JupyterLab, median and p95", "p95 < 100 ms"
    sys.path.append(str(TESTS))
    from browser.chromium import launched
    from browser.jupyter import served

    with launched() as browser, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if browser is None:
            return Row(what, "no Chromium", aim)
        with served(browser, Path(folder)) as lab, lab.notebook(lab.write("en/bench.ipynb", "")) as notebook:
            notebook.run(0, SHOW)
            board = notebook.board()
            board.press("Home")
            board.wait_for_step(0)
            times = sorted(board.app.evaluate(CLICK, CLICKS))
    p95 = times[int(len(times) * 0.95)]
    return Row(what, f"{statistics.median(times):.0f} and {p95:.0f} ms", aim)
