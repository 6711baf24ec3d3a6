"""`make bench`: measure, print, and say on what."""

from __future__ import annotations

import os
import platform

from . import board, engine, http_load, requests
from .measure import table

if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores\n")
    print(table([*engine.rows(), *requests.rows(), *board.rows(), *http_load.rows()]))
