"""kubectl logs: what containers wrote, by way of the API server and the node's kubelet.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/logs/logs.go`, `.../polymorphichelpers/logsforobject.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.pods import is_ready
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable

from .command import SELECTOR, Command
from .errors import CommandError, UsageError, raise_all
from .flags import Flag, left_out, switch
from .resources import wanted
from .selecting import equality_text, selector_text
from .session import Session, path_of, printed

_USAGE = "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]"
_DEFAULT = "kubectl.kubernetes.io/default-container"


def run(session: Session) -> None:
    """`kubectl logs`."""
    flags = session.flags
    args = flags.args
    if not args and not flags["selector"]:
        raise UsageError(
            f"expected '{_USAGE}'.\nPOD or TYPE/NAME is a required argument for the logs command", "logs"
        )
    if flags["selector"] and args:
        raise UsageError("only a selector (-l) or a POD name is allowed", "logs")
    if len(args) > 2:
        raise UsageError(
            f"expected '{_USAGE}'.\nPOD or TYPE/NAME is a required argument for the logs command", "logs"
        )
    if len(args) == 2:
        if "container" in flags:
            raise CommandError("only one of -c or an inline [CONTAINER] arg is allowed")
        flags.given["container"] = args[1]
    if flags["tail"] < -1:
        raise CommandError("--tail must be greater than or equal to -1")
    pods = _pods(session)
    if not pods and flags["selector"]:
        session.complain(f"No resources found in {session.namespace} namespace.")
    errors: list[Exception] = []
    for pod in pods:
        try:
            _print(session, pod)
        except (StatusError, Unreachable) as error:
            errors.append(error)
    raise_all(errors)


def _pods(session: Session) -> list[Object]:
    flags = session.flags
    if flags["selector"]:
        return session.list(kinds.POD, labels=flags["selector"])
    word = flags.args[0]
    asked = wanted(session, [word]) if "/" in word else wanted(session, ["pods", word])
    kind, names = asked.groups[0]
    obj = session.get(kind, names[0])
    if kind == kinds.POD:
        return [obj]
    pods = sorted(_pods_of(session, kind.kind, obj), key=_rank)
    if not pods:
        raise CommandError("timed out waiting for the condition")
    if len(pods) > 1 and not flags["all-pods"]:
        session.complain(f"Found {len(pods)} pods, using {printed(kinds.POD, pods[0]['metadata']['name'])}")
    return pods if flags["all-pods"] else pods[:1]


def _pods_of(session: Session, kind: str, obj: Object) -> list[Object]:
    if kind in ("Deployment", "ReplicaSet", "DaemonSet"):
        labels = selector_text(get_in(obj, "spec.selector"))
    elif kind == "Service" and get_in(obj, "spec.selector"):
        labels = equality_text(get_in(obj, "spec.selector"))
    else:
        raise CommandError(f"cannot get the logs from {kind}: not supported")
    return session.list(kinds.POD, obj["metadata"].get("namespace", ""), labels=labels)


def _rank(pod: Object) -> tuple[bool, int, bool, str, str]:
    """The best Pod to look at comes first: assigned, running, ready, the oldest."""
    order = {"Running": 0, "Unknown": 1, "Pending": 2}
    metadata = pod["metadata"]
    phase = order.get(get_in(pod, "status.phase", ""), 3)
    created = metadata.get("creationTimestamp", "")
    return not get_in(pod, "spec.nodeName"), phase, not is_ready(pod), created, metadata["name"]


def _print(session: Session, pod: Object) -> None:
    flags = session.flags
    every = [
        one["name"] for field in ("initContainers", "containers") for one in get_in(pod, f"spec.{field}", [])
    ]
    names = every if flags["all-containers"] else [_container(session, pod)]
    for name in names:
        text = _log(session, pod, name)
        if flags["prefix"]:
            prefix = f"[pod/{pod['metadata']['name']}/{name}] "
            text = "".join(f"{prefix}{line}\n" for line in text.splitlines())
        session.out.append(text if not text or text.endswith("\n") else text + "\n")


def _container(session: Session, pod: Object) -> str:
    """The container that was asked for, or the first one, with a word about it when there are others."""
    containers = [one["name"] for one in get_in(pod, "spec.containers", [])]
    every = [*containers, *(one["name"] for one in get_in(pod, "spec.initContainers", []))]
    name = str(session.flags["container"])
    listed = ", ".join([*containers, *(f"{one} (init)" for one in every[len(containers) :])])
    if name:
        if name not in every:
            raise CommandError(
                f"container {name} is not valid for pod {pod['metadata']['name']} out of: {listed}"
            )
        return name
    default = str(get_in(pod, ("metadata", "annotations", _DEFAULT), ""))
    if default in containers:
        return default
    if len(every) > 1:
        session.complain(f'Defaulted container "{containers[0]}" out of: {listed}')
    return str(containers[0])


def _log(session: Session, pod: Object, container: str) -> str:
    flags = session.flags
    query: dict[str, str] = {"container": container}
    tail = flags["tail"] if "tail" in flags else (10 if flags["selector"] else -1)
    if tail >= 0:
        query["tailLines"] = str(tail)
    if flags["previous"]:
        query["previous"] = "true"
    if flags["timestamps"]:
        query["timestamps"] = "true"
    if flags["since"]:
        query["sinceSeconds"] = str(int(flags["since"]))
    path = path_of(kinds.POD, pod["metadata"].get("namespace", ""), pod["metadata"]["name"], "log")
    body: Any = session.send("GET", path, query)
    return body.decode() if isinstance(body, bytes) else str(body or "")


COMMANDS = (
    Command(
        "logs",
        run,
        (
            SELECTOR, Flag("container", "c"), switch("previous", "p"), Flag("tail", kind="int", default=-1),
            switch("timestamps"), switch("prefix"), switch("all-containers"), switch("all-pods"),
            Flag("since", kind="duration", default=0.0), Flag("max-log-requests", kind="int", default=5),
            switch("ignore-errors"), left_out("follow", "f", "bool"), left_out("since-time"), left_out("limit-bytes"),
        ),
        "Print the logs for a container in a pod", "[-p] (POD | TYPE/NAME) [-c CONTAINER]",
    ),
)  # fmt: skip
