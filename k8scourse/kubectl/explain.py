"""kubectl explain: the fields of a kind and their types, from the same table that the API server decodes with.

The real one also prints each field's documentation, which comes with the server's OpenAPI; that is left out.
Upstream: `staging/src/k8s.io/kubectl/pkg/explain/v2`.
"""

from __future__ import annotations

from k8scourse.api import typetable
from k8scourse.api.kinds import Kind

from .command import Command
from .errors import Aggregate, CommandError
from .flags import Flag, switch
from .session import Session, kind_of

_NO_KIND = (
    'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported '
    "resources."
)


def run(session: Session) -> None:
    """`kubectl explain pod.spec.containers`."""
    args = session.flags.args
    if not args:
        raise CommandError(_NO_KIND)
    if len(args) > 1:
        raise CommandError("We accept only this format: explain RESOURCE")
    word, *path = args[0].split(".")
    try:
        kind = kind_of(word)
    except CommandError as error:
        raise Aggregate([error]) from None  # upstream says this one without "error: "
    _explain(session, kind, path)


def _explain(session: Session, kind: Kind, path: list[str]) -> None:
    if kind.group:
        session.say(f"GROUP:      {kind.group}")
    session.say(f"KIND:       {kind.kind}\nVERSION:    {kind.version}\n")
    where: str | None = typetable.type_of(kind)
    shown = ""
    for name in path:
        fields = typetable.struct(where).fields if where else {}
        if name not in fields:
            raise CommandError(f'field "{name}" does not exist')
        shown, where = _type(fields[name])
    if path:
        session.say(f"FIELD: {path[-1]} <{shown}>\n")
    if where:
        session.say("FIELDS:")
        _fields(session, where, 1, set())


def _fields(session: Session, where: str, level: int, inside: set[str]) -> None:
    fields = typetable.struct(where).fields
    for name in sorted(fields):
        shown, deeper = _type(fields[name])
        session.say(f"{'  ' * level}{name}\t<{shown}>")
        if session.flags["recursive"] and deeper and deeper not in inside:
            _fields(session, deeper, level + 1, inside | {deeper})


_SCALARS = {
    "s": "string", "b": "boolean", "i": "integer", "l": "integer", "f": "number", "q": "Quantity",
    "x": "IntOrString", "t": "string", "u": "string", "y": "string", "a": "Object",
}  # fmt: skip


def _type(field: typetable.Field) -> tuple[str, str | None]:
    """A field's type as people read it, and the struct to go on with."""
    inner = field.type_name.rsplit(".", 1)[-1] if field.type_name else _SCALARS[field.element]
    prefix = {"[]": "[]", "{}": "map[string]"}.get(field.code[:2], "")
    return prefix + inner, field.type_name or None


COMMANDS = (
    Command("explain", run, (switch("recursive"), Flag("api-version"), Flag("output", "o")),
            "Get documentation for a resource", "TYPE [--recursive=FALSE|TRUE]"),
)  # fmt: skip
