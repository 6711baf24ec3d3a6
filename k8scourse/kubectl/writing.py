"""What the commands that write have in common: dry runs, validation, and what they print afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from k8scourse.api import selectors
from k8scourse.api.metadata import labels
from k8scourse.api.values import Object

from . import output
from .errors import CommandError
from .manifests import Described
from .session import Session

SUBRESOURCES = ("status", "scale", "resize")


def dry_run(session: Session) -> str:
    """ "none", "client" or "server"."""
    mode = str(session.flags["dry-run"])
    if mode == "unchanged":
        session.complain("W1: --dry-run is deprecated and can be replaced with --dry-run=client.")
        return "client"
    if mode not in ("none", "client", "server"):
        raise CommandError(f'Invalid dry-run value ({mode}). Must be "none", "server", or "client".')
    return mode


def dry_run_note(mode: str) -> str:
    """What follows the verb in the report of a dry run."""
    return {"client": " (dry run)", "server": " (server dry run)"}.get(mode, "")


def dry_run_query(session: Session) -> dict[str, str]:
    """The query that asks the server for a dry run."""
    return {"dryRun": "All"} if dry_run(session) == "server" else {}


def field_validation(session: Session) -> str:
    """`--validate` as the server's query wants it."""
    choice = str(session.flags["validate"])
    known = {"true": "Strict", "strict": "Strict", "warn": "Warn", "ignore": "Ignore", "false": "Ignore"}
    if choice not in known:
        options = "must be one of: strict (or true), warn, ignore (or false)"
        raise CommandError(f'invalid - validate option "{choice}"; {options}')
    return known[choice]


def subresource(session: Session) -> str:
    """The part of the object that is meant, "" for the object itself."""
    part = str(session.flags["subresource"])
    if part and part not in SUBRESOURCES:
        raise CommandError(f'invalid subresource value: "{part}". Must be one of [{" ".join(SUBRESOURCES)}]')
    return part


def selected(session: Session, described: Iterable[Described]) -> list[Described]:
    """The objects whose labels match `-l`."""
    text = session.flags.given.get("selector")
    if not text:
        return list(described)
    try:
        selector = selectors.parse_labels(text)
    except ValueError as error:
        raise CommandError(str(error)) from None
    return [one for one in described if selector.matches(labels(one.object))]


def report(session: Session, obj: Object, what: str) -> None:
    """`deployment.apps/web scaled`, or the object itself when `-o` asks for it."""
    chosen = output.format_of(session) if "output" in session.flags.defaults else ""
    if chosen:
        session.out.append(output.render(session, output.shown(session, obj)))
        return
    mode = dry_run(session) if "dry-run" in session.flags.defaults else "none"
    session.say(f"{output.name_of(obj)} {what}{dry_run_note(mode)}")
