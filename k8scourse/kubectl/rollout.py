"""kubectl rollout: how far a Deployment's change has come, its history, and the way back.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/rollout`, `.../polymorphichelpers/{rollout_status,history,rollback}.go`.
"""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api import conditions
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import REPLICA_SET
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import is_controlled_by
from k8scourse.api.times import format_time
from k8scourse.api.values import Object, get_in, without
from k8scourse.client import Unreachable

from . import tabwriter
from .command import DRY_RUN, FILENAME, MANAGER, PRINTING, RECURSIVE, SELECTOR, Command
from .describe.templates import pod_template
from .describe.writer import Writer
from .errors import CommandError, raise_all
from .flags import Flag, switch
from .resources import Found, find
from .selecting import selector_text
from .session import Session, printed
from .writing import dry_run, dry_run_query, report

REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_PATIENCE = 1800.0
_REQUIRED = "required resource not specified"


def _targets(session: Session) -> tuple[list[Found], list[Exception]]:
    return find(session, session.flags.args, what=_REQUIRED)


def _each(session: Session, act: Callable[[Session, Found], None]) -> None:
    found, errors = _targets(session)
    for one in found:
        try:
            act(session, one)
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


# --- status ----------------------------------------------------------------------------------------------


def status(session: Session) -> None:
    """`kubectl rollout status`: follow until it is done, or say why it will not be."""
    _each(session, _follow)


def _follow(session: Session, one: Found) -> None:
    said: list[str] = []

    def done() -> bool:
        text, finished = _progress(session.get(one.kind, one.name, one.namespace), session.flags["revision"])
        if text not in said[-1:]:
            said.append(text)
            session.out.append(text)
        return finished or not session.flags["watch"]

    limit = float(session.flags["timeout"])
    if not session.wait(done, limit or _PATIENCE):
        raise CommandError("timed out waiting for the condition")


def _progress(obj: Object, revision: int) -> tuple[str, bool]:
    """The sentence of the moment, and whether it is the last one."""
    if obj["kind"] == "DaemonSet":
        return _daemon_set_progress(obj)
    if obj["kind"] != "Deployment":
        raise CommandError(f"no status viewer has been implemented for {obj['kind']}")
    name = obj["metadata"]["name"]
    if revision > 0 and revision != int(annotations_of(obj).get(REVISION, "0")):
        raise CommandError(
            f"desired revision ({revision}) is different from the running revision "
            f"({annotations_of(obj).get(REVISION, '0')})"
        )
    if get_in(obj, "status.observedGeneration", 0) < obj["metadata"].get("generation", 0):
        return "Waiting for deployment spec update to be observed...\n", False
    progressing = conditions.get(obj, "Progressing")
    if progressing is not None and progressing.get("reason") == "ProgressDeadlineExceeded":
        raise CommandError(f'deployment "{name}" exceeded its progress deadline')
    return _counts(obj, name)


def _counts(obj: Object, name: str) -> tuple[str, bool]:
    wanted = get_in(obj, "spec.replicas", 1)
    updated, total, available = (
        get_in(obj, f"status.{field}", 0) for field in ("updatedReplicas", "replicas", "availableReplicas")
    )
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated...\n", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...\n", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...\n", False
    return f'deployment "{name}" successfully rolled out\n', True


def _daemon_set_progress(obj: Object) -> tuple[str, bool]:
    name = obj["metadata"]["name"]
    if get_in(obj, "status.observedGeneration", 0) < obj["metadata"].get("generation", 0):
        return "Waiting for daemon set spec update to be observed...\n", False
    wanted = get_in(obj, "status.desiredNumberScheduled", 0)
    updated, available = (
        get_in(obj, "status.updatedNumberScheduled", 0),
        get_in(obj, "status.numberAvailable", 0),
    )
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated...\n", False
    if available < wanted:
        return f"{waiting} {available} of {wanted} updated pods are available...\n", False
    return f'daemon set "{name}" successfully rolled out\n', True


# --- history and undo ------------------------------------------------------------------------------------


def history(session: Session) -> None:
    """`kubectl rollout history`, of all revisions or of one."""
    _each(session, _history)


def _history(session: Session, one: Found) -> None:
    _only_deployments(one, "no history viewer has been implemented for")
    revisions = _revisions(session, one)
    number = session.flags["revision"]
    if number:
        if number not in revisions:
            raise CommandError("unable to find the specified revision")
        session.out.append(
            f"{printed(one.kind, one.name)} with revision #{number}\n{_template(revisions[number])}\n"
        )
        return
    if not revisions:
        session.say(f"{printed(one.kind, one.name)} \nNo rollout history found.")
        return
    rows = [f"{revision}\t{_cause(revisions[revision])}" for revision in sorted(revisions)]
    table = tabwriter.align("\n".join(["REVISION\tCHANGE-CAUSE", *rows]))
    session.out.append(f"{printed(one.kind, one.name)} \n{table}\n\n")


def _cause(replica_set: Object) -> str:
    return annotations_of(replica_set).get(_CAUSE) or "<none>"


def _only_deployments(one: Found, why: str) -> None:
    if one.kind.kind != "Deployment":
        raise CommandError(f"{why} {one.kind.qualified_kind}")


def _revisions(session: Session, one: Found) -> dict[int, Object]:
    """The ReplicaSets of the Deployment by their revision."""
    labels = selector_text(get_in(one.object, "spec.selector"))
    owned = [
        replica_set
        for replica_set in session.list(REPLICA_SET, one.namespace, labels=labels)
        if is_controlled_by(replica_set, one.object)
    ]
    return {
        int(annotations_of(each)[REVISION]): each
        for each in owned
        if annotations_of(each).get(REVISION, "").isdigit()
    }


def _template(replica_set: Object) -> str:
    """A revision's Pod template: with tabs and all, for history alone does not align it."""
    writer = Writer()
    cause = annotations_of(replica_set).get(_CAUSE)
    pod_template(
        writer, get_in(replica_set, "spec.template"), {"kubernetes.io/change-cause": cause} if cause else {}
    )
    return writer.raw()


def undo(session: Session) -> None:
    """`kubectl rollout undo`: the Pod template of an earlier revision becomes the wish again."""
    _each(session, _undo)


def _undo(session: Session, one: Found) -> None:
    _only_deployments(one, "no rollbacker has been implemented for")
    number = session.flags["to-revision"]
    revisions = _revisions(session, one)
    target = _earlier(one, revisions, number)
    if dry_run(session) == "client":
        session.out.append(f"{printed(one.kind, one.name)} {_template(target)} (dry run)\n")
        return
    if get_in(one.object, "spec.paused"):
        raise CommandError(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and "
            "try again"
        )
    template = without(get_in(target, "spec.template"), ("metadata", "labels", "pod-template-hash"))
    if template == get_in(one.object, "spec.template"):
        session.say(
            f"{printed(one.kind, one.name)} skipped rollback (current template already matches revision "
            f"{annotations_of(target).get(REVISION)})"
        )
        return
    patch = [{"op": "replace", "path": "/spec/template", "value": template}]
    session.patch(one.kind, one.object, patch, "json", **dry_run_query(session))
    report(session, one.object, "rolled back")


def _earlier(one: Found, revisions: dict[int, Object], number: int) -> Object:
    if number:
        if number not in revisions:
            raise CommandError(f"unable to find specified revision {number} in history")
        return revisions[number]
    if len(revisions) < 2:
        raise CommandError(f'no rollout history found for deployment "{one.name}"')
    return revisions[sorted(revisions)[-2]]


# --- pause, resume, restart ------------------------------------------------------------------------------


def pause(session: Session) -> None:
    """`kubectl rollout pause`."""
    _each(session, lambda session, one: _set_paused(session, one, True))


def resume(session: Session) -> None:
    """`kubectl rollout resume`."""
    _each(session, lambda session, one: _set_paused(session, one, False))


def _set_paused(session: Session, one: Found, paused: bool) -> None:
    verb = "pausing" if paused else "resuming"
    if one.kind.kind != "Deployment":
        raise CommandError(f'{one.kind.resource_name} "{one.name}" {verb} is not supported')
    if bool(get_in(one.object, "spec.paused")) == paused:
        state = "already paused" if paused else "not paused"
        raise CommandError(f'{one.kind.resource_name} "{one.name}" is {state}')
    patch = {"spec": {"paused": True if paused else None}}
    if dry_run(session) != "client":
        session.patch(one.kind, one.object, patch, fieldManager="kubectl-rollout", **dry_run_query(session))
    report(session, one.object, "paused" if paused else "resumed")


def restart(session: Session) -> None:
    """`kubectl rollout restart`: an annotation in the template, and so new Pods."""
    _each(session, _restart)


def _restart(session: Session, one: Found) -> None:
    if one.kind.kind not in ("Deployment", "DaemonSet"):
        raise CommandError(f'{one.kind.resource_name} "{one.name}" restarting is not supported')
    if get_in(one.object, "spec.paused"):
        raise CommandError("can't restart paused deployment (run rollout resume first)")
    stamp = {"kubectl.kubernetes.io/restartedAt": format_time(session.now)}
    patch = {"spec": {"template": {"metadata": {"annotations": stamp}}}}
    if dry_run(session) != "client":
        session.patch(one.kind, one.object, patch, fieldManager="kubectl-rollout", **dry_run_query(session))
    report(session, one.object, "restarted")


_FILES = (FILENAME, SELECTOR, RECURSIVE)
_WRITING = (*_FILES, *PRINTING, DRY_RUN, MANAGER)
_USAGE = "(TYPE NAME | TYPE/NAME)"

COMMANDS = (
    Command("rollout history", history, (*_FILES, *PRINTING, Flag("revision", kind="int", default=0)),
            "View rollout history", _USAGE),
    Command("rollout pause", pause, _WRITING, "Mark the provided resource as paused", _USAGE),
    Command("rollout restart", restart, _WRITING, "Restart a resource", _USAGE),
    Command("rollout resume", resume, _WRITING, "Resume a paused resource", _USAGE),
    Command("rollout status", status,
            (*_FILES, switch("watch", "w", default=True), Flag("revision", kind="int", default=0),
             Flag("timeout", kind="duration", default=0.0)),
            "Show the status of the rollout", _USAGE),
    Command("rollout undo", undo, (*_WRITING, Flag("to-revision", kind="int", default=0)),
            "Undo a previous rollout", _USAGE),
)  # fmt: skip
