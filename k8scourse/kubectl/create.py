"""kubectl create: from files, or from flags for the common kinds.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/create/*.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, evolve
from k8scourse.client import Unreachable

from . import generators, manifests, output, token
from .apply import with_last_applied
from .command import DRY_RUN, FILENAME, MANAGER, PRINTING, RECURSIVE, SELECTOR, VALIDATE, Command
from .errors import CommandError, UsageError, raise_all, with_source
from .flags import Flag, left_out, switch
from .session import Session
from .writing import dry_run, dry_run_query, field_validation, report, selected

SAVE_CONFIG = switch("save-config", help="keep the configuration in the annotation that apply reads")
COMMON = (*PRINTING, DRY_RUN, MANAGER, VALIDATE, SAVE_CONFIG)
MANAGER_NAME = "kubectl-create"


def run(session: Session) -> None:
    """`kubectl create -f`."""
    if session.flags.args:
        raise UsageError(f"Unexpected args: [{' '.join(session.flags.args)}]", "create")
    if not session.flags["filename"]:
        raise CommandError("must specify one of -f and -k")
    query = {"fieldValidation": field_validation(session), **dry_run_query(session)}
    output.check(session, writing=True)
    described, errors = manifests.load(session, session.flags["filename"])
    for one in selected(session, described):
        obj = with_config(session, one.object)
        try:
            created = (
                obj
                if dry_run(session) == "client"
                else session.create(obj, manager=manager(session), **query)
            )
        except (StatusError, Unreachable) as error:
            errors.append(with_source("creating", one.source, error))
            continue
        report(session, created, "created")
    if not described and not errors:
        raise CommandError("no objects passed to create")
    raise_all(errors)


def manager(session: Session) -> str:
    """The field manager of what create writes."""
    return str(session.flags["field-manager"]) or MANAGER_NAME


def with_config(session: Session, obj: Object) -> Object:
    """The object with the annotation that apply reads, when --save-config asks for it."""
    return with_last_applied(obj) if session.flags.given.get("save-config") else obj


def made(session: Session, obj: Object, what: str, *, field_manager: str = "", verb: str = "created") -> None:
    """Send an object that flags described, and report it; `what` names the kind in the error."""
    kind = kinds.of(obj)
    if kind.namespaced and "namespace" in session.flags:
        obj = evolve(obj, "metadata.namespace", session.namespace)
    output.check(session, writing=True)
    obj = with_config(session, obj)
    if dry_run(session) == "client":
        report(session, generators.as_printed(obj), verb)
        return
    placed = evolve(obj, "metadata.namespace", session.namespace) if kind.namespaced else obj
    try:
        created = session.create(placed, manager=field_manager or manager(session), **dry_run_query(session))
    except StatusError as error:
        raise CommandError(f"failed to create {what}: {error.message}") if what else error from None
    report(session, created, verb)


def _named(build: Callable[[Session, str], Object], what: str) -> Callable[[Session], None]:
    """A command that takes one name and builds an object from its flags."""

    def command(session: Session) -> None:
        args = session.flags.args
        if len(args) != 1:
            raise UsageError(f"exactly one NAME is required, got {len(args)}", session.flags.command)
        made(session, build(session, args[0]), what)

    return command


def _deployment(session: Session) -> None:
    args = session.flags.args
    name = args[0] if args else ""
    command = args[1:] if session.flags.dash_at == 1 else []
    if not args or (len(args) > 1 and not command):
        raise UsageError(f"exactly one NAME is required, got {len(args)}", "create deployment")
    images = session.flags["image"]
    if len(images) > 1 and command:
        raise CommandError("cannot specify multiple --image options and command")
    obj = generators.deployment(name, images, session.flags["replicas"], session.flags["port"], command)
    made(session, obj, "deployment")


def _config_map(session: Session, name: str) -> Object:
    data = generators.literal_data(
        session,
        name,
        session.flags["from-literal"],
        session.flags["from-file"],
        session.flags["from-env-file"],
    )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        **({"data": data} if data else {}),
    }


def _secret(session: Session, name: str) -> Object:
    data = generators.literal_data(
        session,
        name,
        session.flags["from-literal"],
        session.flags["from-file"],
        session.flags["from-env-file"],
    )
    obj: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    if data:
        obj["data"] = {key: generators.base64(value) for key, value in data.items()}
    return {**obj, "type": session.flags["type"]} if session.flags["type"] else obj


def _plain(kind: Kind) -> Callable[[Session, str], Object]:
    return lambda session, name: {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name},
        **({"spec": {}, "status": {}} if kind is kinds.NAMESPACE and dry_run(session) == "client" else {}),
    }


def _service(type_name: str) -> Callable[[Session, str], Object]:
    def build(session: Session, name: str) -> Object:
        flags = session.flags
        ports = [generators.service_port(text) for text in flags["tcp"]]
        headless = flags.given.get("clusterip") == "None"
        if not ports and not headless:
            raise CommandError("at least one tcp port specifier must be provided")
        spec: dict[str, Any] = {"ports": ports, "selector": {"app": name}, "type": type_name}
        if flags.given.get("clusterip"):
            spec["clusterIP"] = flags["clusterip"]
        if flags.given.get("node-port"):
            spec["ports"] = [{**port, "nodePort": flags["node-port"]} for port in ports]
        metadata = {"labels": {"app": name}, "name": name}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    return build


_FROM = (
    Flag("from-literal", kind="array", default=[]),
    Flag("from-file", kind="array", default=[]),
    Flag("from-env-file", kind="array", default=[]),
    left_out("append-hash", kind="bool"),
)
_TCP = Flag("tcp", kind="strings", default=[], help="port[:targetPort], several with commas")

COMMANDS = (
    token.COMMAND,
    Command("create", run, (FILENAME, SELECTOR, RECURSIVE, *COMMON, left_out("edit", kind="bool"), left_out("raw"),
                            left_out("kustomize", "k")),
            "Create a resource from a file or from stdin", "-f FILENAME"),
    Command("create namespace", _named(_plain(kinds.NAMESPACE), ""), COMMON,
            "Create a namespace with the specified name", "NAME"),
    Command("create serviceaccount", _named(_plain(kinds.SERVICE_ACCOUNT), "serviceaccount"), COMMON,
            "Create a service account with the specified name", "NAME"),
    Command("create deployment", _deployment,
            (*COMMON, Flag("image", kind="strings", default=[]), Flag("replicas", "r", "int", 1),
             Flag("port", kind="int", default=-1)),
            "Create a deployment with the specified name", "NAME --image=image -- [COMMAND] [args...]",
            required=("image",)),
    Command("create configmap", _named(_config_map, "configmap"), (*COMMON, *_FROM),
            "Create a config map from a local file or literal value", "NAME [--from-file=[key=]source]"),
    Command("create secret generic", _named(_secret, "secret"), (*COMMON, *_FROM, Flag("type")),
            "Create a secret from a local file or literal value", "NAME [--from-literal=key1=value1]"),
    Command("create service clusterip", _named(_service("ClusterIP"), "ClusterIP service"),
            (*COMMON, _TCP, Flag("clusterip")), "Create a ClusterIP service", "NAME [--tcp=<port>:<targetPort>]"),
    Command("create service nodeport", _named(_service("NodePort"), "NodePort service"),
            (*COMMON, _TCP, Flag("node-port", kind="int", default=0)), "Create a NodePort service",
            "NAME [--tcp=port:targetPort]"),
)  # fmt: skip
