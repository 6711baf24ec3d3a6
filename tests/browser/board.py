"""The board as somebody sees it who has eyes, a mouse and a keyboard."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

OVERLAPS = """(app) => {
    const texts = [...app.querySelectorAll('svg.k8s-board text')].filter((one) => one.textContent.trim());
    const boxes = texts.map((one) => one.getBoundingClientRect());
    const found = [];
    for (let i = 0; i < boxes.length; i += 1) for (let j = 0; j < i; j += 1) {
        const [a, b] = [boxes[i], boxes[j]];
        const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (w > 2 && h > 4) found.push(`${texts[i].textContent} | ${texts[j].textContent}`);
    }
    return found;
}"""
OUTSIDE = """(app) => [...app.querySelectorAll('svg.k8s-board g[data-kind]')].flatMap((group) => {
    const shape = (group.querySelector('rect') ?? group.querySelector('path'))?.getBoundingClientRect();
    if (!shape || group.dataset.kind === 'plate' || group.dataset.kind === 'more') return [];
    return [...group.querySelectorAll('text')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < shape.left - 1 || box.right > shape.right + 1;
    }).map((one) => one.textContent);
})"""
SMALLEST = """(app) => {
    const svg = app.querySelector('svg.k8s-board');
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = [...svg.querySelectorAll('text')].map((one) => parseFloat(getComputedStyle(one).fontSize));
    return Math.min(...sizes) * scale;
}"""

STILL = "(app) => app.getAnimations({subtree: true}).every((one) => one.playState !== 'running')"


class Board:
    """One live board on a page."""

    def __init__(self, app: Locator) -> None:
        self.app = app
        self.drawing = app.locator("svg.k8s-board")
        self.sentence = app.locator(".k8s-say p")
        self.clock = app.locator(".k8s-clock b")
        self.position = app.locator(".k8s-clock span")
        self.menu = app.get_by_role("menu")
        self.details = app.locator(".k8s-details")
        self.faults = app.locator(".k8s-ticks .k8s-bad")
        self.pods = app.locator("[data-kind=pod]:not(.k8s-gone)")

    @property
    def step(self) -> int:
        """The number of the step that is shown."""
        return self._numbers()[0]

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self._numbers()[1]

    def _numbers(self) -> tuple[int, int]:
        first, second = re.findall(r"\d+", self.position.inner_text())
        return int(first), int(second)

    def button(self, name: str) -> Locator:
        """A button by what a screen reader calls it."""
        return self.app.get_by_role("button", name=name, exact=True)

    def part(self, identity: str) -> Locator:
        """A part, node or Pod that can be chosen."""
        return self.app.locator(f'.k8s-part[data-id="{identity}"]')

    def press(self, key: str) -> None:
        """Press a key on the board."""
        self.app.press(key)

    def wait_for_step(self, step: int) -> None:
        """Until this step is shown."""
        expect(self.position).to_have_text(re.compile(rf"\b{step}\D+\d+"))

    def wait_for_more_than(self, step: int) -> None:
        """Until a later step than this is shown."""
        self.app.page.wait_for_function(
            "([app, step]) => Number(app.querySelector('input[type=range]').value) > step",
            arg=[self.app.element_handle(), step],
        )

    def settle(self) -> None:
        """Until nothing glides or fades any more."""
        self.app.page.wait_for_function(STILL, arg=self.app.element_handle())

    # --- how it looks ---------------------------------------------------------------------------------------

    @property
    def overlapping(self) -> list[str]:
        """Pairs of texts of the drawing that lie upon each other."""
        return list(self._asked(OVERLAPS))

    @property
    def outside(self) -> list[str]:
        """Texts that are wider than the box that they stand in."""
        return list(self._asked(OUTSIDE))

    @property
    def smallest_text(self) -> float:
        """The height of the smallest text of the drawing, in pixels of the page."""
        return float(self._asked(SMALLEST))

    def _asked(self, script: str) -> Any:
        return self.app.evaluate(script)
