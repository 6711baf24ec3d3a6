"""The same fuzz, steered by coverage: atheris prefers those requests that reach new lines of the server.

    pip install atheris        (not among the project's requirements: this is for a night's run)
    python -m bench.fuzz_coverage -max_total_time=3600

Options are libFuzzer's. It stops at the first finding and writes the input that led to it beside itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import atheris

with atheris.instrument_imports(include=["k8scourse.api", "k8scourse.apiserver"]):
    from bench.fuzz_requests import Report, fuzz
    from bench.fuzzing.corpus import seeds
    from bench.fuzzing.world import World

Item = TypeVar("Item")
REQUESTS = 20


class Choices:
    """What the grammar asks of chance, answered out of the fuzzer's bytes."""

    def __init__(self, data: bytes) -> None:
        self._provider = atheris.FuzzedDataProvider(data)

    def randrange(self, stop: int) -> int:
        """A number below `stop`."""
        return int(self._provider.ConsumeIntInRange(0, stop - 1))

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.randrange(len(items))]

    def random(self) -> float:
        """A number from zero to one."""
        return float(self._provider.ConsumeProbability())


SEEDS = seeds()


def one_input(data: bytes) -> None:
    """One short history of a fresh server. Raises when it holds a finding."""
    report, rng = Report(), Choices(data)
    choices: Any = rng
    fuzz(choices, World(), SEEDS, REQUESTS, report, "here")
    if report.findings:
        raise AssertionError(report.text())


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
