"""One sentence per step: what just happened, and why, in one language and vocabulary.

A record of the trace becomes a key of the catalogue and its values; the sentences themselves are words, not
code. `main_number` is the number of the dot that the sentence is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from k8scourse import words
from k8scourse.sim import Record

from .draw import Speaker
from .tellers import Part, Told, Words, request


def sentence(record: Record, language: str | None = None, restaurant: bool = False) -> str:
    """The step as one sentence; for a record that is no step, what it is in general words."""
    speaker = Speaker(language or words.language(), restaurant)
    key, values = told(record)
    spoken = speaker.text(
        f"narration.{key}", **{name: _value(speaker, value) for name, value in values.items()}
    )
    return _tidy(spoken)


def _tidy(spoken: str) -> str:
    """One space where names in Chinese text brought two, none before punctuation, and a capital for the first word."""
    once = _PUNCTUATED.sub(r"\1", " ".join(spoken.split()))
    return f"T{once[1:]}" if once.startswith("the ") else once


_PUNCTUATED = re.compile(r" ?([，。；：、？！（）「」]) ?")


def sentences(record: Record | None) -> dict[str, list[str]]:
    """The sentence in every language: [Kubernetes' words, the restaurant's]."""
    if record is None:
        return {
            language: [Speaker(language, restaurant).text("board.beginning") for restaurant in (False, True)]
            for language in words.LANGUAGES
        }
    return {
        language: [sentence(record, language, restaurant) for restaurant in (False, True)]
        for language in words.LANGUAGES
    }


def _value(speaker: Speaker, value: Any) -> Any:
    if isinstance(value, Part):
        return part_name(value, speaker)
    if isinstance(value, Words):
        return speaker.text(f"narration.{value}")
    if isinstance(value, list):
        return speaker.text("narration.and_then").join(str(_value(speaker, item)) for item in value)
    if isinstance(value, tuple):
        return speaker.text(f"narration.{value[0]}", **{k: _value(speaker, v) for k, v in value[1].items()})
    return value


def part_name(part: str, speaker: Speaker) -> str:
    """How a sentence calls a part."""
    component, _, node = part.partition("@")
    component = component.split("/")[0]
    key = f"narration.who.{component}"
    if not words.has(key):
        return speaker.text("narration.who.other", name=part)
    return speaker.text(key, node=node)


def told(record: Record) -> Told:
    """The sentence's key (below "narration.") and its values."""
    return _KINDS.get(record.kind, _other)(record)


# --- everything else -------------------------------------------------------------------------------------------


def _decision(record: Record) -> Told:
    detail = record.detail
    name = record.subject.rsplit("/", 1)[-1]
    winner, nodes = detail.get("node", ""), detail.get("nodes", {})
    if not winner:
        return "decision_none", {"name": name, "message": detail.get("message", "")}
    scored = {node: entry["total"] for node, entry in nodes.items() if "total" in entry}
    filtered = [(node, entry["filtered"]) for node, entry in nodes.items() if "filtered" in entry]
    rest = [("scored", {"node": node, "total": total}) for node, total in scored.items() if node != winner]
    rest += [("filtered", {"node": node, "reason": reason}) for node, reason in filtered]
    values = {"name": name, "node": winner, "total": scored.get(winner, 0), "rest": rest[:4]}
    if winner not in scored or (
        filtered and len(scored) == 1
    ):  # one node left is not scored: 0 points say nothing
        return "decision_only", values
    tied = any(total == scored[winner] for node, total in scored.items() if node != winner)
    return ("decision_tie" if tied else "decision" if rest else "decision_alone"), values


def _container(record: Record) -> Told:
    detail = record.detail
    call, outcome = str(detail.get("call", "")), str(detail.get("outcome", "ok"))
    good = outcome in ("ok", "started")
    key = f"cri.{call}" if outcome == "ok" else f"cri.{call}_started" if good else f"cri.{call}_failed"
    values = {
        "node": record.source.partition("@")[2], "pod": record.subject.rsplit("/", 1)[-1], "call": call,
        "container": detail.get("container", ""), "image": detail.get("image", ""), "outcome": outcome,
    }  # fmt: skip
    if words.has(f"narration.{key}"):
        return key, values
    return ("cri.other" if good else "cri.other_failed"), values


def _exit(record: Record) -> Told:
    detail = record.detail
    pod = record.subject.rsplit("/", 1)[-1]
    values = {
        "pod": pod,
        "container": detail.get("container", ""),
        "code": detail.get("code"),
        "reason": detail.get("reason", ""),
    }
    return ("exit_bad" if detail.get("code") else "exit_good"), values


def _rules(record: Record) -> Told:
    node = record.source.partition("@")[2]
    service = record.subject.rsplit("/", 1)[-1]
    values = {"node": node, "service": service, "services": record.detail.get("services", 0),
              "endpoints": record.detail.get("endpoints", 0)}  # fmt: skip
    return ("rules" if service else "rules_all"), values


def _fault(record: Record) -> Told:
    action = str(record.detail.get("action", ""))
    pod = record.target.startswith("pods/")
    target: str = record.target.rsplit("/", 1)[-1] if pod or "@" not in record.target else Part(record.target)
    key = f"fault.{action}_pod" if pod and words.has(f"narration.fault.{action}_pod") else f"fault.{action}"
    if not words.has(f"narration.{key}"):
        key = "fault.other"
    return key, {"target": target, "action": action}


def _commit(record: Record) -> Told:
    return "commit", {"revision": record.detail.get("revision", ""), "key": record.subject}


def _watch(record: Record) -> Told:
    kind = {"ADDED": "added", "MODIFIED": "modified", "DELETED": "deleted"}.get(
        str(record.detail.get("type")), "modified"
    )
    return "watch", {"who": Part(record.target), "what": record.subject, "change": Words(f"change.{kind}")}


def _other(record: Record) -> Told:
    return "other", {"who": Part(record.source), "kind": record.kind, "what": record.subject or record.target}


_KINDS: dict[str, Callable[[Record], Told]] = {
    "request": request, "decision": _decision, "container": _container, "exit": _exit, "rules": _rules,
    "fault": _fault, "commit": _commit, "watch": _watch,
}  # fmt: skip
