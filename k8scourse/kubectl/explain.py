"""kubectl explain: the fields of a kind and what they mean, as the server's OpenAPI documents tell.

Upstream: `staging/src/k8s.io/kubectl/pkg/cmd/explain`, `pkg/explain/v2`. Left out: `--output plaintext-openapiv2`.
"""

from __future__ import annotations

from k8scourse.api import kinds

from . import discovered
from .command import Command
from .errors import Aggregate, CommandError
from .flags import Flag, switch
from .modeltext import Model
from .session import Session

_NO_KIND = (
    'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported '
    "resources."
)
Names = tuple[str, str, str]


def run(session: Session) -> None:
    """`kubectl explain pod.spec.containers`."""
    args = session.flags.args
    if not args:
        raise CommandError(_NO_KIND)
    if len(args) > 1:
        raise CommandError("We accept only this format: explain RESOURCE")
    if session.flags["output"] not in ("", "plaintext"):
        raise CommandError(f"unrecognized format: {session.flags['output']}")
    (group, version, resource), path = _resource(session, args[0])
    if session.flags["api-version"]:
        group, _, version = session.flags["api-version"].rpartition("/")
    model = _model(session, group, version, resource)
    identity = model.identity(group, version, resource)
    if group:
        session.say(f"GROUP:      {identity['group']}")
    session.say(f"KIND:       {identity['kind']}\nVERSION:    {identity['version']}\n")
    session.out.append(model.text(model.of(identity), path, recursive=session.flags["recursive"]))


def _resource(session: Session, words: str) -> tuple[Names, list[str]]:
    """The resource that the first word means, and the path that the others are.

    `deployments.apps.spec` may name the group, too; a resource of the core group takes all other words as its path.
    """
    word, *path = words.removesuffix(".").split(".")
    if not word:
        raise CommandError("invalid jsonpath syntax, first node must be field node")
    found = _known(word.lower()) or _custom(session, word.lower())
    if not found:
        problem = CommandError(f'the server doesn\'t have a resource type "{word}"')
        raise Aggregate([problem])  # upstream says this one without "error: "
    for names in found:
        group = names[0].split(".") if names[0] else []
        if path[: len(group)] == group:
            return names, path[len(group) :]
    return found[0], path


def _known(word: str) -> list[Names]:
    return [
        (kind.group, kind.version, kind.plural)
        for kind in kinds.ALL
        if word in (kind.plural, kind.singular, *kind.short_names)
    ]


def _custom(session: Session, word: str) -> list[Names]:
    return [(kind.group, kind.version, kind.plural) for kind in discovered.called(session, word)]


def _model(session: Session, group: str, version: str, resource: str) -> Model:
    paths = session.send("GET", "/openapi/v3")["paths"]
    place = paths.get(f"apis/{group}/{version}" if group else f"api/{version}")
    if place is None:
        raise CommandError(f'couldn\'t find resource for "{group}/{version}, Resource={resource}"')
    return Model(session.send("GET", place["serverRelativeURL"]))


COMMANDS = (
    Command(
        "explain",
        run,
        (switch("recursive"), Flag("api-version"), Flag("output", "o")),
        "Get documentation for a resource",
        "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [--output=plaintext|plaintext-openapiv2]",
    ),
)
