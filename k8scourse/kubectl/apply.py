"""kubectl apply: make the cluster's objects look like the files, and remember what the files said.

Client-side apply: the last file is kept in an annotation; the patch is made of three things, the last file, this
file and the live object, so that only what the files ever spoke of is changed or removed. `--server-side` leaves
that to the server (serverside.py).
Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/apply/{apply,patcher}.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.diffs import three_way_strategic
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, evolve, get_in, without
from k8scourse.client import Unreachable

from . import manifests, output, serverside
from .command import DRY_RUN, FILENAME, MANAGER, PRINTING, RECURSIVE, SELECTOR, VALIDATE, Command
from .errors import CommandError, UsageError, raise_all, restated, with_source
from .flags import Flag, left_out, switch
from .manifests import Described
from .session import Session, printed
from .writing import dry_run, dry_run_note, field_validation, selected
from .yamltext import to_compact_json

ANNOTATION = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
MANAGER_NAME = "kubectl-client-side-apply"
_MISSING = (
    "Warning: resource {what} is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is "
    "required by kubectl apply. kubectl apply should only be used on resources created declaratively by either "
    "kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."
)


def run(session: Session) -> None:
    """`kubectl apply -f`."""
    paths = session.flags["filename"]
    if session.flags.args:
        raise UsageError(f"Unexpected args: [{' '.join(session.flags.args)}]", "apply")
    if not paths:
        raise CommandError("must specify one of -f and -k")
    field_validation(session)
    by_server = serverside.check(session)
    output.check(session, writing=True)
    described, errors = manifests.load(
        session, paths, validate=session.flags["validate"] not in ("false", "ignore")
    )
    described = selected(session, described)
    if not described and not errors:
        raise CommandError("no objects passed to apply")
    applied: list[Object] = []
    for one in described:
        try:
            applied.append(_apply_by_server(session, one) if by_server else _apply(session, one))
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    if output.format_of(session) not in ("", "name") and applied:
        session.out.append(
            output.render(session, applied[0] if len(applied) == 1 else output.collection(applied))
        )
    raise_all(errors)


def last_applied(obj: Object) -> str:
    """The text that the annotation keeps: this object without the annotation itself."""
    bare = without(obj, ANNOTATION)
    if not get_in(bare, "metadata.annotations"):
        bare = evolve(bare, "metadata.annotations", {})
    return to_compact_json(bare) + "\n"


def with_last_applied(obj: Object) -> Object:
    """The object with the annotation. Annotations that are no mapping are dropped, as upstream drops them."""
    if not isinstance(get_in(obj, "metadata.annotations", {}), dict):
        obj = without(obj, "metadata.annotations")
    result: Object = evolve(obj, ANNOTATION, last_applied(obj))
    return result


def _apply(session: Session, one: Described) -> Object:
    _check_name(one)
    modified = with_last_applied(one.object)
    try:
        live = session.get(one.kind, one.name, one.namespace)
    except NotFound:
        return _create(session, one, modified)
    except StatusError as error:
        raise restated(error, _retrieving(one, error.message)) from None
    return _change(session, one, modified, live)


def _apply_by_server(session: Session, one: Described) -> Object:
    _check_name(one)
    applied = serverside.apply(session, one)
    _report(session, one.kind, one.name, "serverside-applied", dry_run(session))
    return output.shown(session, applied)


def _check_name(one: Described) -> None:
    if not one.name and get_in(one.object, "metadata.generateName"):
        raise CommandError(f"from {_generated(one)}: cannot use generate name with apply")
    if not one.name:
        raise CommandError(_retrieving(one, "resource name may not be empty"))


def _generated(one: Described) -> str:
    return str(get_in(one.object, "metadata.generateName"))


def _create(session: Session, one: Described, modified: Object) -> Object:
    mode = dry_run(session)
    created = modified
    if mode != "client":
        try:
            created = session.create(modified, manager=_manager(session), **_query(session, mode))
        except StatusError as error:
            raise with_source("creating", one.source, error) from None
    _report(session, one.kind, one.name, "created", mode)
    return created


def _change(session: Session, one: Described, modified: Object, live: Object) -> Object:
    mode = dry_run(session)
    original = get_in(live, ANNOTATION)
    if original is None and mode != "client":
        session.complain(_MISSING.format(what=f"{one.kind.plural}/{one.name}"))
    patch = _patch(one.kind, original, modified, live)
    if not patch:
        _report(session, one.kind, one.name, "unchanged", mode)
        return live
    changed = live
    if mode != "client":
        try:
            changed = session.patch(
                one.kind, live, patch, fieldManager=_manager(session), **_query(session, mode)
            )
        except StatusError as error:
            raise _patching(one, patch, error) from None
    _report(session, one.kind, one.name, "configured", mode)
    return changed


def _patch(kind: Kind, original: str | None, modified: Object, live: Object) -> Any:
    last: Any = manifests.json_object(original) if original else {}
    return three_way_strategic(kind, last, modified, live)


def _query(session: Session, mode: str) -> dict[str, str]:
    return {"fieldValidation": field_validation(session), **({"dryRun": "All"} if mode == "server" else {})}


def _manager(session: Session) -> str:
    return str(session.flags["field-manager"]) or MANAGER_NAME


def _report(session: Session, kind: Kind, name: str, what: str, mode: str) -> None:
    if output.format_of(session) == "name":
        session.say(printed(kind, name))
    elif output.format_of(session) == "":
        session.say(f"{printed(kind, name)} {what}{dry_run_note(mode)}")


def _about(one: Described) -> str:
    group_version = f"{one.kind.group}/{one.kind.version}"
    return (
        f'Resource: "{group_version}, Resource={one.kind.plural}", GroupVersionKind: "{group_version}, '
        f'Kind={one.kind.kind}"\nName: "{one.name}", Namespace: "{one.namespace}"'
    )


def _retrieving(one: Described, message: str) -> str:
    return f'error when retrieving current configuration of:\n{_about(one)}\nfrom server for: "{one.source}": {message}'


def _patching(one: Described, patch: Any, error: StatusError) -> Exception:
    inner = f'error when patching "{one.source}": {error.message}'
    what = f"error when applying patch:\n{to_compact_json(patch)}\nto:\n{_about(one)}"
    message = f'{what}\nfor: "{one.source}": {inner}'
    return restated(error, message)


COMMANDS = (
    Command(
        "apply",
        run,
        (
            FILENAME, SELECTOR, RECURSIVE, *PRINTING, DRY_RUN, MANAGER, VALIDATE,
            switch("overwrite", default=True), Flag("cascade", default="background", implied="background"),
            left_out("kustomize", "k"), *serverside.FLAGS,
            left_out("prune", kind="bool"), left_out("prune-allowlist"), left_out("all", kind="bool"),
            left_out("force", kind="bool"), left_out("wait", kind="bool"), left_out("timeout"),
        ),
        "Apply a configuration to a resource by file name or stdin", "-f FILENAME",
    ),
)  # fmt: skip
