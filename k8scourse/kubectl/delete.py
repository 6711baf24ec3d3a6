"""kubectl delete: ask for the end of objects, then wait until they are gone.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/delete/delete.go`.
"""

from __future__ import annotations

from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from . import manifests
from .command import ALL_NAMESPACES, DRY_RUN, FIELDS, FILENAME, OUTPUT, RECURSIVE, SELECTOR, Command
from .errors import CommandError, raise_all, with_source
from .flags import Flag, left_out, switch
from .resources import Found, find, wanted
from .session import Session, path_of, printed, short
from .writing import dry_run, dry_run_note

_IMMEDIATE = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)
_CLUSTER_SCOPED = "Warning: deleting cluster-scoped resources, not scoped to the provided namespace"
_WEEK = 7 * 24 * 3600.0
_PATIENCE = 1800.0
_CASCADE = {"background": "Background", "true": "Background", "foreground": "Foreground", "orphan": "Orphan",
            "false": "Orphan"}  # fmt: skip


def run(session: Session) -> None:
    """`kubectl delete`."""
    flags = session.flags
    policy = _policy(session)
    mode = dry_run(session)
    if flags["output"] not in ("", "name"):
        raise CommandError(f"unexpected -o output mode: {flags['output']}. We only support '-o name'")
    grace = _grace(session)
    if flags["all"] and flags["selector"]:
        raise CommandError("cannot set --all and --selector at the same time")
    if flags["force"]:
        session.complain(_IMMEDIATE)
    found, errors = _found(session)
    going: list[Found] = []
    if "namespace" in flags and not session.all_namespaces and not all(one.kind.namespaced for one in found):
        session.complain(_CLUSTER_SCOPED)
    for one in found:
        try:
            _delete(session, one, policy, grace, mode)
            going.append(one)
        except (StatusError, Unreachable) as error:
            errors += _missing(session, error)
    if not found and not errors and _is_search(session):
        session.out.append("No resources found\n")
    if flags["wait"] and mode == "none":
        errors += _wait_for_all(session, going)
    raise_all(errors)


def _policy(session: Session) -> str:
    cascade = str(session.flags["cascade"])
    if cascade not in _CASCADE:
        raise CommandError(
            f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"'
        )
    return _CASCADE[cascade]


def _grace(session: Session) -> int:
    """Seconds of grace; -1 leaves it to the object."""
    flags = session.flags
    grace = int(flags["grace-period"])
    if flags["now"]:
        if grace != -1:
            raise CommandError("--now and --grace-period cannot be specified together")
        return 1
    if grace == 0 and not flags["force"]:
        return 1
    if flags["force"] and grace < 0:
        return 0
    if flags["force"] and grace > 0:
        raise CommandError("--force and --grace-period greater than 0 cannot be specified together")
    return grace


def _is_search(session: Session) -> bool:
    flags = session.flags
    return bool(flags["all"] or flags["selector"] or flags["field-selector"])


def _found(session: Session) -> tuple[list[Found], list[Exception]]:
    """What to delete. Objects that are named are not read first: a DELETE finds out by itself."""
    if session.flags["filename"]:
        described, errors = manifests.load(session, session.flags["filename"], validate=False)
        return [Found(one.kind, one.object, one.source) for one in described if one.name], errors
    if _is_search(session):
        return find(session, session.flags.args)
    asked = wanted(session, session.flags.args)
    if asked.named and not session.all_namespaces:
        return [Found(kind, _stub(session, kind, name)) for kind, names in asked.groups for name in names], []
    return find(session, session.flags.args)


def _stub(session: Session, kind: Kind, name: str) -> Object:
    place = session.place(kind)
    return {"metadata": {"name": name, **({"namespace": place} if place else {})}}


def _missing(session: Session, error: Exception) -> list[Exception]:
    ignore = session.flags["ignore-not-found"] or session.flags["all"]
    return [] if isinstance(error, NotFound) and ignore else [error]


def _delete(session: Session, one: Found, policy: str, grace: int, mode: str) -> None:
    options: Object = {"propagationPolicy": policy}
    if mode == "server":
        options["dryRun"] = ["All"]
    if grace >= 0:
        options["gracePeriodSeconds"] = grace
    if mode != "client":
        path = path_of(one.kind, one.namespace, one.name)
        try:
            session.send("DELETE", path, body=options)
        except StatusError as error:
            raise with_source("deleting", one.source, error) from None
    if session.flags["output"] == "name":
        session.say(printed(one.kind, one.name))
        return
    how = "force deleted" if grace == 0 else "deleted"
    where = f" from {one.namespace} namespace" if one.namespace else ""
    session.say(f'{short(one.kind)} "{one.name}" {how}{where}{dry_run_note(mode)}')


def _wait_for_all(session: Session, found: list[Found]) -> list[Exception]:
    """Let time pass until everything is gone; the error for what stays."""
    limit = float(session.flags["timeout"])
    seconds = _PATIENCE if limit == 0 else min(_WEEK if limit < 0 else limit, _WEEK)
    for one in found:
        if not session.wait(lambda one=one: is_gone(session, one), seconds) and limit > 0:  # type: ignore[misc]
            return [CommandError(f"timed out waiting for the condition on {one.kind.plural}/{one.name}")]
    return []


def is_gone(session: Session, one: Found) -> bool:
    """Whether the object is no longer there, or is another one of the same name."""
    try:
        live = session.get(one.kind, one.name, one.namespace)
    except NotFound:
        return True
    except (StatusError, Unreachable):
        return False
    uid = one.object["metadata"].get("uid")
    return bool(uid) and live["metadata"].get("uid") != uid


COMMANDS = (
    Command(
        "delete",
        run,
        (
            FILENAME, SELECTOR, FIELDS, ALL_NAMESPACES, RECURSIVE, OUTPUT, DRY_RUN, switch("all"),
            Flag("cascade", default="background", implied="background"), switch("force"), switch("now"),
            Flag("grace-period", kind="int", default=-1), switch("ignore-not-found"), switch("wait", default=True),
            Flag("timeout", kind="duration", default=0.0), left_out("kustomize", "k"), left_out("raw"),
            left_out("interactive", "i", "bool"),
        ),
        "Delete resources by file names, stdin, resources and names, or by resources and label selector",
        "([-f FILENAME] | TYPE [(NAME | -l label | --all)])",
    ),
)  # fmt: skip
