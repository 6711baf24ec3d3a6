"""The lessons as they are stored: both languages, one form, nothing random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from normalize_notebooks import WIDGET_VIEW, normalize, serialize
from repository.support import ROOT, files

NOTEBOOKS = files("notebooks/*.ipynb")
ENGLISH = [path for path in NOTEBOOKS if path.parent.name == "en"]


def _code(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_there_are_lessons_and_each_is_in_both_languages() -> None:
    names = [
        {path.name for path in NOTEBOOKS if path.parent.name == language} for language in ("en", "zh-TW")
    ]
    assert "00-one-order.ipynb" in names[0]
    assert names[0] == names[1]


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_the_code_is_the_same_in_both_languages_but_for_the_language_itself(path: Path) -> None:
    other = ROOT / "notebooks" / "zh-TW" / path.name
    assert _code(path) == [source.replace('"zh-TW"', '"en"') for source in _code(other)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_notebooks_are_stored_in_the_committed_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == serialize(normalize(json.loads(text)))


def _notebook(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    cell = {
        "cell_type": "code",
        "metadata": {"execution": {"iopub.execute_input": "now"}},
        "outputs": outputs,
    }
    return {"metadata": {"widgets": {"state": {}}, "language_info": {"version": "3.11.7"}}, "cells": [cell]}


def test_normalising_drops_what_differs_from_run_to_run_and_keeps_the_picture() -> None:
    data = {WIDGET_VIEW: {"model_id": "random"}, "text/plain": "board", "image/svg+xml": "<svg/>"}
    bare = {WIDGET_VIEW: {"model_id": "random"}, "text/plain": "Button(...)"}
    outputs = [{"output_type": "display_data", "data": dict(content)} for content in (data, bare)]
    normal = normalize(_notebook(outputs))
    assert {"language_info": {}} == normal["metadata"]
    assert {} == normal["cells"][0]["metadata"]
    assert [{"text/plain": "board", "image/svg+xml": "<svg/>"}] == [
        o["data"] for o in normal["cells"][0]["outputs"]
    ]


def test_normalising_joins_what_the_kernel_happened_to_flush_in_pieces() -> None:
    pieces = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in ("one\ntw", "o\n")]
    normal = normalize(_notebook(pieces))
    assert [["one\n", "two\n"]] == [output["text"] for output in normal["cells"][0]["outputs"]]
    assert serialize(normal) == serialize(normalize(json.loads(serialize(normal))))
