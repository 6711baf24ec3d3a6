"""Clusters behind real ports. They stand still unless a test wants their time to pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8scourse import Cluster
from k8scourse.server import Served

from .wire import Wire


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One cluster for the tests of a file."""
    one = Cluster(workers=1).serve()
    yield one
    one.stop()


@pytest.fixture
def wire(served: Served) -> Iterator[Wire]:
    """A raw TLS connection of the administrator."""
    with Wire(served) as open_wire:
        yield open_wire
