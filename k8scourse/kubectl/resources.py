"""Which objects a command line means: `pods`, `pod web`, `pod/web svc/web`, `pods,svc -l app=web`, `-f file`.

Upstream: `staging/src/k8s.io/cli-runtime/pkg/resource/builder.go`, whose errors these are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8scourse.api import kinds
from k8scourse.api.errors import StatusError
from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object
from k8scourse.client import Unreachable

from . import manifests
from .discovered import kind_named
from .errors import CommandError
from .session import Session

_SLASHED = (
    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name "
    "form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"
)
_NOTHING = (
    "You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the arguments ask for: kinds, and for each its names (none: all that the selectors match)."""

    groups: tuple[tuple[Kind, tuple[str, ...]], ...]
    slashed: bool = False

    @property
    def named(self) -> bool:
        """Whether single objects are named."""
        return any(names for _, names in self.groups)

    @property
    def single(self) -> bool:
        """Whether exactly one object is named."""
        return [len(names) for _, names in self.groups] == [1]


@dataclass(frozen=True, slots=True)
class Found:
    """An object that a command works on; `source` is the file it was described in, "" if it was only named."""

    kind: Kind
    object: Object
    source: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.object["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Its namespace, "" when the kind has none."""
        return str(self.object["metadata"].get("namespace", ""))


def wanted(session: Session, args: Sequence[str]) -> Wanted:
    """Read the arguments after the verb."""
    slashed = [word for word in args if "/" in word]
    if slashed:
        if len(slashed) != len(args):
            raise CommandError(_SLASHED)
        return Wanted(tuple(_grouped([_pair(session, word) for word in args])), slashed=True)
    if not args:
        return Wanted(())
    names = tuple(dict.fromkeys(args[1:]))
    if "" in names:
        raise CommandError("resource name may not be empty")
    return Wanted(tuple((kind, names) for kind in _kinds(session, args[0])))


def _pair(session: Session, word: str) -> tuple[Kind, str]:
    parts = word.split("/")
    if len(parts) != 2:
        raise CommandError("arguments in resource/name form may not have more than one slash")
    if not parts[0] or not parts[1] or "," in parts[0]:
        raise CommandError("arguments in resource/name form must have a single resource and name")
    return kind_named(session, parts[0]), parts[1]


def _grouped(pairs: list[tuple[Kind, str]]) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    """Neighbours of one kind together, in the order of the command line."""
    current: tuple[Kind, tuple[str, ...]] | None = None
    for kind, name in pairs:
        if current is not None and current[0] == kind:
            current = (kind, (*current[1], name))
            continue
        if current is not None:
            yield current
        current = (kind, (name,))
    if current is not None:
        yield current


def _kinds(session: Session, words: str) -> list[Kind]:
    found: dict[Kind, None] = {}
    for word in words.split(","):
        category = kinds.in_category(word) if word == "all" else ()
        for kind in category or (kind_named(session, word),):
            found.setdefault(kind)
    return list(found)


def check_selection(session: Session, asked: Wanted) -> None:
    """Refuse a name together with a selector, with --all, or across all namespaces."""
    flags = session.flags
    if asked.named and session.all_namespaces:
        raise CommandError("a resource cannot be retrieved by name across all namespaces")
    if asked.named and (flags.given.get("selector") or flags.given.get("field-selector")):
        raise CommandError("name cannot be provided when a selector is specified")
    if asked.named and flags.given.get("all"):
        raise CommandError("setting 'all' parameter but found a non empty selector. ")


def find(
    session: Session, args: Sequence[str], *, what: str = _NOTHING
) -> tuple[list[Found], list[Exception]]:
    """The objects that a command changes, with the errors of those that could not be had.

    The flags filename, selector, field-selector, all and all-namespaces are honoured where the command has them.
    """
    given = session.flags.given
    if given.get("filename"):
        return from_files(session)
    asked = wanted(session, args)
    if not asked.groups:
        raise CommandError(what)
    check_selection(session, asked)
    selected = bool(given.get("selector") or given.get("field-selector") or given.get("all"))
    if not asked.named and not selected:
        raise CommandError("resource(s) were provided, but no name was specified")
    return _collect(session, asked)


def _collect(session: Session, asked: Wanted) -> tuple[list[Found], list[Exception]]:
    found: list[Found] = []
    errors: list[Exception] = []
    for kind, names in asked.groups:
        if not names:
            found += [Found(kind, obj) for obj in _selected(session, kind)]
        for name in names:
            try:
                found.append(Found(kind, session.get(kind, name)))
            except (StatusError, Unreachable) as error:
                errors.append(error)
    return found, errors


def _selected(session: Session, kind: Kind) -> list[Object]:
    given = session.flags.given
    where = "" if session.all_namespaces else None
    return session.list(kind, where, labels=given.get("selector", ""), fields=given.get("field-selector", ""))


def from_files(session: Session) -> tuple[list[Found], list[Exception]]:
    """The live objects that files name, for commands that change what is there."""
    found: list[Found] = []
    described, errors = manifests.load(session, session.flags["filename"])
    for one in described:
        if not one.name:
            errors.append(CommandError("resource name may not be empty"))
            continue
        try:
            live = session.get(one.kind, one.name, one.namespace)
            found.append(Found(one.kind, live, one.source))
        except (StatusError, Unreachable) as error:
            errors.append(error)
    return found, errors
