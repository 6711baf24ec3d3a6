"""The shape of the code: small files, small functions, sorted names, and nothing that belongs to one machine."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from repository.support import ROOT, files

import k8scourse

SOURCES = [path for path in files("*.py") if path.parts[-2] != "notebooks"]
PACKAGES = [
    "k8scourse",
    *(f"k8scourse.{m.name}" for m in pkgutil.iter_modules(k8scourse.__path__) if m.ispkg),
]
FILE_LINES, FUNCTION_LINES = 400, 70


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_a_file_is_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {} == {name: lines for name, lines in lengths.items() if lines > FILE_LINES}


def test_a_function_fits_on_a_screen() -> None:
    long = {}
    for path in files("k8scourse/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES:
                long[f"{name_of(path)}:{node.name}"] = _length(node)
    assert {} == long


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_and_names_what_it_exports(package: str) -> None:
    module = importlib.import_module(package)
    assert len((module.__doc__ or "").split()) >= 8
    exported = getattr(module, "__all__", [])  # ruff keeps it sorted
    assert [] == [name for name in exported if not hasattr(module, name)]


def test_no_file_names_a_package_registry_or_a_folder_of_somebodys_machine() -> None:
    # In pieces, so that this file does not find itself.
    hosts = ("pypi", "pythonhosted", "registry.npmjs")
    pattern = re.compile(
        "|".join([*(re.escape(host) + r"\.org" for host in hosts), "--index" + "-url", "/wor" + "k/"])
    )
    suffixes = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".js", ".json", ".ipynb", ".cfg", ""}
    found = [
        f"{name_of(path)}:{number}"
        for path in files()
        if path.suffix in suffixes
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert [] == found
