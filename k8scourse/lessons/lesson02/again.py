"""The blank: after a conflict, write again without losing what the other hand wrote."""

from __future__ import annotations

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed
from ..observing import writes

NAME = "menu"
SOUP_THEIRS, SOUP_OLD, TEA_MINE = "90", "80", "45"


def check_again(cluster: Observed) -> Verdict:
    """Look at the ConfigMap `menu`, and at the writes to it since the first conflict."""
    menu = cluster.find("configmaps", NAME)
    tries = [record for record in cluster.trace.records if _is_try(record)]
    conflict = next((record for record in tries if record.detail["code"] == 409), None)
    if menu is None:
        return missed("no_menu", words.text("lesson02.again.seen_nothing"))
    data = menu.get("data") or {}
    soup, tea = str(data.get("soup", "–")), str(data.get("tea", "–"))
    conflicts = sum(record.detail["code"] == 409 for record in tries)
    seen = words.text("lesson02.again.seen", soup=soup, tea=tea, conflicts=conflicts)
    if conflict is None:
        return missed("no_conflict", seen)
    if menu["metadata"]["uid"] != _first_uid(cluster):
        return missed("new_object", seen)
    if tea == TEA_MINE:
        return _judge_soup(soup, seen)
    return _judge_tries([record for record in tries if record.sequence > conflict.sequence], seen)


def _judge_soup(soup: str, seen: str) -> Verdict:
    if soup == SOUP_THEIRS:
        return fulfilled(seen)
    return missed("overwritten", seen, soup=soup) if soup == SOUP_OLD else missed("value", seen)


def _judge_tries(tries: list[Record], seen: str) -> Verdict:
    if not tries:
        return missed("waiting", seen)
    code = tries[-1].detail["code"]
    return missed("stale", seen, code=code) if code == 409 else missed("value", seen)


def _is_try(record: Record) -> bool:
    """Whether somebody wanted to change `menu`, whatever came of it."""
    if record.kind != "request" or record.detail["verb"] not in ("update", "patch"):
        return False
    return (record.detail["resource"], record.detail["name"]) == ("configmaps", NAME)


def _first_uid(cluster: Observed) -> str:
    """The uid that `menu` had when it was first made, "" when that is not on the trace."""
    made = (
        record for record in writes(cluster, "configmaps", name=NAME) if record.detail["verb"] == "create"
    )
    return next((str(record.detail["object"]["metadata"]["uid"]) for record in made), "")
