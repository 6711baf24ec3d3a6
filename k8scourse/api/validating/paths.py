"""Paths of files as fields of objects: they stay below the directory they belong to.

Upstream: ``validateLocalDescendingPath`` and its neighbours in ``pkg/apis/core/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import invalid


def no_steps_back(text: str, path: str) -> Iterator[Cause]:
    """No part of the text is ``..``."""
    if ".." in text.split("/"):
        yield invalid(path, text, "must not contain '..'")


def descending(text: str, path: str) -> Iterator[Cause]:
    """A relative path that stays below its root."""
    if text.startswith("/"):
        yield invalid(path, text, "must be a relative path")
    yield from no_steps_back(text, path)


def not_reserved(text: str, path: str) -> Iterator[Cause]:
    """A relative path whose first part does not begin with two dots: the kubelet keeps its own files there."""
    yield from descending(text, path)
    if text.startswith("..") and not text.startswith("../"):
        yield invalid(path, text, "must not start with '..'")


def file_mode(mode: int | None, path: str) -> Iterator[Cause]:
    """The permissions of a file."""
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive")
