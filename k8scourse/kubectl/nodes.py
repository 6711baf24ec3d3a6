"""kubectl cordon, uncordon and taint: what may come to a node.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/{drain,taint}`, `.../pkg/drain/cordon.go`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.names import label_value_problems, qualified_name_problems
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable

from . import output
from .command import DRY_RUN, MANAGER, PRINTING, SELECTOR, VALIDATE, Command
from .errors import CommandError, UsageError, raise_all
from .flags import Flag, switch
from .resources import Found, find
from .session import Session
from .writing import dry_run, dry_run_note, dry_run_query, report

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


# --- cordon ----------------------------------------------------------------------------------------------


def cordon(session: Session) -> None:
    """`kubectl cordon NODE`."""
    _set_cordon(session, True, "cordon")


def uncordon(session: Session) -> None:
    """`kubectl uncordon NODE`."""
    _set_cordon(session, False, "uncordon")


def _set_cordon(session: Session, wanted: bool, verb: str) -> None:
    nodes, errors = find_nodes(session, verb)
    for node in nodes:
        try:
            set_unschedulable(session, node, wanted)
        except (StatusError, Unreachable) as error:
            errors.append(CommandError(f"unable to {verb} node {node.name}: {error}"))
    raise_all(errors)


def find_nodes(session: Session, verb: str) -> tuple[list[Found], list[Exception]]:
    """The nodes that the command line names, or those that a selector finds."""
    args = session.flags.args
    if not args and not session.flags["selector"]:
        raise UsageError(f"USAGE: {verb} NODE [flags]", verb)
    if args and session.flags["selector"]:
        raise UsageError("cannot specify both a node name and a --selector option", verb)
    if session.flags["selector"]:
        return [
            Found(kinds.NODE, node) for node in session.list(kinds.NODE, labels=session.flags["selector"])
        ], []
    plain = [word.split("/", 1)[1] if word.startswith(("node/", "nodes/", "no/")) else word for word in args]
    return find(session, ["nodes", *plain])


def set_unschedulable(session: Session, node: Found, wanted: bool) -> None:
    """Write spec.unschedulable unless it is so already, and say which."""
    past = "cordoned" if wanted else "uncordoned"
    note = dry_run_note(dry_run(session))
    if bool(get_in(node.object, "spec.unschedulable")) == wanted:
        session.say(f"node/{node.name} already {past}{note}")
        return
    if dry_run(session) != "client":
        patch = {"spec": {"unschedulable": True if wanted else None}}
        session.patch(node.kind, node.object, patch, **dry_run_query(session))
    session.say(f"node/{node.name} {past}{note}")


# --- taint -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taint:
    """One change of the command line; `gone` asks for removal, an empty effect then means every effect."""

    key: str
    value: str = ""
    effect: str = ""
    gone: bool = False

    @property
    def spelled(self) -> str:
        """`key:Effect`, or `key`."""
        return f"{self.key}:{self.effect}" if self.effect else self.key


def taint(session: Session) -> None:
    """`kubectl taint nodes worker-1 key=value:NoSchedule`."""
    changes, resources = _split(session.flags.args)
    if not resources:
        raise CommandError("one or more resources must be specified as <resource> <name>")
    if not changes:
        raise CommandError("at least one taint update is required")
    output.check(session, writing=True)
    word = resources[0].split("/")[0]
    if kinds.resolve(word) != kinds.NODE:
        raise CommandError(
            f"invalid resource type {word}, only node types are supported"
            if kinds.resolve(word)
            else f'the server doesn\'t have a resource type "{word}"'
        )
    found, errors = find(session, resources)
    for node in found:
        try:
            _taint(session, node, changes)
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _split(args: list[str]) -> tuple[list[Taint], list[str]]:
    resources: list[str] = []
    changes: list[Taint] = []
    for word in args:
        if ("=" in word or ":" in word or word.endswith("-")) and len(resources) > 0:
            changes.append(_parse(word))
        else:
            resources.append(word)
    gone = [one for one in changes if one.gone]
    both = [one.spelled for one in changes if not one.gone and any(_same(one, other) for other in gone)]
    if both:
        what = "can not both modify and remove the following taint(s) in the same command"
        raise UsageError(f"{what}: {', '.join(both)}", "taint")
    return changes, resources


def _parse(word: str) -> Taint:
    gone = word.endswith("-")
    text = word[:-1] if gone else word
    head, colon, effect = text.partition(":")
    key, equals, value = head.partition("=")
    if not colon and not gone:
        raise UsageError(f"invalid taint spec: {word}", "taint")
    if colon and effect not in EFFECTS:
        raise UsageError(f"invalid taint effect: {effect}, unsupported taint effect", "taint")
    problems = qualified_name_problems(key) or (label_value_problems(value) if equals else [])
    if problems:
        raise UsageError(f"invalid taint spec: {word}, {'; '.join(problems)}", "taint")
    return Taint(key, value, effect, gone)


def _same(one: Taint, other: Taint) -> bool:
    return one.key == other.key and (not one.effect or not other.effect or one.effect == other.effect)


def _taint(session: Session, node: Found, changes: list[Taint]) -> None:
    present: list[Any] = list(get_in(node.object, "spec.taints", []))
    new = [change for change in changes if not change.gone]
    gone = [change for change in changes if change.gone]
    _check(session, node, present, new, gone)
    kept = [one for one in present if not any(_same(change, _of(one)) for change in changes)]
    added = [
        {"key": one.key, "effect": one.effect, **({"value": one.value} if one.value else {})} for one in new
    ]
    taints = [*added, *kept]
    result: Object = node.object
    if dry_run(session) != "client":
        manager = session.flags["field-manager"] or "kubectl-taint"
        patch = {"spec": {"taints": taints or None}}
        result = session.patch(node.kind, node.object, patch, fieldManager=manager, **dry_run_query(session))
    report(session, result, _word(present, new, gone))


def _of(taint: Any) -> Taint:
    return Taint(taint["key"], taint.get("value", ""), taint["effect"])


def _check(session: Session, node: Found, present: list[Any], new: list[Taint], gone: list[Taint]) -> None:
    have = [_of(one) for one in present]
    if not session.flags["overwrite"]:
        clashing = sorted({change.key for change in new if any(_same(change, one) for one in have)})
        if clashing:
            raise CommandError(
                f"node {node.name} already has {', '.join(clashing)} taint(s) with same effect(s) and "
                "--overwrite is false"
            )
    missing = [change for change in gone if not any(_same(change, one) for one in have)]
    if missing:
        raise CommandError("\n".join(f'taint "{change.spelled}" not found' for change in missing))


def _word(present: list[Any], new: list[Taint], gone: list[Taint]) -> str:
    have = [_of(one) for one in present]
    fresh = [change for change in new if not any(_same(change, one) for one in have)]
    if gone and not new:
        return "untainted"
    return "tainted" if fresh and not gone and len(fresh) == len(new) else "modified"


_NODES = (SELECTOR, DRY_RUN)
COMMANDS = (
    Command("cordon", cordon, _NODES, "Mark node as unschedulable", "NODE"),
    Command("uncordon", uncordon, _NODES, "Mark node as schedulable", "NODE"),
    Command("taint", taint, (SELECTOR, switch("all"), switch("overwrite"), *PRINTING, DRY_RUN, MANAGER, VALIDATE,
                             Flag("field-selector")),
            "Update the taints on one or more nodes", "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ..."),
)  # fmt: skip
