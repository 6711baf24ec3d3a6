from __future__ import annotations

import pytest
from runtime.node import Node


@pytest.fixture
def node() -> Node:
    return Node()
