"""For all tests: random cases are the same in every run, and a slow machine is no failure."""

from __future__ import annotations

import pytest
from hypothesis import settings

from k8scourse import words

settings.register_profile("course", derandomize=True, deadline=None)
settings.load_profile("course")


@pytest.fixture(autouse=True)
def _english_words() -> None:
    """Every test starts in English, whatever the one before it spoke."""
    words.use("en")
