"""The one place where the course reads a learner's file."""

from __future__ import annotations


def read_text(path: str) -> str:
    """The text of a file. OSError when it cannot be read, UnicodeDecodeError when it is not text."""
    with open(path, encoding="utf-8") as file:
        return file.read()
