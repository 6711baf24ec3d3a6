"""Defaults of FlowSchemas and priority levels.

Upstream: ``pkg/apis/flowcontrol/v1/defaults.go``.
"""

from __future__ import annotations

from k8scourse.api.filling import Object, change, fill


def flow_schema(obj: Object) -> Object:
    """A FlowSchema: in the middle of the order."""
    return change(obj, "spec", lambda spec: _instead_of_zero(spec, matchingPrecedence=1000))


def priority_level(obj: Object) -> Object:
    """A PriorityLevelConfiguration: its share of the seats, and how its queues are laid out."""
    return change(obj, "spec", _level)


def _level(spec: Object) -> Object:
    spec = change(spec, "exempt", lambda exempt: fill(exempt, nominalConcurrencyShares=0, lendablePercent=0))
    return change(spec, "limited", _limited)


def _limited(limited: Object) -> Object:
    limited = fill(limited, nominalConcurrencyShares=30, lendablePercent=0)
    return change(limited, "limitResponse", lambda response: change(response, "queuing", _queuing))


def _queuing(queuing: Object) -> Object:
    return _instead_of_zero(queuing, handSize=8, queues=64, queueLengthLimit=50)


def _instead_of_zero(obj: Object, **values: int) -> Object:
    """Go cannot tell a zero from nothing here, so both become the default."""
    lacking = {key: value for key, value in values.items() if not obj.get(key)}
    return {**obj, **lacking} if lacking else obj
