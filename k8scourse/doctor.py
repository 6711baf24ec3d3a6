"""What `k8scourse doctor` looks at: Python, the packages, the lessons, the folder, and a cluster that starts."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from k8scourse import words

PACKAGES = (
    "PyYAML",
    "sortedcontainers",
    "jupyterlab",
    "ipykernel",
    "ipywidgets",
    "anywidget",
    "cryptography",
    "h11",
    "wsproto",
)
State = Literal["ok", "missing", "optional"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination: `missing` is needed and not there, `optional` is not there and not needed."""

    state: State
    text: str


def examine(notebooks: Path | None) -> Iterator[Finding]:
    """Look at everything, in the order in which it matters. Changes nothing."""
    yield _python()
    yield from (_package(name) for name in PACKAGES)
    yield from (_lessons(notebooks, language) for language in words.LANGUAGES)
    yield _folder(Path.cwd())
    yield _cluster()
    yield _kubectl()


def _finding(good: bool, key: str, otherwise: str, state: State = "missing", **values: object) -> Finding:
    return Finding(
        "ok" if good else state, words.text(f"cli.doctor_{key if good else otherwise}", None, **values)
    )


def _python() -> Finding:
    return _finding(sys.version_info >= (3, 11), "python", "python_old", version=platform.python_version())


def _package(name: str) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    return _finding(bool(version), "package", "package_missing", name=name, version=version)


def _lessons(notebooks: Path | None, language: str) -> Finding:
    count = len(list((notebooks / language).glob("*.ipynb"))) if notebooks else 0
    return _finding(count > 0, "lessons", "lessons_missing", count=count, language=language)


def _folder(folder: Path) -> Finding:
    return _finding(os.access(folder, os.W_OK), "folder", "folder_missing", folder=folder)


def _cluster() -> Finding:
    started = time.perf_counter()
    try:
        from k8scourse.cluster import Cluster

        Cluster()
    except Exception as error:  # whatever it is, the learner shall read it in one line
        return Finding(
            "missing", words.text("cli.doctor_cluster_broken", reason=f"{type(error).__name__}: {error}")
        )
    milliseconds = round((time.perf_counter() - started) * 1000)
    return Finding("ok", words.text("cli.doctor_cluster", milliseconds=milliseconds))


def _kubectl() -> Finding:
    path = shutil.which("kubectl")
    return _finding(path is not None, "kubectl", "kubectl_missing", "optional", path=path)
