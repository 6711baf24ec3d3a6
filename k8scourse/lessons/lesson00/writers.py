"""E4, a small build: a function that reads the trace and says who wrote what.

The function is run twice: on the cluster's trace, and on the same trace with a few records added in which every
known mistake shows (the cluster's own trace may happen to hide one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed
from ..observing import component, is_write

Writers = dict[str, list[str]]
Counts = Callable[[Record], bool]
Explains = Callable[[dict[Any, Any], Sequence[Record]], bool]
VERBS = ("create", "update", "patch", "delete")
_SERVER = "kube-apiserver@control-plane-1"


def check_writers(cluster: Observed, function: object) -> Verdict:
    """`function(records)` must answer {resource: sorted list of those who wrote it}."""
    records = list(cluster.trace.records)
    truth = writers(records)
    seen = words.text("lesson00.writers.seen", records=len(records), resources=len(truth))
    if not callable(function):
        return missed("not_a_function", seen)
    for trace in (records, [*records, *probe(len(records))]):
        try:
            given = function(list(trace))
        except Exception as error:  # whatever a learner's function does, the answer is a sentence
            return missed("raises", seen, error=f"{type(error).__name__}: {error}"[:120])
        if (verdict := _judge(given, trace, seen)) is not None:
            return verdict
    return fulfilled(
        words.text("lesson00.writers.seen_done", records=len(records), pods=", ".join(truth["pods"]))
    )


def writers(records: Sequence[Record]) -> Writers:
    """The truth: who sent a request that changed something, by resource."""
    return _counted(records, is_write)


def probe(number: int) -> list[Record]:
    """Six records more: reads, refusals and a second kubelet, of resources nobody else touches."""
    rows = [
        ("kubelet@worker-1", "create", "probes", 201),
        ("kubelet@worker-2", "patch", "probes", 200),
        ("kube-proxy@worker-1", "get", "probes", 200),
        ("kubectl", "update", "probes", 409),
        ("kubectl", "create", "refusals", 403),
        ("coredns/coredns-1@worker-1", "watch", "reads", 200),
    ]
    return [_record(number + offset, *row) for offset, row in enumerate(rows)]


def _record(number: int, source: str, verb: str, resource: str, code: int) -> Record:
    detail = {
        "verb": verb,
        "resource": resource,
        "code": code,
        "subresource": "",
        "namespace": "default",
        "name": "x",
    }
    detail |= {
        "changed": code < 400 and verb in VERBS,
        "user": source,
        "agent": component(source),
        "stages": [],
    }
    detail |= {"reason": "", "message": "", "before": None, "object": None}
    return Record(0, number, "request", source, _SERVER, f"{resource}/default/x", detail)


def _judge(given: object, records: Sequence[Record], seen: str) -> Verdict | None:
    truth = writers(records)
    if given in (truth, _counted(records, _accepted)):
        return None
    if given is None:
        return missed("nothing", seen)
    if not isinstance(given, dict):
        return missed("shape", seen, kind=type(given).__name__)
    if not given:
        return missed("empty", seen)
    for mistake, explains in _EXPLANATIONS:
        if explains(given, records):
            return missed(mistake, seen)
    # A request may be accepted and change nothing (a token is given and not stored): both ways of counting are good.
    return _first_difference(given, min(truth, _counted(records, _accepted), key=_off(given)), seen)


def _off(given: dict[Any, Any]) -> Callable[[Writers], int]:
    return lambda expected: sum(given.get(resource) != names for resource, names in expected.items())


def _first_difference(given: dict[Any, Any], truth: Writers, seen: str) -> Verdict:
    for resource in sorted(truth):
        if given.get(resource) != truth[resource]:
            yours = str(given.get(resource, "–"))[:120]
            return missed("differs", seen, resource=resource, yours=yours, count=len(truth[resource]))
    extra = next(str(resource) for resource in given if resource not in truth)
    return missed("extra", seen, resource=extra[:60])


def _same_names(given: dict[Any, Any], expected: Writers) -> bool:
    """Equal but for the order, doubles or the kind of collection."""
    if set(given) != set(expected):
        return False
    return all(_is_names(given[each]) and set(given[each]) == set(expected[each]) for each in expected)


def _is_names(value: object) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(isinstance(each, str) for each in value)


def _counted(records: Sequence[Record], counts: Counts, *, whole_ids: bool = False) -> Writers:
    """The senders of the requests that `counts` lets pass, by resource."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.kind == "request" and counts(record):
            name = record.source if whole_ids else component(record.source)
            found.setdefault(record.detail["resource"], set()).add(name)
    return {resource: sorted(names) for resource, names in found.items()}


def _accepted(record: Record) -> bool:
    return _attempted(record) and bool(record.detail["code"] < 400)


def _attempted(record: Record) -> bool:
    return record.detail["verb"] in VERBS


def _every(_record: Record) -> bool:
    return True


def _not_refused(record: Record) -> bool:
    return bool(record.detail["code"] < 400)


def _answers_like(*, whole_ids: bool, counts: tuple[Counts, ...]) -> Explains:
    """Whether an answer is what a function with this mistake gives."""

    def explains(given: dict[Any, Any], records: Sequence[Record]) -> bool:
        return any(_same_names(given, _counted(records, each, whole_ids=whole_ids)) for each in counts)

    return explains


def _by_object(given: dict[Any, Any], _records: Sequence[Record]) -> bool:
    return any(isinstance(key, str) and "/" in key for key in given)


_EXPLANATIONS: tuple[tuple[str, Explains], ...] = (
    ("unsorted", _answers_like(whole_ids=False, counts=(is_write, _accepted))),
    ("reads", _answers_like(whole_ids=False, counts=(_every, _not_refused))),
    ("reads", _answers_like(whole_ids=True, counts=(_every, _not_refused))),
    ("refused", _answers_like(whole_ids=False, counts=(_attempted,))),
    ("whole_ids", _answers_like(whole_ids=True, counts=(is_write, _accepted, _attempted))),
    ("by_object", _by_object),
)
