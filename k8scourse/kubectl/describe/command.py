"""The describe command: find the objects, choose the description."""

from __future__ import annotations

from collections.abc import Callable

from k8scourse.api import kinds
from k8scourse.api.errors import NotFound, StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from ..command import ALL_NAMESPACES, FILENAME, RECURSIVE, SELECTOR, Command
from ..errors import CommandError, raise_all
from ..flags import Flag, left_out, switch
from ..resources import check_selection, from_files, wanted
from ..session import Session
from . import generic, nodes, pods, policies, services, workloads

_NO_KIND = (
    'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported '
    "resources."
)

DESCRIBERS: dict[Kind, Callable[[Session, Object], str]] = {
    kinds.POD: pods.describe,
    kinds.NODE: nodes.describe,
    kinds.DEPLOYMENT: workloads.deployment,
    kinds.REPLICA_SET: workloads.replica_set,
    kinds.DAEMON_SET: workloads.daemon_set,
    kinds.SERVICE: services.service,
    kinds.NAMESPACE: services.namespace,
    kinds.CONFIG_MAP: generic.config_map,
    kinds.SECRET: generic.secret,
    kinds.SERVICE_ACCOUNT: generic.service_account,
    kinds.resource("roles"): policies.role,
    kinds.resource("clusterroles"): policies.role,
    kinds.resource("rolebindings"): policies.binding,
    kinds.resource("clusterrolebindings"): policies.binding,
    kinds.resource("resourcequotas"): policies.quota,
    kinds.resource("poddisruptionbudgets"): policies.budget,
}


def run(session: Session) -> None:
    """`kubectl describe`."""
    found: list[tuple[Kind, Object]] = []
    errors: list[Exception] = []
    if session.flags["filename"]:
        live, errors = from_files(session)
        found = [(one.kind, one.object) for one in live]
    else:
        found, errors = _find(session)
    texts = [DESCRIBERS.get(kind, generic.describe)(session, obj) for kind, obj in found]
    session.out.append("\n\n".join(texts))
    if not found and not errors:
        where = "" if session.all_namespaces else f" in {session.namespace} namespace."
        session.complain(f"No resources found{where}")
    raise_all(errors)


def _find(session: Session) -> tuple[list[tuple[Kind, Object]], list[Exception]]:
    asked = wanted(session, session.flags.args)
    if not asked.groups:
        raise CommandError(_NO_KIND)
    check_selection(session, asked)
    found: list[tuple[Kind, Object]] = []
    errors: list[Exception] = []
    for kind, names in asked.groups:
        if not names:
            where = "" if session.all_namespaces else None
            found += [(kind, obj) for obj in session.list(kind, where, labels=session.flags["selector"])]
        for name in names:
            try:
                found += [(kind, obj) for obj in _named(session, kind, name)]
            except (StatusError, Unreachable) as error:
                errors.append(error)
    return found, errors


def _named(session: Session, kind: Kind, name: str) -> list[Object]:
    """The object of that name, or else all whose names begin with it."""
    try:
        return [session.get(kind, name)]
    except NotFound:
        matching = [obj for obj in session.list(kind) if obj["metadata"]["name"].startswith(name)]
        if matching:
            return matching
        raise


COMMANDS = (
    Command(
        "describe",
        run,
        (
            FILENAME, SELECTOR, ALL_NAMESPACES, RECURSIVE, switch("show-events", default=True),
            Flag("chunk-size", kind="int", default=500), left_out("kustomize", "k"),
        ),
        "Show details of a specific resource or group of resources",
        "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    ),
)  # fmt: skip
