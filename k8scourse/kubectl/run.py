"""kubectl run and kubectl expose: a single Pod, and a Service for what is there.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/{run,expose}`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.values import Object, get_in

from . import generators
from .command import DRY_RUN, FILENAME, MANAGER, PRINTING, Command
from .create import SAVE_CONFIG, made
from .errors import CommandError, UsageError, raise_all
from .flags import Flag, left_out, switch
from .resources import Found, find
from .session import Session


def run_pod(session: Session) -> None:
    """`kubectl run NAME --image=image`."""
    flags = session.flags
    if not flags.args:
        raise UsageError("NAME is required for run", "run")
    if flags["restart"] not in ("Always", "OnFailure", "Never"):
        raise UsageError(f"invalid restart policy: {flags['restart']}", "run")
    if flags["expose"] and not flags["port"]:
        raise CommandError("--port must be set when exposing a service")
    pod = _pod(session, flags.args[0], flags.args[1:])
    if flags["expose"]:
        _service_for_pod(session, pod)
    made(session, pod, "", field_manager=flags["field-manager"] or "kubectl-run")


def _service_for_pod(session: Session, pod: Object) -> None:
    name = pod["metadata"]["name"]
    port = int(session.flags["port"])
    spec = {
        "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
        "selector": pod["metadata"]["labels"],
    }
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
    made(session, service, "", field_manager="kubectl-run")


def _pod(session: Session, name: str, command: list[str]) -> Object:
    flags = session.flags
    labels = _labels(flags["labels"]) or {"run": name}
    container: dict[str, Any] = {"image": flags["image"], "name": name, "resources": {}}
    if command:
        container["command" if flags["command"] else "args"] = command
    if flags["env"]:
        container["env"] = [_variable(text) for text in flags["env"]]
    if flags["port"]:
        container["ports"] = [{"containerPort": generators.port_number(flags["port"])}]
    if flags["image-pull-policy"]:
        container["imagePullPolicy"] = flags["image-pull-policy"]
    metadata: dict[str, Any] = {"labels": labels, "name": name}
    if flags["annotations"]:
        metadata["annotations"] = dict(_variable_pair(text) for text in flags["annotations"])
    spec = {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": flags["restart"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _labels(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part]
    for key, equals, _ in pairs:
        if not equals or not key:
            raise CommandError(f"unexpected label spec: {key}")
    return {key: value for key, _, value in pairs}


def _variable_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CommandError(f"invalid env: {text}")
    return name, value


def _variable(text: str) -> dict[str, str]:
    name, value = _variable_pair(text)
    return {"name": name, "value": value}


def expose(session: Session) -> None:
    """`kubectl expose deployment web --port=80`."""
    own = session.flags.given.pop("selector", "")  # the new Service's selector, not a search
    found, errors = find(session, session.flags.args)
    raise_all(errors)
    for one in found:
        _expose(session, one, own)


def _expose(session: Session, one: Found, selector: str) -> None:
    if one.kind.kind not in ("Deployment", "ReplicaSet", "Pod", "Service"):
        raise CommandError(f"cannot expose a {one.kind.qualified_kind}")
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _service_metadata(session, one),
        "spec": _service_spec(session, one, selector),
    }
    made(
        session, service, "", field_manager=session.flags["field-manager"] or "kubectl-expose", verb="exposed"
    )


def _service_metadata(session: Session, one: Found) -> dict[str, Any]:
    flags = session.flags
    labels = _labels(flags["labels"]) or dict(one.object["metadata"].get("labels") or {})
    return {"name": flags["name"] or one.name, **({"labels": labels} if labels else {})}


def _service_spec(session: Session, one: Found, selector: str) -> dict[str, Any]:
    flags = session.flags
    spec: dict[str, Any] = {"ports": _ports(session, one), "selector": _labels(selector) or _selector(one)}
    if flags["type"]:
        spec["type"] = flags["type"]
    if flags["cluster-ip"]:
        spec["clusterIP"] = flags["cluster-ip"]
    if flags["session-affinity"]:
        spec["sessionAffinity"] = flags["session-affinity"]
    if flags["external-ip"]:
        spec["externalIPs"] = [flags["external-ip"]]
    return spec


def _selector(one: Found) -> dict[str, str]:
    if one.kind.kind == "Service":
        selector: dict[str, str] = get_in(one.object, "spec.selector", {})
    elif one.kind.kind == "Pod":
        selector = dict(one.object["metadata"].get("labels") or {})
        if not selector:
            what = "couldn't retrieve selectors via --selector flag or introspection"
            raise CommandError(f"{what}: the pod has no labels and cannot be exposed")
    else:
        selector = get_in(one.object, "spec.selector.matchLabels", {})
    return dict(selector)


def _ports(session: Session, one: Found) -> list[dict[str, Any]]:
    flags = session.flags
    numbers = flags["port"].split(",") if flags["port"] else _own_ports(one)
    if not numbers:
        raise UsageError("couldn't find port via --port flag or introspection", "expose")
    several = len(numbers) > 1
    ports = []
    for index, text in enumerate(numbers, 1):
        number = generators.port_number(text)
        target: int | str = number
        if flags["target-port"]:
            target = int(flags["target-port"]) if flags["target-port"].isdigit() else flags["target-port"]
        port = {"port": number, "protocol": flags["protocol"] or "TCP", "targetPort": target}
        ports.append({"name": f"port-{index}", **port} if several else port)
    return ports


def _own_ports(one: Found) -> list[str]:
    if one.kind.kind == "Service":
        return [str(port["port"]) for port in get_in(one.object, "spec.ports", [])]
    path = "spec" if one.kind.kind == "Pod" else "spec.template.spec"
    containers = get_in(one.object, f"{path}.containers", [])
    return [str(port["containerPort"]) for container in containers for port in container.get("ports") or ()]


COMMANDS = (
    Command(
        "expose",
        expose,
        (
            FILENAME, *PRINTING, DRY_RUN, MANAGER, SAVE_CONFIG, Flag("port"), Flag("target-port"), Flag("protocol"),
            Flag("name"), Flag("type"), Flag("cluster-ip"), Flag("session-affinity"), Flag("external-ip"),
            Flag("labels", "l"), Flag("selector"), left_out("overrides"), left_out("load-balancer-ip"),
        ),
        "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
        "(-f FILENAME | TYPE NAME) [--port=port]",
    ),
    Command(
        "run",
        run_pod,
        (
            *PRINTING, DRY_RUN, MANAGER, SAVE_CONFIG, Flag("image"), Flag("port"), Flag("labels", "l"),
            Flag("env", kind="array", default=[]), Flag("annotations", kind="array", default=[]),
            Flag("restart", default="Always"), Flag("image-pull-policy"), switch("command"), switch("expose"),
            left_out("attach", kind="bool"), left_out("stdin", "i", "bool"), left_out("tty", "t", "bool"),
            left_out("rm", kind="bool"), left_out("overrides"), left_out("override-type"),
            left_out("quiet", "q", "bool"),
            left_out("privileged", kind="bool"),
        ),
        "Run a particular image on the cluster", "NAME --image=image [--env=\"key=value\"] [--port=port]",
        required=("image",),
    ),
)  # fmt: skip
