"""Schedules of CronJobs, and objects as the real server's inside prints them."""

from __future__ import annotations

import pytest

from k8scourse.api import cron, internal_form


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "5 4 * * 1-5",
        "*/15 0,12 1 jan-mar sun",
        "@daily",
        "@every 1h30m",
        "TZ=UTC 0 0 * * *",
        "0 22 ? * *",
    ],
)
def test_a_good_schedule_has_no_problem(schedule: str) -> None:
    assert cron.problem(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@sometimes", "unrecognized descriptor: @sometimes"),
    ],
)
def test_a_bad_schedule_says_what_is_wrong(schedule: str, problem: str) -> None:
    assert cron.problem(schedule) == problem


def test_inside_the_server_nothing_is_left_out() -> None:
    shown = internal_form.pod_spec({"hostNetwork": True, "containers": [{"name": "c", "image": "i"}]})
    assert shown["SecurityContext"]["HostNetwork"] is True
    assert shown["Containers"][0]["Resources"] == {"Limits": None, "Requests": None, "Claims": None}
    assert (shown["DNSPolicy"], shown["Volumes"]) == ("", None)


def test_a_claims_change_is_shown_line_by_line() -> None:
    before = {"resources": {"requests": {"storage": "1Gi"}}}
    after = {"resources": {"requests": {"storage": "2Gi"}}}
    diff = internal_form.claim_diff(before, after)
    assert diff.startswith("@@ -")
    assert '-   "storage": "1Gi"\n+   "storage": "2Gi"\n' in diff
