"""Events of the core group.

Upstream: ``legacyValidateEvent`` in ``pkg/apis/core/validation/events.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8scourse.api import names
from k8scourse.api.errors import Cause
from k8scourse.api.fielderrors import each_invalid, invalid, required

Object = dict[str, Any]
_LONGEST, _LONGEST_NOTE = 128, 1024
_ELSEWHERE = "does not match event.namespace"


def event(obj: Object) -> Iterator[Cause]:
    """An Event stands in the namespace of its object; one with an eventTime must say who reports what."""
    involved = (obj.get("involvedObject") or {}).get("namespace", "")
    own = obj["metadata"].get("namespace", "")
    if obj.get("eventTime"):
        if not involved and own not in ("default", "kube-system"):
            yield invalid("involvedObject.namespace", involved, _ELSEWHERE)
        yield from _newer(obj)
    elif own != involved and not (involved == "" and own == "default"):
        yield invalid("involvedObject.namespace", involved, _ELSEWHERE)
    yield from each_invalid("namespace", own, names.dns_subdomain_problems(own))


def _newer(obj: Object) -> Iterator[Cause]:
    reporter = obj.get("reportingComponent", "")
    if not reporter:
        yield required("reportingComponent")
    yield from each_invalid("reportingComponent", reporter, names.qualified_name_problems(reporter))
    for field in ("reportingInstance", "action", "reason"):
        value = obj.get(field, "")
        if not value:
            yield required(field)
        if len(value) > _LONGEST:
            yield invalid(field, "", f"can have at most {_LONGEST} characters")
    if len(obj.get("message", "")) > _LONGEST_NOTE:
        yield invalid("message", "", f"can have at most {_LONGEST_NOTE} characters")
