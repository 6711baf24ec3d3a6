"""kubectl patch and kubectl replace. Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/{patch,replace}`."""

from __future__ import annotations

from typing import Any, cast

from k8scourse.api.errors import StatusError
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from . import manifests, output
from .command import DRY_RUN, FILENAME, MANAGER, PRINTING, RECURSIVE, SUBRESOURCE, VALIDATE, Command
from .create import SAVE_CONFIG, with_config
from .errors import CommandError, raise_all, with_source
from .flags import Flag, left_out
from .resources import Found, find
from .session import PATCH_TYPES, Session, path_of
from .writing import dry_run, dry_run_note, dry_run_query, field_validation, report, subresource
from .yamltext import ParseError, document, to_compact_json


def patch(session: Session) -> None:
    """`kubectl patch TYPE NAME -p PATCH`."""
    flags = session.flags
    if flags["patch"] and flags["patch-file"]:
        raise CommandError("cannot specify --patch and --patch-file together")
    if not flags["patch"] and not flags["patch-file"]:
        raise CommandError("must specify --patch or --patch-file containing the contents of the patch")
    if flags["type"].lower() not in PATCH_TYPES:
        raise CommandError(f'--type must be one of [json merge strategic], not "{flags["type"]}"')
    subresource(session)
    output.check(session, writing=True)
    text = _text(session)
    try:
        wish = document(text)
    except ParseError as error:
        raise CommandError(f"unable to parse {text!r}: {error}") from None
    found, errors = find(session, flags.args)
    for one in found:
        try:
            _patch(session, one, wish)
        except (StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _text(session: Session) -> str:
    flags = session.flags
    if flags["patch"]:
        return str(flags["patch"])
    try:
        return session.read_file(flags["patch-file"])
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no such file or directory"
        raise CommandError(
            f'unable to read patch file "{flags["patch-file"]}": open {flags["patch-file"]}: {reason.lower()}'
        ) from None


def _patch(session: Session, one: Found, wish: Any) -> None:
    flags = session.flags
    manager = flags["field-manager"] or "kubectl-patch"
    result: Object = one.object
    if dry_run(session) != "client":
        path = path_of(one.kind, one.namespace, one.name, flags["subresource"])
        headers = {"Content-Type": PATCH_TYPES[flags["type"].lower()]}
        body = wish if isinstance(wish, dict | list) else to_compact_json(wish)
        query = {"fieldManager": manager, **dry_run_query(session)}
        result = _sent(session, one, path, query, body, headers)
    if output.format_of(session):
        session.out.append(output.render(session, output.shown(session, result)))
        return
    same = result["metadata"].get("resourceVersion") == one.object["metadata"].get("resourceVersion")
    note = " (no change)" if same and not flags["subresource"] else ""
    session.say(f"{output.name_of(result)} patched{dry_run_note(dry_run(session))}{note}")


def _sent(
    session: Session, one: Found, path: str, query: dict[str, str], body: Any, headers: dict[str, str]
) -> Object:
    try:
        return cast(Object, session.send("PATCH", path, query, body, headers))
    except StatusError as error:
        if error.reason != "UnsupportedMediaType":
            raise
        what = f"{one.kind.api_version}, Kind={one.kind.kind}"
        raise CommandError(f"{headers['Content-Type']} is not supported by {what}: {error.message}") from None


def replace(session: Session) -> None:
    """`kubectl replace -f`."""
    if not session.flags["filename"]:
        raise CommandError("must specify one of -f and -k")
    query = {"fieldValidation": field_validation(session), **dry_run_query(session)}
    part = subresource(session)
    output.check(session, writing=True)
    described, errors = manifests.load(session, session.flags["filename"])
    for one in described:
        obj = with_config(session, one.object)
        if not one.name:
            errors.append(
                CommandError(f'error when replacing "{one.source}": resource name may not be empty')
            )
            continue
        try:
            if dry_run(session) != "client":
                manager = session.flags["field-manager"] or "kubectl-replace"
                obj = session.replace(obj, part, manager=manager, **query)
        except (StatusError, Unreachable) as error:
            errors.append(with_source("replacing", one.source, error))
            continue
        report(session, obj, "replaced")
    raise_all(errors)


COMMANDS = (
    Command(
        "patch",
        patch,
        (
            FILENAME, RECURSIVE, *PRINTING, DRY_RUN, MANAGER, Flag("patch", "p"), Flag("type", default="strategic"),
            SUBRESOURCE, Flag("patch-file"), left_out("local", kind="bool"),
        ),
        "Update fields of a resource", "(-f FILENAME | TYPE NAME) -p PATCH",
    ),
    Command(
        "replace",
        replace,
        (
            FILENAME, RECURSIVE, *PRINTING, DRY_RUN, MANAGER, VALIDATE, SAVE_CONFIG, left_out("force", kind="bool"),
            left_out("cascade"), left_out("grace-period"), left_out("timeout"), left_out("wait", kind="bool"),
            left_out("kustomize", "k"), left_out("raw"), SUBRESOURCE,
        ),
        "Replace a resource by file name or stdin", "-f FILENAME",
    ),
)  # fmt: skip
