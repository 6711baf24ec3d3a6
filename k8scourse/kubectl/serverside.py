"""kubectl apply --server-side: the file goes to the server as it is, and the server merges.

The server knows who set which field. What another manager has set otherwise is a conflict; `--force-conflicts` takes
such fields over. An object that was applied from the client's side before is handed over: its fields change from the
older manager's to this one's, and the annotation that the older way needs stays.
Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/apply/apply.go`, `client-go/util/csaupgrade`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import Conflict, StatusError
from k8scourse.api.values import Object, get_in

from .errors import CommandError
from .flags import switch
from .manifests import Described
from .session import Session, path_of
from .writing import dry_run, field_validation

MANAGER_NAME = "kubectl"
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
ANNOTATION_MANAGER = "kubectl-last-applied"
APPLY_PATCH = "application/apply-patch+yaml"
FLAGS = (switch("server-side"), switch("force-conflicts"))
_TRIES = 5
_ADVICE = """
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""


def check(session: Session) -> bool:
    """Whether the server shall apply; refuses what does not go together."""
    wanted = bool(session.flags["server-side"])
    if session.flags["force-conflicts"] and not wanted:
        raise CommandError("--force-conflicts only works with --server-side")
    if wanted and dry_run(session) == "client":
        raise CommandError(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"
        )
    return wanted


def apply(session: Session, one: Described) -> Object:
    """Apply one object; the answer is what the server made of it. Raises a `CommandError` for a conflict."""
    manager = str(session.flags["field-manager"]) or MANAGER_NAME
    applied = _send(session, one, one.object, manager)
    if dry_run(session) == "server":
        return applied
    try:
        _keep_annotation(session, one, applied, manager)
        if _hand_over(session, one, applied, manager):
            return _send(session, one, one.object, manager)
    except StatusError as error:
        session.complain(
            f"Warning: server rejected managed fields migration to Server-Side Apply: {error.message}"
        )
    return applied


def _send(session: Session, one: Described, obj: Object, manager: str) -> Object:
    query = {"fieldManager": manager, "fieldValidation": field_validation(session)}
    query["force"] = "true" if session.flags["force-conflicts"] else "false"
    if dry_run(session) == "server":
        query["dryRun"] = "All"
    path = path_of(one.kind, one.namespace, one.name)
    try:
        answer: Object = session.send("PATCH", path, query, obj, {"Content-Type": APPLY_PATCH})
    except Conflict as error:
        raise CommandError(error.message + _ADVICE) from None
    return answer


def _owners(obj: Object, operation: str) -> list[str]:
    """Who set the annotation of the older way, by `operation`."""
    fields = ("f:metadata", "f:annotations", f"f:{ANNOTATION}")
    return [
        entry["manager"]
        for entry in obj["metadata"].get("managedFields") or ()
        if entry.get("operation") == operation and get_in(entry, ("fieldsV1", *fields)) is not None
    ]


def _keep_annotation(session: Session, one: Described, applied: Object, manager: str) -> None:
    """Own the annotation under a name of its own, or it would go with its last owner."""
    text = get_in(applied, ("metadata", "annotations", ANNOTATION))
    if manager != MANAGER_NAME or text is None or _owners(applied, "Apply"):
        return
    metadata = {key: applied["metadata"][key] for key in ("name", "namespace") if key in applied["metadata"]}
    only = {key: applied[key] for key in ("apiVersion", "kind")}
    only["metadata"] = {**metadata, "annotations": {ANNOTATION: text}}
    _send(session, one, only, ANNOTATION_MANAGER)


def _hand_over(session: Session, one: Described, applied: Object, manager: str) -> bool:
    """Make what older managers own by client-side apply this manager's; whether there was anything."""
    older = _owners(applied, "Update")
    if not older:
        return False
    path = path_of(one.kind, one.namespace, one.name)
    for attempt in range(_TRIES):
        live = session.get(one.kind, one.name, one.namespace)
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": _united(live, older, manager)},
            {
                "op": "replace",
                "path": "/metadata/resourceVersion",
                "value": live["metadata"]["resourceVersion"],
            },
        ]
        try:
            session.send("PATCH", path, None, patch, {"Content-Type": "application/json-patch+json"})
            return True
        except Conflict:
            if attempt == _TRIES - 1:
                raise
    return True


def _united(obj: Object, older: list[str], manager: str) -> list[Object]:
    """The managedFields with the older managers' fields in this manager's entry."""
    entries = [dict(entry) for entry in obj["metadata"].get("managedFields") or ()]
    moved = [
        entry
        for entry in entries
        if entry["operation"] == "Update" and entry["manager"] in older and not entry.get("subresource")
    ]
    kept = [entry for entry in entries if entry not in moved]
    for entry in kept:
        if (entry["operation"], entry["manager"]) == ("Apply", manager) and not entry.get("subresource"):
            for other in moved:
                entry["fieldsV1"] = _union(entry.get("fieldsV1") or {}, other.get("fieldsV1") or {})
    return kept


def _union(one: Any, other: Any) -> Any:
    return {key: _union(one.get(key) or {}, other.get(key) or {}) for key in dict.fromkeys((*one, *other))}
