"""Pass the output of the benchmarks on, and put their table between the marks of the files named.

python -m bench | python tools/put_bench.py README.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MARKED = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)


def put(document: str, printed: str) -> str:
    """The document with the table of `printed` between its marks; unchanged when nothing was printed."""
    table = "".join(f"{line}\n" for line in printed.splitlines() if line.startswith("|"))
    return MARKED.sub(lambda _: table, document) if table else document


def main(paths: list[str]) -> None:
    """Standard input to standard output, and its table into each file."""
    printed = ""
    for line in sys.stdin:
        print(line, end="", flush=True)
        printed += line
    for path in map(Path, paths):
        path.write_text(put(path.read_text(encoding="utf-8"), printed), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
