"""kubectl auth: may I do that, and who am I?

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/auth/{cani,whoami}.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api import kinds
from k8scourse.api.kinds import Kind

from . import output
from .command import ALL_NAMESPACES, OUTPUT, Command
from .errors import CommandError, Exit
from .flags import Flag, left_out, switch
from .session import Session
from .tabwriter import table

_VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    *("use", "bind", "impersonate", "*", "approve", "sign", "escalate", "attest"),
)
_PATH_VERBS = ("get", "put", "post", "head", "options", "delete", "patch", "*")
_UNLISTED = ("users", "groups")
_TWO = (
    "you must specify two arguments: verb resource or verb resource/resourceName.\n"
    "See 'kubectl auth can-i -h' for help and examples."
)


def can_i(session: Session) -> None:
    """`kubectl auth can-i VERB RESOURCE`: prints yes or no; the exit code says it too."""
    flags = session.flags
    if len(flags.args) != 2:
        raise CommandError(_TWO)
    verb, what = flags.args
    spec = _about_path(session, verb, what) if what.startswith("/") else _about_resource(session, verb, what)
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    status = session.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", None, body)[
        "status"
    ]
    why = "".join(f" - {status[field]}" for field in ("reason", "evaluationError") if status.get(field))
    if not flags["quiet"]:
        session.say("yes" if status["allowed"] else f"no{why}")
    if not status["allowed"]:
        raise Exit


def _about_path(session: Session, verb: str, path: str) -> dict[str, Any]:
    if session.flags["subresource"]:
        raise CommandError("--subresource can not be used with NonResourceURL")
    if verb not in _PATH_VERBS:
        session.complain(f"Warning: verb '{verb}' is not a known verb\n")
    return {"nonResourceAttributes": {"verb": verb, "path": path}}


def _about_resource(session: Session, verb: str, what: str) -> dict[str, Any]:
    word, _, name = what.partition("/")
    kind = None if word == "*" else kinds.resolve(word.lower())
    if kind is None and word != "*" and word not in _UNLISTED:
        plural, _, group = word.lower().partition(".")
        where = f" in group '{group}'" if group else ""
        session.complain(f"Warning: the server doesn't have a resource type '{plural}'{where}\n")
    everywhere = session.all_namespaces
    if kind is not None and not kind.namespaced and not everywhere:
        session.complain(f"Warning: resource '{kind.plural}' is not namespace scoped{_in_group(kind)}\n")
    if verb not in _VERBS:
        session.complain(f"Warning: verb '{verb}' is not a known verb\n")
    asked = {
        "namespace": "" if everywhere else session.namespace,
        "verb": verb,
        "group": kind.group if kind else "",
        "resource": kind.plural if kind else word,
        "subresource": session.flags["subresource"],
        "name": name,
    }
    return {"resourceAttributes": {field: text for field, text in asked.items() if text}}


def _in_group(kind: Kind) -> str:
    return f" in group '{kind.group}'" if kind.group else ""


def who_am_i(session: Session) -> None:
    """`kubectl auth whoami`: what the server knows of whoever asks."""
    if session.flags.args:
        raise CommandError(f'unknown command "{session.flags.args[0]}" for "kubectl auth whoami"')
    output.check(session, writing=True)
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    review = session.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", None, body)
    if session.flags["output"]:
        session.out.append(output.render(session, review))
        return
    user = review["status"]["userInfo"]
    rows = [["ATTRIBUTE", "VALUE"], ["Username", user.get("username", "")]]
    if user.get("uid"):
        rows.append(["UID", user["uid"]])
    if user.get("groups"):
        rows.append(["Groups", f"[{' '.join(user['groups'])}]"])
    extra = user.get("extra") or {}
    rows += [[f"Extra: {key}", f"[{' '.join(extra[key])}]"] for key in sorted(extra)]
    session.out.append(table(rows))


COMMANDS = (
    Command(
        "auth can-i",
        can_i,
        (
            ALL_NAMESPACES,
            switch("quiet", "q", help="say nothing; the exit code is the answer"),
            Flag("subresource", help="log of pods, scale of deployments"),
            left_out("list", kind="bool"),
            left_out("no-headers", kind="bool"),
        ),
        "Check whether an action is allowed",
        "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    ),
    Command(
        "auth whoami",
        who_am_i,
        (OUTPUT, switch("show-managed-fields"), Flag("template")),
        "Experimental: Check self subject attributes",
    ),
)
