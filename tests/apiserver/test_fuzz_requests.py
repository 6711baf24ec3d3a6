"""A slice of the fuzz: whatever is sent, the answer is well formed and the store stays sound.

`python -m bench.fuzz_requests` sends a hundred thousand; this is the same with fewer.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz_requests import Report, fuzz
from bench.fuzzing.corpus import seeds
from bench.fuzzing.world import Broken, World, check_answer, check_frozen, check_object, encoded
from k8scourse.api import kinds
from k8scourse.api.values import freeze
from k8scourse.apiserver import Response

SEEDS = seeds()
REQUESTS = 100


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=True))
def test_damaged_requests_are_answered_and_break_nothing(rng: Any) -> None:
    report = Report()
    fuzz(rng, World(), SEEDS, REQUESTS, report, "here")
    assert not report.findings, report.text()
    assert sum(report.codes.values()) == REQUESTS


# -- the checks themselves can fail -------------------------------------------------------------------


def stored(**metadata: Any) -> Any:
    metadata = {
        "name": "c",
        "namespace": "default",
        "uid": "u",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    } | metadata
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


@pytest.mark.parametrize(
    ("obj", "finding"),
    [
        ({**stored(), "data": {"a": 1}}, "does not decode"),
        ({**stored(), "data": {}}, "not as it is read"),
        (stored(name="A B"), "is not valid"),
        (stored(managedFields=[{"operation": "Apply"}]), "senseless owners"),
    ],
)
def test_a_stored_object_that_is_wrong_is_a_finding(obj: Any, finding: str) -> None:
    with pytest.raises(Broken, match=finding):
        check_object(kinds.CONFIG_MAP, obj)
    check_object(kinds.CONFIG_MAP, stored())


@pytest.mark.parametrize(
    "answer",
    [
        Response(404, {"kind": "Status", "code": 400, "message": "x"}, stages=[["store", "refused"]]),
        Response(200, {"metadata": {}}),
        Response(200, [1]),
        Response(200, {"kind": "Table", "columnDefinitions": [{}], "rows": [{"cells": [1, 2]}]}),
        Response(200, {"kind": "Pod", "apiVersion": "v1", "x": float("nan")}),
        Response(500, "what is this"),
    ],
)
def test_an_answer_that_is_malformed_is_a_finding(answer: Response) -> None:
    with pytest.raises(Broken):
        check_answer(answer, "GET")


def test_what_can_be_changed_or_not_be_sent_is_a_finding() -> None:
    with pytest.raises(Broken):
        check_frozen(freeze({"a": {}}) | {"b": {}}, "x")
    with pytest.raises(Broken):
        encoded({"a": "\ud800"})
    check_frozen(freeze({"a": [{}]}), "x")
