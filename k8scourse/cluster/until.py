"""What `run(until=…)` can wait for: a condition of an object, its end, or that nothing happens any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..api import conditions, kinds
from ..sim import seconds
from .errors import LearnerError

if TYPE_CHECKING:
    from .cluster import Cluster

QUIET_NS = seconds(12)
"""How long no step may happen before a cluster counts as settled: longer than a kubelet's 10 s heartbeat."""


def parse_until(cluster: Cluster, until: object, namespace: str) -> Callable[[], bool]:
    """The test that `until` describes; LearnerError when it describes none.

    `until` is "settled", "kind/name word" (the word is "gone", a condition such as "available", or "not" and
    a condition: "notready"), or a function of the cluster that answers true or false.
    """
    if callable(until):
        return lambda: bool(until(cluster))
    if until == "settled":
        return lambda: cluster.now - cluster.last_step_at >= QUIET_NS
    words = until.split() if isinstance(until, str) else []
    if len(words) == 2 and words[0].count("/") == 1:
        kind_word, name = words[0].split("/")
        kind = kinds.resolve(kind_word)
        if kind is not None and name:
            scope = namespace if kind.namespaced else ""
            return lambda: _holds(cluster.find(kind.plural, name, scope), words[1].lower())
    raise LearnerError("until", until=until)


def _holds(obj: dict[str, Any] | None, word: str) -> bool:
    if obj is None or word in ("gone", "deleted"):
        return obj is None and word in ("gone", "deleted")
    if word == str(obj.get("status", {}).get("phase", "")).lower():
        return True
    for condition in obj.get("status", {}).get("conditions", []):
        name = condition["type"].lower()
        if word == name:
            return bool(condition["status"] == "True")
        if word == f"not{name}":
            return bool(condition["status"] != "True")
    return conditions.get(obj, word) is not None and conditions.is_true(obj, word)
