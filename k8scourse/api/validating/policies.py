"""ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding.

Upstream: ``pkg/apis/admissionregistration/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import forbidden

Object = dict[str, Any]


def policy(obj: Object) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicy."""
    yield forbidden("spec", "this server does not evaluate expressions yet")


def binding(obj: Object) -> Iterator[Cause]:
    """A ValidatingAdmissionPolicyBinding."""
    yield forbidden("spec", "this server does not evaluate expressions yet")
