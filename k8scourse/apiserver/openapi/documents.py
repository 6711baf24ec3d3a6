"""The documents themselves, made when they are asked for and then kept.

    /openapi/v3                      where the documents are, each with the hash of its text
    /openapi/v3/api/v1               one group version; its address with ?hash= may be kept for ever
    /openapi/v2                      all in one

What is built in never changes, so its documents are made once for all servers; those of custom kinds are made again
when a definition has changed. The text is JSON only: who wants nothing but protobuf is told that it is not to be had.

Upstream: ``kube-openapi/pkg/handler3/handler.go``, ``pkg/handler/handler.go``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from k8scourse.api import kinds
from k8scourse.api.custom_kinds import CustomKind
from k8scourse.api.kinds import Kind
from k8scourse.api.values import freeze
from k8scourse.apiserver import discovery
from k8scourse.apiserver.openapi import custom, operations, version2, version3
from k8scourse.apiserver.request import Response

ROOT = "/openapi/v3"
V2 = "/openapi/v2"
_ACCEPTED = ("application/json", "application/*", "*/*")


class Document(NamedTuple):
    """A document and the hash of its text (SHA-512, as upstream writes it)."""

    value: Any
    hash: str


class Publisher:
    """Answers for the documents of one server. `custom_kinds` tells which kinds users have defined."""

    def __init__(self, custom_kinds: Callable[[], Sequence[CustomKind]]) -> None:
        self._custom_kinds = custom_kinds
        self._kept: dict[str, tuple[list[CustomKind], Document]] = {}

    def answer(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Response | None:
        """The answer to a path below /openapi, None when there is no such document."""
        if path == V2:
            return answered(self._version2(), headers)
        if path == ROOT:
            return answered(self._index(), headers)
        name = path.removeprefix(f"{ROOT}/")
        found = self._document(name) if name in self._names() else None
        if found is None:
            return None
        wanted = query.get("hash", "")
        if wanted and wanted != found.hash:
            return Response(301, "", {"Location": address(name, found)})
        answer = answered(found, headers)
        if wanted:
            answer.headers["Cache-Control"] = "public, immutable"
        return answer

    # -- the documents ---------------------------------------------------------------------------

    def _names(self) -> list[str]:
        served = discovery.Served([*kinds.ALL, *self._custom_kinds()])
        names = [group_version(*version) for version in served.versions]
        return sorted({*names, *(f"apis/{group}" for group in served.groups), "api", "apis", "version"})

    def _document(self, name: str) -> Document:
        own = [kind for kind in self._custom_kinds() if group_version(kind.group, kind.version) == name]
        return self._keep(name, own, lambda: _made(name, own)) if own else built_in(name)

    def _index(self) -> Document:
        def make() -> Any:
            return {"paths": {name: {"serverRelativeURL": address(name, self._document(name))}
                              for name in self._names()}}  # fmt: skip

        return self._keep(ROOT, list(self._custom_kinds()), make)

    def _version2(self) -> Document:
        def make() -> Any:
            every = [self._document(name).value for name in self._names()]
            return version2.document(every, discovery.VERSION["gitVersion"])

        return self._keep(V2, list(self._custom_kinds()), make)

    def _keep(self, name: str, own: list[CustomKind], make: Callable[[], Any]) -> Document:
        """The document that was made for these custom kinds, or a new one when they are others now."""
        before, document = self._kept.get(name, (None, None))
        same = before is not None and len(before) == len(own) and all(map(_same, before, own))
        if document is None or not same:
            document = hashed(make())
            self._kept[name] = own, document
        return document


def _same(one: object, other: object) -> bool:
    return one is other


@cache
def built_in(name: str) -> Document:
    """The document of a name that has no custom kinds."""
    return hashed(_made(name, []))


def _made(name: str, own: Sequence[CustomKind]) -> Any:
    versions = {group_version(kind.group, kind.version): kind for kind in (*kinds.ALL, *own)}
    if name not in versions:
        return version3.document([operations.of_page(name)])
    one = versions[name]
    served: list[Kind] = [
        kind for kind in kinds.ALL if (kind.group, kind.version) == (one.group, one.version)
    ]
    paths = [operations.discoveries(one.group, one.version)]
    for kind in (*served, *own):
        paths += operations.Kinds(kind, custom.name_of).paths()
    schemas = {name: schema for kind in own for name, schema in custom.of_kind(kind).items()}
    return version3.document(paths, schemas)


# -- on the wire --------------------------------------------------------------------------------------


def hashed(value: Any) -> Document:
    """A document with the hash of its text."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return Document(freeze(value), hashlib.sha512(text).hexdigest().upper())


def group_version(group: str, version: str) -> str:
    """The name of a group version's document: ``api/v1``, ``apis/apps/v1``."""
    return f"apis/{group}/{version}" if group else f"api/{version}"


def address(name: str, document: Document) -> str:
    """Where a document is: an address whose answer never changes."""
    return f"{ROOT}/{name}?hash={document.hash}"


def answered(document: Document, headers: Mapping[str, str]) -> Response:
    """The document, 304 when the client has it already, or 406 when it does not read JSON."""
    sent = {"Etag": f'"{document.hash}"', "Vary": "Accept"}
    given = {name.lower(): value for name, value in headers.items()}
    if not _reads_json(given.get("accept", "")):
        return Response(406, "", {"Vary": "Accept"})
    if document.hash in given.get("if-none-match", ""):
        return Response(304, "", sent)
    return Response(200, document.value, {**sent, "Content-Type": "application/json"})


def _reads_json(accept: str) -> bool:
    choices = [part.partition(";")[0].strip() for part in accept.split(",")]
    return not accept.strip() or any(choice in _ACCEPTED for choice in choices)
