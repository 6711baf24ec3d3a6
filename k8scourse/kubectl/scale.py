"""kubectl scale: a wish for another number of replicas, through the scale subresource.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/scale/scale.go`.
"""

from __future__ import annotations

from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.values import get_in
from k8scourse.client import Unreachable

from . import output
from .command import DRY_RUN, PRINTING, SELECTING, Command
from .errors import CommandError, raise_all
from .flags import Flag
from .resources import Found, find
from .session import PATCH_TYPES, Session, path_of
from .writing import dry_run, dry_run_query, report


def run(session: Session) -> None:
    """`kubectl scale --replicas=COUNT`."""
    flags = session.flags
    if flags["replicas"] < 0:
        raise CommandError(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
        )
    output.check(session, writing=True)
    found, errors = find(session, flags.args)
    if not found and not errors:
        raise CommandError("no objects passed to scale")
    for one in found:
        try:
            _scale(session, one)
        except (CommandError, StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _scale(session: Session, one: Found) -> None:
    flags = session.flags
    current = get_in(one.object, "spec.replicas", 0)
    if flags["current-replicas"] >= 0 and current != flags["current-replicas"]:
        raise CommandError(f"Expected replicas to be {flags['current-replicas']}, was {current}")
    if not one.kind.has_subresource("scale"):
        raise NotFound("the server could not find the requested resource")
    if dry_run(session) != "client":
        path = path_of(one.kind, one.namespace, one.name, "scale")
        headers = {"Content-Type": PATCH_TYPES["merge"]}
        session.send(
            "PATCH", path, dry_run_query(session), {"spec": {"replicas": flags["replicas"]}}, headers
        )
    report(session, one.object, "scaled")
    if flags["timeout"] > 0 and dry_run(session) == "none":
        _wait(session, one)


def _wait(session: Session, one: Found) -> None:
    def reached() -> bool:
        live = session.get(one.kind, one.name, one.namespace)
        return bool(
            get_in(live, "status.replicas", 0) == session.flags["replicas"]
            and get_in(live, "status.observedGeneration", 0) >= live["metadata"].get("generation", 0)
        )

    if not session.wait(reached, session.flags["timeout"]):
        raise CommandError("timed out waiting for the condition")


COMMANDS = (
    Command(
        "scale",
        run,
        (
            *SELECTING, *PRINTING, DRY_RUN, Flag("replicas", kind="int", default=-1),
            Flag("current-replicas", kind="int", default=-1), Flag("resource-version"),
            Flag("timeout", kind="duration", default=0.0),
        ),
        "Set a new size for a deployment, replica set, or replication controller", "--replicas=COUNT TYPE NAME",
        required=("replicas",),
    ),
)  # fmt: skip
