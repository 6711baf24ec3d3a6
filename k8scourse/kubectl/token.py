"""kubectl create token: ask for a token of a ServiceAccount, and print it.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/create/create_token.go`.
"""

from __future__ import annotations

from typing import Any

from k8scourse.api.errors import StatusError

from . import output
from .command import PRINTING, Command
from .errors import CommandError, UsageError
from .flags import Flag, Parsed
from .session import Session

_KINDS = ("Pod", "Secret")


def run(session: Session) -> None:
    """`kubectl create token NAME`."""
    flags = session.flags
    if len(flags.args) != 1:
        raise UsageError(f"exactly one NAME is required, got {len(flags.args)}", flags.command)
    output.check(session, writing=True)
    _check(flags)
    try:
        answer = session.client.create_token(flags.args[0], session.namespace, _spec(flags))
    except StatusError as error:
        raise CommandError(f"failed to create token: {error.message}") from None
    if flags["output"]:
        session.out.append(output.render(session, output.shown(session, answer)))
    else:
        session.say(answer["status"]["token"])


def _check(flags: Parsed) -> None:
    if flags["duration"] < 0:
        raise CommandError("--duration must be greater than or equal to 0")
    if flags["duration"] % 1:
        raise CommandError("--duration cannot be expressed in units less than seconds")
    if not all(flags["audience"]):
        raise CommandError("--audience must not be an empty string")
    kind, name, uid = (flags[f"bound-object-{part}"] for part in ("kind", "name", "uid"))
    if not kind:
        for part, given in (("name", name), ("uid", uid)):
            if given:
                raise CommandError(
                    f"--bound-object-{part} can only be set if --bound-object-kind is provided"
                )
    elif kind not in _KINDS:
        raise CommandError(f"supported --bound-object-kind values are {', '.join(_KINDS)}")
    elif not name:
        raise CommandError("--bound-object-name is required if --bound-object-kind is provided")


def _spec(flags: Parsed) -> dict[str, Any]:
    spec: dict[str, Any] = {"audiences": flags["audience"]}
    if flags["duration"]:
        spec["expirationSeconds"] = int(flags["duration"])
    if flags["bound-object-kind"]:
        reference = {
            "kind": flags["bound-object-kind"],
            "apiVersion": "v1",
            "name": flags["bound-object-name"],
        }
        uid = flags["bound-object-uid"]
        spec["boundObjectRef"] = {**reference, "uid": uid} if uid else reference
    return spec


COMMAND = Command(
    "create token",
    run,
    (
        *PRINTING,
        Flag("audience", kind="array", default=[], help="for whom the token is meant; may be repeated"),
        Flag("duration", kind="duration", default=0.0, help="how long it is to hold, at least 10m"),
        Flag("bound-object-kind", help="Pod or Secret: the token ends with the object"),
        Flag("bound-object-name"),
        Flag("bound-object-uid"),
    ),
    "Request a service account token",
    "SERVICE_ACCOUNT_NAME",
)
