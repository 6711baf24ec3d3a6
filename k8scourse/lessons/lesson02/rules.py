"""E4, a small build: an admission check of ten lines that every Pod must pass.

Seven test orders are sent to the learner's cluster by the notebook; what is looked at is how they were answered.
They are found by the name under which they called themselves, their User-Agent.
"""

from __future__ import annotations

from typing import NamedTuple

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed

HOOK = "house-rules.example.com"
CONFIGURATIONS = "validatingwebhookconfigurations"


class Order(NamedTuple):
    """A test order: its images, whether it shall pass, and which mistake it finds if it does not go so."""

    images: tuple[str, ...]
    passes: bool
    mistake: str


ORDERS = {
    "tagged": Order(("nginx:1.27",), True, "too_strict"),
    "untagged": Order(("nginx",), False, "untagged"),
    "latest": Order(("nginx:latest",), False, "latest"),
    "second": Order(("nginx:1.27", "redis"), False, "only_first"),
    "port": Order(("registry.example.com:5000/nginx",), False, "port"),
    "registry": Order(("registry.example.com:5000/nginx:1.27",), True, "too_strict"),
    "digest": Order(("nginx@sha256:" + "0" * 64,), True, "too_strict"),
}


def check_rules(cluster: Observed) -> Verdict:
    """Look whether the webhook is there, and how the test orders were answered."""
    made = _hook_made(cluster)
    answers = {name: _answer(cluster, name, made) for name in ORDERS}
    sent = {name: record for name, record in answers.items() if record is not None}
    good = sum(_passed(record) == ORDERS[name].passes for name, record in sent.items())
    seen = words.text("lesson02.rules.seen", tried=len(sent), all=len(ORDERS), good=good)
    if made < 0:
        return missed("no_webhook", words.text("lesson02.rules.seen_no_hook"))
    if len(sent) < len(ORDERS):
        return missed("not_tried", seen)
    return _judge(sent, seen)


def _judge(sent: dict[str, Record], seen: str) -> Verdict:
    for name, record in sent.items():
        if record.detail["code"] >= 500:
            return missed("raises", seen, name=name, message=_message(record))
    passed = {name: _passed(record) for name, record in sent.items()}
    if all(passed.values()):
        return missed("open_door", seen, name="untagged")
    if not any(passed.values()):
        return missed("shut_door", seen, name="tagged")
    for name, order in ORDERS.items():
        if passed[name] != order.passes:
            return missed(order.mistake, seen, name=name)
        if not order.passes and order.images[-1] not in _message(sent[name]):
            return missed("no_reason", seen, message=_message(sent[name]))
    return fulfilled(seen)


def _hook_made(cluster: Observed) -> int:
    """The sequence number of the record in which the webhook was first stored; -1 when it is not there."""
    if cluster.find(CONFIGURATIONS, HOOK) is None:
        return -1
    made = (record for record in cluster.trace.records if _makes_hook(record))
    return next((record.sequence for record in made), 0)


def _makes_hook(record: Record) -> bool:
    if record.kind != "request" or record.detail["resource"] != CONFIGURATIONS:
        return False
    return bool(record.detail["changed"])


def _answer(cluster: Observed, name: str, made: int) -> Record | None:
    """The last test order of this name that was sent after the webhook was made."""
    since: list[Record] = cluster.trace.records[max(made, 0) :]
    return next((record for record in reversed(since) if _is_order(record, name)), None)


def _is_order(record: Record, name: str) -> bool:
    if record.kind != "request" or record.detail["verb"] != "create":
        return False
    return bool(record.detail["agent"] == name)


def _passed(record: Record) -> bool:
    return bool(record.detail["code"] < 400)


def _message(record: Record) -> str:
    return str(record.detail["message"])[:200]
