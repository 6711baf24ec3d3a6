"""E3, the minimal fix: one wrong word in a Role, and Mei may not write the menu.

Her rights are worked out here from the stored Roles and bindings alone: a check sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ... import words
from ...sim import Record
from ..lesson import Observed, Verdict, fulfilled, missed

USER, NAME, ROLE, BINDING = "mei", "menu", "menu-writer", "mei-writes"
WRONG, RIGHT = "configmap", "configmaps"

Rule = Mapping[str, Any]


class Act(NamedTuple):
    """Something that somebody might do in the namespace `default`."""

    verb: str
    resource: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f" `{self.name}`" if self.name else "")


WANTED = Act("patch", RIGHT, NAME)
ON_THE_MENU = (Act("get", RIGHT, NAME), Act("update", RIGHT, NAME), WANTED)
TOO_MUCH = (
    Act("get", "secrets", "recipe"),
    Act("get", "secrets", NAME),
    Act("delete", RIGHT, NAME),
    Act("update", RIGHT, "other"),
    Act("delete", "pods"),
)


def check_mei(cluster: Observed) -> Verdict:
    """Look at what Mei may do now, and at the last time she tried to change `menu`."""
    rules = list(_rules_of_mei(cluster))
    last = next((record for record in reversed(cluster.trace.records) if _is_try(record)), None)
    seen = _seen(rules, last)
    if not _may(rules, WANTED):
        return _judge_role(cluster, seen)
    if extra := [str(act) for act in TOO_MUCH if _may(rules, act)]:
        return missed("too_much", seen, extra=extra[0])
    if last is None or last.detail["code"] >= 400:
        return missed("try", seen)
    return fulfilled(seen)


def _judge_role(cluster: Observed, seen: str) -> Verdict:
    role, binding = cluster.find("roles", ROLE), cluster.find("rolebindings", BINDING)
    if role is None or binding is None:
        return missed("no_role", seen)
    rules = [rule for rule in role.get("rules") or () if RIGHT in (rule.get("resources") or ())]
    if not rules:
        return missed("unchanged", seen)
    rule = rules[0]
    if "" not in (rule.get("apiGroups") or ()):
        return missed("group", seen, groups=_listed(rule.get("apiGroups")))
    if not {"patch", "*"} & set(rule.get("verbs") or ()):
        return missed("verbs", seen, verbs=_listed(rule.get("verbs")))
    if rule.get("resourceNames") and NAME not in rule["resourceNames"]:
        return missed("names", seen, names=_listed(rule["resourceNames"]))
    return missed("binding", seen)


def _seen(rules: Sequence[Rule], last: Record | None) -> str:
    may = [act.verb for act in ON_THE_MENU if _may(rules, act)]
    return words.text(
        "lesson02.mei.seen",
        rights=f"{', '.join(may)} `{NAME}`" if may else words.text("lesson02.mei.seen_nothing"),
        last=words.text("lesson02.mei.seen_never") if last is None else last.detail["code"],
    )


def _rules_of_mei(cluster: Observed) -> Iterator[Rule]:
    for resource in ("rolebindings", "clusterrolebindings"):
        for binding in cluster.objects(resource):
            if binding["metadata"].get("namespace", "default") == "default" and _names_mei(binding):
                yield from _rules_of(cluster, binding["roleRef"])


def _names_mei(binding: Mapping[str, Any]) -> bool:
    subjects = binding.get("subjects") or ()
    return any((each.get("kind"), each.get("name")) == ("User", USER) for each in subjects)


def _rules_of(cluster: Observed, role: Mapping[str, Any]) -> Sequence[Rule]:
    found = cluster.find("roles" if role["kind"] == "Role" else "clusterroles", role["name"])
    return () if found is None else found.get("rules") or ()


def _may(rules: Sequence[Rule], act: Act) -> bool:
    return any(_allows(rule, act) for rule in rules)


def _allows(rule: Rule, act: Act) -> bool:
    names = rule.get("resourceNames") or ()
    return (
        _covers(rule, "verbs", act.verb)
        and _covers(rule, "apiGroups", "")
        and _covers(rule, "resources", act.resource)
        and (not names or act.name in names)
    )


def _covers(rule: Rule, part: str, wanted: str) -> bool:
    given = rule.get(part) or ()
    return wanted in given or "*" in given


def _listed(values: object) -> str:
    return ", ".join(f"`{each}`" for each in values) if isinstance(values, list | tuple) and values else "–"


def _is_try(record: Record) -> bool:
    """Whether Mei wanted to change `menu`, whatever came of it."""
    if record.kind != "request" or record.detail["user"] != USER:
        return False
    detail = record.detail
    return detail["verb"] in ("update", "patch") and (detail["resource"], detail["name"]) == (RIGHT, NAME)
