"""Reading `-f`: files, stdin, several documents, Lists; and what is wrong with them, in kubectl's words.

Upstream: `staging/src/k8s.io/cli-runtime/pkg/resource/{visitor,mapper}.go`, `kubectl/pkg/validation/schema.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from k8scourse.api.kinds import Kind
from k8scourse.api.values import Object, evolve

from .discovered import kind_described
from .errors import CommandError
from .session import Session
from .yamltext import ParseError, documents

_OFF = "; if you choose to ignore these errors, turn validation off with --validate=false"


@dataclass(frozen=True, slots=True)
class Described:
    """An object as a file describes it."""

    kind: Kind
    object: Object
    source: str

    @property
    def name(self) -> str:
        """Its name, "" when the file gives none."""
        return str(self.object["metadata"].get("name") or "")

    @property
    def namespace(self) -> str:
        """Its namespace, "" when the kind has none."""
        return str(self.object["metadata"].get("namespace") or "")


def load(
    session: Session, paths: Iterable[str], *, validate: bool = True
) -> tuple[list[Described], list[Exception]]:
    """What the files describe, and the errors of what cannot be read. Later files are read after an error."""
    found: list[Described] = []
    errors: list[Exception] = []
    for path in paths:
        try:
            for one in _described(session, *_text_of(session, path), validate):
                found.append(one) if isinstance(one, Described) else errors.append(one)
        except CommandError as error:
            errors.append(error)
    return found, errors


def _text_of(session: Session, path: str) -> tuple[str, str]:
    """The source's name and its text."""
    if path == "-":
        return "STDIN", session.stdin
    if re.match(r"https?://", path):
        raise CommandError(f'unable to read URL "{path}", this cluster is not connected to the internet')
    try:
        return path, session.read_file(path)
    except FileNotFoundError:
        raise CommandError(f'the path "{path}" does not exist') from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise CommandError(f'error reading "{path}": {reason.lower()}') from None


def _described(
    session: Session, source: str, text: str, validate: bool
) -> Iterator[Described | CommandError]:
    try:
        for document in documents(text):
            yield from _objects(session, source, document, validate)
    except ParseError as error:
        yield CommandError(f"error parsing {source}: {error}")


def _objects(
    session: Session, source: str, document: Any, validate: bool
) -> Iterator[Described | CommandError]:
    """The object of a document, or the several of a List."""
    problem = _shape(document, source, validate)
    if problem is not None:
        yield CommandError(problem)
    elif str(document["kind"]).endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(session, source, item, validate)
    else:
        yield _one(session, source, document)


def _one(session: Session, source: str, document: Object) -> Described | CommandError:
    metadata = document.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        what = f"json: cannot unmarshal {_go(metadata)} into Go struct field ObjectMeta.metadata of type v1.ObjectMeta"
        return CommandError(f'unable to decode "{source}": {what}')
    metadata = metadata or {}
    name, place = metadata.get("name") or "", metadata.get("namespace") or ""
    for field, value in (("name", name), ("namespace", place)):
        if not isinstance(value, str):
            into = f"ObjectMeta.metadata.{field} of type string"
            what = f"json: cannot unmarshal {_go(value)} into Go struct field {into}"
            return CommandError(f'unable to decode "{source}": {what}')
    kind = kind_described(session, document["apiVersion"], document["kind"])
    if kind is None:
        return CommandError(_no_match(document, name, place, source))
    return _placed(session, Described(kind, {**document, "metadata": metadata}, source))


def _placed(session: Session, one: Described) -> Described | CommandError:
    """The object in its namespace: that of the command line unless it names one; the two may not differ."""
    if not one.kind.namespaced:
        return one
    if one.namespace and "namespace" in session.flags and one.namespace != session.namespace:
        return CommandError(
            f'the namespace from the provided object "{one.namespace}" does not match the namespace '
            f"\"{session.namespace}\". You must pass '--namespace={one.namespace}' to perform this operation."
        )
    if one.namespace:
        return one
    return Described(one.kind, evolve(one.object, "metadata.namespace", session.namespace), one.source)


def _shape(document: Any, source: str, validate: bool) -> str | None:
    """What hinders the document from being an object at all, as kubectl's validation says it."""
    if not isinstance(document, dict):
        problem = f"json: cannot unmarshal {_go(document)} into Go value of type map[string]interface {{}}"
        return (
            f'error validating "{source}": error validating data: {problem}{_OFF}'
            if validate
            else (f'unable to decode "{source}": {problem}')
        )
    missing = [key for key in ("apiVersion", "kind") if not document.get(key)]
    wrong = [
        key for key in ("apiVersion", "kind") if document.get(key) and not isinstance(document[key], str)
    ]
    if wrong:
        return f'error validating "{source}": error validating data: {wrong[0]} should be a string{_OFF}'
    if not missing:
        return None
    if not validate:
        return f"unable to decode \"{source}\": Object '{missing[-1].capitalize()}' is missing"
    problems = [f"{key} not set" for key in missing]
    joined = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
    return f'error validating "{source}": error validating data: {joined}{_OFF}'


def _no_match(document: Object, name: str, place: str, source: str) -> str:
    return (
        f'resource mapping not found for name: "{name}" namespace: "{place}" from "{source}": no matches for kind '
        f'"{document["kind"]}" in version "{document["apiVersion"]}"\nensure CRDs are installed first'
    )


def _go(value: Any) -> str:
    """What Go's JSON decoder calls a value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, list):
        return "array"
    if isinstance(value, dict):
        return "object"
    return "string" if isinstance(value, str) else "number"


def json_object(text: str) -> Object:
    """The object that an annotation keeps as JSON; {} when it is not JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
