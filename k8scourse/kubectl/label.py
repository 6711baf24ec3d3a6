"""kubectl label and kubectl annotate: words on an object, and a merge patch that writes them.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/{label,annotate}`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from k8scourse.api.errors import StatusError
from k8scourse.api.names import label_value_problems
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from . import output
from .command import ALL_NAMESPACES, DRY_RUN, MANAGER, PRINTING, SELECTING, Command
from .errors import CommandError, raise_all
from .flags import Flag, switch
from .resources import Found, find
from .session import Session
from .writing import dry_run, dry_run_note, dry_run_query

_NO_RESOURCE = "one or more resources must be specified as <resource> <name> or <resource>/<name>"


@dataclass(slots=True)
class Changes:
    """What the command line asks to set and to remove."""

    new: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


@dataclass(frozen=True, slots=True)
class Where:
    """Labels or annotations: the field and the words of the reports."""

    key: str
    noun: str
    done: str
    undone: str


LABELS = Where("labels", "label", "labeled", "unlabeled")
ANNOTATIONS = Where("annotations", "annotation", "annotated", "annotated")


def _command(where: Where) -> Callable[[Session], None]:
    def run(session: Session) -> None:
        resources, changes = _split(session.flags.args, where)
        if not resources and not session.flags["filename"]:
            raise CommandError(_NO_RESOURCE)
        if not changes and not session.flags["list"]:
            raise CommandError(f"at least one {where.noun} update is required")
        output.check(session, writing=True)
        _check(changes, where)
        found, errors = find(session, resources, what=_NO_RESOURCE)
        for one in found:
            try:
                _change(session, one, changes, where)
            except (CommandError, StatusError, Unreachable) as error:
                errors.append(error)
        raise_all(errors)

    return run


def _split(args: Sequence[str], where: Where) -> tuple[list[str], Changes]:
    """Resources come first, then `key=value` and `key-`."""
    resources: list[str] = []
    changes = Changes()
    for word in args:
        is_change = "=" in word or word.endswith("-")
        if not is_change:
            if changes:
                raise CommandError(
                    "all resources must be specified before " + where.noun + f" changes: {word}"
                )
            resources.append(word)
        elif "=" in word:
            key, _, value = word.partition("=")
            changes.new[key] = value
        else:
            changes.gone.append(word[:-1])
    both = [key for key in changes.gone if key in changes.new]
    if both:
        raise CommandError(f"can not both modify and remove a {where.noun} in the same command")
    return resources, changes


def _check(changes: Changes, where: Where) -> None:
    if where is LABELS:
        for key, value in changes.new.items():
            problems = label_value_problems(value)
            if problems:
                raise CommandError(f'invalid label value: "{key}={value}": {"; ".join(problems)}')


def _change(session: Session, one: Found, changes: Changes, where: Where) -> None:
    present = dict(one.object["metadata"].get(where.key) or {})
    if session.flags["list"]:
        for key in sorted(present):
            session.say(f"{key}={present[key]}")
        return
    _refuse_overwriting(session, changes, present)
    wanted = {**{key: value for key, value in present.items() if key not in changes.gone}, **changes.new}
    what = _report_word(session, changes, present, wanted, where)
    result = one.object
    if wanted != present and dry_run(session) != "client":
        result = _patch(session, one, changes, where)
    _report(session, result, what)


def _refuse_overwriting(session: Session, changes: Changes, present: dict[str, str]) -> None:
    if session.flags["overwrite"]:
        return
    for key in sorted(changes.new):
        if key in present and present[key] != changes.new[key]:
            raise CommandError(f"'{key}' already has a value ({present[key]}), and --overwrite is false")


def _report_word(
    session: Session, changes: Changes, present: dict[str, str], wanted: dict[str, str], where: Where
) -> str:
    if where is ANNOTATIONS:
        return where.done
    for key in changes.gone:
        if key not in present:
            session.say(f'label "{key}" not found.')
    if wanted == present:
        return "not labeled"
    return where.undone if not changes.new else where.done


def _patch(session: Session, one: Found, changes: Changes, where: Where) -> Object:
    values: dict[str, str | None] = {**changes.new, **dict.fromkeys(changes.gone)}
    patch: Object = {"metadata": {where.key: values}}
    manager = session.flags["field-manager"] or f"kubectl-{where.noun if where is LABELS else 'annotate'}"
    return session.patch(one.kind, one.object, patch, "merge", fieldManager=manager, **dry_run_query(session))


def _report(session: Session, obj: Object, what: str) -> None:
    if output.format_of(session):
        session.out.append(output.render(session, output.shown(session, obj)))
    else:
        session.say(f"{output.name_of(obj)} {what}{dry_run_note(dry_run(session))}")


_FLAGS = (*SELECTING, ALL_NAMESPACES, *PRINTING, DRY_RUN, MANAGER, switch("overwrite"), switch("list"),
          Flag("resource-version"))  # fmt: skip
_USAGE = "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N"

COMMANDS = (
    Command("label", _command(LABELS), _FLAGS, "Update the labels on a resource", _USAGE),
    Command("annotate", _command(ANNOTATIONS), _FLAGS, "Update the annotations on a resource", _USAGE),
)
