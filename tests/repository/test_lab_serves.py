"""`k8scourse lab --no-browser` serves the lessons of the chosen language, opened at the first one."""

from __future__ import annotations

import json
import socket
import sys
import urllib.request
from pathlib import Path

import pytest
from repository.support import serving


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_lab_serves_the_first_lesson_of_the_language(language: str, tmp_path: Path) -> None:
    port = _free_port()
    options = ["lab", "--no-browser", "--lang", language, "--port", str(port)]
    with serving([sys.executable, "-m", "k8scourse", *options], tmp_path, tmp_path / "home") as address:
        assert f"http://127.0.0.1:{port}/lab/tree/{language}/00-one-order.ipynb" == address.partition("?")[0]
        listing = address.replace(f"/lab/tree/{language}/00-one-order.ipynb", f"/api/contents/{language}")
        with urllib.request.urlopen(listing) as answer:
            names = [entry["name"] for entry in json.load(answer)["content"]]
    assert "00-one-order.ipynb" in names
