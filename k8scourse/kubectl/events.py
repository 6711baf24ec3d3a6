"""kubectl events: what happened lately, the oldest first.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/events/{events,event_printer}.go`.
"""

from __future__ import annotations

from k8scourse.api import kinds
from k8scourse.api.values import Object

from . import output, tabwriter
from .command import ALL_NAMESPACES, NO_HEADERS, OUTPUT, SHOW_MANAGED_FIELDS, Command
from .describe.events import age, last_seen
from .errors import CommandError
from .flags import Flag, left_out
from .resources import wanted
from .session import Session

_TYPES = ("Normal", "Warning")


def run(session: Session) -> None:
    """`kubectl events`, all of a namespace or those --for one object."""
    if session.flags.args:
        raise CommandError(f'unknown command "{session.flags.args[0]}" for "kubectl events"')
    wrong = [name for name in session.flags["types"] if name.capitalize() not in _TYPES]
    if wrong:
        raise CommandError("valid --types are Normal or Warning")
    found = [event for event in _events(session) if _is_wanted(session, event)]
    if output.check(session) not in ("", "wide"):
        session.out.append(output.render(session, output.collection(found)))
        return
    if not found:
        where = "" if session.all_namespaces else f" in {session.namespace} namespace."
        session.complain(f"No events found{where}")
        return
    rows = [] if session.flags["no-headers"] else [_heading(session)]
    session.out.append(
        tabwriter.table(rows + [_row(session, event) for event in sorted(found, key=last_seen)])
    )


def _events(session: Session) -> list[Object]:
    where = "" if session.all_namespaces else session.namespace
    fields = ""
    if session.flags["for"]:
        asked = wanted(session, [session.flags["for"]])
        if not asked.single:
            raise CommandError("--for must be in resource/name form")
        kind, names = asked.groups[0]
        fields = f"involvedObject.kind={kind.kind},involvedObject.name={names[0]}"
    return session.list(kinds.EVENT, where, fields=fields)


def _is_wanted(session: Session, event: Object) -> bool:
    types = {name.capitalize(): True for name in session.flags["types"]}
    return not types or event.get("type", "") in types


def _heading(session: Session) -> list[str]:
    head = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    return ["NAMESPACE", *head] if session.all_namespaces else head


def _row(session: Session, event: Object) -> list[str]:
    about = event.get("involvedObject") or {}
    cells = [
        age(session, event),
        str(event.get("type", "")),
        str(event.get("reason", "")),
        f"{about.get('kind', '')}/{about.get('name', '')}",
        str(event.get("message", "")).strip(),
    ]
    return [str(event["metadata"].get("namespace", "")), *cells] if session.all_namespaces else cells


COMMANDS = (
    Command(
        "events",
        run,
        (
            ALL_NAMESPACES, OUTPUT, SHOW_MANAGED_FIELDS, NO_HEADERS, Flag("for"),
            Flag("types", kind="strings", default=[]),
            Flag("chunk-size", kind="int", default=500), left_out("watch", "w", "bool"), Flag("template"),
        ),
        "List events", "[--for TYPE/NAME]",
    ),
)  # fmt: skip
