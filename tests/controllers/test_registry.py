"""Every loop is registered under its own name, and says what it does."""

from __future__ import annotations

import pytest

from k8scourse.controllers import CONTROLLERS


@pytest.mark.parametrize("name", sorted(CONTROLLERS))
def test_every_controller_has_its_name_its_kind_and_a_docstring(name: str) -> None:
    controller = CONTROLLERS[name]
    assert name == controller.NAME
    assert controller.KIND
    assert controller.__doc__
    assert controller.reconcile.__doc__ or name == "pod-garbage-collector-controller"
