"""matchConditions: a last sieve before a webhook or a policy is asked.

Upstream: ``apiserver/pkg/admission/plugin/webhook/matchconditions/matcher.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8scourse.apiserver.admission.base import AdmissionRequest, Object


def conditions_hold(conditions: Sequence[Object], failure_policy: str, request: AdmissionRequest) -> bool:
    """Whether all conditions hold. Raises `Forbidden` when one cannot be told and the policy is Fail."""
    raise NotImplementedError
