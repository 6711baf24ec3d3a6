"""kubectl drain: cordon a node, then evict its Pods one by one and wait until they are gone.

Upstream: `staging/src/k8s.io/kubectl/pkg/drain/{drain,filters}.go`; the texts are those of 1.36.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from k8scourse.api import kinds
from k8scourse.api.errors import NotFound, StatusError, TooManyRequests
from k8scourse.api.metadata import annotations as annotations_of
from k8scourse.api.metadata import controller_of
from k8scourse.api.pods import is_terminal
from k8scourse.api.values import Object, get_in
from k8scourse.client import Unreachable

from .command import DRY_RUN, SELECTOR, Command
from .delete import is_gone
from .errors import CommandError, Exit
from .flags import Flag, switch
from .nodes import find_nodes, set_unschedulable
from .resources import Found
from .session import Session, path_of
from .writing import dry_run, dry_run_note

_MIRROR = "kubernetes.io/config.mirror"
_PATIENCE = 1800.0
_DAEMON = "DaemonSet-managed Pods"
_LOCAL = "Pods with local storage"
_BARE = "Pods that declare no controller"
#: What hinders a drain.
_ERRORS = {
    _DAEMON: "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    _LOCAL: "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    _BARE: "cannot delete Pods that declare no controller (use --force to override)",
}


@dataclass(slots=True)
class Plan:
    """Which Pods go, what hinders, and what is worth a warning."""

    going: list[Object] = field(default_factory=list)
    hindering: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)


def run(session: Session) -> None:
    """`kubectl drain NODE`."""
    nodes, errors = find_nodes(session, "drain")
    if errors:
        raise errors[0]
    pending: dict[str, str] = {}
    for node in nodes:
        set_unschedulable(session, node, True)
        problem = _drain(session, node)
        if problem:
            pending[node.name] = problem
        else:
            session.say(f"node/{node.name} drained{dry_run_note(dry_run(session))}")
    if pending:
        session.complain("There are pending nodes to be drained:")
        for name, problem in pending.items():
            session.complain(f" {name}\n{problem}")
        raise Exit(1)


def _drain(session: Session, node: Found) -> str:
    """Empty one node; the problem when that is not possible, "" when it is empty."""
    pods = session.list(
        kinds.POD, "", fields=f"spec.nodeName={node.name}", labels=session.flags["pod-selector"]
    )
    plan = Plan()
    for pod in pods:
        _judge(session, pod, plan)
    if plan.hindering:
        problems = [
            f"{_ERRORS[why]}: {', '.join(plan.hindering[why])}" for why in _ERRORS if why in plan.hindering
        ]
        return _give_up(session, node, problems)
    if plan.warnings:  # upstream's order is that of a Go map; ours is fixed
        texts = [f"{why}: {', '.join(plan.warnings[why])}" for why in sorted(plan.warnings, reverse=True)]
        session.complain(f"Warning: {'; '.join(texts)}")
    failures = _evict_all(session, plan.going)
    return _give_up(session, node, failures) if failures else ""


def _give_up(session: Session, node: Found, problems: list[str]) -> str:
    joined = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
    session.complain(
        f'error: unable to drain node "{node.name}" due to error: {joined}, continuing command...'
    )
    return "\n".join(problems)


def _judge(session: Session, pod: Object, plan: Plan) -> None:
    """Decide over one Pod, in upstream's order of filters."""
    flags = session.flags
    where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    owner = controller_of(pod)
    if _MIRROR in annotations_of(pod):
        return
    if owner is not None and owner["kind"] == "DaemonSet" and not is_terminal(pod):
        if flags["ignore-daemonsets"]:
            plan.warnings.setdefault(f"ignoring {_DAEMON}", []).append(where)
        else:
            plan.hindering.setdefault(_DAEMON, []).append(where)
        return
    ok = True
    if any("emptyDir" in volume for volume in get_in(pod, "spec.volumes", [])) and not is_terminal(pod):
        ok = _allowed(plan, where, flags["delete-emptydir-data"], _LOCAL)
    if owner is None and not is_terminal(pod):
        ok = _allowed(plan, where, flags["force"], _BARE) and ok
    if ok:
        plan.going.append(pod)


def _allowed(plan: Plan, where: str, allowed: bool, why: str) -> bool:
    if allowed:
        plan.warnings.setdefault(f"deleting {why}", []).append(where)
    else:
        plan.hindering.setdefault(why, []).append(where)
    return allowed


def _evict_all(session: Session, pods: list[Object]) -> list[str]:
    verb = "deleting" if session.flags["disable-eviction"] else "evicting"
    for pod in pods:
        session.say(
            f"{verb} pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
            f"{dry_run_note(dry_run(session))}"
        )
    if dry_run(session) != "none":
        return []
    failures = []
    for pod in pods:
        try:
            _evict(session, pod)
        except (CommandError, StatusError, Unreachable) as error:
            failures.append(
                f'error when {verb} pods/"{pod["metadata"]["name"]}" -n '
                f'"{pod["metadata"]["namespace"]}": {error}'
            )
    return failures + _await(session, pods, "deleted" if verb == "deleting" else "evicted")


def _evict(session: Session, pod: Object) -> None:
    """Ask for the eviction; while a budget forbids it, wait five seconds and ask again."""
    limit = float(session.flags["timeout"]) or _PATIENCE
    end = session.now + round(limit * 1e9)
    while session.now < end:
        try:
            _ask(session, pod)
            return
        except NotFound:
            return
        except TooManyRequests as error:
            where = f'pods/"{pod["metadata"]["name"]}" -n "{pod["metadata"]["namespace"]}"'
            session.complain(f"error when evicting {where} (will retry after 5s): {error}")
        until = session.now + 5_000_000_000
        if not session.wait(lambda until=until: session.now >= until, 6.0):  # type: ignore[misc]
            break
    raise CommandError(f"global timeout reached: {limit:g}s")


def _ask(session: Session, pod: Object) -> None:
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    grace = session.flags["grace-period"]
    options = {"gracePeriodSeconds": grace} if grace >= 0 else {}
    if session.flags["disable-eviction"]:
        session.send("DELETE", path_of(kinds.POD, namespace, name), None, options)
        return
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
    }
    if options:
        eviction["deleteOptions"] = options
    session.send("POST", path_of(kinds.POD, namespace, name, "eviction"), None, eviction)


def _await(session: Session, pods: list[Object], past: str) -> list[str]:
    limit = float(session.flags["timeout"]) or _PATIENCE
    failures = []
    for pod in pods:
        name = pod["metadata"]["name"]
        if session.wait(lambda pod=pod: is_gone(session, Found(kinds.POD, pod)), limit):  # type: ignore[misc]
            session.say(f"pod/{name} {past}")
        else:
            failures.append(
                f'error when waiting for pod "{name}" in namespace "{pod["metadata"]["namespace"]}" to '
                "terminate: global timeout reached: " + f"{limit:g}s"
            )
    return failures


COMMANDS = (
    Command(
        "drain",
        run,
        (
            SELECTOR, DRY_RUN, switch("force"), switch("ignore-daemonsets"), switch("delete-emptydir-data"),
            switch("disable-eviction"), Flag("pod-selector"), Flag("grace-period", kind="int", default=-1),
            Flag("timeout", kind="duration", default=0.0), Flag("chunk-size", kind="int", default=500),
            Flag("skip-wait-for-delete-timeout", kind="int", default=0),
        ),
        "Drain node in preparation for maintenance", "NODE",
    ),
)  # fmt: skip
