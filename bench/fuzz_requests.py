"""Send damaged requests to an API server and look after each whether all is well.

    python -m bench.fuzz_requests [--requests 100000] [--seed 1] [--per-world 2000] [--only WORLD]
                                  [--components]

Prints what was answered and, grouped, what was wrong; the exit code is the number of kinds of findings. A finding
names its world, which `--only` runs again by itself.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from typing import Any

from bench.fuzzing.corpus import Seed, seeds
from bench.fuzzing.grammar import Grammar
from bench.fuzzing.world import World


@dataclass
class Report:
    """What a run has seen: answers by code, and per finding how often and the first example."""

    codes: collections.Counter[str] = field(default_factory=collections.Counter)
    findings: collections.Counter[str] = field(default_factory=collections.Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, error: BaseException, where: str, request: Any) -> None:
        """Add a finding."""
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if "k8scourse" in frame.filename
        ]
        place = f" at {frames[-1].filename.rpartition('k8scourse/')[2]}:{frames[-1].lineno}" if frames else ""
        known = type(error).__name__ == "Broken"
        name = str(error)[:140] if known else f"{type(error).__name__}{place}"
        self.findings[name] += 1
        detail = (
            ""
            if known
            else f"\n    {str(error)[:200]}"
            + "".join(
                f"\n      {frame.filename.rpartition('k8scourse/')[2]}:{frame.lineno} {frame.line}"
                for frame in frames[-4:]
            )
        )
        self.examples.setdefault(name, f"{where}{detail}\n    {str(request)[:700]}")

    def text(self) -> str:
        """The summary."""
        lines = [
            f"{sum(self.codes.values())} requests: "
            + ", ".join(f"{code} x {count}" for code, count in sorted(self.codes.items()))
        ]
        for name, count in self.findings.most_common():
            lines.append(f"\n{count} x {name}\n    {self.examples[name]}")
        lines.append(f"\n{len(self.findings)} kinds of findings")
        return "\n".join(lines)


def fuzz(rng: Any, world: World, all_seeds: list[Seed], requests: int, report: Report, where: str) -> None:
    """Send so many requests to one world. Findings go to the report; a broken world ends early."""
    grammar = Grammar(all_seeds, rng)
    for number in range(requests):
        request: Any = None
        try:
            if number % 5 == 0:
                grammar.objects = world.objects()
            beside(rng, world, grammar)
            request = grammar.request()
            report.codes[str(world.send(request))] += 1
        except Exception as error:
            report.note(error, f"{where}, request {number}", request)
            if len(grammar.objects) > 600:
                return


def beside(rng: Any, world: World, grammar: Grammar) -> None:
    """What happens between two requests: mostly nothing."""
    event = rng.randrange(400)
    if event == 0:
        world.restart()
    elif event == 1:
        world.restart_etcd()
        world.run(2)
    elif event == 2:
        world.compact()
    elif event < 20:
        world.run(rng.choice((0.001, 0.1, 1, 10, 400)))
    elif event < 50 and grammar.objects:
        kind, obj = rng.choice(world.objects())
        world.check_rewrites(kind, obj)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-world", type=int, default=2_000)
    parser.add_argument("--only", type=int, default=-1)
    parser.add_argument(
        "--components", action="store_true", help="with controllers and a scheduler beside it"
    )
    options = parser.parse_args()
    all_seeds, report, start = seeds(), Report(), time.perf_counter()
    worlds = range(-(-options.requests // options.per_world)) if options.only < 0 else [options.only]
    for number in worlds:
        rng = random.Random(f"{options.seed}/{number}")
        fuzz(rng, World(number, options.components), all_seeds, options.per_world, report, f"world {number}")
        print(f"\rworld {number}: {len(report.findings)} findings", end="", file=sys.stderr, flush=True)
    print(f"\n{report.text()}\n{time.perf_counter() - start:.0f} s")
    return min(len(report.findings), 100)


if __name__ == "__main__":
    sys.exit(main())
