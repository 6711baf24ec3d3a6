"""E1, read it off the answers: six refused requests, and the stage that refused each.

The requests are found by the name under which they called themselves, their User-Agent: "case-a" to "case-f".
"""

from __future__ import annotations

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed

CASES = ("case-a", "case-b", "case-c", "case-d", "case-e", "case-f")
STAGES = ("authenticate", "authorize", "admit", "validate", "store")
MISTAKES = {
    ("authorize", "authenticate"): "who_or_may",
    ("authenticate", "authorize"): "nobody",
    ("admit", "authorize"): "same_code",
    ("admit", "store"): "not_found",
    ("admit", "validate"): "not_found",
    ("validate", "admit"): "sense",
    ("validate", "store"): "sense",
    ("validate", "authorize"): "sense",
    ("store", "validate"): "race",
    ("store", "admit"): "race",
    ("store", "authorize"): "race",
}


def check_stages(cluster: Observed, answer: object) -> Verdict:
    """`answer` maps each case to the stage that refused it."""
    found = {case: _record_of(cluster, case) for case in CASES}
    refused = sum(record is not None for record in found.values())
    seen = words.text("lesson02.stages.seen", refused=refused, all=len(CASES))
    if refused < len(CASES):
        return missed("not_yet", seen, case=next(case for case in CASES if found[case] is None))
    if not isinstance(answer, dict):
        return missed("shape", seen)
    given = {str(case): str(stage).strip().lower() for case, stage in answer.items()}
    if unknown := [case for case in given if case not in CASES]:
        return missed("unknown_case", seen, case=unknown[0][:40])
    for case, record in found.items():
        if record is not None and (verdict := _judge(case, given.get(case, ""), record)):
            return verdict
    return fulfilled(seen)


def _record_of(cluster: Observed, case: str) -> Record | None:
    """The last refused request that called itself so."""
    tries = (record for record in reversed(cluster.trace.records) if record.kind == "request")
    return next((each for each in tries if each.detail["agent"] == case and each.detail["code"] >= 400), None)


def _judge(case: str, stage: str, record: Record) -> Verdict | None:
    true = record.detail["stages"][-1][0]
    if stage == true:
        return None
    seen = words.text(
        "lesson02.stages.seen_one", case=case, code=record.detail["code"], number=record.sequence
    )
    if stage in ("", "...", "…", "?", "none"):
        return missed("open", seen, case=case)
    if stage not in STAGES:
        known = words.text("lessons.comma").join(STAGES)
        return missed("unknown_stage", seen, stage=stage[:40], stages=known)
    return missed(_mistake(true, stage, record), seen, case=case, stage=stage, number=record.sequence)


def _mistake(true: str, stage: str, record: Record) -> str:
    mistake = MISTAKES.get((true, stage), "other")
    if true == "admit" and mistake != "other":
        return "not_found" if record.detail["code"] == 404 else "same_code"
    return mistake
