from __future__ import annotations

import pytest
from apiserver.support import SERVICE_ACCOUNTS, Api


@pytest.fixture
def api() -> Api:
    """A server that has just started, with the ServiceAccount that Pods of `default` need."""
    api = Api()
    api.post(SERVICE_ACCOUNTS, {"metadata": {"name": "default"}})
    return api
